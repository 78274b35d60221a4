// The key-value service: every write is one version of its key, reads see what was complete, in both designs.
#include <algorithm>
#include <cmath>

#include "tests/programs/systems.hpp"
#include "traces/programs/parts/key_store.hpp"

using namespace baton::programs;
using namespace baton::programs::test;

TEST_CASE("each write is one version of its key, whatever the design, skew and placement") {
  for (const char* design : {"event_loop", "lock_free"})
    for (const char* write_by : {"compare_exchange", "fetch_add"})
      for (const char* slots : {"own_line", "packed"})
        for (const double skew : {0.0, 0.99})
          for (const std::uint32_t threads : {1U, 4U, 16U})
            for (std::uint64_t seed = 1; seed <= 2; ++seed) {
              INFO(design << ", " << write_by << ", " << slots << ", skew " << skew << ", " << threads
                          << " threads, seed " << seed);
              const Ran ran = run_program("key_value",
                                          {{"design", 0, design},
                                           {"write_by", 0, write_by},
                                           {"slots", 0, slots},
                                           {"key_skew", skew},
                                           {"keys", 20},
                                           {"shards", 3},
                                           {"shard_counters", 1},
                                           {"read_fraction", 0.5},
                                           {"operations_per_thread", 200}},
                                          threads, {.seed = seed});
              CHECK(ran.failure == "");
              CHECK(ran.operations("get") + ran.operations("set") == 200 * threads);
              CHECK(ran.operations("get") == Approx(100 * threads).margin(60 * std::sqrt(threads)));
            }
}

TEST_CASE("all schedules with three pre-emptions are right, and most lost stores are noticed") {
  for (const char* design : {"event_loop", "lock_free"})
    for (const char* write_by : {"compare_exchange", "fetch_add"}) {
      INFO(design << ", " << write_by);
      const auto with = [&](double operations) {
        return Settings{{"design", 0, design},
                        {"write_by", 0, write_by},
                        {"keys", 2},
                        {"shards", 2},
                        {"shard_counters", 1},
                        {"read_fraction", 0.5},
                        {"operations_per_thread", operations}};
      };
      const Explored explored = explore("key_value", with(3), 2, 3);
      CHECK(explored.failure == std::nullopt);
      CHECK(explored.schedules > 100);
      // Of the event loop: not a lock's acquisition while nobody else comes.
      const double noticed = noticed_losses("key_value", with(20), 3);
      CHECK(noticed >= (design[0] == 'e' ? 0.7 : 1.0));
    }
}

TEST_CASE("skewed keys collide in compare-and-swap, uniform ones seldom, and reads never") {
  const auto failures = [](double skew, double reads) {
    return run_program("key_value",
                       {{"design", 0, "lock_free"},
                        {"key_skew", skew},
                        {"read_fraction", reads},
                        {"operations_per_thread", 500}},
                       8)
        .counter("slot_cas_failures");
  };
  const std::uint64_t skewed = failures(2, 0), uniform = failures(0, 0);
  CHECK(skewed > 500);
  CHECK(uniform < 20);
  CHECK(failures(2, 1) == 0);
}

TEST_CASE("keys are drawn by their rank, each from one slot") {
  // With exponent 1 and 7 keys the first has 1 / (1 + 1/2 + .. + 1/7) = 0.386 of all draws.
  const Program& program = *find_program("key_value");
  const ParameterValues chosen = values(program, {{"keys", 7}, {"key_skew", 1}});
  const KeyDraw draw(chosen);
  std::vector<int> drawn(7);
  baton::traces::Random random(1, 0);
  for (int i = 0; i < 20'000; ++i) ++drawn[draw(random)];
  std::sort(drawn.rbegin(), drawn.rend());
  for (int rank = 0; rank < 7; ++rank)
    CHECK(drawn[rank] == Approx(20'000 / 2.5929 / (rank + 1)).margin(5 * std::sqrt(20'000 / 4)));
}
