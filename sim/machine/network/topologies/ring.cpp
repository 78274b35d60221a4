// A ring, both ways round: each node has a link to the next one and one to the one before. Mean hops of n
// nodes over distinct pairs: n^2 / (4(n-1)) if n is even, (n+1)/4 if it is odd. Deadlock-free with two
// virtual channels (ring_way.hpp).

#include "sim/machine/network/ring_way.hpp"
#include "sim/machine/network/topology.hpp"

namespace baton::sim::topologies {
namespace {

class Ring : public Topology {
 public:
  explicit Ring(std::uint32_t nodes) : nodes_(nodes) {}

  // The links up, then those down, in the order in which a packet crosses them.
  std::size_t links() const override { return std::size_t{2} * nodes_; }
  std::size_t route(NodeId from, NodeId to, Leg* legs) const override {
    return RingWay::between(from, to, nodes_).route(0, nodes_, legs);
  }
  std::size_t most_legs() const override { return RingWay::most_legs(nodes_); }
  std::uint32_t channel(NodeId from, NodeId to, std::size_t hop) const override {
    return RingWay::between(from, to, nodes_).channel(static_cast<std::uint32_t>(hop));
  }

 private:
  std::uint32_t nodes_;
};

}  // namespace

extern const TopologyInfo ring;
constexpr TopologyInfo ring{
    "ring", "a ring, the shorter way round",
    [](const NetworkParameters&, std::uint32_t) -> std::optional<TopologyError> { return {}; },
    [](const NetworkParameters&, std::uint32_t nodes) -> std::unique_ptr<Topology> {
      return std::make_unique<Ring>(nodes);
    }};

}  // namespace baton::sim::topologies
