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
  /// A message is about to be handled: the cache must be as it is in this cycle, whatever the core has done
  /// ahead of time.
  virtual void before_message() = 0;
  /// The line's state or content may have changed: a spin on it cannot count on hits.
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

  /// What a hit has changed besides the line's content.
  struct Hit {
    CacheArray::Recency recency;
    Slot slot;
    std::uint8_t event;
    std::uint8_t state;  ///< before
  };

  /// If an access of this kind hits, does all that the cache has to do (replacement, state, per-cell
  /// counters) and says what it was; its content is the caller's to change. Else changes nothing.
  bool hit(LineNumber line, traces::Kind kind, Hit& done) {
    const Slot slot = array_.find(line);
    if (slot == CacheArray::absent) return false;
    const std::uint8_t state = array_.state(slot);
    const std::size_t event = access_kind(kind);
    if ((hits_.mask[state] >> event & 1U) == 0) return false;
    ++hits_.visits[state][event];
    array_.set_state(slot, hits_.after[state][event]);
    done = {array_.touch(slot), slot, static_cast<std::uint8_t>(event), state};
    return true;
  }
  /// Takes a hit back. Hits are taken back in reverse order, before the cache has done anything else.
  void undo(const Hit& hit) {
    --hits_.visits[hit.state][hit.event];
    array_.set_state(hit.slot, hit.state);
    array_.undo_touch(hit.slot, hit.recency);
  }
  /// So many loads of a spin, which would hit.
  void repeat(LineNumber line, traces::Kind kind, std::uint64_t times) {
    Hit first{};
    hit(line, kind, first);
    hits_.visits[array_.state(first.slot)][first.event] += times - 1;
  }
  Value& content(const Hit& hit) { return array_.data(hit.slot); }

  /// Would an access of this kind hit?
  bool would_hit(LineNumber line, traces::Kind kind) const {
    const Slot slot = array_.find(line);
    return slot != CacheArray::absent && (hits_.mask[array_.state(slot)] >> access_kind(kind) & 1U) != 0;
  }

  /// Starts a miss. False: refused for now (no MSHR, or the line is in a transient state); retry() will be
  /// called.
  virtual bool request(LineNumber line, traces::Kind kind, Ticket ticket) = 0;

 protected:
  CacheArray array_;
  Hits& hits_;
};

}  // namespace baton::sim
