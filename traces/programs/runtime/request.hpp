#pragma once
// What a thread asks of the machine that executes it.

#include <cstdint>

#include "traces/operation.hpp"

namespace baton::programs {

using traces::Address;

enum class Action : std::uint8_t {
  // Accesses to memory: performed on the content of the line.
  load,
  store,
  fetch_add,
  fetch_and,
  fetch_or,
  exchange,
  compare_exchange,
  spin,        ///< loads again and again, `gap` cycles apart, while the predicate holds
  futex_wait,  ///< loads, and sleeps if the word is `expected`
  // Others.
  fence,
  compute,     ///< nothing but the work before it
  futex_wake,  ///< wakes up to `operand` threads that sleep on the address
  sleep,
  preempt,  ///< loses its core for a time that was injected
  yield,
  end,  ///< the thread's body has returned
};

constexpr bool accesses_memory(Action action) {
  return action <= Action::futex_wait;
}

/// Does this loaded value keep a spin going? A plain function and its closure, which lives in the frame of
/// the suspended coroutine.
struct Predicate {
  bool (*holds)(const void* closure, std::uint64_t value) = nullptr;
  const void* closure = nullptr;
};

/// A duration, in whatever unit the program gave it.
struct Duration {
  std::uint64_t cycles = 0;
  std::uint64_t picoseconds = 0;
};

/// Memory orders of accesses are sequentially consistent for now; an order would be a member here.
struct Request {
  Action action = Action::compute;
  std::uint32_t spin_gap_cycles = 0;
  Address address = 0;
  std::uint64_t operand = 0;   ///< stored, added, exchanged, desired; threads to wake
  std::uint64_t expected = 0;  ///< compare_exchange, futex_wait
  Duration duration = {};      ///< sleep, preempt
  Predicate predicate = {};    ///< spin

  traces::Kind kind() const {
    switch (action) {
      case Action::load:
      case Action::futex_wait:
        return traces::Kind::load;
      case Action::spin:
        return traces::Kind::spin;
      case Action::store:
        return traces::Kind::store;
      default:
        return traces::Kind::rmw;
    }
  }
};

/// Something that a thread notes about itself, so many cycles of work after its last request was answered.
struct Mark {
  enum class What : std::uint8_t { begin, end, enter, leave };
  std::uint64_t after_cycles;
  What what;
  std::uint16_t number;  ///< of the OperationKind or PhaseName
};

}  // namespace baton::programs
