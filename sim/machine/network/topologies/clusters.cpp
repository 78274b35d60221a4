// Two levels: clusters (or sockets) of consecutive nodes, each round a crossbar switch, and a slower bridge
// each way between any two clusters. Each node has a link to its switch; from there a packet goes to a port
// of the cluster, or over the bridge and to a port of the other one. Mean hops of n nodes in clusters of m
// over distinct pairs: (2n-m-1)/(n-1). Deadlock-free: every route climbs from a link to a switch, to a
// bridge, to a port.

#include "sim/machine/network/topology.hpp"

namespace baton::sim::topologies {
namespace {

class Clusters : public Topology {
 public:
  Clusters(std::uint32_t nodes, std::uint32_t clusters, Cycle bridge_cycles)
      : nodes_(nodes), clusters_(clusters), size_(nodes / clusters), bridge_cycles_(bridge_cycles) {}

  // The nodes' links to their switches, then the bridges by the cluster that they leave and the one they lead
  // to.
  std::size_t links() const override { return nodes_ + std::size_t{clusters_} * clusters_; }
  std::size_t route(NodeId from, NodeId to, Leg* legs) const override {
    const std::uint32_t here = from / size_;
    const std::uint32_t there = to / size_;
    legs[0] = {from, 1};
    legs[1] = {nodes_ + here * clusters_ + there, 1};
    return here == there ? 1 : 2;
  }
  Cycle delay(LinkId link) const override { return link < nodes_ ? 0 : bridge_cycles_; }

 private:
  std::uint32_t nodes_;
  std::uint32_t clusters_;
  std::uint32_t size_;
  Cycle bridge_cycles_;
};

}  // namespace

extern const TopologyInfo clusters;
constexpr TopologyInfo clusters{
    "clusters", "clusters or sockets round a crossbar each, with slower bridges between them",
    [](const NetworkParameters& parameters, std::uint32_t nodes) -> std::optional<TopologyError> {
      if (nodes % parameters.clusters == 0) return {};
      return TopologyError{"/network/clusters", std::to_string(nodes) + " cores do not fill " +
                                                    std::to_string(parameters.clusters) +
                                                    " clusters; allowed: a divisor of the number of cores"};
    },
    [](const NetworkParameters& parameters, std::uint32_t nodes) -> std::unique_ptr<Topology> {
      return std::make_unique<Clusters>(nodes, parameters.clusters, parameters.bridge_cycles);
    }};

}  // namespace baton::sim::topologies
