// The middle pool of an allocator: free blocks of 2 KiB and more, in size classes, each class sharded. It is
// the one of hakmem, whose notes are the source of the project's claims about allocators (docs/status,
// PHASE_7.1_MF1_RESULTS_2025_10_24: 7 classes x 8 shards = 56 mutexes against compare-and-swap;
// PHASE_7.2_MF2_PLAN_2025_10_24: pages of threads; measured with "larson 2 2048 32768 10000 1 12345
// THREADS").
//
// Modelled: the lists' heads and locks, the links in the blocks' first lines, the per-thread caches, the
// pages' descriptors, and the first line of each block as its user's. Not modelled: the rest of the blocks,
// the search for a block's class or page from its address (both follow from its number), and how memory comes
// from the operating system, which is one fetch-and-add.
#include <memory>

#include "traces/programs/parts/block_load.hpp"
#include "traces/programs/parts/lock.hpp"
#include "traces/programs/parts/locked_list.hpp"
#include "traces/programs/parts/owned_pages.hpp"

namespace baton::programs {
namespace {

constexpr std::string_view pool_choices[] = {"mutex", "lock_free_walk", "lock_free_singles", "pages"};
constexpr std::string_view size_choices[] = {"larson", "even"};

constexpr Parameter own_table[] = {
    {"operations_per_thread", Parameter::Type::integer, 1000, 1, 1e12, "",
     "blocks that each thread replaces: an alloc, and a free of what was there, if anything was"},
    {"work_cycles", Parameter::Type::integer, 0, 0, 1e9, "cycles",
     "other work after each alloc and each free"},
    {"pool", Parameter::Type::choice, 0, 0, 3, "",
     "lists under a lock each, taken from by try-lock first; lists by compare-and-swap that take a batch "
     "with "
     "one, walking the chain again when it fails; the same that take it block by block; pages that belong to "
     "threads",
     pool_choices},
    {"versioned", Parameter::Type::flag, 1, 0, 1, "",
     "lock-free lists: a version beside the head's pointer; false is wrong (ABA) and fails the self-check"},
    {"batch", Parameter::Type::integer, 32, 1, 4096, "blocks",
     "what an empty per-thread cache takes from the pool; 1: no caches"},
    {"classes", Parameter::Type::integer, 7, 1, 64, "", "size classes"},
    {"shards", Parameter::Type::integer, 8, 1, 256, "", "lists of each class"},
    {"shard_by", Parameter::Type::choice, 0, 0, 2, "",
     "a thread's shard: by its number, a random one each time, or that of the place in the code that "
     "allocates, which is the same for all",
     shard_by_choices},
    {"spare_blocks", Parameter::Type::integer, 64, 0, 1e6, "blocks", "free in each list when the run begins"},
    {"page_blocks", Parameter::Type::integer, 16, 1, 4096, "blocks", "a page's; pool pages only"},
    {"sizes", Parameter::Type::choice, 0, 0, 1, "",
     "sizes uniform in 2 .. 32 KiB with classes of powers of two (half of all are in one class), or classes "
     "equally likely",
     size_choices},
    {"window", Parameter::Type::integer, 1000, 1, 1e6, "blocks",
     "that each thread holds from the beginning; larson's chunks, 10,000 in hakmem's measurements"},
    {"handed_over", Parameter::Type::real, 0.63, 0, 1, "",
     "share of blocks that another thread frees; the default is 1 - 1/e, which larson has when each thread "
     "replaces as many blocks as it holds (1 round) before it leaves them to the next"},
    {"visit_cycles", Parameter::Type::integer, 0, 0, 1e6, "cycles",
     "work each time that a list is taken from or given to, besides its accesses; under its lock, if it has "
     "one; "
     "no source, swept by configs/allocator.json"},
    placement_parameter("placement", "how the lists' heads and locks lie in lines"),
    padding_parameter(),
    lock_parameter(LockKind::futex),
};
constexpr auto table = joined(own_table, backoff_parameters, lock_parameters);

BlockLoad::Shape shape_of(const ParameterValues& values) {
  BlockLoad::Shape shape;
  shape.operations = values.integer("operations_per_thread");
  shape.window = values.integer("window");
  shape.classes = values.integer("classes");
  shape.larson_sizes = values.choice("sizes") == "larson";
  shape.handed_over = values["handed_over"];
  shape.work_cycles = values.integer("work_cycles");
  return shape;
}

/// As many blocks as the threads can ever need, for whatever classes they draw.
std::uint64_t blocks_needed(const ParameterValues& values, const BlockLoad::Shape& shape,
                            std::uint64_t threads) {
  const std::uint64_t batch = values.integer("batch");
  const std::uint64_t cached = batch == 1 ? 0 : 3 * batch;  // two batches in the cache, one on its way to it
  const std::uint64_t held = BlockLoad::most_held(shape, threads) + threads * cached;
  const std::uint64_t lists = values.integer("shards") * values.integer("spare_blocks");
  if (values.choice("pool") != "pages") return shape.classes * (held + lists);
  // A thread's pages have free blocks while others ask for fresh ones: how many of its blocks are held at
  // once, by whomever, is only bounded on average. Four times the average, and an open page for each class.
  const std::uint64_t page_blocks = values.integer("page_blocks");
  const std::uint64_t pages = 4 * held / page_blocks + threads * (shape.classes + 2) + 64;
  return (pages + shape.classes - 1) / shape.classes * shape.classes * page_blocks;
}

class Allocator final : public Instance {
 public:
  explicit Allocator(Setup& setup)
      : shape_(shape_of(setup.parameters)),
        names_(setup),
        blocks_(setup, blocks_needed(setup.parameters, shape_, setup.threads())),
        pool_(make_pool(pool_setup(setup))),
        caches_(pool_setup(setup), *pool_, setup.parameters.integer("batch")),
        load_(setup, shape_, blocks_, caches_, *pool_) {}

  Task<> run(Thread& t) override { return load_.run(t); }
  std::optional<std::string> self_check(const Contents& memory) const override {
    return load_.self_check(memory);
  }

 private:
  PoolSetup pool_setup(Setup& setup) const {
    return {setup, blocks_, names_, shape_.classes, placement_of(setup.parameters, "placement")};
  }

  std::unique_ptr<Pool> make_pool(const PoolSetup& from) const {
    const ParameterValues& values = from.setup.parameters;
    const std::string_view choice = values.choice("pool");
    if (choice == "pages") return std::make_unique<OwnedPages>(from, values.integer("page_blocks"));
    const bool versioned = values.flag("versioned");
    const std::uint64_t visit_cycles = values.integer("visit_cycles");
    if (choice == "lock_free_walk")
      return sharded<LockFreeList>(
          from, [&](Address head) { return LockFreeList(blocks_, names_, head, versioned, visit_cycles); });
    if (choice == "lock_free_singles")
      return sharded<SinglePopsList>(
          from, [&](Address head) { return SinglePopsList(blocks_, names_, head, versioned, visit_cycles); });
    return sharded<LockedList>(from, [&](Address head) {
      return LockedList(blocks_, names_, head, make_lock(from.setup, from.heads), visit_cycles);
    });
  }

  template <class List, class Make>
  static std::unique_ptr<Pool> sharded(const PoolSetup& from, Make make) {
    const ParameterValues& values = from.setup.parameters;
    return std::make_unique<ShardedPool<List>>(from, values.integer("shards"), shard_by(values),
                                               values.integer("spare_blocks"), make);
  }
  static ShardBy shard_by(const ParameterValues& values) {
    return static_cast<ShardBy>(values.integer("shard_by"));
  }

  BlockLoad::Shape shape_;
  PoolNames names_;
  Blocks blocks_;
  std::unique_ptr<Pool> pool_;
  BlockCaches caches_;
  BlockLoad load_;
};

class Description final : public Program {
 public:
  std::string_view name() const override { return "allocator"; }
  std::string_view summary() const override {
    return "Threads replace random blocks of 2 KiB and more from a sharded pool: mutexes, compare-and-swap "
           "in "
           "two ways, or pages that belong to threads, with or without caches of the threads above it.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  std::vector<ParameterError> check(const ParameterValues& values, std::uint32_t) const override {
    auto errors = both(check_padding(values), check_backoff(values));
    if (values.choice("pool") == "mutex" && values.integer("shards") > 1 && !can_try(lock_kind(values)))
      errors.push_back({"lock", "threads try the locks of several shards, found clh, allowed any other"});
    return errors;
  }
  std::unique_ptr<Instance> set_up(Setup& setup) const override { return std::make_unique<Allocator>(setup); }
};

}  // namespace

const Program& program_allocator() {
  static const Description description;
  return description;
}

}  // namespace baton::programs
