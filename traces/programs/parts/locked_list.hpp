#pragma once
// A list of free blocks under a lock.

#include <memory>

#include "traces/programs/parts/free_list.hpp"
#include "traces/programs/parts/lock.hpp"

namespace baton::programs {

class LockedList {
 public:
  static constexpr bool can_be_busy = true;

  /// `head`: a word, 0 or the number of the first block. `visit_cycles`: work under the lock, of each pop and
  /// push, besides the list's own accesses.
  LockedList(const Blocks& blocks, const PoolNames& names, Address head, std::unique_ptr<Lock> lock,
             std::uint64_t visit_cycles)
      : blocks_(&blocks), names_(&names), head_(head), lock_(std::move(lock)), visit_cycles_(visit_cycles) {}

  /// Takes up to `most` blocks; waits for the lock.
  Task<Chain> pop(Thread& t, std::uint64_t most) {
    const auto phase = t.phase(names_->pop);
    t.count(names_->pop_attempts);
    co_await acquire(t);
    co_return co_await pop_locked(t, most);
  }

  /// Takes nothing if the lock is not free.
  Task<Chain> try_pop(Thread& t, std::uint64_t most) {
    const auto phase = t.phase(names_->pop);
    t.count(names_->pop_attempts);
    const bool acquired = co_await lock_->try_acquire(t);
    if (acquired) co_return co_await pop_locked(t, most);
    t.count(names_->pop_failures);
    co_return Chain{};
  }

  Task<> push(Thread& t, Chain chain) {
    const auto phase = t.phase(names_->push);
    t.count(names_->push_attempts);
    co_await acquire(t);
    co_await t.preemption_point(names_->holding_lock);
    co_await t.compute(visit_cycles_);
    co_await t.store(blocks_->link(chain.last), co_await t.load(head_));
    co_await t.store(head_, chain.first);
    co_await lock_->release(t);
  }

  void add_to(Inventory& inventory, const Contents& memory) const {
    inventory.found_list(memory, *blocks_, memory.last(head_), {}, "a locked list");
    inventory.check(lock_->is_free(memory), "a list's lock is still taken");
  }

 private:
  Task<> acquire(Thread& t) {
    const auto phase = t.phase(names_->lock);
    co_await lock_->acquire(t);
  }

  Task<Chain> pop_locked(Thread& t, std::uint64_t most) {
    co_await t.preemption_point(names_->holding_lock);
    co_await t.compute(visit_cycles_);
    Walked walked;
    const Block first = co_await t.load(head_);
    if (first != 0) {
      walked = co_await walk(t, *blocks_, first, most, names_->walk);
      co_await t.store(head_, walked.next);
    }
    co_await lock_->release(t);
    co_return walked.chain;
  }

  const Blocks* blocks_;
  const PoolNames* names_;
  Address head_;
  std::unique_ptr<Lock> lock_;
  std::uint64_t visit_cycles_;
};

}  // namespace baton::programs
