#pragma once
// Lock-free lists of free blocks, after R. K. Treiber, "Systems Programming: Coping with Parallelism", IBM
// RJ 5118 (1986): a head that compare-and-swap moves. A thread that takes blocks reads links of blocks that
// others may have taken meanwhile; its compare-and-swap must then fail. It compares the head only, so a head
// that was taken and given back in between lets it succeed (ABA), with a next block that is no longer free.
// Against that the head has a version beside the block's number, as Treiber's has: each taking makes a new
// one.

#include <array>
#include <cstdint>

#include "traces/programs/parts/blocks.hpp"
#include "traces/programs/parts/inventory.hpp"
#include "traces/programs/parts/retry.hpp"

namespace baton::programs {

/// Phases and counters of pools of blocks, the same columns whatever the pool, and how their threads back
/// off.
struct PoolNames {
  explicit PoolNames(Setup& setup)
      : pop(setup.phase("pop")),
        push(setup.phase("push")),
        walk(setup.phase("walk")),
        cas(setup.phase("cas")),
        lock(setup.phase("lock")),
        steal(setup.phase("steal")),
        refill(setup.phase("refill")),
        carve(setup.phase("carve")),
        pop_attempts(setup.counter("pop_attempts")),
        pop_failures(setup.counter("pop_failures")),
        push_attempts(setup.counter("push_attempts")),
        push_failures(setup.counter("push_failures")),
        rewalked_links(setup.counter("rewalked_links")),
        steals(setup.counter("steals")),
        refills(setup.counter("refills")),
        carved(setup.counter("carved")),
        backoff(setup.parameters),
        before_pop_cas(setup.preemption_point("before_pop_cas")),
        holding_lock(setup.preemption_point("holding_pool_lock")) {}

  PhaseName pop, push, walk, cas, lock, steal, refill, carve;
  Counter pop_attempts;    ///< compare-and-swaps that take blocks; attempts to take a list's lock
  Counter pop_failures;    ///< of these, those that failed
  Counter push_attempts;   ///< compare-and-swaps that give blocks back
  Counter push_failures;   ///< of these, those that failed
  Counter rewalked_links;  ///< links that were read in vain: the compare-and-swap failed
  Counter steals;          ///< blocks were found in another shard than the thread's
  Counter refills;         ///< a thread's cache was empty
  Counter carved;          ///< blocks taken from memory that nobody has had yet
  Backoff backoff;         ///< of compare-and-swap loops
  PreemptionPoint before_pop_cas, holding_lock;
};

/// The beginning of a list, and the block behind it.
struct Walked {
  Chain chain;
  Block next = 0;
};

/// Reads links from `first` (not 0) on, up to `most` blocks (1 or more).
inline Task<Walked> walk(Thread& t, const Blocks& blocks, Block first, std::uint64_t most, PhaseName name) {
  const auto phase = t.phase(name);
  Walked walked{{first, first, 1}, co_await t.load(blocks.link(first))};
  while (walked.chain.length < most && walked.next != 0) {
    walked.chain.last = walked.next;
    ++walked.chain.length;
    walked.next = co_await t.load(blocks.link(walked.next));
  }
  co_return walked;
}

class LockFreeList {
 public:
  static constexpr bool can_be_busy = false;

  /// `head`: a word, 0 or the number of the first block. Not `versioned`: as wrong as lists without it are.
  /// `visit_cycles`: work of each pop and push besides the list's own accesses.
  LockFreeList(const Blocks& blocks, const PoolNames& names, Address head, bool versioned,
               std::uint64_t visit_cycles)
      : blocks_(&blocks),
        names_(&names),
        head_(head),
        version_step_(versioned ? one_version : 0),
        visit_cycles_(visit_cycles) {}

  /// Takes up to `most` blocks with one compare-and-swap. Each time that it fails the chain is walked again.
  Task<Chain> pop(Thread& t, std::uint64_t most) {
    const auto phase = t.phase(names_->pop);
    co_await t.compute(visit_cycles_);
    Backoff::Delays delays = names_->backoff.delays();
    std::uint64_t head = co_await t.load(head_);
    while (block_of(head) != 0) {
      const Walked walked = co_await walk(t, *blocks_, block_of(head), most, names_->walk);
      co_await t.preemption_point(names_->before_pop_cas);
      t.count(names_->pop_attempts);
      t.enter(names_->cas);
      const std::uint64_t version = (head & ~block_mask) + version_step_;
      const Compared swapped = co_await t.compare_exchange(head_, head, version | walked.next);
      t.leave();
      if (swapped) co_return walked.chain;
      t.count(names_->pop_failures);
      t.count(names_->rewalked_links, walked.chain.length);
      head = co_await after_failure(t, delays, head_, swapped.seen);
    }
    co_return Chain{};
  }

  Task<Chain> try_pop(Thread& t, std::uint64_t most) { return pop(t, most); }

  /// Gives a chain back. Needs no version of its own: a head that is the same again leads to the same list.
  Task<> push(Thread& t, Chain chain) {
    const auto phase = t.phase(names_->push);
    co_await t.compute(visit_cycles_);
    Backoff::Delays delays = names_->backoff.delays();
    std::uint64_t head = co_await t.load(head_);
    for (;;) {
      co_await t.store(blocks_->link(chain.last), block_of(head));
      t.count(names_->push_attempts);
      t.enter(names_->cas);
      const Compared swapped = co_await t.compare_exchange(head_, head, (head & ~block_mask) | chain.first);
      t.leave();
      if (swapped) co_return;
      t.count(names_->push_failures);
      head = co_await after_failure(t, delays, head_, swapped.seen);
    }
  }

  void add_to(Inventory& inventory, const Contents& memory) const {
    inventory.found_list(memory, *blocks_, block_of(memory.last(head_)), {}, "a lock-free list");
  }

 private:
  static constexpr std::uint64_t one_version = std::uint64_t{1} << 32;
  static constexpr std::uint64_t block_mask = one_version - 1;
  static Block block_of(std::uint64_t head) { return head & block_mask; }

  const Blocks* blocks_;
  const PoolNames* names_;
  Address head_;
  std::uint64_t version_step_;
  std::uint64_t visit_cycles_;
};

/// The same list, from which a batch is taken block by block, with a compare-and-swap for each.
class SinglePopsList : public LockFreeList {
 public:
  SinglePopsList(const Blocks& blocks, const PoolNames& names, Address head, bool versioned,
                 std::uint64_t visit_cycles)
      : LockFreeList(blocks, names, head, versioned, visit_cycles), blocks_(&blocks) {}

  Task<Chain> pop(Thread& t, std::uint64_t most) {
    Chain batch;
    while (batch.length < most) {
      const Chain one = co_await LockFreeList::pop(t, 1);
      if (!one) break;
      if (batch) co_await t.store(blocks_->link(one.first), batch.first);
      batch = {one.first, batch ? batch.last : one.first, batch.length + 1};
    }
    co_return batch;
  }
  Task<Chain> try_pop(Thread& t, std::uint64_t most) { return pop(t, most); }

 private:
  const Blocks* blocks_;
};

}  // namespace baton::programs
