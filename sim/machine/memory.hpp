#pragma once
// Memory controllers and the last-level slices before them. Both decide latency only: the content of a line's
// memory is in its home's directory entry.

#include <memory>
#include <vector>

#include "sim/machine/shared.hpp"

namespace baton::sim {

/// One controller: a fixed latency, and a line's time on the channel at the given bandwidth, first come,
/// first served.
class MemoryController : public sc_core::sc_module {
 public:
  MemoryController(const sc_core::sc_module_name& name, const MachineParameters& parameters);

  /// Books a read that arrives at the cycle `at`; returns the cycle in which its data are at the home.
  Cycle read(Cycle at);
  /// Books a write; nobody waits for it.
  void write(Cycle at) { start(at); }

 private:
  double start(Cycle at);

  double period_ps_;
  double latency_ps_;
  double line_ps_;  // a line's time on the channel
  double free_ps_ = 0;
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

  void prefetch(LineNumber line) const {
    if (sets_ != 0) __builtin_prefetch(set_of(line), 1);
  }
  Result read(LineNumber line) { return access(line, false); }
  Result write(LineNumber line) { return access(line, true); }

 private:
  Result access(LineNumber line, bool dirty);
  // The bits that chose the home must not choose the set as well.
  std::uint64_t* set_of(LineNumber line) const {
    const std::uint64_t set = hashed_ ? (mix(line) >> 32) * sets_ >> 32 : line / homes_ % sets_;
    return &tags_[set * ways_];
  }

  struct Free {
    void operator()(std::uint64_t* p) const { std::free(p); }
  };
  std::uint64_t sets_ = 0;
  std::uint32_t ways_;
  std::uint32_t homes_;
  bool hashed_;
  // By set, most recent first; (line + 1) * 2 + dirty, 0: empty. From calloc: pages that are never used take
  // no memory.
  std::unique_ptr<std::uint64_t[], Free> tags_;
};

}  // namespace baton::sim
