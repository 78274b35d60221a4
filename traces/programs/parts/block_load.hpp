#pragma once
// A load for allocators, after P. Larson and M. Krishnan, "Memory Allocation for Long-Running Server
// Applications", ISMM 1998: each thread holds a window of blocks and replaces a random one again and again,
// and threads free blocks that others allocated. In their benchmark a thread ends when it has made as many
// replacements as it holds blocks (times a number of rounds) and leaves its window to a new thread. Here
// threads stay, and a share of blocks changes hands: the thread that would free a block leaves it in a
// mailbox and frees what it finds there instead.

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

  BlockLoad(Setup& setup, const Shape& shape, const Blocks& blocks, BlockCaches& allocator)
      : shape_(shape),
        blocks_(blocks),
        allocator_(allocator),
        mailboxes_(setup.memory.array(setup.threads())),
        windows_(setup.threads()),
        tags_(blocks.count() + 1),
        hands_over_(shape.handed_over),
        fill_(setup.kind("fill")),
        alloc_(setup.kind("alloc")),
        free_(setup.kind("free")) {}

  Task<> run(Thread& t) {
    std::vector<Held>& window = windows_[t.index()];
    for (std::uint64_t i = 0; i < shape_.window; ++i) {
      const Held held = co_await allocate(t, fill_);
      window.push_back(held);
    }
    for (std::uint64_t i = 0; i < shape_.operations; ++i) {
      Held& place = window[t.random().below(window.size())];
      if (hands_over_(t.random())) {
        const Held left = place;
        place = {};
        place = co_await swap(t, left);
      }
      if (place.block != 0) co_await free(t, place);
      place = co_await allocate(t, alloc_);
    }
  }

  std::optional<std::string> self_check(const Contents& memory, const Pool& pool) const {
    if (!fault_.empty()) return fault_;
    Inventory inventory("block", blocks_.count());
    for (const std::vector<Held>& window : windows_)
      for (const Held& held : window) inventory.found(held.block, "a thread's window");
    for (std::uint64_t i = 0; i < mailboxes_.size; ++i)
      if (const Held held = unpacked(memory.last(mailboxes_[i])); held.block != 0)
        inventory.found(held.block, "a mailbox");
    allocator_.add_to(inventory, memory);
    pool.add_to(inventory, memory);
    return inventory.fault(blocks_.count());
  }

 private:
  struct Held {
    Block block = 0;
    std::uint64_t size_class = 0;
  };

  Task<Held> allocate(Thread& t, OperationKind kind) {
    Held held{0, draw_class(t.random())};
    t.begin(kind);
    held.block = co_await allocator_.allocate(t, held.size_class);
    t.end();
    std::uint64_t& tag = tags_[held.block];
    if (tag != 0)
      fail("block " + std::to_string(held.block) + " was allocated twice: to " + text(tag) +
           " and, before that freed it, to thread " + std::to_string(t.index()));
    tag = (++allocations_ << 32) + t.index() + 1;
    // What the user writes there, so that the line is the user's, and a second user is noticed by its values.
    co_await t.store(blocks_.user_word(held.block), tag);
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
  Array mailboxes_;
  std::vector<std::vector<Held>> windows_;  // each thread changes its own
  std::vector<std::uint64_t> tags_;         // by block: what its holder has written into it; 0: it is free
  std::uint64_t allocations_ = 0;
  std::string fault_;
  traces::Chance hands_over_;
  OperationKind fill_, alloc_, free_;
};

}  // namespace baton::programs
