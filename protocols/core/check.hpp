#pragma once
// The exhaustive checker's parameters and result. The search itself is a template, in check_search.hpp;
// protocols/README.md says what is checked and what is proved.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "protocols/core/counterexample.hpp"

namespace baton {

/// How far a search is.
struct CheckProgress {
  std::uint64_t states = 0;    ///< found
  std::uint64_t expanded = 0;  ///< of these
  std::uint64_t depth = 0;
  std::uint64_t bytes = 0;  ///< of memory for the states
};

struct CheckParameters {
  int caches = 3;  ///< 1 .. max_checked_caches
  int lines = 1;   ///< 1 or 2, of one home
  int values = 2;  ///< a store replaces content c by (c + 1) modulo this; 2 .. 4
  /// Of the set that both lines map to, 1 or 2: with one way a miss has to wait until the other line is
  /// replaced. Without meaning for one line.
  int ways = 1;
  /// Stores that a core may have in its store buffer while it goes on with loads; 0 .. 2. 0: the core of a
  /// machine without one, and any access at any moment.
  int store_buffer = 0;
  /// Messages that fit into the queue of a unit on a virtual network; a step that would send more has to
  /// wait. 0: no bound.
  int queue = 0;
  /// In protocols with logical time: so many ticks at most between the clocks of two cores, 2 .. 5; leases
  /// are one shorter. See check_time.hpp.
  int clock_window = 2;
  std::uint64_t max_states = 500'000'000;   ///< give up beyond (CheckResult::complete is false)
  std::uint64_t max_bytes = 8'000'000'000;  ///< the same, for the memory that holds the states
  int threads = 1;                          ///< the result is the same for any number
  bool symmetry = true;                     ///< states that differ only in names count as one
  bool compact = false;                     ///< keep 64 bits of each state: less memory, tiny risk
  bool progress = true;                     ///< also look for cycles without service
  bool quiescent = false;                   ///< count the quiescent states by class
  bool count_renamed = false;               ///< count the states that symmetry stands for; not if compact
  /// The home has the node number of cache 0, as in a machine, instead of its own: finds guards that take a
  /// node number for a unit.
  bool home_beside_cache = false;
  /// No virtual network keeps any order: shows whether a protocol needs what it asks for.
  bool ignore_order = false;
  /// All virtual networks share one queue at each unit: with a bound, shows what they are separate for.
  bool share_queues = false;
  /// Loads do not look into the store buffer: a fault that the checker must find.
  bool ignore_store_buffer = false;
  /// Called now and then, from the thread that called check().
  std::function<void(const CheckProgress&)> observer = {};
};
inline constexpr int max_checked_caches = 4;
inline constexpr int max_checked_lines = 2;
inline constexpr int max_checked_values = 4;
inline constexpr int max_checked_store_buffer = 2;
inline constexpr int max_clock_window = 5;

/// How often a row fired, or one of its cells.
struct FiredCount {
  std::string what;
  std::uint64_t times = 0;
};

struct CheckResult {
  bool ok = true;          ///< no violation among the states explored
  bool complete = true;    ///< all reachable states were explored
  std::string violation;   ///< what is wrong, if not ok
  std::string gave_up_at;  ///< the limit that was met, if not complete
  std::uint64_t states = 0;
  std::uint64_t renamed_states = 0;  ///< what the search would find without symmetry; if asked for
  std::uint64_t transitions = 0;
  std::uint64_t left_window = 0;    ///< steps that were not followed: two clocks would be too far apart
  std::uint64_t depth = 0;          ///< steps to the farthest state
  std::uint64_t max_in_flight = 0;  ///< messages
  std::uint64_t bytes = 0;          ///< of memory for the states
  /// An upper bound of the probability that hash compaction took two states for one; 0 without it.
  double omission_probability = 0;
  std::vector<FiredCount> rows;  ///< of both tables, the cache's first
  std::vector<FiredCount> cells;
  /// How many quiescent states there are of each class, the home's state and the sorted states of the caches
  /// ("S: I S S"; lines follow each other). Only if asked for.
  std::map<std::string, std::uint64_t> quiescent;
  std::vector<CheckStep> trace;  ///< the shortest way to the violation
  /// If not 0: the trace ends in a cycle which begins behind so many steps.
  std::size_t cycle_begin = 0;
};

/// Throws std::invalid_argument.
void require_valid(const CheckParameters& parameters);
/// Adds the counts of another run over the same tables: a row may need more caches than the smallest run has.
void add_coverage(CheckResult& total, const CheckResult& other);
/// The names of those that never fired.
std::vector<std::string> dead(const std::vector<FiredCount>& counts);
/// An upper bound of the probability that among so many states two have the same hash of 64 bits (the sum
/// over all pairs).
double omission_probability(std::uint64_t states);

}  // namespace baton
