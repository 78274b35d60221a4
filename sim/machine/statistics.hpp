#pragma once
// What a run counts. One object for the whole machine: a run is one thread.

#include <array>
#include <cstdint>
#include <vector>

#include "sim/machine/calendar.hpp"
#include "traces/operation.hpp"

namespace baton::sim {

/// Counts of values, exact below 128, then in steps of 1/64 of the value (64 buckets a power of two).
class Histogram {
 public:
  void add(std::uint64_t value, std::uint64_t times = 1) {
    const std::size_t bucket = bucket_of(value);
    if (bucket >= counts_.size()) counts_.resize(bucket + 1);
    counts_[bucket] += times;
    count_ += times;
    sum_ += value * times;
    if (value > max_) max_ = value;
  }
  std::uint64_t count() const { return count_; }
  std::uint64_t sum() const { return sum_; }
  std::uint64_t max() const { return max_; }
  double mean() const { return static_cast<double>(sum_) / static_cast<double>(count_); }
  /// The smallest bucket's upper end with at least `fraction` of the values at or below it; at most 1/64 too
  /// high. 0 < fraction <= 1; count() > 0.
  std::uint64_t percentile(double fraction) const;

 private:
  static std::size_t bucket_of(std::uint64_t value) {
    if (value < 128) return static_cast<std::size_t>(value);
    const auto shift = static_cast<unsigned>(57 - __builtin_clzll(value));  // value >> shift is in 64 .. 127
    return std::size_t{64} * shift + static_cast<std::size_t>(value >> shift);
  }
  static std::uint64_t upper_end(std::size_t bucket);

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t max_ = 0;
};

/// Kinds of access in the results: a spinning load is a load. Also the first events of every cache table:
/// Load, Store, Rmw.
inline constexpr std::size_t access_kinds = 3;
constexpr std::size_t access_kind(traces::Kind kind) {
  return kind == traces::Kind::spin ? 0 : static_cast<std::size_t>(kind);
}

/// Of a spin, too.
constexpr bool is_load(traces::Kind kind) {
  return access_kind(kind) == access_kind(traces::Kind::load);
}

struct CoreStatistics {
  std::uint64_t operations = 0;
  Cycle finished = 0;  ///< when its last access completed
};

struct Statistics {
  std::array<Histogram, access_kinds> latency;  ///< cycles from issue to completion of an access
  std::array<std::uint64_t, access_kinds>
      hits{};  ///< summed up from the caches' cells when the run has ended
  std::array<std::uint64_t, access_kinds> slow_hits{};  ///< of these, by slow cores
  std::array<std::uint64_t, access_kinds> misses{};
  std::array<std::uint64_t, access_kinds> stall_cycles{};  ///< beyond a hit's time, by the kind that missed
  std::uint64_t stall_cycles_mshr = 0;          ///< waiting for an MSHR, or for a transaction of the line
  std::uint64_t stall_cycles_store_buffer = 0;  ///< waiting for stores to leave it
  std::uint64_t store_forwards = 0;             ///< loads that got their bytes from a store buffer
  std::uint64_t upgrades = 0;                   ///< of the misses: the cache had a readable copy
  std::uint64_t fills = 0;
  std::uint64_t invalidations = 0;
  std::uint64_t evictions = 0;
  std::uint64_t straddles = 0;
  std::uint64_t home_wait_cycles = 0;
  std::uint64_t memory_reads = 0;
  std::uint64_t memory_writes = 0;
  std::uint64_t llc_hits = 0;
  std::uint64_t llc_misses = 0;
  Cycle last_progress = 0;  ///< when an access last completed; unsuccessful spinning does not count
  std::vector<CoreStatistics> cores;
};

}  // namespace baton::sim
