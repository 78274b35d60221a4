// No network at all: one fixed latency between any two nodes, any number of packets at once. For exact
// formulas and as an upper bound.

#include "sim/machine/network/topology.hpp"

namespace baton::sim::topologies {
namespace {

class Ideal : public Topology {
 public:
  Medium medium() const override { return Medium::fixed; }
  std::size_t links() const override { return 0; }
};

}  // namespace

extern const TopologyInfo ideal;
constexpr TopologyInfo ideal{
    "ideal", "one fixed latency, no contention",
    [](const NetworkParameters&, std::uint32_t) -> std::optional<TopologyError> { return {}; },
    [](const NetworkParameters&, std::uint32_t) -> std::unique_ptr<Topology> {
      return std::make_unique<Ideal>();
    }};

}  // namespace baton::sim::topologies
