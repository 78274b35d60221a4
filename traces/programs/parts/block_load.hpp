#pragma once
// A load for allocators, after P. Larson and M. Krishnan, "Memory Allocation for Long-Running Server
// Applications", ISMM 1998: each thread holds a window of blocks and replaces a random one again and again,
// and threads free blocks that others allocated. In their benchmark a thread ends when it has made as many
// replacements as it holds blocks (times a number of rounds) and leaves its window to a new thread. Here
// threads stay, and a share of blocks changes hands: the thread that would free a block leaves it in a
// mailbox and frees what it finds there
// instead. Windows are full when the run begins, so that it measures replacements only.

#include <bit>
#include <string>
#include <vector>

#include "traces/programs/parts/block_caches.hpp"

namespace baton::programs {

class BlockLoad {
 public:
  struct Shape {
    std::uint64_t operations = 0;  ///< replacements of each thread
    std::uint64_t window = 1;      ///< blocks that each thread holds
    std::uint64_t classes = 1;
    bool larson_sizes = false;  ///< sizes uniform in 2 .. 32 KiB; else classes are equally likely
    double handed_over = 0;     ///< share of blocks that change hands before they are freed
    std::uint64_t work_cycles = 0;
  };
  /// Blocks that threads may hold at once, all of one class in the worst case.
  static std::uint64_t most_held(const Shape& shape, std::uint64_t threads) {
    return threads * (shape.window + 2);  // one in the hand, one in a mailbox
  }

  /// `pool`: what the allocator takes its blocks from.
  BlockLoad(Setup& setup, const Shape& shape, const Blocks& blocks, BlockCaches& allocator, Pool& pool)
      : shape_(shape),
        blocks_(blocks),
        allocator_(allocator),
        pool_(pool),
        mailboxes_(setup.memory.array(setup.threads())),
        windows_(setup.threads()),
        tags_(blocks.count() + 1),
        hands_over_(shape.handed_over),
        alloc_(setup.kind("alloc")),
        free_(setup.kind("free")) {
    for (std::uint32_t thread = 0; thread < setup.threads(); ++thread) {
      traces::Random random(traces::derived_seed(setup.seed(), window_stream), thread);
      for (std::uint64_t i = 0; i < shape_.window; ++i) {
        const std::uint64_t size_class = draw_class(random);
        const Block block = pool.hand_out(setup, thread, size_class);
        windows_[thread].push_back({block, size_class});
        setup.memory.set(blocks_.user_word(block), tag(block, thread));
      }
    }
  }

  Task<> run(Thread& t) {
    std::vector<Held>& window = windows_[t.index()];
    for (std::uint64_t i = 0; i < shape_.operations; ++i) {
      Held& place = window[t.random().below(window.size())];
      if (hands_over_(t.random())) {
        const Held left = place;
        place = {};
        place = co_await swap(t, left);
      }
      if (place.block != 0) co_await free(t, place);
      place = co_await allocate(t);
    }
  }

  std::optional<std::string> self_check(const Contents& memory) const {
    if (!fault_.empty()) return fault_;
    Inventory inventory("block", blocks_.count());
    for (const std::vector<Held>& window : windows_)
      for (const Held& held : window) inventory.found(held.block, "a thread's window");
    for (std::uint64_t i = 0; i < mailboxes_.size; ++i)
      if (const Held held = unpacked(memory.last(mailboxes_[i])); held.block != 0)
        inventory.found(held.block, "a mailbox");
    allocator_.add_to(inventory, memory);
    pool_.add_to(inventory, memory);
    return inventory.fault(blocks_.count());
  }

 private:
  struct Held {
    Block block = 0;
    std::uint64_t size_class = 0;
  };

  static constexpr std::uint64_t window_stream = 0x77696E646F77;  // any number

  Task<Held> allocate(Thread& t) {
    Held held{0, draw_class(t.random())};
    t.begin(alloc_);
    held.block = co_await allocator_.allocate(t, held.size_class);
    t.end();
    if (tags_[held.block] != 0)
      fail("block " + std::to_string(held.block) + " was allocated twice: to " + text(tags_[held.block]) +
           " and, before that freed it, to thread " + std::to_string(t.index()));
    // What the user writes there, so that the line is the user's, and a second user is noticed by its values.
    co_await t.store(blocks_.user_word(held.block), tag(held.block, t.index()));
    co_await t.compute(shape_.work_cycles);
    co_return held;
  }

  Task<> free(Thread& t, Held held) {
    const std::uint64_t seen = co_await t.load(blocks_.user_word(held.block));
    if (seen != tags_[held.block])
      fail("block " + std::to_string(held.block) + ", which " + text(tags_[held.block]) +
           " holds, has been written by " + text(seen));
    tags_[held.block] = 0;
    t.begin(free_);
    co_await allocator_.free(t, held.size_class, held.block);
    t.end();
    co_await t.compute(shape_.work_cycles);
  }

  // Leaves a block for others; gives one that another (or the thread itself) has left, if there is one.
  Task<Held> swap(Thread& t, Held held) {
    const Address mailbox = mailboxes_[t.random().below(mailboxes_.size)];
    const std::uint64_t found = co_await t.exchange(mailbox, held.size_class << 32 | held.block);
    const Held other = unpacked(found);
    if (other.block > blocks_.count() || other.size_class >= shape_.classes)
      throw ProgramFailure("a mailbox holds " + std::to_string(found) + ", which is no block");
    co_return other;
  }

  std::uint64_t draw_class(traces::Random& random) const {
    if (!shape_.larson_sizes) return random.below(shape_.classes);
    // Classes are powers of two from 2 KiB on; the last one takes what is larger, too.
    const std::uint64_t bytes = 2048 + random.below(30 * 1024 + 1);
    return std::min<std::uint64_t>(static_cast<std::uint64_t>(std::bit_width((bytes - 1) / 2048)),
                                   shape_.classes - 1);
  }

  // The block's new holder, and what it writes into the block.
  std::uint64_t tag(Block block, std::uint64_t thread) {
    return tags_[block] = (++allocations_ << 32) + thread + 1;
  }
  static Held unpacked(std::uint64_t word) { return {word & 0xFFFFFFFF, word >> 32}; }
  static std::string text(std::uint64_t tag) {
    if (tag == 0) return "nobody";
    return "thread " + std::to_string((tag & 0xFFFFFFFF) - 1) + " (allocation " + std::to_string(tag >> 32) +
           ")";
  }
  void fail(std::string fault) {
    if (fault_.empty()) fault_ = std::move(fault);
  }

  Shape shape_;
  const Blocks& blocks_;
  BlockCaches& allocator_;
  Pool& pool_;
  Array mailboxes_;
  std::vector<std::vector<Held>> windows_;  // each thread changes its own
  std::vector<std::uint64_t> tags_;         // by block: what its holder has written into it; 0: it is free
  std::uint64_t allocations_ = 0;
  std::string fault_;
  traces::Chance hands_over_;
  OperationKind alloc_, free_;
};

}  // namespace baton::programs
