// A shared bus: one packet at a time in the whole machine, arbitration first come, first served
// (router_cycles), then link_cycles and a cycle a flit. Deadlock-free: a packet holds nothing while it waits
// for the bus.

#include "sim/machine/network/topology.hpp"

namespace baton::sim::topologies {
namespace {

class Bus : public Topology {
 public:
  Medium medium() const override { return Medium::serial; }
  std::size_t links() const override { return 1; }
};

}  // namespace

extern const TopologyInfo bus;
constexpr TopologyInfo bus{
    "bus", "one packet at a time",
    [](const NetworkParameters&, std::uint32_t) -> std::optional<TopologyError> { return {}; },
    [](const NetworkParameters&, std::uint32_t) -> std::unique_ptr<Topology> {
      return std::make_unique<Bus>();
    }};

}  // namespace baton::sim::topologies
