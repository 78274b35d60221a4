#pragma once
// Pools of free blocks that threads share, by size class.

#include <algorithm>
#include <deque>
#include <string>

#include "traces/programs/parts/free_list.hpp"

namespace baton::programs {

class Pool {
 public:
  virtual ~Pool() = default;
  /// Takes 1 to `most` blocks of a class; waits until there is one. Throws ProgramFailure if there never is.
  virtual Task<Chain> take(Thread& t, std::uint64_t size_class, std::uint64_t most) = 0;
  /// Gives a class's blocks back; other threads may have taken them.
  virtual Task<> give(Thread& t, std::uint64_t size_class, Chain chain) = 0;
  /// Before the run: a block of the class that nobody has had, as if the thread had taken it.
  virtual Block hand_out(Setup& setup, std::uint64_t thread, std::uint64_t size_class) = 0;
  /// When the run has ended: all blocks that are free, also those that nobody has had yet.
  virtual void add_to(Inventory& inventory, const Contents& memory) const = 0;
};

/// What pools of all designs are made from.
struct PoolSetup {
  Setup& setup;
  const Blocks& blocks;  ///< each class has equally many, neighbours by number
  const PoolNames& names;
  std::uint64_t classes = 1;
  Placement heads = own_line;  ///< of the words that threads contend for
};

/// Blocks that nobody has had yet, as an allocator gets them from its operating system: pieces of neighbours,
/// handed out by fetch-and-add.
class Uncarved {
 public:
  Uncarved(const PoolSetup& from, Block first, std::uint64_t pieces, std::uint64_t blocks_per_piece)
      : blocks_(&from.blocks),
        names_(&from.names),
        taken_(from.setup.memory.object()),
        first_(first),
        pieces_(pieces),
        blocks_per_piece_(blocks_per_piece) {}

  /// Before the run: the first block of the next piece. There must be one.
  Block hand_out(Setup& setup) {
    setup.memory.set(taken_, handed_out_ + 1);
    return first_ + handed_out_++ * blocks_per_piece_;
  }

  /// The next pieces, up to `most`, linked into one chain; an empty chain if there is none left.
  Task<Chain> carve(Thread& t, std::uint64_t most) {
    const auto phase = t.phase(names_->carve);
    const std::uint64_t from = co_await t.fetch_add(taken_, most);
    if (from >= pieces_) co_return Chain{};
    const std::uint64_t length = std::min(most, pieces_ - from) * blocks_per_piece_;
    const Block first = first_ + from * blocks_per_piece_;
    const Chain chain{first, first + length - 1, length};
    for (Block block = chain.first; block < chain.last; ++block)
      co_await t.store(blocks_->link(block), block + 1);
    t.count(names_->carved, length);
    co_return chain;
  }

  void add_to(Inventory& inventory, const Contents& memory) const {
    const std::uint64_t taken = std::min(memory.last(taken_), pieces_);
    for (Block i = taken * blocks_per_piece_; i < pieces_ * blocks_per_piece_; ++i)
      inventory.found(first_ + i, "the memory that nobody has had");
  }

 private:
  const Blocks* blocks_;
  const PoolNames* names_;
  Address taken_;  // pieces; more than there are once they have run out
  Block first_;
  std::uint64_t pieces_, blocks_per_piece_;
  std::uint64_t handed_out_ = 0;  // pieces, before the run
};

/// How a thread finds its shard of a pool.
enum class ShardBy : std::uint8_t { thread, random, site };
inline constexpr std::string_view shard_by_choices[] = {"thread", "random", "site"};

/// Each class has `shards` lists. A thread takes from its shard; if that is empty (or busy), from the next
/// ones in turn; if all are, it carves.
///
/// List: pop(t, most) gives an empty chain if the list is empty; try_pop(t, most) also if another thread is
/// at it, where lists know that state (List::can_be_busy); push(t, chain).
template <class List>
class ShardedPool final : public Pool {
 public:
  /// make(head): the list whose head is that word. `spare`: blocks in each list at the beginning.
  template <class Make>
  ShardedPool(const PoolSetup& from, std::uint64_t shards, ShardBy shard_by, std::uint64_t spare, Make make)
      : names_(&from.names), shards_(shards), shard_by_(shard_by) {
    const Array heads = from.setup.memory.array(from.classes * shards, 1, from.heads);
    const std::uint64_t per_class = from.blocks.count() / from.classes;
    for (std::uint64_t c = 0; c < from.classes; ++c) {
      Block next = 1 + c * per_class;
      for (std::uint64_t shard = 0; shard < shards; ++shard, next += spare) {
        prefill(from, heads[c * shards + shard], next, spare);
        lists_.push_back(make(heads[c * shards + shard]));
      }
      uncarved_.emplace_back(from, next, per_class - shards * spare, 1);
    }
  }

  Task<Chain> take(Thread& t, std::uint64_t size_class, std::uint64_t most) override {
    for (int round = 0; round < most_rounds; ++round) {
      const Chain chain = co_await take_once(t, size_class, most);
      if (chain) co_return chain;
      co_await t.yield();
    }
    throw ProgramFailure("thread " + std::to_string(t.index()) + " finds no free block of class " +
                         std::to_string(size_class) + ": blocks have been lost");
  }

  Task<> give(Thread& t, std::uint64_t size_class, Chain chain) override {
    const std::uint64_t shard = shard_of(t);
    co_await list(size_class, shard).push(t, chain);
  }

  Block hand_out(Setup& setup, std::uint64_t, std::uint64_t size_class) override {
    return uncarved_[size_class].hand_out(setup);
  }

  void add_to(Inventory& inventory, const Contents& memory) const override {
    for (const List& list : lists_) list.add_to(inventory, memory);
    for (const Uncarved& uncarved : uncarved_) uncarved.add_to(inventory, memory);
  }

 private:
  // There are enough blocks for all that threads may hold, so each round that finds none has met others that
  // gave blocks where it had already looked.
  static constexpr int most_rounds = 10'000;

  static void prefill(const PoolSetup& from, Address head, Block first, std::uint64_t count) {
    if (count == 0) return;
    from.setup.memory.set(head, first);
    for (Block block = first; block + 1 < first + count; ++block)
      from.setup.memory.set(from.blocks.link(block), block + 1);
  }

  Task<Chain> take_once(Thread& t, std::uint64_t size_class, std::uint64_t most) {
    const std::uint64_t home = shard_of(t);
    Chain chain;
    if (shards_ > 1) {
      chain = co_await list(size_class, home).try_pop(t, most);
      if (!chain) chain = co_await steal(t, size_class, home, most);
    }
    if (!chain && (List::can_be_busy || shards_ == 1)) chain = co_await list(size_class, home).pop(t, most);
    if (!chain) chain = co_await uncarved_[size_class].carve(t, most);
    co_return chain;
  }

  Task<Chain> steal(Thread& t, std::uint64_t size_class, std::uint64_t home, std::uint64_t most) {
    const auto phase = t.phase(names_->steal);
    for (std::uint64_t i = 1; i < shards_; ++i) {
      const Chain chain = co_await list(size_class, (home + i) % shards_).try_pop(t, most);
      if (!chain) continue;
      t.count(names_->steals);
      co_return chain;
    }
    co_return Chain{};
  }

  std::uint64_t shard_of(Thread& t) const {
    switch (shard_by_) {
      case ShardBy::thread:
        return t.index() % shards_;
      case ShardBy::random:
        return t.random().below(shards_);
      case ShardBy::site:
        break;
    }
    return 0;
  }
  List& list(std::uint64_t size_class, std::uint64_t shard) { return lists_[size_class * shards_ + shard]; }

  const PoolNames* names_;
  std::uint64_t shards_;
  ShardBy shard_by_;
  std::deque<List> lists_;  // by class, then shard
  std::deque<Uncarved> uncarved_;
};

}  // namespace baton::programs
