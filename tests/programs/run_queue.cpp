// Run queues: every task is in one queue, runs on one core at a time, and gets its turn, in every design.
#include <algorithm>

#include "tests/programs/systems.hpp"

using namespace baton::programs;
using namespace baton::programs::test;

namespace {
constexpr const char* designs[] = {"locked", "lock_free", "locked_per_core"};
}

TEST_CASE("no task is lost or runs twice at once") {
  for (const char* design : designs)
    for (const double tasks : {1.0, 5.0})
      for (const double remote : {0.0, 0.3, 1.0})
        for (const double ring : {2.0, 3.0, 256.0})
          for (const std::uint32_t threads : {1U, 3U, 8U})
            for (std::uint64_t seed = 1; seed <= 3; ++seed) {
              INFO(design << ", " << tasks << " tasks a core, " << remote << " remote, ring of " << ring
                          << ", " << threads << " threads, seed " << seed);
              const Ran ran = run_program("run_queue",
                                          {{"design", 0, design},
                                           {"tasks_per_core", tasks},
                                           {"remote_wakes", remote},
                                           {"ring_slots", ring},
                                           {"operations_per_thread", 100}},
                                          threads, {.seed = seed});
              CHECK(ran.failure == "");
              CHECK(ran.operations("pick") == 100 * threads);
              CHECK(ran.operations("wake") == 100 * threads);
            }
}

TEST_CASE("all schedules with two pre-emptions are right, and most lost stores are noticed") {
  for (const char* design : designs) {
    INFO(design);
    const auto with = [&](double operations) {
      return Settings{{"design", 0, design},
                      {"tasks_per_core", 1},
                      {"remote_wakes", 0.5},
                      {"ring_slots", 2},
                      {"operations_per_thread", operations}};
    };
    const Explored explored = explore("run_queue", with(3), 2, 2);
    CHECK(explored.failure == std::nullopt);
    CHECK(explored.schedules > 500);
    // Not: acquisitions while nobody else comes, links that nobody follows.
    const double noticed = noticed_losses("run_queue", with(20), 3);
    CHECK(noticed > 0.6);
  }
}

TEST_CASE("tasks take turns: none starves while others run") {
  // One core, so that the order is the queue's: the runs of 8 tasks differ by one at most.
  for (const char* design : designs) {
    const Program& program = *find_program("run_queue");
    const auto chosen =
        values(program, {{"design", 0, design}, {"tasks_per_core", 8}, {"operations_per_thread", 100}});
    Run run(program, chosen, {});
    CHECK(interpret(run).failure == std::nullopt);
    std::vector<std::uint64_t> runs;
    for (std::uint64_t task = 0; task < 8; ++task)
      runs.push_back(run.contents().last(baton::traces::region_bytes + 64 * task + 8));
    CHECK(*std::min_element(runs.begin(), runs.end()) >= 12);
    CHECK(*std::max_element(runs.begin(), runs.end()) <= 13);
  }
}

TEST_CASE("cores without tasks steal, and only they") {
  const auto steals = [](const char* design, double tasks, double remote) {
    return run_program("run_queue",
                       {{"design", 0, design},
                        {"tasks_per_core", tasks},
                        {"remote_wakes", remote},
                        {"operations_per_thread", 300}},
                       8)
        .counter("queue_steals");
  };
  for (const char* design : {"lock_free", "locked_per_core"}) {
    CHECK(steals(design, 1, 0.5) > 50);
    CHECK(steals(design, 4, 0) == 0);
  }
  CHECK(steals("locked", 1, 0.5) == 0);
}
