// A full crossbar: one hop between any two nodes; packets compete only for the injection port of their source
// and the ejection port of their destination. Deadlock-free: a packet holds no link while it waits for
// another.

#include "sim/machine/network/topology.hpp"

namespace baton::sim::topologies {
namespace {

class Crossbar : public Topology {
 public:
  Medium medium() const override { return Medium::ports; }
  std::size_t links() const override { return 0; }
};

}  // namespace

extern const TopologyInfo crossbar;
constexpr TopologyInfo crossbar{
    "crossbar", "one hop between any two nodes",
    [](const NetworkParameters&, std::uint32_t) -> std::optional<TopologyError> { return {}; },
    [](const NetworkParameters&, std::uint32_t) -> std::unique_ptr<Topology> {
      return std::make_unique<Crossbar>();
    }};

}  // namespace baton::sim::topologies
