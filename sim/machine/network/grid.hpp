#pragma once
// Topologies whose nodes fill a grid, row after row.

#include <optional>

#include "sim/machine/network/topology.hpp"

namespace baton::sim {

/// NetworkParameters::columns or, if that is 0, those of the squarest grid: 12 -> 4 x 3, 16 -> 4 x 4.
std::uint32_t grid_columns(const NetworkParameters& parameters, std::uint32_t nodes);

/// What is wrong if so many nodes do not fill a grid, for the topology `name`. Given no columns, a grid of
/// one row is an error: 7 or 13 cores are a mistake there. 2 or 3 are not.
std::optional<TopologyError> check_grid(const char* name, const NetworkParameters& parameters,
                                        std::uint32_t nodes);

}  // namespace baton::sim
