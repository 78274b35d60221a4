#include "sim/machine/network/topology.hpp"

#include <array>

namespace baton::sim {

#define BATON_TOPOLOGY(NAME)      \
  namespace topologies {          \
  extern const TopologyInfo NAME; \
  }
#include "topology_list.inc"
#undef BATON_TOPOLOGY

std::span<const TopologyInfo* const> all_topologies() {
#define BATON_TOPOLOGY(NAME) &topologies::NAME,
  static constexpr std::array list{
#include "topology_list.inc"
  };
#undef BATON_TOPOLOGY
  return list;
}

const TopologyInfo* find_topology(std::string_view name) {
  for (const auto* topology : all_topologies())
    if (topology->name == name) return topology;
  return nullptr;
}

}  // namespace baton::sim
