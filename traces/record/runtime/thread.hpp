#pragma once
// The recorder inside of the program: what a thread needs to write its records, and the writing itself.
// No exceptions, no C++ runtime, no allocation: this code runs inside of malloc, of signal handlers and of
// programs in C.

#include <atomic>
#include <cstdint>

#include "traces/format/record.hpp"
#include "traces/record/runtime/shared.hpp"

#define BATON_INTERFACE extern "C" __attribute__((visibility("default")))
#define BATON_CALLER reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))

namespace baton::record {

using traces::format::Event;
using traces::format::MemoryOrder;

inline constexpr std::uint32_t maximum_depth = 4096;  ///< of calls whose context is known
inline constexpr std::uint32_t context_cache_size = 1024;

struct Descriptor;  ///< threads.cpp

struct Thread {
  Slot* next = nullptr;
  Slot* end = nullptr;
  Chunk* chunk = nullptr;
  std::uint64_t last = 0;      ///< time stamp when the recorder was left
  std::uint32_t left_out = 0;  ///< work before accesses that are not recorded
  std::uint64_t absent = 0;    ///< cycles without a processor, plus a constant, when they were last looked up
  std::uint32_t context = 0;   ///< of the function that runs
  std::uint32_t depth = 0;
  volatile bool inside = false;    ///< in the recorder: a signal handler's events are not recorded
  volatile bool own_call = false;  ///< of a library's function by the recorder: what it does is not recorded
  std::uint32_t number = 0;
  std::uint32_t chunks = 0;
  std::uint32_t granted = 0;   ///< records of the chunk
  std::uint32_t extended = 0;  ///< records of the chunk that took two slots
  std::uint32_t random = 1;
  std::uintptr_t stack_begin = 0;
  std::uintptr_t stack_bytes = 0;  ///< 0: its stack is recorded
  std::uintptr_t through = 0;      ///< see Through; 0: not inside of one
  std::uint32_t through_depth = 0;
  Descriptor* descriptor = nullptr;
  Thread* unused_next = nullptr;
  std::uint32_t contexts[maximum_depth] = {};
  struct Cached {
    std::uint64_t call;
    std::uint32_t parent;
    std::uint32_t context;
  } cache[context_cache_size] = {};
};

extern __attribute__((visibility("hidden"), tls_model("initial-exec"))) thread_local Thread* self;
/// The shared memory, or a dummy whose level is off.
extern __attribute__((visibility("hidden"))) Control* control;
extern __attribute__((visibility("hidden"))) std::uint64_t overhead_cycles;

inline std::uint64_t time_stamp() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
  std::uint64_t value;
  asm volatile("mrs %0, cntvct_el0" : "=r"(value));
  return value;
#else
#error "baton record knows no time stamp counter of this architecture"
#endif
}
inline std::uint64_t now() {
  return control->measure_work != 0 ? time_stamp() : 0;
}

/// How much of a long gap that ends at `time` the thread spent without a processor: pre-empted or asleep. Of
/// all gaps since the last call it is taken to have been this one.
__attribute__((visibility("hidden"))) std::uint64_t absence_until(Thread& thread, std::uint64_t time);

/// Cycles of the program's own work since the thread left the recorder.
inline std::uint32_t work_until(Thread& thread, std::uint64_t time) {
  const std::uint32_t left_out = thread.left_out;
  thread.left_out = 0;
  std::uint64_t elapsed = time - thread.last;
  if (time < thread.last) return left_out;
  if (elapsed > control->absence_cycles) {
    const std::uint64_t absence = absence_until(thread, time);
    elapsed -= absence < elapsed ? absence : elapsed;
  }
  if (elapsed <= overhead_cycles) return left_out;
  const std::uint64_t work = elapsed - overhead_cycles + left_out;
  if (work <= control->work_cap_cycles) return static_cast<std::uint32_t>(work);
  control->work_capped.fetch_add(1, std::memory_order_relaxed);
  return control->work_cap_cycles;
}

/// Begins a gap: what a thread waited for, and what the recorder did, is no work of the program.
inline void restart_work(Thread& thread) {
  const std::uint64_t time = now();
  if (time - thread.last > control->absence_cycles) absence_until(thread, time);
  thread.last = time;
}

/// The calling thread if what it does is to be recorded at `level`; leave() it afterwards. Null otherwise.
inline Thread* enter(Level level) {
  Thread* const thread = self;
  if (thread == nullptr || control->level.load(std::memory_order_relaxed) < level) return nullptr;
  if (thread->inside) {
    if (!thread->own_call) control->unrecorded.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  thread->inside = true;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  return thread;
}
inline void leave(Thread& thread) {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  thread.inside = false;
}

/// Room for a record of two slots. False: recording is over for this thread.
__attribute__((visibility("hidden"))) bool refill(Thread& thread);
inline bool room(Thread& thread) {
  return thread.end - thread.next >= 2 || refill(thread);
}

struct Access {
  std::uintptr_t address;
  std::uintptr_t caller;  ///< return address of the hook
  std::uint32_t size;     ///< at most maximum_size
  std::uint32_t work;
  Event event;
  MemoryOrder order = MemoryOrder::none;
};

/// Writes a record; there is room().
inline void put(Thread& thread, const Access& access, bool success = true, std::uint64_t extended = 0) {
  Slot& slot = *thread.next;
  slot.what = (access.address & low_48) | std::uint64_t{static_cast<std::uint8_t>(access.event)} << 48 |
              std::uint64_t{static_cast<std::uint8_t>(access.order)} << 56 | (success ? success_bit : 0) |
              extended;
  slot.code = (access.caller & low_48) | std::uint64_t{access.size} << 48;
  slot.work = access.work;
  slot.context = thread.context;
  thread.next += extended == 0 ? 1 : 2;
  thread.chunk->slots.store(static_cast<std::uint32_t>(thread.next - thread.chunk->slot),
                            std::memory_order_release);
}
inline void put_extended(Thread& thread, const Access& access, bool success, std::uint64_t sequence,
                         std::uint64_t value) {
  thread.next[1] = {sequence, value, 0, 0};
  ++thread.extended;
  put(thread, access, success, extended_bit);
}

/// A plain access.
inline void record_access(Event event, const volatile void* address, std::size_t size,
                          std::uintptr_t caller) {
  Thread* const thread = enter(Level::all);
  if (thread == nullptr) return;
  const std::uint64_t time = now();
  auto at = reinterpret_cast<std::uintptr_t>(address);
  std::uint32_t work = work_until(*thread, time);
  thread->last = time;
  if (at - thread->stack_begin >= thread->stack_bytes) {
    do {  // once but for long ranges
      const std::size_t piece = size < maximum_size ? size : maximum_size;
      if (!room(*thread)) break;
      put(*thread, {at, caller, static_cast<std::uint32_t>(piece), work, event});
      at += piece;
      size -= piece;
      work = 0;
    } while (size != 0);
  } else {
    thread->left_out = work;
  }
  leave(*thread);
}

/// The order of records of one domain: whoever holds it is the only one.
class Domain {
 public:
  explicit Domain(std::uintptr_t address);
  ~Domain() { stripe_.locked.store(false, std::memory_order_release); }
  std::uint64_t next() { return stripe_.count++; }

  struct alignas(64) Stripe {
    std::atomic<bool> locked;
    std::uint64_t count;
  };

 private:
  Stripe& stripe_;
};

/// Yields the processor now and then, if that was asked for.
__attribute__((visibility("hidden"))) void perturb(Thread& thread);

/// Performs `operation(access)`, which returns its success, and records it with its place in the order of its
/// domain. The record is complete before the domain is given up, so that no way to end the program leaves a
/// gap.
template <class Operation>
inline void record_ordered(Thread& thread, Access access, std::uint64_t value, Operation operation) {
  access.work = work_until(thread, now());
  perturb(thread);
  if (!room(thread)) {
    operation(access);
    return;
  }
  {
    Domain domain(access.address);
    const bool success = operation(access);
    put_extended(thread, access, success, domain.next(), value);
  }
  restart_work(thread);
}

/// Records something that is not performed here.
inline void record_event(Level level, Event event, const volatile void* object, std::uintptr_t caller,
                         std::uint64_t value = 0) {
  Thread* const thread = enter(level);
  if (thread == nullptr) return;
  if (thread->through != 0 && thread->through_depth == thread->depth) caller = thread->through;
  record_ordered(*thread, {reinterpret_cast<std::uintptr_t>(object), caller, 0, 0, event}, value,
                 [](Access&) { return true; });
  leave(*thread);
}

/// Records something whose order among threads follows from other records.
inline void record_unordered(Level level, Event event, std::uintptr_t caller, std::uint64_t value = 0) {
  Thread* const thread = enter(level);
  if (thread == nullptr) return;
  if (thread->through != 0 && thread->through_depth == thread->depth) caller = thread->through;
  const std::uint32_t work = work_until(*thread, now());
  if (room(*thread))
    put_extended(*thread, {0, caller, 0, work, event}, true, traces::format::unordered, value);
  restart_work(*thread);
  leave(*thread);
}

inline void restart_work() {
  if (self != nullptr) restart_work(*self);
}

/// The recorder calls a library's function.
class OwnCall {
 public:
  OwnCall() : thread_(self) {
    if (thread_ != nullptr && thread_->inside) thread_ = nullptr;
    if (thread_ != nullptr) set(true);
  }
  ~OwnCall() {
    if (thread_ != nullptr) set(false);
  }

 private:
  void set(bool own) {
    thread_->inside = own;
    thread_->own_call = own;
  }

  Thread* thread_;
};

/// While a function of the C++ library runs that has no hooks, what it calls is recorded as called by its
/// caller. An exception through it leaves that as it is, which another depth of calls tells.
class Through {
 public:
  explicit Through(std::uintptr_t caller) {
    if (self == nullptr || (self->through != 0 && self->through_depth == self->depth)) return;
    mine_ = self;
    mine_->through = caller;
    mine_->through_depth = mine_->depth;
  }
  ~Through() {
    if (mine_ != nullptr) mine_->through = 0;
  }

 private:
  Thread* mine_ = nullptr;
};

/// A thread's life. begin_thread() sets `self`; end_thread() hands over what it has recorded.
__attribute__((visibility("hidden"))) Thread* begin_thread(std::uint32_t number);
__attribute__((visibility("hidden"))) void end_thread();

}  // namespace baton::record
