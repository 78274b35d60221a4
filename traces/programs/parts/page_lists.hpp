#pragma once
// The page allocator's lists, after Linux (mm/page_alloc.c): each zone has its free pages under zone->lock,
// each core a list of its own (struct per_cpu_pages) that is refilled from the zone and drained into it,
// `zone_batch` pages at a time (rmqueue_bulk(), free_pcppages_bulk()). The other design keeps the cores'
// lists and replaces the zone's lock by compare-and-swap on the head of a stack of pages, versioned against
// ABA.
//
// Modelled: pages of order 0, the links in their struct page (a line each), the lists. Not modelled: larger
// blocks and their merging (the buddy system), migrate types, watermarks, and the lists' limit, which Linux
// adapts; here a core's list of two batches gives one back.

#include <memory>

#include "traces/programs/parts/block_caches.hpp"
#include "traces/programs/parts/lock.hpp"
#include "traces/programs/parts/locked_list.hpp"

namespace baton::programs {

inline constexpr Parameter page_list_parameters[] = {
    {"zone_batch", Parameter::Type::integer, 63, 1, 4096, "pages",
     "moved at once between the zone and a core's list (63: Linux's zone_batchsize() for zones of 256 MiB "
     "and "
     "more); 1: the cores have no lists"},
    {"zone_cycles", Parameter::Type::integer, 100, 0, 1e6, "cycles",
     "work of each visit to the zone besides the list's accesses; under the lock, where there is one; no "
     "source, "
     "swept by configs/systems_sensitivity.json"},
    {"spare_pages", Parameter::Type::integer, 256, 0, 1e6, "pages", "free in the zone when the run begins"},
};

/// One zone and the cores' lists.
class PageLists {
 public:
  /// `most_held`: pages that the threads may hold at once.
  PageLists(Setup& setup, bool locked, LockKind lock, std::uint64_t most_held)
      : names_(setup),
        pages_(setup, setup.parameters.integer("spare_pages") + most_held +
                          setup.threads() * 3 * setup.parameters.integer("zone_batch")),
        zone_(make_zone(setup, locked, lock)),
        lists_(pool_setup(setup), *zone_, setup.parameters.integer("zone_batch")) {}

  Task<Block> allocate(Thread& t) { return lists_.allocate(t, 0); }
  Task<> free(Thread& t, Block page) { return lists_.free(t, 0, page); }

  const Blocks& pages() const { return pages_; }
  BlockCaches& lists() { return lists_; }
  Pool& zone() { return *zone_; }
  void add_to(Inventory& inventory, const Contents& memory) const {
    lists_.add_to(inventory, memory);
    zone_->add_to(inventory, memory);
  }

 private:
  PoolSetup pool_setup(Setup& setup) const { return {setup, pages_, names_, 1, own_line}; }

  std::unique_ptr<Pool> make_zone(Setup& setup, bool locked, LockKind lock) const {
    const std::uint64_t spare = setup.parameters.integer("spare_pages");
    const std::uint64_t cycles = setup.parameters.integer("zone_cycles");
    const auto one_list = [&]<class List>(auto make) {
      return std::make_unique<ShardedPool<List>>(pool_setup(setup), 1, ShardBy::site, spare, make);
    };
    if (locked)
      return one_list.template operator()<LockedList>(
          [&](Address head) { return LockedList(pages_, names_, head, make_lock(setup, lock), cycles); });
    return one_list.template operator()<LockFreeList>(
        [&](Address head) { return LockFreeList(pages_, names_, head, true, cycles); });
  }

  PoolNames names_;
  Blocks pages_;
  std::unique_ptr<Pool> zone_;
  BlockCaches lists_;
};

}  // namespace baton::programs
