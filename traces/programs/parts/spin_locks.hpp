#pragma once
// Locks whose losers all look at the same word.

#include "traces/programs/parts/lock.hpp"

namespace baton::programs {

/// Every attempt is an exchange: it takes the line from the holder, whether it gets the lock or not.
class TestAndSetLock final : public Lock {
 public:
  TestAndSetLock(Setup& setup, Placement placement)
      : Lock(setup), backoff_(setup.parameters), word_(setup.memory.object(1, placement)) {}

  Task<> acquire(Thread& t) override {
    Backoff::Delays delays = backoff_.delays();
    for (bool first = true; co_await t.exchange(word_, 1) != 0; first = false) {
      if (first) count_wait(t);
      count_failure(t);
      co_await t.compute(delays.next(t));
    }
  }
  Task<> release(Thread& t) override { co_await t.store(word_, 0); }
  Task<bool> try_acquire(Thread& t) override {
    const bool taken = co_await t.exchange(word_, 1) == 0;
    if (!taken) count_failure(t);
    co_return taken;
  }
  bool is_free(const Contents& memory) const override { return memory.last(word_) == 0; }

 private:
  Backoff backoff_;
  Address word_;
};

/// Losers load until the lock looks free (Rudolph and Segall, ISCA 1984): they spin in their caches, and all
/// attempt at once when it is released.
class TestAndTestAndSetLock final : public Lock {
 public:
  TestAndTestAndSetLock(Setup& setup, Placement placement)
      : Lock(setup), backoff_(setup.parameters), word_(setup.memory.object(1, placement)) {}

  Task<> acquire(Thread& t) override {
    if (co_await try_acquire(t)) co_return;
    count_wait(t);
    Backoff::Delays delays = backoff_.delays();
    for (;;) {
      co_await t.spin_while(word_, 1);
      if (co_await t.exchange(word_, 1) == 0) co_return;
      count_failure(t);
      co_await t.compute(delays.next(t));
    }
  }
  Task<> release(Thread& t) override { co_await t.store(word_, 0); }
  Task<bool> try_acquire(Thread& t) override {
    if (co_await t.load(word_) != 0) co_return false;
    const bool taken = co_await t.exchange(word_, 1) == 0;
    if (!taken) count_failure(t);
    co_return taken;
  }
  bool is_free(const Contents& memory) const override { return memory.last(word_) == 0; }

 private:
  Backoff backoff_;
  Address word_;
};

/// First come, first served; all losers spin on the word that says who is served. The backoff in proportion
/// to the threads before is that of Mellor-Crummey and Scott, ACM TOCS 9(1), 1991, section 2.2.
class TicketLock final : public Lock {
 public:
  TicketLock(Setup& setup, Placement placement)
      : Lock(setup),
        backoff_cycles_(setup.parameters.integer("ticket_backoff_cycles")),
        next_(setup.memory.object(1, placement)),
        served_(setup.memory.object(1, placement)) {}

  Task<> acquire(Thread& t) override {
    const std::uint64_t mine = co_await t.fetch_add(next_, 1);
    std::uint64_t served = co_await t.load(served_);
    if (served == mine) co_return;
    count_wait(t);
    if (backoff_cycles_ == 0) {
      co_await t.spin_until(served_, mine);
      co_return;
    }
    while (served != mine) {
      // The bound holds unless the machine has lost a ticket: then waiting for ever must not become one wait.
      const std::uint64_t before = std::min<std::uint64_t>(mine - served, t.threads());
      co_await t.compute(before * backoff_cycles_);
      served = co_await t.load(served_);
    }
  }
  Task<> release(Thread& t) override { co_await t.store(served_, co_await t.load(served_) + 1); }
  Task<bool> try_acquire(Thread& t) override {
    // No ticket has been given out beyond the one that is served: the next would be served at once.
    const std::uint64_t served = co_await t.load(served_);
    const Compared taken = co_await t.compare_exchange(next_, served, served + 1);
    if (!taken) count_failure(t);
    co_return taken.success;
  }
  bool is_free(const Contents& memory) const override { return memory.last(next_) == memory.last(served_); }

 private:
  std::uint64_t backoff_cycles_;
  Address next_;    // the ticket that is given out next
  Address served_;  // the ticket that has the lock
};

}  // namespace baton::programs
