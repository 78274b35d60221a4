// The page allocator: every page is somewhere exactly once, in both designs, with and without the cores'
// lists.
#include "tests/programs/systems.hpp"

using namespace baton::programs;
using namespace baton::programs::test;

TEST_CASE("no page is lost or handed out twice") {
  for (const char* design : {"locked", "lock_free"})
    for (const double batch : {1.0, 4.0, 63.0})
      for (const double spare : {0.0, 20.0})
        for (const char* lock : {"mcs", "ticket", "clh", "futex"})
          for (const std::uint32_t threads : {1U, 3U, 8U})
            for (std::uint64_t seed = 1; seed <= 2; ++seed) {
              INFO(design << ", batch " << batch << ", " << spare << " spare, " << lock << ", " << threads
                          << " threads, seed " << seed);
              const Ran ran = run_program("page_allocator",
                                          {{"design", 0, design},
                                           {"lock", 0, lock},
                                           {"zone_batch", batch},
                                           {"spare_pages", spare},
                                           {"window", 8},
                                           {"operations_per_thread", 100}},
                                          threads, {.seed = seed});
              CHECK(ran.failure == "");
              CHECK(ran.operations("alloc") == 100 * threads);
            }
}

TEST_CASE("all schedules with two pre-emptions are right, and most lost stores are noticed") {
  for (const char* design : {"locked", "lock_free"})
    for (const double batch : {1.0, 2.0}) {
      INFO(design << ", batch " << batch);
      const auto with = [&](double operations) {
        return Settings{{"design", 0, design}, {"zone_batch", batch}, {"spare_pages", 2},
                        {"window", 2},         {"handed_over", 0.5},  {"operations_per_thread", operations}};
      };
      const Explored explored = explore("page_allocator", with(3), 2, 2);
      CHECK(explored.failure == std::nullopt);
      CHECK(explored.schedules > 300);
      const double noticed = noticed_losses("page_allocator", with(20), 3);
      CHECK(noticed > 0.7);
    }
}

TEST_CASE("the cores' lists keep them from the zone") {
  const auto visits = [](const char* design, double batch) {
    const Ran ran = run_program(
        "page_allocator", {{"design", 0, design}, {"zone_batch", batch}, {"operations_per_thread", 500}}, 4);
    return ran.counter("pop_attempts") - ran.counter("pop_failures");
  };
  for (const char* design : {"locked", "lock_free"}) {
    CHECK(visits(design, 1) >= 4 * 500);
    CHECK(visits(design, 16) < 4 * 500 / 4);
  }
}
