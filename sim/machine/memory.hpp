#pragma once
// Memory controllers and the last-level slices before them. Both decide latency only: the content of a line's
// memory is in its home's directory entry.

#include <deque>
#include <memory>
#include <vector>

#include "sim/machine/shared.hpp"

namespace baton::sim {

/// One controller: a fixed latency, and a line's time on the channel at the given bandwidth. Accesses are
/// booked when their homes know of them, one after the other; one that comes to the channel earlier than
/// those booked before takes it while it is idle.
class MemoryController : public sc_core::sc_module {
 public:
  MemoryController(const sc_core::sc_module_name& name, const MachineParameters& parameters);

  /// Books a read that arrives at the cycle `at` >= now; returns the cycle in which its data are at the home.
  Cycle read(Cycle at, Cycle now);
  /// Books a write; nobody waits for it.
  void write(Cycle at, Cycle now) { start(at, now); }

 private:
  double start(Cycle at, Cycle now);

  // In cycles, which need not be whole: an access in a whole cycle then takes the same time whenever it
  // comes.
  double latency_;
  double line_;  // a line's time on the channel
  // When the channel is busy, from now on, in the order of time.
  struct Busy {
    double begin;
    double end;
  };
  std::deque<Busy> busy_;
};

/// The tags of a home's slice of the last-level cache: memory-side, so it holds what memory holds and needs
/// no coherence. LRU, write-back, allocates on reads and writes.
class LlcSlice {
 public:
  struct Result {
    bool hit = false;
    bool wrote_back = false;  ///< a dirty victim went to memory
  };
  explicit LlcSlice(const MachineParameters& parameters);

  /// `id`: of the line in its home's directory, below 2^31 - 1; the same for each of its accesses.
  Result read(LineNumber line, std::uint32_t id) { return access(line, id, false); }
  Result write(LineNumber line, std::uint32_t id) { return access(line, id, true); }

  [[gnu::always_inline]] void prefetch_index(LineNumber line) const {
    if (!index_.empty()) __builtin_prefetch(&index_[set_of(line)]);
  }
  /// After prefetch_index().
  [[gnu::always_inline]] void prefetch_set(LineNumber line) const {
    if (index_.empty()) return;
    if (const std::uint32_t set = index_[set_of(line)]; set != 0)
      __builtin_prefetch(&ways_of_sets_[std::size_t{set - 1} * parts_], 1);
  }

 private:
  Result access(LineNumber line, std::uint32_t id, bool dirty);
  // The bits that chose the home must not choose the set as well.
  std::uint64_t set_of(LineNumber line) const {
    if (hashed_) return (mix(line) >> 32) * index_.size() >> 32;
    if (shift_ != no_shift) [[likely]]
      return line >> shift_ & (index_.size() - 1);
    return line / homes_ % index_.size();
  }

  std::uint32_t ways_;
  std::uint32_t homes_;
  bool hashed_;
  static constexpr std::uint32_t no_shift = ~0U;
  std::uint32_t shift_;  // that does the division, where both numbers are powers of two
  // Most slices are never full: a set takes memory when it is first used. 1 + its place in ways_of_sets_, or
  // 0.
  std::vector<std::uint32_t> index_;
  // Of each set in use its ways, the most recent first: (id + 1) * 2 + dirty, 0: empty. In whole host cache
  // lines.
  struct alignas(64) Part {
    std::uint32_t way[16];
  };
  std::uint32_t parts_;  // of a set
  std::vector<Part> ways_of_sets_;
};

}  // namespace baton::sim
