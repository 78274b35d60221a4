#pragma once
// From counters to the columns of a result row.

#include <string>
#include <vector>

#include "sim/machine/network/network.hpp"
#include "sim/machine/shared.hpp"
#include "sim/machine/simulate.hpp"

namespace baton::sim {

/// How often a cell of a protocol's table was visited in a run.
struct CellCount {
  std::string unit;  ///< "cache" or "home"
  std::string state;
  std::string event;
  std::uint64_t times;
};

/// Jain's fairness index (sum x)^2 / (n sum x^2), 1: all equal, 1/n: one has all. Jain, Chiu, Hawe 1984.
double fairness_index(const std::vector<double>& shares);

std::vector<Measurement> measure(const Shared& shared, std::span<const Traffic> traffic,
                                 std::span<const KindInfo> kinds, const std::vector<CellCount>& cells);

}  // namespace baton::sim
