#pragma once
// The exhaustive checker's parameters and result. The search itself is a template, in check_search.hpp.

#include <cstdint>
#include <string>
#include <vector>

namespace baton {

struct CheckParameters {
  int caches = 3;                         ///< 1 .. max_checked_caches
  int values = 2;                         ///< a store replaces content c by (c + 1) modulo this; 2 .. 4
  std::uint64_t max_states = 50'000'000;  ///< give up beyond (CheckResult::complete is false)
  /// The home has the node number of cache 0, as in a machine, instead of its own: finds guards that take a
  /// node number for a unit.
  bool home_beside_cache = false;
  /// No virtual network keeps any order: shows whether a protocol needs what it asks for.
  bool ignore_order = false;
};
inline constexpr int max_checked_caches = 4;
inline constexpr int max_checked_values = 4;

/// How often a row fired, or one of its cells.
struct FiredCount {
  std::string what;
  std::uint64_t times = 0;
};

struct CheckResult {
  bool ok = true;         ///< no violation among the states explored
  bool complete = true;   ///< all reachable states were explored
  std::string violation;  ///< what is wrong, if not ok
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  std::uint64_t depth = 0;          ///< steps to the farthest state
  std::uint64_t max_in_flight = 0;  ///< messages
  std::vector<FiredCount> rows;     ///< of both tables, the cache's first
  std::vector<FiredCount> cells;
  std::vector<std::string> trace;  ///< the shortest way to the violation, one line a step
};

/// Throws std::invalid_argument.
void require_valid(const CheckParameters& parameters);
/// Adds the counts of another run over the same tables: a row may need more caches than the smallest run has.
void add_coverage(CheckResult& total, const CheckResult& other);
/// The names of those that never fired.
std::vector<std::string> dead(const std::vector<FiredCount>& counts);

}  // namespace baton
