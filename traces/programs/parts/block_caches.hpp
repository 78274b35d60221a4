#pragma once
// Per-thread caches of free blocks above a pool, one for each class. An empty cache takes a batch from the
// pool, one of two batches gives one back, as the thread caches of TCMalloc do with their central lists (S.
// Ghemawat and P. Menage, "TCMalloc: Thread-Caching Malloc") and Linux's per-CPU page lists with their zone.

#include "traces/programs/parts/pool.hpp"

namespace baton::programs {

class BlockCaches {
 public:
  /// batch 1: no caches, each block comes from the pool.
  BlockCaches(const PoolSetup& from, Pool& pool, std::uint64_t batch)
      : blocks_(from.blocks),
        names_(from.names),
        pool_(pool),
        batch_(batch),
        classes_(from.classes),
        caches_(from.setup.memory.array(from.setup.threads(), 2 * from.classes)) {}

  Task<Block> allocate(Thread& t, std::uint64_t size_class) {
    if (batch_ == 1) {
      const Chain chain = co_await pool_.take(t, size_class, 1);
      co_return chain.first;
    }
    const Address first = first_word(t.index(), size_class);
    const Address length = first + word_bytes;
    const std::uint64_t cached = co_await t.load(length);
    if (cached == 0) {
      const Chain batch = co_await refill(t, size_class);
      co_return co_await take_first(t, first, batch.first, batch.length);
    }
    const Block block = co_await t.load(first);
    co_return co_await take_first(t, first, block, cached);
  }

  Task<> free(Thread& t, std::uint64_t size_class, Block block) {
    if (batch_ == 1) {
      co_await pool_.give(t, size_class, {block, block, 1});
      co_return;
    }
    const Address first = first_word(t.index(), size_class);
    const Address length = first + word_bytes;
    const std::uint64_t cached = co_await t.load(length);
    co_await t.store(blocks_.link(block), co_await t.load(first));
    if (cached + 1 < 2 * batch_) {
      co_await t.store(first, block);
      co_await t.store(length, cached + 1);
      co_return;
    }
    const Walked batch = co_await walk(t, blocks_, block, batch_, names_.walk);
    co_await t.store(first, batch.next);
    co_await t.store(length, cached + 1 - batch.chain.length);
    co_await pool_.give(t, size_class, batch.chain);
  }

  void add_to(Inventory& inventory, const Contents& memory) const {
    for (std::uint64_t thread = 0; thread < caches_.size; ++thread)
      for (std::uint64_t c = 0; c < classes_; ++c) {
        const Address first = first_word(thread, c);
        inventory.found_list(memory, blocks_, memory.last(first), memory.last(first + word_bytes),
                             "a thread's cache");
      }
  }

 private:
  Address first_word(std::uint64_t thread, std::uint64_t size_class) const {
    return caches_[thread] + 2 * size_class * word_bytes;
  }

  Task<Chain> refill(Thread& t, std::uint64_t size_class) {
    const auto phase = t.phase(names_.refill);
    t.count(names_.refills);
    co_return co_await pool_.take(t, size_class, batch_);
  }

  // The cache is left with what follows `block`, the first of `cached` blocks.
  Task<Block> take_first(Thread& t, Address first, Block block, std::uint64_t cached) {
    co_await t.store(first, co_await t.load(blocks_.link(block)));
    co_await t.store(first + word_bytes, cached - 1);
    co_return block;
  }

  const Blocks& blocks_;
  const PoolNames& names_;
  Pool& pool_;
  std::uint64_t batch_;
  std::uint64_t classes_;
  Array caches_;  // each thread's, in lines of its own: for each class the first block and how many there are
};

}  // namespace baton::programs
