#pragma once
// A topology says which links a packet crosses. Contention, counting and time are the network's. One file
// each in topologies/; see the README there for how to add one.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/machine/network/link_schedule.hpp"
#include "sim/machine/parameters.hpp"

namespace baton::sim {

/// How packets share the medium.
enum class Medium : std::uint8_t {
  links,   ///< the links of the route, and one injection and one ejection port a node
  ports,   ///< only the ports: one hop between any two nodes
  serial,  ///< one packet at a time in the whole network, first come, first served
  fixed    ///< NetworkParameters::latency_cycles for every packet, no contention
};

class Topology {
 public:
  virtual ~Topology() = default;

  virtual Medium medium() const { return Medium::links; }
  /// Links have numbers in 0 .. links()-1, of which some may be nobody's.
  virtual std::size_t links() const = 0;
  /// Medium::links only: writes the way from one node to another (from != to), in order, to `legs`, which has
  /// room for most_legs(), and returns how many they are. Always the same for a pair of nodes: that keeps
  /// packets of a pair in order. Deadlock-free: each topology argues why.
  virtual std::size_t route(NodeId /*from*/, NodeId /*to*/, Leg* /*legs*/) const { return 0; }
  virtual std::size_t most_legs() const { return 2; }
  /// The virtual channel that the packet has on the hop-th link of its route, where hardware needs several to
  /// be free of deadlocks. The simulated network has no buffers that could fill up: it does not ask, tests
  /// do.
  virtual std::uint32_t channel(NodeId /*from*/, NodeId /*to*/, std::size_t /*hop*/) const { return 0; }
  /// Cycles that the link takes beyond NetworkParameters::link_cycles.
  virtual Cycle delay(LinkId) const { return 0; }
};

/// One file of topologies/ defines one of these, with the file's name. `error` is set if the topology cannot
/// have so many nodes: what is wrong and what is allowed, and for which field ("/network/columns", "/cores").
struct TopologyError {
  std::string pointer;
  std::string message;
};
struct TopologyInfo {
  std::string_view name;
  std::string_view summary;
  std::optional<TopologyError> (*check)(const NetworkParameters& parameters, std::uint32_t nodes);
  std::unique_ptr<Topology> (*make)(const NetworkParameters& parameters, std::uint32_t nodes);
};

std::span<const TopologyInfo* const> all_topologies();
/// nullptr if there is none.
const TopologyInfo* find_topology(std::string_view name);

}  // namespace baton::sim
