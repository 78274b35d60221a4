#pragma once
// The interfaces between a core and its private cache. A hit is inline and costs no event; a miss goes
// through CacheFront::request and ends with CorePort::completed.

#include <array>

#include "sim/machine/cache_array.hpp"
#include "sim/machine/statistics.hpp"
#include "traces/operation.hpp"

namespace baton::sim {

/// Identifies one of a core's accesses in flight, 0 .. outstanding accesses - 1.
using Ticket = std::uint32_t;

/// What a cache needs of its core.
class CorePort : public virtual sc_core::sc_interface {
 public:
  /// A message has reached the cache: hits that came before it must be committed now.
  virtual void before_message() = 0;
  /// The line's state or content may have changed: a plan that counted on it must be made anew.
  virtual void changed(LineNumber line) = 0;
  /// The access is performed now, on this content; returns the content afterwards.
  virtual Value perform(Ticket ticket, Value content) = 0;
  /// As perform, for a load which ends with a value that was current at some moment since its issue.
  virtual void perform_snapshot(Ticket ticket, Value content) = 0;
  /// The access is done (after perform, when the cache has finished its step).
  virtual void completed(Ticket ticket) = 0;
  /// An access that was refused may be tried again.
  virtual void retry() = 0;
  /// Brings the core into the host's caches.
  virtual void prefetch() const = 0;
};

/// What a core sees of its cache.
class CacheFront : public virtual sc_core::sc_interface {
 public:
  using Slot = CacheArray::Slot;

  /// What accesses do in each state, and how many did; one object for all caches of a machine.
  struct Hits {
    std::array<std::uint8_t, 64> mask{};  ///< bit e is set if the core event e hits
    std::array<std::array<std::uint8_t, access_kinds>, 64> after{};
    std::array<std::array<std::uint64_t, access_kinds>, 64> visits{};
  };

  CacheFront(const CacheParameters& parameters, Hits& hits) : array_(parameters), hits_(hits) {}

  /// Brings the line's set into the host's caches.
  void prefetch(LineNumber line) const { array_.prefetch(line); }

  /// The slot in which an access of this kind hits, else absent. Changes nothing.
  Slot probe(LineNumber line, traces::Kind kind) const {
    const Slot slot = array_.find(line);
    if (slot == CacheArray::absent) return slot;
    return (hits_.mask[array_.state(slot)] >> access_kind(kind) & 1U) != 0 ? slot : CacheArray::absent;
  }

  /// Commits `times` hits of one kind in a slot that probe() has given: replacement, state, per-cell
  /// counters. Returns the content, which is the caller's.
  Value& commit(Slot slot, traces::Kind kind, std::uint64_t times = 1) {
    Hits& hits = hits_;
    const std::size_t e = access_kind(kind);
    return array_.use(slot, [&](std::uint8_t state) {
      hits.visits[state][e] += times;
      return hits.after[state][e];
    });
  }

  /// Starts a miss. False: refused for now (no MSHR, or the line is in a transient state); retry() will be
  /// called.
  virtual bool request(LineNumber line, traces::Kind kind, Ticket ticket) = 0;

 protected:
  CacheArray array_;
  Hits& hits_;
};

}  // namespace baton::sim
