#pragma once
// Locks whose losers queue up, each spinning on a word of its own. A thread may hold several such locks: each
// lock has a node for each thread.

#include <stdexcept>
#include <vector>

#include "traces/programs/parts/lock.hpp"

namespace baton::programs {

/// Mellor-Crummey and Scott, "Algorithms for scalable synchronization on shared-memory multiprocessors", ACM
/// TOCS 9(1), 1991, figure 5: a thread spins on its own node, which its predecessor changes.
class McsLock final : public Lock {
 public:
  McsLock(Setup& setup, Placement placement)
      : Lock(setup),
        tail_(setup.memory.object(1, placement)),
        nodes_(setup.memory.array(setup.threads(), node_words, placement)) {}

  Task<> acquire(Thread& t) override {
    const Address mine = nodes_[t.index()];
    co_await t.store(next_of(mine), 0);
    const Address before = co_await t.exchange(tail_, mine);
    if (before == 0) co_return;
    count_wait(t);
    co_await t.store(waits_in(mine), 1);
    co_await t.store(next_of(before), mine);
    co_await t.spin_while(waits_in(mine), 1);
  }

  Task<> release(Thread& t) override {
    const Address mine = nodes_[t.index()];
    Address next = co_await t.load(next_of(mine));
    if (next == 0) {
      if (co_await t.compare_exchange(tail_, mine, 0)) co_return;
      next = co_await t.spin_while(next_of(mine), 0);  // somebody is behind us, but has not linked itself yet
    }
    co_await t.store(waits_in(next), 0);
  }

  Task<bool> try_acquire(Thread& t) override {
    const Address mine = nodes_[t.index()];
    co_await t.store(next_of(mine), 0);
    const Compared taken = co_await t.compare_exchange(tail_, 0, mine);
    if (!taken) count_failure(t);
    co_return taken.success;
  }

  bool is_free(const Contents& memory) const override { return memory.last(tail_) == 0; }

 private:
  static constexpr std::uint64_t node_words = 2;
  static Address next_of(Address node) { return node; }
  static Address waits_in(Address node) { return node + word_bytes; }

  Address tail_;
  Array nodes_;
};

/// Craig, "Building FIFO and priority-queuing spin locks from atomic swap", University of Washington TR
/// 93-02-02, 1993; Magnussen, Landin and Hagersten, "Queue locks on cache coherent multiprocessors", IPPS
/// 1994: a thread spins on the node of its predecessor, and takes that over when it releases the lock.
class ClhLock final : public Lock {
 public:
  ClhLock(Setup& setup, Placement placement)
      : Lock(setup),
        tail_(setup.memory.object(1, placement)),
        nodes_(setup.memory.array(setup.threads() + std::uint64_t{1}, 1, placement)),
        own_(setup.threads()),
        before_(setup.threads()) {
    for (std::size_t i = 0; i < own_.size(); ++i) own_[i] = nodes_[i];
    setup.memory.set(tail_, nodes_[setup.threads()]);  // a node that says: released
  }

  Task<> acquire(Thread& t) override {
    const Address mine = own_[t.index()];
    co_await t.store(mine, 1);
    const Address before = co_await t.exchange(tail_, mine);
    before_[t.index()] = before;
    if (co_await t.load(before) == 0) co_return;
    count_wait(t);
    co_await t.spin_while(before, 1);
  }

  Task<> release(Thread& t) override {
    const Address mine = own_[t.index()];
    own_[t.index()] = before_[t.index()];  // nobody looks at it any more
    co_await t.store(mine, 0);
  }

  Task<bool> try_acquire(Thread&) override { throw std::logic_error("a CLH lock cannot be tried"); }

  bool is_free(const Contents& memory) const override { return memory.last(memory.last(tail_)) == 0; }

 private:
  Address tail_;
  Array nodes_;  // a word each: 1 while its thread holds the lock or waits for it
  // What a thread has in registers: each element is one thread's.
  std::vector<Address> own_;
  std::vector<Address> before_;
};

}  // namespace baton::programs
