// Threads are created, start, end and are joined. A thread's number is given when it has been created; it
// waits for that before its first record.

#include <cerrno>

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <threads.h>

#include "traces/record/runtime/next.hpp"
#include "traces/record/runtime/start.hpp"
#include "traces/record/runtime/thread.hpp"

namespace baton::record {

// Its address is the one that the records of creation, start, end and join have: they are in one order
// domain.
struct alignas(64) Descriptor {
  void* (*function)(void*);
  thrd_start_t c11_function;  ///< instead of the other
  void* argument;
  pthread_t handle;
  Descriptor* next;
  std::uint32_t number;
  std::uint32_t creator;
  std::atomic<int> created;  ///< 1: number is valid, 2: not to be recorded
  bool detached;
  bool ended;
};

namespace {

// Descriptors of threads that can still be joined, and unused ones; few, so lists.
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
Descriptor* joinable = nullptr;
Descriptor* unused = nullptr;
pthread_key_t end_key;
constexpr std::uintptr_t rounds_before_end = PTHREAD_DESTRUCTOR_ITERATIONS - 1;

class Lock {
 public:
  Lock() { BATON_NEXT(pthread_mutex_lock)(&mutex); }
  ~Lock() { BATON_NEXT(pthread_mutex_unlock)(&mutex); }
};

Descriptor* new_descriptor() {
  const Lock lock;
  if (unused == nullptr) {
    constexpr std::size_t count = 64;
    void* const memory =
        mmap(nullptr, count * sizeof(Descriptor), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return nullptr;
    for (std::size_t i = 0; i < count; ++i) {
      Descriptor* const one = static_cast<Descriptor*>(memory) + i;
      one->next = unused;
      unused = one;
    }
  }
  Descriptor* const descriptor = unused;
  unused = descriptor->next;
  *reinterpret_cast<int*>(&descriptor->created) = 0;
  descriptor->detached = descriptor->ended = false;
  return descriptor;
}

void recycle(Descriptor* descriptor) {
  descriptor->next = unused;
  unused = descriptor;
}

/// Takes the thread's descriptor out of the list; the caller has the lock.
Descriptor* take(pthread_t handle) {
  for (Descriptor** place = &joinable; *place != nullptr; place = &(*place)->next) {
    if (pthread_equal((*place)->handle, handle) == 0) continue;
    Descriptor* const found = *place;
    *place = found->next;
    return found;
  }
  return nullptr;
}

void ended(Descriptor* descriptor) {
  record_unordered(Level::outside, Event::thread_end, 0);
  end_thread();
  const Lock lock;
  descriptor->ended = true;
  if (!descriptor->detached) return;
  take(descriptor->handle);
  recycle(descriptor);
}

/// Thread-specific data of the program may be destroyed by code that is recorded: ours comes last.
void end_round(void* round) {
  const auto number = reinterpret_cast<std::uintptr_t>(round);
  if (number < rounds_before_end) {
    pthread_setspecific(end_key, reinterpret_cast<void*>(number + 1));
  } else if (self != nullptr && self->descriptor != nullptr) {
    ended(self->descriptor);
  }
}

void* thread_function(void* argument) {
  auto* const descriptor = static_cast<Descriptor*>(argument);
  while (descriptor->created.load(std::memory_order_acquire) == 0) sched_yield();
  void* (*const function)(void*) = descriptor->function;
  const thrd_start_t c11_function = descriptor->c11_function;
  void* const its_argument = descriptor->argument;
  if (descriptor->created.load() == 1) {
    if (Thread* const thread = begin_thread(descriptor->number)) {
      thread->descriptor = descriptor;
      record_unordered(Level::outside, Event::thread_start, 0, descriptor->creator);
      pthread_setspecific(end_key, reinterpret_cast<void*>(std::uintptr_t{1}));
    }
  } else {
    const Lock lock;
    recycle(descriptor);
  }
  if (function != nullptr) return function(its_argument);
  // glibc, too, keeps the result of a C11 thread in the pointer.
  return reinterpret_cast<void*>(std::intptr_t{c11_function(its_argument)});
}

template <class Join>
int join(pthread_t handle, std::uintptr_t caller, Join wait) {
  Descriptor* descriptor = nullptr;
  {
    const Lock lock;
    descriptor = take(handle);
  }
  const int result = wait();
  restart_work();
  if (descriptor == nullptr) return result;
  if (result == 0) record_unordered(Level::outside, Event::thread_join, caller, descriptor->number);
  const Lock lock;
  if (result == 0) {
    recycle(descriptor);
  } else {
    descriptor->next = joinable;
    joinable = descriptor;
  }
  return result;
}

bool recording() {
  return self != nullptr && !self->inside && control->level.load() >= Level::outside;
}

int create(pthread_t* handle, const pthread_attr_t* attributes, void* (*function)(void*),
           thrd_start_t c11_function, void* argument, std::uintptr_t caller) {
  Descriptor* const descriptor = new_descriptor();
  if (descriptor == nullptr) return EAGAIN;
  descriptor->function = function;
  descriptor->c11_function = c11_function;
  descriptor->argument = argument;
  descriptor->creator = self->number;
  if (attributes != nullptr) {
    int state = 0;
    pthread_attr_getdetachstate(attributes, &state);
    descriptor->detached = state == PTHREAD_CREATE_DETACHED;
  }
  int result = 0;
  {
    const OwnCall own;  // it allocates the thread's memory
    result = BATON_NEXT(pthread_create)(handle, attributes, thread_function, descriptor);
  }
  const bool recorded = result == 0 && control->level.load() >= Level::outside;
  if (recorded) {
    descriptor->number = control->threads.fetch_add(1);
    descriptor->handle = *handle;
    record_unordered(Level::outside, Event::thread_create, caller, descriptor->number);
    const Lock lock;
    descriptor->next = joinable;
    joinable = descriptor;
  } else if (result != 0) {
    const Lock lock;
    recycle(descriptor);
    return result;
  }
  descriptor->created.store(recorded ? 1 : 2, std::memory_order_release);
  return result;
}

}  // namespace

void prepare_threads() {
  pthread_key_create(&end_key, end_round);
}

void forget_threads() {
  self = nullptr;
  mutex = PTHREAD_MUTEX_INITIALIZER;  // another thread may have had it
}

}  // namespace baton::record

using namespace baton::record;

BATON_INTERFACE int pthread_create(pthread_t* handle, const pthread_attr_t* attributes,
                                   void* (*function)(void*), void* argument) noexcept {
  if (!recording()) return BATON_NEXT(pthread_create)(handle, attributes, function, argument);
  return create(handle, attributes, function, nullptr, argument, BATON_CALLER);
}
BATON_INTERFACE int pthread_join(pthread_t handle, void** result) {
  return join(handle, BATON_CALLER, [=] { return BATON_NEXT(pthread_join)(handle, result); });
}
BATON_INTERFACE int pthread_tryjoin_np(pthread_t handle, void** result) noexcept {
  return join(handle, BATON_CALLER, [=] { return BATON_NEXT(pthread_tryjoin_np)(handle, result); });
}
BATON_INTERFACE int pthread_timedjoin_np(pthread_t handle, void** result, const timespec* until) {
  return join(handle, BATON_CALLER, [=] { return BATON_NEXT(pthread_timedjoin_np)(handle, result, until); });
}
BATON_INTERFACE int pthread_clockjoin_np(pthread_t handle, void** result, clockid_t clock,
                                         const timespec* until) {
  return join(handle, BATON_CALLER,
              [=] { return BATON_NEXT(pthread_clockjoin_np)(handle, result, clock, until); });
}
BATON_INTERFACE int pthread_detach(pthread_t handle) noexcept {
  {
    const Lock lock;
    if (Descriptor* const descriptor = take(handle)) {
      descriptor->detached = true;
      if (descriptor->ended) {
        recycle(descriptor);
      } else {
        descriptor->next = joinable;
        joinable = descriptor;
      }
    }
  }
  return BATON_NEXT(pthread_detach)(handle);
}

// C11's threads are those of POSIX with an int as result.
BATON_INTERFACE int thrd_create(thrd_t* handle, thrd_start_t function, void* argument) {
  if (!recording()) return BATON_NEXT(thrd_create)(handle, function, argument);
  const int result = create(handle, nullptr, nullptr, function, argument, BATON_CALLER);
  return result == 0 ? thrd_success : result == EAGAIN || result == ENOMEM ? thrd_nomem : thrd_error;
}
BATON_INTERFACE int thrd_join(thrd_t handle, int* value) {
  void* pointer = nullptr;
  const int result = join(handle, BATON_CALLER, [&] { return BATON_NEXT(pthread_join)(handle, &pointer); });
  if (value != nullptr) *value = static_cast<int>(reinterpret_cast<std::intptr_t>(pointer));
  return result == 0 ? thrd_success : thrd_error;
}
BATON_INTERFACE int thrd_detach(thrd_t handle) {
  return pthread_detach(handle) == 0 ? thrd_success : thrd_error;
}
