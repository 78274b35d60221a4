#pragma once
// The mutex of Drepper, "Futexes are tricky" (2011), section 6, "mutex, take 3", as glibc has it: 0 is free,
// 1 taken, 2 taken while somebody may sleep. Its losers sleep; nobody hands the lock to the thread that is
// woken, so others may overtake it.
//
// With spins, a loser first looks at the word for a while, as glibc's PTHREAD_MUTEX_ADAPTIVE_NP does; the
// bound is fixed here, where glibc adapts it to past waits below the same bound.

#include "traces/programs/parts/lock.hpp"

namespace baton::programs {

class FutexMutex final : public Lock {
 public:
  /// spins: looks before a loser sleeps; 0: it sleeps at once.
  FutexMutex(Setup& setup, Placement placement, std::uint64_t spins)
      : Lock(setup), spins_(spins), word_(setup.memory.object(1, placement)) {}

  Task<> acquire(Thread& t) override {
    const Compared first = co_await t.compare_exchange(word_, free, taken);
    if (first) co_return;
    count_failure(t);
    count_wait(t);
    std::uint64_t seen = first.seen;
    if (spins_ != 0) {
      seen = co_await spin(t);
      if (seen == free) co_return;
    }
    // From here on the word says that somebody may sleep: who comes back from sleep cannot know whether
    // others still do.
    if (seen != taken_with_sleepers) seen = co_await t.exchange(word_, taken_with_sleepers);
    while (seen != free) {
      if (co_await t.futex_wait(word_, taken_with_sleepers)) count_sleep(t);
      seen = co_await t.exchange(word_, taken_with_sleepers);
      if (seen != free) count_failure(t);
    }
  }

  Task<> release(Thread& t) override {
    const std::uint64_t before = co_await t.exchange(word_, free);
    if (before == taken_with_sleepers) count_wakes(t, co_await t.futex_wake(word_));
  }

  Task<bool> try_acquire(Thread& t) override {
    const Compared done = co_await t.compare_exchange(word_, free, taken);
    if (!done) count_failure(t);
    co_return done.success;
  }

  bool is_free(const Contents& memory) const override { return memory.last(word_) == free; }

 private:
  static constexpr std::uint64_t free = 0, taken = 1, taken_with_sleepers = 2;

  // Gives what the word was: free, if the lock has been taken. Each look is an access of its own, so that the
  // bound is one of looks.
  Task<std::uint64_t> spin(Thread& t) {
    std::uint64_t seen = taken;
    for (std::uint64_t i = 0; i < spins_; ++i) {
      co_await t.pause();
      seen = co_await t.load(word_);
      if (seen != free) continue;
      const Compared done = co_await t.compare_exchange(word_, free, taken);
      if (done) co_return free;
      count_failure(t);
      seen = done.seen;
    }
    co_return seen;
  }

  std::uint64_t spins_;
  Address word_;
};

}  // namespace baton::programs
