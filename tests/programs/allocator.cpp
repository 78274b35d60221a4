// The allocator's pools: every block is somewhere exactly once, whatever the interleaving; and faults that
// the self-check must see, ABA among them.
#include <array>

#include "tests/programs/systems.hpp"
#include "traces/programs/parts/free_list.hpp"

using namespace baton::programs;
using namespace baton::programs::test;

namespace {

constexpr const char* pools[] = {"mutex", "lock_free_walk", "lock_free_singles", "pages"};

Ran run_pool(const char* pool, double batch, const char* shard_by, std::uint32_t threads,
             std::uint64_t seed) {
  return run_program("allocator",
                     {{"pool", 0, pool},
                      {"batch", batch},
                      {"shard_by", 0, shard_by},
                      {"operations_per_thread", 100},
                      {"window", 8},
                      {"spare_blocks", 4}},
                     threads, {.seed = seed});
}

}  // namespace

TEST_CASE("no pool hands a block out twice, none loses one") {
  for (const char* pool : pools)
    for (const double batch : {1.0, 3.0, 32.0})
      for (const char* shard_by : {"thread", "random", "site"})
        for (const std::uint32_t threads : {1U, 3U, 8U})
          for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            INFO(pool << ", batch " << batch << ", shard by " << shard_by << ", " << threads
                      << " threads, seed " << seed);
            const Ran ran = run_pool(pool, batch, shard_by, threads, seed);
            CHECK(ran.failure == "");
            CHECK(ran.operations("alloc") == 100 * threads);
            CHECK(ran.operations("free") <= 100 * threads);
            CHECK(ran.operations("free") >= 99 * threads);  // as many blocks may stay in mailboxes as threads
          }
}

TEST_CASE("all schedules with two pre-emptions of two threads are right") {
  for (const char* pool : pools)
    for (const double batch : {1.0, 2.0}) {
      const Explored explored = explore("allocator",
                                        {{"pool", 0, pool},
                                         {"batch", batch},
                                         {"classes", 1},
                                         {"shards", 1},
                                         {"spare_blocks", 2},
                                         {"page_blocks", 2},
                                         {"window", 1},
                                         {"handed_over", 0.5},
                                         {"operations_per_thread", 3}},
                                        2, 2);
      INFO(pool << ", batch " << batch);
      CHECK(explored.failure == std::nullopt);
      CHECK(explored.schedules > 300);
    }
}

// Not all: nobody may come while a lock is held whose acquisition was lost, nor follow a link.
TEST_CASE("lost stores are noticed in every pool") {
  for (const char* pool : pools)
    for (const double batch : {1.0, 3.0}) {
      INFO(pool << ", batch " << batch);
      const double noticed = noticed_losses("allocator",
                                            {{"pool", 0, pool},
                                             {"batch", batch},
                                             {"operations_per_thread", 20},
                                             {"classes", 2},
                                             {"shards", 2},
                                             {"window", 3},
                                             {"spare_blocks", 2}},
                                            3);
      CHECK(noticed > 0.7);
    }
}

namespace {

/// A list of three blocks, 1 on top, for a schedule made by hand.
struct ThreeBlocks {
  explicit ThreeBlocks(Setup& setup) : blocks(setup, 3), names(setup), head(setup.memory.object()) {
    setup.memory.set(head, 1);
    setup.memory.set(blocks.link(1), 2);
    setup.memory.set(blocks.link(2), 3);
  }
  Blocks blocks;
  PoolNames names;
  Address head;
};

/// Steps a thread until it is about to make such a request, or has ended.
void until(Run& run, Stepper& stepper, std::uint32_t thread, Action action) {
  while (!run.thread(thread).ended() && stepper.request(thread).action != action) stepper.step(thread);
}

/// What two threads get: the first pops twice; between the first pop's walk and its compare-and-swap the
/// second takes blocks 1 and 2 and gives block 1 back.
std::array<std::vector<Block>, 2> aba(bool versioned, std::uint64_t batch) {
  std::array<std::vector<Block>, 2> has;
  const Small<ThreeBlocks> program(
      [&](Thread& t, ThreeBlocks& s) -> Task<> {
        LockFreeList list(s.blocks, s.names, s.head, versioned, 0);
        std::vector<Block>& mine = has[t.index()];
        const std::uint64_t most = t.index() == 0 ? batch : 1;
        for (int i = 0; i < 2; ++i) {
          const Chain taken = co_await list.pop(t, most);
          Block block = taken.first;
          for (std::uint64_t n = 0; n < taken.length; ++n) {
            mine.push_back(block);
            block = co_await t.load(s.blocks.link(block));
          }
        }
        if (t.index() == 0) co_return;
        mine.erase(mine.begin());
        co_await list.push(t, {1, 1, 1});
      },
      {}, backoff_parameters);
  Run run(program, values(program), {.threads = 2, .cores = 2});
  Stepper stepper(run);
  until(run, stepper, 0, Action::compare_exchange);
  until(run, stepper, 1, Action::end);
  until(run, stepper, 0, Action::end);
  return has;
}

}  // namespace

TEST_CASE("ABA: without versions a block that another thread holds is taken again") {
  using List = std::vector<Block>;
  for (const std::uint64_t batch : {1, 2}) {
    INFO("batch " << batch);
    CHECK(aba(true, batch) == std::array{List{1, 3}, List{2}});
    // The first thread's compare-and-swap finds block 1 on top again and makes block 2 (or 3) the head, as
    // when it looked; block 2 is the second thread's.
    CHECK(aba(false, batch) == std::array{batch == 1 ? List{1, 2} : List{1, 3, 3}, List{2}});
  }
}

TEST_CASE("ABA: the allocator's self-check reports a block allocated twice, and versions prevent it") {
  for (const bool versioned : {true, false}) {
    int twice = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const Ran ran = run_program("allocator",
                                  {{"pool", 0, "lock_free_walk"},
                                   {"versioned", versioned ? 1.0 : 0.0},
                                   {"batch", 1},
                                   {"classes", 1},
                                   {"shards", 1},
                                   {"spare_blocks", 1},
                                   {"window", 4},
                                   {"operations_per_thread", 500}},
                                  8, {.seed = seed});
      if (versioned) CHECK(ran.failure == "");
      twice += ran.failure.find("was allocated twice") != std::string::npos;
    }
    CHECK((versioned ? twice == 0 : twice >= 15));
  }
}

TEST_CASE("what the pools count is what they do") {
  const auto counted = [](const char* pool, double batch, const char* shard_by) {
    return run_program("allocator",
                       {{"pool", 0, pool},
                        {"batch", batch},
                        {"shard_by", 0, shard_by},
                        {"window", 16},
                        {"operations_per_thread", 300}},
                       4, {});
  };
  // One CAS takes a batch, or a block: 16 blocks a refill.
  const Ran walk = counted("lock_free_walk", 16, "site");
  const Ran singles = counted("lock_free_singles", 16, "site");
  const auto taken = [](const Ran& ran) { return ran.counter("pop_attempts") - ran.counter("pop_failures"); };
  CHECK(walk.counter("refills") > 0);
  CHECK(taken(walk) + walk.counter("carved") / 16 >= walk.counter("refills"));
  CHECK(taken(walk) < 2 * walk.counter("refills"));
  CHECK(taken(singles) > 8 * singles.counter("refills"));
  // Each failure costs the walk of its chain again.
  CHECK(walk.counter("pop_failures") > 0);
  CHECK(walk.counter("rewalked_links") > walk.counter("pop_failures"));
  CHECK(walk.counter("rewalked_links") <= 16 * walk.counter("pop_failures"));
  CHECK(singles.counter("rewalked_links") == singles.counter("pop_failures"));
  // Busy locks turn threads away from the one shard.
  const Ran mutex = counted("mutex", 1, "site");
  CHECK(mutex.counter("pop_failures") > 0);
  CHECK(mutex.counter("steals") > 0);
  // Threads of their own shards meet nobody while nothing is stolen.
  const Ran own = counted("lock_free_walk", 1, "thread");
  CHECK(own.counter("pop_failures") <= own.counter("steals"));
  // Pages: only what others free needs an atomic operation.
  const Ran pages = counted("pages", 1, "thread");
  CHECK(pages.counter("pop_attempts") == 0);
  CHECK(pages.counter("push_attempts") > 300);
  CHECK(pages.counter("push_attempts") < pages.operations("free"));
  const Ran alone = run_program("allocator", {{"pool", 0, "pages"}, {"handed_over", 0}}, 4, {});
  CHECK(alone.counter("push_attempts") == 0);
}

TEST_CASE("a lock that cannot be tried is no lock for the pools") {
  const Program& program = *find_program("allocator");
  CHECK(program.check(values(program, {{"lock", 0, "clh"}}), 4)[0].parameter == "lock");
  CHECK(program.check(values(program, {{"lock", 0, "clh"}, {"pool", 0, "pages"}}), 4).empty());
}
