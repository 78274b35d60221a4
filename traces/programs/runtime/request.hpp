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
  await,  ///< of a recorded thread: as traces::Kind::await, with the address as counter, the operand as value
  advance,  ///< …
  end,      ///< the thread's body has returned
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

/// The order of an access or fence, as in C++ and named as there. A core with sequential consistency orders
/// all accesses whatever they ask for. With total store order only a store or fence that is seq_cst waits
/// until the stores before have been performed; every read-modify-write does, and loads are in order anyway.
enum class Order : std::uint8_t { relaxed, acquire, release, acq_rel, seq_cst };

struct Request {
  Action action = Action::compute;
  Order order = Order::seq_cst;
  std::uint32_t spin_gap_cycles = 0;
  Address address = 0;
  std::uint64_t operand = 0;   ///< stored, added, exchanged, desired; threads to wake
  std::uint64_t expected = 0;  ///< compare_exchange, futex_wait
  Duration duration = {};      ///< sleep, preempt
  Predicate predicate = {};    ///< spin
  std::uint16_t size = 8;      ///< bytes; other than 8 only of a recorded access, whose values nobody knows
  bool completes = false;      ///< a recorded access: it ends an operation

  /// A core's store buffer may take it: nothing later waits for it.
  bool may_be_buffered() const { return action == Action::store && order != Order::seq_cst; }
  /// A fence that orders earlier stores before later loads.
  bool is_full_fence() const { return action == Action::fence && order == Order::seq_cst; }

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
