#pragma once
// What all modules of a machine share.

#include <bit>
#include <cstdint>

#include "sim/machine/calendar.hpp"
#include "sim/machine/contended_lines.hpp"
#include "sim/machine/monitor.hpp"
#include "sim/machine/parameters.hpp"
#include "sim/machine/statistics.hpp"
#include "sim/machine/transition_log.hpp"

namespace baton::sim {

/// A good mix of all bits (finaliser of SplitMix64: Steele, Lea, Flood, OOPSLA 2014).
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ x >> 27) * 0x94D049BB133111EBULL;
  return x ^ x >> 31;
}

/// Brings [begin, end) into the host's caches before it is needed: a large machine is larger than they are.
/// Always inline, as all that calls it: g++ takes a function that only prefetches for one without effect, and
/// drops the calls.
[[gnu::always_inline]] inline void prefetch_range(const void* begin, const void* end) {
  const auto* last = static_cast<const char*>(end) - 1;
  for (const auto* at = static_cast<const char*>(begin); at < last; at += 64) __builtin_prefetch(at, 1);
  __builtin_prefetch(last, 1);
}

/// Which home a line has.
class HomeMap {
 public:
  HomeMap(std::uint32_t homes, bool hashed)
      : homes_(homes), is_power_(std::has_single_bit(homes)), hashed_(hashed) {}
  NodeId of(LineNumber line) const {
    if (hashed_)
      return static_cast<NodeId>(static_cast<std::uint64_t>(static_cast<std::uint32_t>(mix(line))) * homes_ >>
                                 32);
    // Every step of a cache asks: no division where none is needed.
    return static_cast<NodeId>(is_power_ ? line & (homes_ - 1) : line % homes_);
  }

 private:
  std::uint32_t homes_;
  bool is_power_;  // of two
  bool hashed_;
};

class RecordedOrder;
class Timeline;

struct Shared {
  MachineParameters parameters;
  HomeMap home;
  Calendar& calendar;
  Statistics statistics;
  TransitionLog log;
  Monitor* monitor = nullptr;  ///< null unless the run is checked
  bool exact_events = false;
  bool ideal_transfer = false;
  bool predicts_atomics = false;   ///< what a line contains tells the predictor whether it was written
  RecordedOrder* order = nullptr;  ///< null unless the workload's streams have gates
  // What is asked of a run besides its counters; null where it is not.
  LineTable* lines = nullptr;
  LineTouches* touches = nullptr;  ///< of accesses that only the run knows
  Timeline* timeline = nullptr;

  /// What a cache may do with a line changes: the monitor and all who watch.
  void tell_permission(LineNumber line, NodeId node, Permission before, Permission after) const;
  bool is_watched() const { return lines != nullptr || timeline != nullptr; }
  void count_invalidation(LineNumber line) {
    ++statistics.invalidations;
    if (lines != nullptr) lines->invalidated(line);
  }
};

}  // namespace baton::sim
