#pragma once
// Pages of blocks that belong to threads: D. Leijen, B. Zorn and L. de Moura, "Mimalloc: Free List Sharding
// in Action", APLAS 2019, sections 2.2 to 2.4. A page has blocks of one class and three lists: its owner
// takes from `free` and gives back to `local_free`, without atomic operations; others give back to the page's
// remote-free stack by compare-and-swap. When `free` runs out, the owner takes both others over, the stack
// whole, by one exchange: nobody takes single blocks from it, so it needs no versions. When all pages of a
// class are full, the owner gets a fresh one.
//
// Not modelled: pages that become empty go back to no one; full pages stay in the row that the owner looks
// through (mimalloc moves them out of it, section 2.6).

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
        pages_(from.setup.memory.array(from.blocks.count() / page_blocks, page_words)),
        remote_free_(from.setup.memory.array(pages_.size, 1, from.heads)),
        first_pages_(from.setup.memory.array(from.setup.threads(), from.classes)),
        classes_(from.classes),
        rows_(from.setup.threads() * from.classes),
        uncarved_(from, 1, pages_.size, page_blocks) {}

  Task<Chain> take(Thread& t, std::uint64_t size_class, std::uint64_t most) override {
    const auto phase = t.phase(names_.pop);
    const Address first = first_pages_[t.index()] + size_class * word_bytes;
    const Page front = co_await t.load(first);
    // The row is a ring; a page that has blocks becomes its front.
    for (Page page = front; page != 0;) {
      if (co_await has_free(t, page)) {
        if (page != front) co_await t.store(first, page);
        co_return co_await take_from(t, page, most);
      }
      page = co_await t.load(word(page, next_page));
      if (page == front) break;
    }
    const Page fresh = co_await fresh_page(t, front);
    co_await t.store(first, fresh);
    co_return co_await take_from(t, fresh, most);
  }

  Task<> give(Thread& t, std::uint64_t, Chain chain) override {
    const auto phase = t.phase(names_.push);
    for (Block block = chain.first; chain.length > 0; --chain.length) {
      const Block next = chain.length > 1 ? co_await t.load(blocks_.link(block)) : 0;
      co_await give_one(t, block);
      block = next;
    }
  }

  Block hand_out(Setup& setup, std::uint64_t thread, std::uint64_t size_class) override {
    Row& row = rows_[thread * classes_ + size_class];
    if (row.newest == 0 || row.handed_out == page_blocks_) open_page(setup, thread, size_class, row);
    const Block block = (row.newest - 1) * page_blocks_ + 1 + row.handed_out++;
    setup.memory.set(word(row.newest, free), row.handed_out == page_blocks_ ? 0 : block + 1);
    return block;
  }

  void add_to(Inventory& inventory, const Contents& memory) const override {
    for (Page page = 1; page <= pages_.size; ++page) {
      inventory.found_list(memory, blocks_, memory.last(word(page, free)), {}, "a page's list");
      inventory.found_list(memory, blocks_, memory.last(word(page, local_free)), {}, "a page's local list");
      inventory.found_list(memory, blocks_, memory.last(remote_free_[page - 1]), {}, "a remote-free stack");
    }
    uncarved_.add_to(inventory, memory);
  }

 private:
  using Page = std::uint64_t;  // its number, from 1
  // The owner's line of a page; others read `owner`.
  static constexpr std::uint64_t free = 0, local_free = 1, owner = 2, next_page = 3, page_words = 4;

  Address word(Page page, std::uint64_t which) const {
    if (page == 0 || page > pages_.size)
      throw ProgramFailure("a thread's pages lead to page " + std::to_string(page) + "; there are 1 to " +
                           std::to_string(pages_.size));
    return pages_[page - 1] + which * word_bytes;
  }

  // Pages that blocks are handed out from before the run, for each thread and class.
  struct Row {
    Page front = 0, behind_front = 0, newest = 0;
    std::uint64_t handed_out = 0;  // of the newest page
  };
  void open_page(Setup& setup, std::uint64_t thread, std::uint64_t size_class, Row& row) {
    const Block first = uncarved_.hand_out(setup);
    row.newest = (first - 1) / page_blocks_ + 1;
    row.handed_out = 0;
    for (Block block = first; block + 1 < first + page_blocks_; ++block)
      setup.memory.set(blocks_.link(block), block + 1);
    setup.memory.set(word(row.newest, owner), thread + 1);
    if (row.front == 0) {
      row.front = row.behind_front = row.newest;
      setup.memory.set(first_pages_[thread] + size_class * word_bytes, row.front);
    }
    setup.memory.set(word(row.newest, next_page), row.behind_front);
    setup.memory.set(word(row.front, next_page), row.newest);
    row.behind_front = row.newest;
  }

  // Makes `free` have blocks, if the page has any.
  Task<bool> has_free(Thread& t, Page page) {
    if (co_await t.load(word(page, free)) != 0) co_return true;
    Block found = co_await t.load(word(page, local_free));
    if (found != 0)
      co_await t.store(word(page, local_free), 0);
    else if (co_await t.load(remote_free_[page - 1]) != 0)
      found = co_await t.exchange(remote_free_[page - 1], 0);
    if (found != 0) co_await t.store(word(page, free), found);
    co_return found != 0;
  }

  Task<Chain> take_from(Thread& t, Page page, std::uint64_t most) {
    const Block first = co_await t.load(word(page, free));
    const Walked walked = co_await walk(t, blocks_, first, most, names_.walk);
    co_await t.store(word(page, free), walked.next);
    co_return walked.chain;
  }

  // A new page behind `front`, or alone in its row.
  Task<Page> fresh_page(Thread& t, Page front) {
    const Chain chain = co_await uncarved_.carve(t, 1);
    if (!chain)
      throw ProgramFailure("thread " + std::to_string(t.index()) + " finds no fresh page: all " +
                           std::to_string(pages_.size) + " are taken");
    const Page page = (chain.first - 1) / page_blocks_ + 1;
    co_await t.store(word(page, free), chain.first);
    co_await t.store(word(page, owner), t.index() + 1);
    Page behind = page;
    if (front != 0) {
      behind = co_await t.load(word(front, next_page));
      co_await t.store(word(front, next_page), page);
    }
    co_await t.store(word(page, next_page), behind);
    co_return page;
  }

  Task<> give_one(Thread& t, Block block) {
    const Page page = (block - 1) / page_blocks_ + 1;
    if (co_await t.load(word(page, owner)) == t.index() + 1) {
      co_await t.store(blocks_.link(block), co_await t.load(word(page, local_free)));
      co_await t.store(word(page, local_free), block);
      co_return;
    }
    std::uint64_t head = co_await t.load(remote_free_[page - 1]);
    for (;;) {
      co_await t.store(blocks_.link(block), head);
      t.count(names_.push_attempts);
      t.enter(names_.cas);
      const Compared swapped = co_await t.compare_exchange(remote_free_[page - 1], head, block);
      t.leave();
      if (swapped) co_return;
      t.count(names_.push_failures);
      head = swapped.seen;
    }
  }

  const Blocks& blocks_;
  const PoolNames& names_;
  std::uint64_t page_blocks_;
  Array pages_;
  Array remote_free_;
  Array first_pages_;  // a thread's line (or lines): the front of its row for each class
  std::uint64_t classes_;
  std::vector<Row> rows_;
  Uncarved uncarved_;
};

}  // namespace baton::programs
