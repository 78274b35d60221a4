#include "traces/record/runtime/thread.hpp"

#include <cerrno>
#include <csignal>

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

namespace baton::record {
namespace {

Domain::Stripe stripes[traces::format::order_domains];

// Only its options and counters are ever touched: as large as the part before the lists.
alignas(64) unsigned char dummy[offsetof(Control, modules)];

std::atomic<bool> unused_locked;
Thread* unused = nullptr;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

void lock(std::atomic<bool>& locked) {
  for (unsigned tries = 0; locked.exchange(true, std::memory_order_acquire); ++tries) {
    while (locked.load(std::memory_order_relaxed)) {
      if (++tries % 64 == 0) {
        sched_yield();
      } else {
        pause();
      }
    }
  }
}

void hand_over(Thread& thread) {
  if (thread.chunk == nullptr) return;
  Chunk& chunk = *thread.chunk;
  const std::uint32_t records = chunk.slots.load(std::memory_order_relaxed) - thread.extended;
  control->budget.fetch_add(std::int64_t{thread.granted} - records, std::memory_order_relaxed);
  thread.chunk = nullptr;
  thread.next = thread.end = nullptr;
  control->held.fetch_sub(1, std::memory_order_relaxed);
  chunk.state.store(ChunkState::full, std::memory_order_release);
  const auto offset = static_cast<std::size_t>(reinterpret_cast<unsigned char*>(&chunk) - control->chunk);
  push_full(*control, static_cast<std::uint32_t>(offset / chunk_bytes));
}

/// A chunk that nobody has; waits until the collector has emptied one.
std::uint32_t take_chunk() {
  for (unsigned tries = 0; control->level.load(std::memory_order_relaxed) != Level::off; ++tries) {
    std::uint32_t index = pop_free(*control);
    if (index != none) return index;
    if (control->fresh.load(std::memory_order_relaxed) < chunks) {
      index = control->fresh.fetch_add(1, std::memory_order_relaxed);
      if (index < chunks) return index;
    }
    usleep(200);
    if (tries % 1024 == 1023 && kill(control->collector, 0) != 0 && errno == ESRCH) {
      control->level.store(Level::off);
    }
  }
  return none;
}

/// How many records the next chunk may have: all of them, or an eighth of what is left of a limit, so that
/// the last ones are shared among the threads.
std::uint32_t grant() {
  std::int64_t left = control->budget.load(std::memory_order_relaxed);
  for (;;) {
    if (left <= 0) {
      control->out_of_budget.store(1);
      control->level.store(Level::off);
      return 0;
    }
    std::int64_t granted = left / 8;
    if (granted < 16) granted = left < 16 ? left : 16;
    if (granted > chunk_slots) granted = chunk_slots;
    if (control->budget.compare_exchange_weak(left, left - granted))
      return static_cast<std::uint32_t>(granted);
  }
}

}  // namespace

thread_local Thread* self = nullptr;
Control* control = reinterpret_cast<Control*>(dummy);
std::uint64_t overhead_cycles = 0;

Domain::Domain(std::uintptr_t address) : stripe_(stripes[traces::format::order_domain(address)]) {
  lock(stripe_.locked);
}

bool refill(Thread& thread) {
  const int error = errno;
  hand_over(thread);
  const std::uint32_t index = take_chunk();
  const std::uint32_t granted = index == none ? 0 : grant();
  errno = error;
  if (granted == 0) {
    if (index != none) push_free(*control, index);
    return false;
  }
  Chunk& chunk = chunk_at(*control, index);
  chunk.slots.store(0, std::memory_order_relaxed);
  chunk.thread = thread.number;
  chunk.number = thread.chunks++;
  chunk.state.store(ChunkState::filling, std::memory_order_release);
  control->held.fetch_add(1, std::memory_order_relaxed);
  thread.chunk = &chunk;
  thread.granted = granted;
  thread.extended = 0;
  thread.next = chunk.slot;
  // room() wants two slots, so the last one stays empty behind records of one.
  const std::uint32_t slots = granted < chunk_slots ? granted + 1 : chunk_slots;
  thread.end = chunk.slot + slots;
  return true;
}

void perturb(Thread& thread) {
  if (control->yield_every == 0) return;
  thread.random ^= thread.random << 13;
  thread.random ^= thread.random >> 17;
  thread.random ^= thread.random << 5;
  if (thread.random % control->yield_every == 0) sched_yield();
}

Thread* begin_thread(std::uint32_t number) {
  if (control->held.load(std::memory_order_relaxed) > chunks * 3 / 4) {
    control->threads_refused.fetch_add(1);
    return nullptr;
  }
  lock(unused_locked);
  Thread* thread = unused;
  if (thread != nullptr) unused = thread->unused_next;
  unused_locked.store(false, std::memory_order_release);
  if (thread == nullptr) {
    void* const memory =
        mmap(nullptr, sizeof(Thread), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      control->threads_refused.fetch_add(1);
      return nullptr;
    }
    thread = static_cast<Thread*>(memory);
  } else {
    thread->context = thread->depth = thread->chunks = 0;
    thread->stack_begin = thread->stack_bytes = 0;
    thread->inside = false;
    thread->own_call = false;
    thread->through = 0;
  }
  thread->number = number;
  thread->random = number * 2654435761U + 1;
  if (control->skip_stack != 0) {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
      void* begin = nullptr;
      std::size_t bytes = 0;
      pthread_attr_getstack(&attributes, &begin, &bytes);
      pthread_attr_destroy(&attributes);
      thread->stack_begin = reinterpret_cast<std::uintptr_t>(begin);
      thread->stack_bytes = bytes;
    }
  }
  thread->last = now();
  self = thread;
  return thread;
}

void end_thread() {
  Thread* const thread = self;
  if (thread == nullptr) return;
  self = nullptr;
  hand_over(*thread);
  lock(unused_locked);
  thread->unused_next = unused;
  unused = thread;
  unused_locked.store(false, std::memory_order_release);
}

}  // namespace baton::record
