#pragma once
// The interfaces between a core and its private cache. A hit is inline and costs no event; a miss goes
// through CacheFront::request and ends with CorePort::completed.

#include <array>
#include <span>

#include "sim/machine/cache_array.hpp"
#include "sim/machine/calendar.hpp"
#include "sim/machine/statistics.hpp"
#include "traces/operation.hpp"

namespace baton::sim {

/// Identifies one of a core's accesses in flight, 0 .. outstanding accesses - 1.
using Ticket = std::uint32_t;

/// What a cache needs of its core. As a Receiver, it begins a host cache line.
class alignas(64) CorePort : public virtual sc_core::sc_interface {
 public:
  /// A message about this line is about to be handled: the line must be as it is in this cycle, whatever the
  /// core has done ahead of time.
  virtual void before_message(LineNumber line) = 0;
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
  /// As Receiver::prefetch, of what the core touches when an access completes: first the core, then the set
  /// that its next access goes to.
  virtual void prefetch(Cycle ahead) const = 0;
};

/// What a core sees of its cache.
class CacheFront : public virtual sc_core::sc_interface {
 public:
  /// What accesses do in each state, and how many did.
  struct Hits {
    static constexpr std::uint8_t misses = 0xFF;
    Hits() { after.fill({misses, misses, misses}); }
    std::array<std::array<std::uint8_t, access_kinds>, 64> after;  ///< the next state, or `misses`
    std::array<std::array<std::uint64_t, access_kinds>, 64> visits{};
  };

  /// Of all caches of a machine: those of slow cores apart, whose hits take longer.
  struct AllHits {
    Hits usual;
    Hits slow;

    void set_after(std::size_t state, std::size_t event, std::uint8_t next) {
      usual.after[state][event] = slow.after[state][event] = next;
    }
    std::uint64_t visits(std::size_t state, std::size_t event) const {
      return usual.visits[state][event] + slow.visits[state][event];
    }
    /// When the run has ended.
    void add_to(Statistics& statistics) const {
      for (std::size_t s = 0; s < usual.visits.size(); ++s)
        for (std::size_t e = 0; e < access_kinds; ++e) {
          statistics.hits[e] += visits(s, e);
          statistics.slow_hits[e] += slow.visits[s][e];
        }
    }
  };

  /// What a hit has changed besides the line's content.
  struct Hit {
    CacheSets::Place place;
    std::uint8_t event;
    std::uint8_t state;  ///< before
    CacheSets::Recency recency;
  };
  /// What taking a hit back needs besides its line. Small: a core keeps one of each access that it runs
  /// ahead.
  struct HitAhead {
    CacheSets::Recency recency;
    std::uint8_t way;
    std::uint8_t event;
    std::uint8_t state;  ///< before
  };
  /// Hits in a row.
  struct Streak {
    std::uint64_t ready;  ///< hit_cycles after the last one
    std::uint32_t size;
    std::uint32_t completes;  ///< how many of them complete an operation
  };

  CacheFront(const CacheParameters& parameters, Hits& hits)
      : array_(parameters), hits_(hits), line_bytes_(parameters.line_bytes) {}

  /// Brings the line's set into the host's caches.
  [[gnu::always_inline]] void prefetch(LineNumber line) const { array_.sets().prefetch(line); }

  /// If an access of this kind hits, does all that the cache has to do (replacement, state, per-cell
  /// counters) and says what it was; its content is the caller's to change. Else changes nothing.
  bool hit(LineNumber line, traces::Kind kind, Hit& done) {
    if (has_logical_time_) [[unlikely]]
      return hit_in_time(line, kind, done);
    return hit<false>(array_.sets(), hits_, line, access_kind(kind), done);
  }
  /// Performs the first of these operations, at most `most`, as long as they hit, lie within a line, and are
  /// loads if `only_loads`. None is a spin. ready: when the gap of the first one begins.
  Streak hit_ahead(std::span<const traces::Operation> operations, std::size_t most, std::uint64_t ready,
                   std::uint64_t hit_cycles, bool only_loads, HitAhead* done);
  /// Takes a hit on this line back. Hits are taken back in reverse order, before the cache has done anything
  /// else.
  void undo(LineNumber line, const HitAhead& hit) {
    --hits_.visits[hit.state][hit.event];
    const CacheSets sets = array_.sets();
    const CacheSets::Place place{sets.set(sets.set_of(line)), hit.way};
    sets.state(place) = hit.state;
    sets.undo_touch(place, hit.recency);
  }
  /// So many loads of a spin, which would hit.
  void repeat(LineNumber line, std::uint64_t times) {
    Hit first{};
    hit(line, traces::Kind::load, first);
    hits_.visits[array_.sets().state(first.place)][first.event] += times - 1;
  }
  /// Of a line that is present.
  Value& content(LineNumber line) { return array_.data(array_.find(line)); }

  /// Would an access of this kind hit?
  bool would_hit(LineNumber line, traces::Kind kind) const {
    const auto place = array_.sets().find(line);
    return place.set != nullptr && hits_.after[array_.sets().state(place)][access_kind(kind)] != Hits::misses;
  }

  /// Logical time, in protocols that have it: the core's clock and another one meet, and both are then what
  /// the later one was. Whatever lets cores know of each other but memory has to do so.
  virtual void synchronize(Tick& /*clock*/) {}
  bool keeps_logical_time() const { return has_logical_time_; }

  /// Starts a miss. False: refused for now (no MSHR, or the line is in a transient state); retry() will be
  /// called.
  virtual bool request(LineNumber line, traces::Kind kind, Ticket ticket) = 0;

 protected:
  using Slot = CacheArray::Slot;

  /// hit() where it depends on logical time. Every call is an access to the core's clock.
  virtual bool hit_in_time(LineNumber, traces::Kind, Hit&) { return false; }

  CacheArray array_;
  Hits& hits_;
  bool has_logical_time_ = false;

 private:
  template <bool usual>
  Streak hit_ahead(std::span<const traces::Operation> operations, std::size_t most, std::uint64_t ready,
                   std::uint64_t hit_cycles, bool only_loads, HitAhead* done);
  template <bool usual>
  static bool hit(const CacheSets& sets, Hits& hits, LineNumber line, std::size_t event, Hit& done) {
    const CacheSets::Place place = sets.find<usual>(line);
    if (place.set == nullptr) return false;
    std::uint8_t& state = sets.state<usual>(place);
    const std::uint8_t before = state;
    const std::uint8_t after = hits.after[before][event];
    if (after == Hits::misses) return false;
    ++hits.visits[before][event];
    state = after;
    done = {place, static_cast<std::uint8_t>(event), before, sets.touch<usual>(place)};
    return true;
  }

  std::uint32_t line_bytes_;
};

}  // namespace baton::sim
