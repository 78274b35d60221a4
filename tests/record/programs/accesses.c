/* Every line in the region says what is recorded of it: event, variable, bytes and, of atomics, the memory order. The
   test reads it here. "*" is any address. */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "baton/record.h"

volatile uint8_t v8;
volatile uint16_t v16;
volatile uint32_t v32;
volatile uint64_t v64;
__extension__ volatile __int128 v128;
struct __attribute__((packed)) {
  char pad;
  volatile uint32_t word;
} packed;
_Atomic uint8_t a8;
_Atomic uint16_t a16;
_Atomic uint32_t a32;
_Atomic uint64_t a64;
char from[200], to[200];
volatile size_t some = 99;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
pthread_once_t once = PTHREAD_ONCE_INIT;
pthread_barrier_t barrier;
pthread_spinlock_t spin;
sem_t semaphore;

static void nothing(void) {}

int main(void) {
  pthread_barrier_init(&barrier, NULL, 1);
  pthread_spin_init(&spin, 0);
  sem_init(&semaphore, 0, 0);
  struct timespec past = {0, 0};
  uint32_t wrong = 77;
  baton_region_begin();  // region_begin * 0
  v8 = 1;                // store v8 1
  (void)v8;              // load v8 1
  v16 = 1;               // store v16 2
  (void)v16;             // load v16 2
  v32 = 1;               // store v32 4
  (void)v32;             // load v32 4
  v64 = 1;               // store v64 8
  (void)v64;             // load v64 8
  v128 = 1;              // store v128 16
  v32++;                 // load v32 4, store v32 4
  packed.word = 1;       // store packed+1 4
  atomic_load_explicit(&a32, memory_order_relaxed);              // load a32 4 relaxed
  atomic_load_explicit(&a32, memory_order_acquire);              // load a32 4 acquire
  atomic_load(&a64);                                             // load a64 8 seq_cst
  atomic_store_explicit(&a32, 5, memory_order_release);          // store a32 4 release
  atomic_store(&a8, 5);                                          // store a8 1 seq_cst
  atomic_fetch_add(&a16, 1);                                     // rmw a16 2 seq_cst
  atomic_fetch_sub_explicit(&a64, 1, memory_order_acq_rel);      // rmw a64 8 acq_rel
  atomic_fetch_or_explicit(&a8, 1, memory_order_relaxed);        // rmw a8 1 relaxed
  atomic_exchange_explicit(&a32, 6, memory_order_acquire);       // rmw a32 4 acquire
  if (atomic_compare_exchange_strong(&a32, &wrong, 1)) abort();  // rmw a32 4 seq_cst failed
  if (!atomic_compare_exchange_strong(&a32, &wrong, 1)) abort();  // rmw a32 4 seq_cst
  atomic_compare_exchange_strong_explicit(&a32, &wrong, 1, memory_order_acq_rel, memory_order_acquire);  // rmw a32 4 acquire failed
  atomic_thread_fence(memory_order_seq_cst);           // fence * 0 seq_cst
  memcpy(to, from, some);                              // load some 8, load from 99, store to 99
  memset(to, 1, some);                                 // load some 8, store to 99
  memmove(to + 8, to, some);                           // load some 8, load to 99, store to+8 99
  pthread_mutex_lock(&mutex);                          // mutex_lock mutex 0
  pthread_mutex_trylock(&mutex);
  pthread_cond_timedwait(&condition, &mutex, &past);   // cond_wait condition 0, mutex_unlock mutex 0, mutex_lock mutex 0, cond_woken condition 0
  pthread_mutex_unlock(&mutex);                        // mutex_unlock mutex 0
  pthread_cond_signal(&condition);                     // cond_signal condition 0
  pthread_cond_broadcast(&condition);                  // cond_broadcast condition 0
  pthread_rwlock_rdlock(&rwlock);                      // read_lock rwlock 0
  pthread_rwlock_unlock(&rwlock);                      // rwlock_unlock rwlock 0
  pthread_rwlock_wrlock(&rwlock);                      // write_lock rwlock 0
  pthread_rwlock_unlock(&rwlock);                      // rwlock_unlock rwlock 0
  pthread_barrier_wait(&barrier);                      // barrier_enter barrier 0, barrier_leave barrier 0
  pthread_once(&once, nothing);                        // once once 0
  pthread_spin_lock(&spin);                            // mutex_lock spin 0
  pthread_spin_unlock(&spin);                          // mutex_unlock spin 0
  sem_post(&semaphore);                                // rmw semaphore 4 release
  sem_wait(&semaphore);                                // rmw semaphore 4 acquire
  volatile char* block = malloc(40);                   // allocate * 40
  block[3] = 1;                                        // store * 1
  free((char*)block);                                  // release * 0
  baton_region_end();                                  // region_end * 0
  v8 = 2;
  return 0;
}
