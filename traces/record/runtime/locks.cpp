// Mutexes, rwlocks, spin locks, semaphores, condition variables, barriers and once, of POSIX and of C11
// (whose functions do not go through those of POSIX inside of glibc). An acquisition is recorded when it is
// done, a release before it begins: so of two records of one object the one that happened first has the
// smaller sequence number.

#include <cerrno>

#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

#include "traces/record/runtime/next.hpp"
#include "traces/record/runtime/thread.hpp"

namespace {

using namespace baton::record;

int acquired(int result, Event event, const volatile void* object, std::uintptr_t caller) {
  restart_work();
  if (result == 0 || result == EOWNERDEAD) record_event(Level::all, event, object, caller);
  return result;
}
void releases(Event event, const volatile void* object, std::uintptr_t caller) {
  record_event(Level::all, event, object, caller);
}

/// A wait gives the mutex up and takes it again.
template <class Wait>
int wait_for(const volatile void* condition, const volatile void* mutex, std::uintptr_t caller, Wait wait) {
  releases(Event::cond_wait, condition, caller);
  releases(Event::mutex_unlock, mutex, caller);
  const int result = wait();
  restart_work();
  releases(Event::mutex_lock, mutex, caller);
  releases(Event::cond_woken, condition, caller);
  return result;
}

/// A semaphore's count is recorded as the atomic it is.
void semaphore(const sem_t* object, MemoryOrder order, std::uintptr_t caller) {
  Thread* const thread = enter(Level::all);
  if (thread == nullptr) return;
  record_ordered(*thread, {reinterpret_cast<std::uintptr_t>(object), caller, 4, 0, Event::rmw, order}, 0,
                 [](Access&) { return true; });
  leave(*thread);
}
int passed(int result, const sem_t* object, std::uintptr_t caller) {
  restart_work();
  if (result == 0) semaphore(object, MemoryOrder::acquire, caller);
  return result;
}

}  // namespace

#define BATON_ACQUIRE(FUNCTION, EVENT, TYPE)                                    \
  BATON_INTERFACE int FUNCTION(TYPE* object) noexcept {                         \
    return acquired(BATON_NEXT(FUNCTION)(object), EVENT, object, BATON_CALLER); \
  }
#define BATON_ACQUIRE_UNTIL(FUNCTION, EVENT, TYPE)                                     \
  BATON_INTERFACE int FUNCTION(TYPE* object, const timespec* until) noexcept {         \
    return acquired(BATON_NEXT(FUNCTION)(object, until), EVENT, object, BATON_CALLER); \
  }
#define BATON_ACQUIRE_CLOCK(FUNCTION, EVENT, TYPE)                                              \
  BATON_INTERFACE int FUNCTION(TYPE* object, clockid_t clock, const timespec* until) noexcept { \
    return acquired(BATON_NEXT(FUNCTION)(object, clock, until), EVENT, object, BATON_CALLER);   \
  }
#define BATON_RELEASE(FUNCTION, EVENT, TYPE)            \
  BATON_INTERFACE int FUNCTION(TYPE* object) noexcept { \
    releases(EVENT, object, BATON_CALLER);              \
    return BATON_NEXT(FUNCTION)(object);                \
  }

BATON_ACQUIRE(pthread_mutex_lock, Event::mutex_lock, pthread_mutex_t)
BATON_ACQUIRE(pthread_mutex_trylock, Event::mutex_lock, pthread_mutex_t)
BATON_ACQUIRE_UNTIL(pthread_mutex_timedlock, Event::mutex_lock, pthread_mutex_t)
BATON_ACQUIRE_CLOCK(pthread_mutex_clocklock, Event::mutex_lock, pthread_mutex_t)
BATON_RELEASE(pthread_mutex_unlock, Event::mutex_unlock, pthread_mutex_t)

BATON_ACQUIRE(pthread_spin_lock, Event::mutex_lock, pthread_spinlock_t)
BATON_ACQUIRE(pthread_spin_trylock, Event::mutex_lock, pthread_spinlock_t)
BATON_RELEASE(pthread_spin_unlock, Event::mutex_unlock, pthread_spinlock_t)

BATON_ACQUIRE(pthread_rwlock_rdlock, Event::read_lock, pthread_rwlock_t)
BATON_ACQUIRE(pthread_rwlock_tryrdlock, Event::read_lock, pthread_rwlock_t)
BATON_ACQUIRE_UNTIL(pthread_rwlock_timedrdlock, Event::read_lock, pthread_rwlock_t)
BATON_ACQUIRE_CLOCK(pthread_rwlock_clockrdlock, Event::read_lock, pthread_rwlock_t)
BATON_ACQUIRE(pthread_rwlock_wrlock, Event::write_lock, pthread_rwlock_t)
BATON_ACQUIRE(pthread_rwlock_trywrlock, Event::write_lock, pthread_rwlock_t)
BATON_ACQUIRE_UNTIL(pthread_rwlock_timedwrlock, Event::write_lock, pthread_rwlock_t)
BATON_ACQUIRE_CLOCK(pthread_rwlock_clockwrlock, Event::write_lock, pthread_rwlock_t)
BATON_RELEASE(pthread_rwlock_unlock, Event::rwlock_unlock, pthread_rwlock_t)

BATON_ACQUIRE(mtx_lock, Event::mutex_lock, mtx_t)
BATON_ACQUIRE(mtx_trylock, Event::mutex_lock, mtx_t)
BATON_ACQUIRE_UNTIL(mtx_timedlock, Event::mutex_lock, mtx_t)
BATON_RELEASE(mtx_unlock, Event::mutex_unlock, mtx_t)

// glibc has older condition variables under the same names.
#define BATON_CONDITION(FUNCTION) BATON_NEXT_VERSION(FUNCTION, "GLIBC_2.3.2")
BATON_INTERFACE int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  return wait_for(condition, mutex, BATON_CALLER,
                  [=] { return BATON_CONDITION(pthread_cond_wait)(condition, mutex); });
}
BATON_INTERFACE int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                           const timespec* until) {
  return wait_for(condition, mutex, BATON_CALLER,
                  [=] { return BATON_CONDITION(pthread_cond_timedwait)(condition, mutex, until); });
}
BATON_INTERFACE int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                                           const timespec* until) {
  return wait_for(condition, mutex, BATON_CALLER,
                  [=] { return BATON_NEXT(pthread_cond_clockwait)(condition, mutex, clock, until); });
}
BATON_INTERFACE int pthread_cond_signal(pthread_cond_t* condition) noexcept {
  releases(Event::cond_signal, condition, BATON_CALLER);
  return BATON_CONDITION(pthread_cond_signal)(condition);
}
BATON_INTERFACE int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
  releases(Event::cond_broadcast, condition, BATON_CALLER);
  return BATON_CONDITION(pthread_cond_broadcast)(condition);
}
BATON_INTERFACE int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return wait_for(condition, mutex, BATON_CALLER, [=] { return BATON_NEXT(cnd_wait)(condition, mutex); });
}
BATON_INTERFACE int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  return wait_for(condition, mutex, BATON_CALLER,
                  [=] { return BATON_NEXT(cnd_timedwait)(condition, mutex, until); });
}
BATON_RELEASE(cnd_signal, Event::cond_signal, cnd_t)
BATON_RELEASE(cnd_broadcast, Event::cond_broadcast, cnd_t)

BATON_INTERFACE int pthread_barrier_wait(pthread_barrier_t* barrier) noexcept {
  releases(Event::barrier_enter, barrier, BATON_CALLER);
  const int result = BATON_NEXT(pthread_barrier_wait)(barrier);
  restart_work();
  if (result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD) {
    releases(Event::barrier_leave, barrier, BATON_CALLER);
  }
  return result;
}

BATON_INTERFACE int pthread_once(pthread_once_t* once, void (*routine)()) {
  return acquired(BATON_NEXT(pthread_once)(once, routine), Event::once, once, BATON_CALLER);
}
BATON_INTERFACE void call_once(once_flag* once, void (*routine)()) {
  BATON_NEXT(call_once)(once, routine);
  acquired(0, Event::once, once, BATON_CALLER);
}

// Initialisation of local static variables in C++. Who finds them initialised has loaded the guard, an
// atomic.
extern "C" int __cxa_guard_acquire(std::uint64_t*);
extern "C" void __cxa_guard_release(std::uint64_t*);
BATON_INTERFACE int __cxa_guard_acquire(std::uint64_t* guard) {
  const int mine = BATON_NEXT(__cxa_guard_acquire)(guard);
  if (mine == 0) acquired(0, Event::once, guard, BATON_CALLER);
  return mine;
}
BATON_INTERFACE void __cxa_guard_release(std::uint64_t* guard) {
  releases(Event::once, guard, BATON_CALLER);
  BATON_NEXT(__cxa_guard_release)(guard);
}

BATON_INTERFACE int sem_post(sem_t* object) noexcept {
  semaphore(object, MemoryOrder::release, BATON_CALLER);
  return BATON_NEXT(sem_post)(object);
}
BATON_INTERFACE int sem_wait(sem_t* object) {
  return passed(BATON_NEXT(sem_wait)(object), object, BATON_CALLER);
}
BATON_INTERFACE int sem_trywait(sem_t* object) noexcept {
  return passed(BATON_NEXT(sem_trywait)(object), object, BATON_CALLER);
}
BATON_INTERFACE int sem_timedwait(sem_t* object, const timespec* until) {
  return passed(BATON_NEXT(sem_timedwait)(object, until), object, BATON_CALLER);
}
BATON_INTERFACE int sem_clockwait(sem_t* object, clockid_t clock, const timespec* until) {
  return passed(BATON_NEXT(sem_clockwait)(object, clock, until), object, BATON_CALLER);
}
