#pragma once
// Logical time in a private cache, for protocols that have it (has_logical_time). Others pay nothing.

#include <vector>

#include "protocols/core/variant.hpp"
#include "sim/machine/parameters.hpp"

namespace baton::sim {

/// What a cache keeps for logical time beside its lines' states and contents.
template <bool>
struct CacheTime {
  struct Stamp {
    template <class Line>
    static Stamp of(const Line&) {
      return {};
    }
  };
  explicit CacheTime(const CacheParameters&) {}
};
template <>
struct CacheTime<true> {
  struct Stamp {
    Tick wts = 0;
    Tick rts = 0;
    template <class Line>
    static Stamp of(const Line& line) {
      return {line.wts, line.rts};
    }
  };
  explicit CacheTime(const CacheParameters& cache)
      : stamps(cache.size_bytes / (std::uint64_t{cache.ways} * cache.line_bytes) * 64) {}

  Clock clock;
  std::uint32_t accesses = 0;  // since the clock has gone on by itself
  std::vector<Stamp> stamps;   // by slot
};

}  // namespace baton::sim
