#pragma once
// Pages of blocks that belong to threads: D. Leijen, B. Zorn and L. de Moura, "Mimalloc: Free List Sharding
// in Action", APLAS 2019, section 2. A page has blocks of one class and three lists: its owner takes from
// `free` and gives back to `local_free`, without atomic operations; others give back to the page's
// remote-free stack by compare-and-swap. When `free` runs out the owner takes over the other two, the stack
// whole, by one exchange: nobody takes single blocks from it, so it needs no versions.
//
// A page that turns out full leaves its owner's row, so that full pages are not searched again and again
// (section 2.6). It says so in its remote-free stack: the first that then frees one of its blocks leaves the
// block with the owner itself, in the thread's stack of delayed frees, and the owner, when it looks there,
// takes the page back into its row. An owner without pages in a row gets a fresh one.
//
// Not modelled: pages that become empty go back to no one, and threads do not end.

#include <vector>

#include "traces/programs/parts/pool.hpp"

namespace baton::programs {

class OwnedPages final : public Pool {
 public:
  /// `page_blocks` divides the number of blocks. With heads packed the remote-free stacks of neighbouring
  /// pages share lines.
  OwnedPages(const PoolSetup& from, std::uint64_t page_blocks)
      : blocks_(from.blocks),
        names_(from.names),
        page_blocks_(page_blocks),
        classes_(from.classes),
        pages_(from.setup.memory.array(from.blocks.count() / page_blocks, page_words)),
        remote_free_(from.setup.memory.array(pages_.size, 1, from.heads)),
        rows_(from.setup.memory.array(from.setup.threads(), from.classes)),
        delayed_(from.setup.memory.array(from.setup.threads())),
        open_(from.setup.threads() * from.classes),
        uncarved_(from, 1, pages_.size, page_blocks) {}

  Task<Chain> take(Thread& t, std::uint64_t size_class, std::uint64_t most) override {
    const auto phase = t.phase(names_.pop);
    const Address row = row_of(t.index(), size_class);
    Page page = co_await t.load(row);
    Block first = page == 0 ? 0 : co_await t.load(word(page, free));
    if (first == 0) {
      co_await free_delayed(t);
      page = co_await find_page(t, row, size_class);
      first = co_await t.load(word(page, free));
    }
    const Walked walked = co_await walk(t, blocks_, first, most, names_.walk);
    co_await t.store(word(page, free), walked.next);
    co_return walked.chain;
  }

  Task<> give(Thread& t, std::uint64_t, Chain chain) override {
    const auto phase = t.phase(names_.push);
    for (Block block = chain.first; chain.length > 0; --chain.length) {
      const Block next = chain.length > 1 ? co_await t.load(blocks_.link(block)) : 0;
      const std::uint64_t owned_by = co_await t.load(word(page_of(block), owner));
      if (owned_by == t.index() + 1)
        co_await give_own(t, block);
      else
        co_await give_remote(t, owned_by, block);
      block = next;
    }
  }

  Block hand_out(Setup& setup, std::uint64_t thread, std::uint64_t size_class) override {
    Open& open = open_[thread * classes_ + size_class];
    if (open.page == 0) {
      const Block first = uncarved_.hand_out(setup);
      open = {page_of(first), 0};
      for (Block block = first; block + 1 < first + page_blocks_; ++block)
        setup.memory.set(blocks_.link(block), block + 1);
      setup.memory.set(word(open.page, owner), thread + 1);
      setup.memory.set(word(open.page, class_of), size_class);
      setup.memory.set(row_of(thread, size_class), open.page);
    }
    const Page page = open.page;
    const Block block = (page - 1) * page_blocks_ + 1 + open.handed_out++;
    const bool last = open.handed_out == page_blocks_;
    setup.memory.set(word(page, free), last ? 0 : block + 1);
    if (last) {
      setup.memory.set(word(page, is_full), 1);
      setup.memory.set(remote_free_[page - 1], full_mark);
      setup.memory.set(row_of(thread, size_class), 0);
      open = {};
    }
    return block;
  }

  void add_to(Inventory& inventory, const Contents& memory) const override {
    for (Page page = 1; page <= pages_.size; ++page) {
      inventory.found_list(memory, blocks_, memory.last(word(page, free)), {}, "a page's list");
      inventory.found_list(memory, blocks_, memory.last(word(page, local_free)), {}, "a page's local list");
      inventory.found_list(memory, blocks_, memory.last(remote_free_[page - 1]) & ~full_mark, {},
                           "a remote-free stack");
    }
    for (std::uint64_t thread = 0; thread < delayed_.size; ++thread)
      inventory.found_list(memory, blocks_, memory.last(delayed_[thread]), {}, "a stack of delayed frees");
    uncarved_.add_to(inventory, memory);
  }

 private:
  using Page = std::uint64_t;  // its number, from 1
  // The words of a page that its owner writes; others read `owner`.
  static constexpr std::uint64_t free = 0, local_free = 1, owner = 2, class_of = 3, next_page = 4,
                                 is_full = 5, page_words = 6;
  // In a remote-free stack, beside the first block: the page is not in its owner's row.
  static constexpr std::uint64_t full_mark = std::uint64_t{1} << 63;

  /// The page that blocks are handed out from before the run.
  struct Open {
    Page page = 0;
    std::uint64_t handed_out = 0;
  };

  Page page_of(Block block) const { return (block - 1) / page_blocks_ + 1; }
  Address word(Page page, std::uint64_t which) const {
    if (page == 0 || page > pages_.size)
      throw ProgramFailure("a thread's pages lead to page " + std::to_string(page) + "; there are 1 to " +
                           std::to_string(pages_.size));
    return pages_[page - 1] + which * word_bytes;
  }
  Address row_of(std::uint64_t thread, std::uint64_t size_class) const {
    return rows_[thread] + size_class * word_bytes;
  }

  // The first page of the row whose `free` has blocks, or can be given some; full ones leave the row.
  Task<Page> find_page(Thread& t, Address row, std::uint64_t size_class) {
    for (;;) {
      const Page page = co_await t.load(row);
      if (page == 0) break;
      const bool found = co_await collect(t, page);
      if (found) co_return page;
      co_await t.store(row, co_await t.load(word(page, next_page)));
    }
    co_return co_await fresh_page(t, row, size_class);
  }

  // Makes `free` have blocks; if there are none, marks the page full.
  Task<bool> collect(Thread& t, Page page) {
    Block found = co_await t.load(word(page, free));
    if (found != 0) co_return true;
    found = co_await t.load(word(page, local_free));
    if (found != 0) {
      co_await t.store(word(page, local_free), 0);
    } else {
      const Compared marked = co_await t.compare_exchange(remote_free_[page - 1], 0, full_mark);
      if (marked) {
        co_await t.store(word(page, is_full), 1);
        co_return false;
      }
      found = co_await t.exchange(remote_free_[page - 1], 0);
    }
    co_await t.store(word(page, free), found);
    co_return true;
  }

  Task<Page> fresh_page(Thread& t, Address row, std::uint64_t size_class) {
    const Chain chain = co_await uncarved_.carve(t, 1);
    if (!chain)
      throw ProgramFailure("thread " + std::to_string(t.index()) + " finds no fresh page: all " +
                           std::to_string(pages_.size) + " are taken");
    const Page page = page_of(chain.first);
    co_await t.store(word(page, free), chain.first);
    co_await t.store(word(page, owner), t.index() + 1);
    co_await t.store(word(page, class_of), size_class);
    co_await t.store(word(page, next_page), 0);
    co_await t.store(row, page);
    co_return page;
  }

  // Blocks of full pages, of any class, that others have freed.
  Task<> free_delayed(Thread& t) {
    Block block = co_await t.load(delayed_[t.index()]);
    if (block == 0) co_return;
    block = co_await t.exchange(delayed_[t.index()], 0);
    for (std::uint64_t i = 0; block != 0; ++i) {
      if (i == blocks_.count()) throw ProgramFailure("a stack of delayed frees leads round in a circle");
      const Block next = co_await t.load(blocks_.link(block));
      co_await give_own(t, block);
      block = next;
    }
  }

  Task<> give_own(Thread& t, Block block) {
    const Page page = page_of(block);
    co_await t.store(blocks_.link(block), co_await t.load(word(page, local_free)));
    co_await t.store(word(page, local_free), block);
    const std::uint64_t full = co_await t.load(word(page, is_full));
    if (full != 0) co_await back_into_row(t, page);
  }

  Task<> back_into_row(Thread& t, Page page) {
    co_await t.store(word(page, is_full), 0);
    // Unless another thread has done so, whose block is on its way to the delayed ones.
    co_await t.compare_exchange(remote_free_[page - 1], full_mark, 0);
    const Address row = row_of(t.index(), co_await t.load(word(page, class_of)));
    co_await t.store(word(page, next_page), co_await t.load(row));
    co_await t.store(row, page);
  }

  Task<> give_remote(Thread& t, std::uint64_t owned_by, Block block) {
    const Address stack = remote_free_[page_of(block) - 1];
    Backoff::Delays delays = names_.backoff.delays();
    std::uint64_t head = co_await t.load(stack);
    for (;;) {
      const bool full = head == full_mark;
      if (!full) co_await t.store(blocks_.link(block), head);
      const Compared swapped = co_await push_once(t, stack, head, full ? 0 : block);
      if (swapped && full) break;
      if (swapped) co_return;
      head = co_await after_failure(t, delays, stack, swapped.seen);
    }
    if (owned_by == 0 || owned_by > delayed_.size)
      throw ProgramFailure("a page is owned by " + std::to_string(owned_by) + ", who is no thread");
    const Address delayed = delayed_[owned_by - 1];
    head = co_await t.load(delayed);
    for (;;) {
      co_await t.store(blocks_.link(block), head);
      const Compared swapped = co_await push_once(t, delayed, head, block);
      if (swapped) co_return;
      head = co_await after_failure(t, delays, delayed, swapped.seen);
    }
  }

  Task<Compared> push_once(Thread& t, Address stack, std::uint64_t head, std::uint64_t desired) {
    const auto phase = t.phase(names_.cas);
    t.count(names_.push_attempts);
    const Compared swapped = co_await t.compare_exchange(stack, head, desired);
    if (!swapped) t.count(names_.push_failures);
    co_return swapped;
  }

  const Blocks& blocks_;
  const PoolNames& names_;
  std::uint64_t page_blocks_;
  std::uint64_t classes_;
  Array pages_;
  Array remote_free_;
  Array rows_;     // a thread's line (or lines): for each class its first page that is not full
  Array delayed_;  // a thread's stack of delayed frees
  std::vector<Open> open_;
  Uncarved uncarved_;
};

}  // namespace baton::programs
