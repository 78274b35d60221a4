#pragma once
// The order among cores that a trace has recorded (traces::Kind::await and advance): counters that only grow.
//
// Obeyed, an await waits until its counter has reached its value. As each recorded access waits only for
// accesses that were performed before it when the trace was recorded, there is always one that need not wait:
// no deadlock by construction. A trace that is corrupt can have a cycle; the watchdog reports who waits.
// Observed, nothing waits, and an await that comes before its turn is a deviation. Locks and sums of signals
// (traces/gates.hpp), of traces that do not say who came first, are counters, too.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "protocols/core/types.hpp"
#include "sim/machine/calendar.hpp"

namespace baton::sim {

class RecordedOrder {
 public:
  using Counter = std::uint64_t;

  class Waiter {
   public:
    /// The counter has reached the value in this cycle: what waits can go on in the next one.
    virtual void turn_comes(std::uint32_t number) = 0;

   protected:
    ~Waiter() = default;
  };

  explicit RecordedOrder(bool obeyed) : obeyed_(obeyed) {}

  bool obeyed() const { return obeyed_; }
  /// Of an await that has come: how many turns too early it is; 0 if it need not wait. Counts it; once each.
  std::uint64_t arrive(Counter counter, std::uint64_t value);
  /// Only if obeyed, after arrive() has not said 0: Waiter::turn_comes(number) follows, once.
  void wait(Counter counter, std::uint64_t value, Waiter& waiter, std::uint32_t number);
  void advance(Counter counter, std::uint64_t value);
  std::uint64_t value(Counter counter) const;

  struct Counts {
    std::uint64_t awaits = 0;
    std::uint64_t deviations = 0;    ///< those that came too early and did not wait
    std::uint64_t displacement = 0;  ///< turns too early, all deviations
    std::uint64_t most_displaced = 0;
    std::uint64_t stall_cycles = 0;  ///< of cores that waited
  };
  Counts counts;
  Tick clock = 0;  ///< logical time of the advances so far, for CacheFront::synchronize

 private:
  struct Waiting {
    std::uint64_t value;
    Waiter* waiter;
    std::uint32_t number;
  };
  struct State {
    std::uint64_t value = 0;
    std::vector<Waiting> waiting;
  };

  static void release(State& state);

  bool obeyed_;
  std::unordered_map<Counter, State> counters_;
};

}  // namespace baton::sim
