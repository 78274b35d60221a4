// The entry points for atomic operations. Each is performed while its order domain is held, so that the
// recorded order is the one in which they happened; and always sequentially consistently, whatever the order
// that is recorded.

#include "traces/record/runtime/thread.hpp"

namespace {

using namespace baton::record;

using a8 = std::uint8_t;
using a16 = std::uint16_t;
using a32 = std::uint32_t;
using a64 = std::uint64_t;
__extension__ using a128 = unsigned __int128;

// The compilers pass C11's numbers, g++ with hints for transactional memory above them.
MemoryOrder order_of(int order) {
  switch (order & 0xffff) {
    case __ATOMIC_RELAXED:
      return MemoryOrder::relaxed;
    case __ATOMIC_CONSUME:
      return MemoryOrder::consume;
    case __ATOMIC_ACQUIRE:
      return MemoryOrder::acquire;
    case __ATOMIC_RELEASE:
      return MemoryOrder::release;
    case __ATOMIC_ACQ_REL:
      return MemoryOrder::acq_rel;
    default:
      return MemoryOrder::seq_cst;
  }
}

/// Performs and records. Operation returns its success.
template <class T, class Operation>
void atomic(Event event, const volatile T* address, int order, int failure_order, std::uintptr_t caller,
            Operation operation) {
  Thread* const thread = enter(Level::all);
  if (thread == nullptr) {
    operation();
    return;
  }
  record_ordered(*thread,
                 {reinterpret_cast<std::uintptr_t>(address), caller, sizeof(T), 0, event, order_of(order)}, 0,
                 [&](Access& access) {
                   const bool success = operation();
                   if (!success) access.order = order_of(failure_order);
                   return success;
                 });
  leave(*thread);
}

template <class T>
T swap_if(volatile T* address, T expected, T desired) {
  return __sync_val_compare_and_swap(address, expected, desired);
}

template <class T>
T load(const volatile T* address) {
  if constexpr (sizeof(T) == 16) {
    return swap_if(const_cast<volatile T*>(address), T{0}, T{0});
  } else {
    return __atomic_load_n(address, __ATOMIC_SEQ_CST);
  }
}

template <class T>
T exchange(volatile T* address, T value) {
  if constexpr (sizeof(T) == 16) {
    T seen = load(address);
    for (T found; (found = swap_if(address, seen, value)) != seen;) seen = found;
    return seen;
  } else {
    return __atomic_exchange_n(address, value, __ATOMIC_SEQ_CST);
  }
}

template <class T, class Function>
T fetch(volatile T* address, Function function) {
  T seen = load(address);
  for (T found; (found = swap_if(address, seen, static_cast<T>(function(seen)))) != seen;) seen = found;
  return seen;
}

template <class T>
T atomic_load(const volatile T* address, int order, std::uintptr_t caller) {
  T value;
  atomic(Event::load, address, order, order, caller, [&] {
    value = load(address);
    return true;
  });
  return value;
}

template <class T>
void atomic_store(volatile T* address, T value, int order, std::uintptr_t caller) {
  atomic(Event::store, address, order, order, caller, [&] {
    exchange(address, value);
    return true;
  });
}

template <class T>
T atomic_exchange(volatile T* address, T value, int order, std::uintptr_t caller) {
  T seen;
  atomic(Event::rmw, address, order, order, caller, [&] {
    seen = exchange(address, value);
    return true;
  });
  return seen;
}

template <class T, class Function>
T atomic_fetch(volatile T* address, int order, std::uintptr_t caller, Function function) {
  T seen;
  atomic(Event::rmw, address, order, order, caller, [&] {
    seen = fetch(address, function);
    return true;
  });
  return seen;
}

/// A weak one never fails without reason.
template <class T>
bool atomic_swap_if(volatile T* address, T* expected, T desired, int order, int failure_order,
                    std::uintptr_t caller) {
  const T wanted = *expected;
  T seen;
  atomic(Event::rmw, address, order, failure_order, caller, [&] {
    seen = swap_if(address, wanted, desired);
    return seen == wanted;
  });
  if (seen != wanted) *expected = seen;
  return seen == wanted;
}

}  // namespace

#define BATON_FETCH(T, BITS, NAME, RESULT)                                                        \
  BATON_INTERFACE T __tsan_atomic##BITS##_fetch_##NAME(volatile T* address, T value, int order) { \
    return atomic_fetch(address, order, BATON_CALLER, [value](T seen) { return RESULT; });        \
  }
#define BATON_ATOMIC(T, BITS)                                                                                \
  BATON_INTERFACE T __tsan_atomic##BITS##_load(const volatile T* address, int order) {                       \
    return atomic_load(address, order, BATON_CALLER);                                                        \
  }                                                                                                          \
  BATON_INTERFACE void __tsan_atomic##BITS##_store(volatile T* address, T value, int order) {                \
    atomic_store(address, value, order, BATON_CALLER);                                                       \
  }                                                                                                          \
  BATON_INTERFACE T __tsan_atomic##BITS##_exchange(volatile T* address, T value, int order) {                \
    return atomic_exchange(address, value, order, BATON_CALLER);                                             \
  }                                                                                                          \
  BATON_FETCH(T, BITS, add, seen + value)                                                                    \
  BATON_FETCH(T, BITS, sub, seen - value)                                                                    \
  BATON_FETCH(T, BITS, and, seen& value)                                                                     \
  BATON_FETCH(T, BITS, or, seen | value)                                                                     \
  BATON_FETCH(T, BITS, xor, seen ^ value)                                                                    \
  BATON_FETCH(T, BITS, nand, ~(seen & value))                                                                \
  BATON_INTERFACE int __tsan_atomic##BITS##_compare_exchange_strong(                                         \
      volatile T* address, T* expected, T desired, int order, int failure_order) {                           \
    return atomic_swap_if(address, expected, desired, order, failure_order, BATON_CALLER);                   \
  }                                                                                                          \
  BATON_INTERFACE int __tsan_atomic##BITS##_compare_exchange_weak(volatile T* address, T* expected,          \
                                                                  T desired, int order, int failure_order) { \
    return atomic_swap_if(address, expected, desired, order, failure_order, BATON_CALLER);                   \
  }                                                                                                          \
  BATON_INTERFACE T __tsan_atomic##BITS##_compare_exchange_val(volatile T* address, T expected, T desired,   \
                                                               int order, int failure_order) {               \
    atomic_swap_if(address, &expected, desired, order, failure_order, BATON_CALLER);                         \
    return expected;                                                                                         \
  }
BATON_ATOMIC(a8, 8)
BATON_ATOMIC(a16, 16)
BATON_ATOMIC(a32, 32)
BATON_ATOMIC(a64, 64)
BATON_ATOMIC(a128, 128)
#undef BATON_ATOMIC
#undef BATON_FETCH

BATON_INTERFACE void __tsan_atomic_thread_fence(int order) {
  if (Thread* const thread = enter(Level::all)) {
    const std::uint64_t time = now();
    const std::uint32_t work = work_until(*thread, time);
    thread->last = time;
    if (room(*thread)) put(*thread, {0, BATON_CALLER, 0, work, Event::fence, order_of(order)});
    leave(*thread);
  }
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
BATON_INTERFACE void __tsan_atomic_signal_fence(int) {
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
}
