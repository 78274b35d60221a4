// The whole stack: requests, replies, tasks, pages and keys all come out right, in the four combinations.
#include "tests/programs/systems.hpp"

using namespace baton::programs;
using namespace baton::programs::test;

namespace {
constexpr const char* designs[] = {"locked", "lock_free"};
}

TEST_CASE("requests cross the stack whole") {
  for (const char* service : designs)
    for (const char* kernel : designs)
      for (const char* queues : {"one", "per_core"})
        for (const double sockets : {1.0, 3.0})
          for (const double batch : {1.0, 8.0})
            for (const std::uint32_t threads : {1U, 3U, 8U})
              for (std::uint64_t seed = 1; seed <= 2; ++seed) {
                INFO("service " << service << ", kernel " << kernel << ", queues " << queues << ", "
                                << sockets << " sockets, batch " << batch << ", " << threads
                                << " threads, seed " << seed);
                const Ran ran = run_program("full_stack",
                                            {{"service", 0, service},
                                             {"kernel", 0, kernel},
                                             {"locked_queues", 0, queues},
                                             {"sockets", sockets},
                                             {"zone_batch", batch},
                                             {"spare_pages", 4},
                                             {"keys", 20},
                                             {"read_fraction", 0.5},
                                             {"operations_per_thread", 50}},
                                            threads, {.seed = seed});
                CHECK(ran.failure == "");
                CHECK(ran.operations("request") == 50 * threads);
              }
}

TEST_CASE("all schedules with one pre-emption are right, and most lost stores are noticed") {
  for (const char* service : designs)
    for (const char* kernel : designs) {
      INFO("service " << service << ", kernel " << kernel);
      const auto with = [&](double operations) {
        return Settings{{"service", 0, service}, {"kernel", 0, kernel},
                        {"tasks_per_core", 1},   {"zone_batch", 1},
                        {"spare_pages", 1},      {"keys", 2},
                        {"read_fraction", 0.5},  {"operations_per_thread", operations}};
      };
      const Explored explored = explore("full_stack", with(2), 2, 1);
      CHECK(explored.failure == std::nullopt);
      CHECK(explored.schedules > 50);
      const double noticed = noticed_losses("full_stack", with(8), 3);
      CHECK(noticed > 0.7);
    }
}

TEST_CASE("requests go through every part") {
  for (const char* kernel : designs) {
    const auto ran = [&](double batch) {
      return run_program("full_stack",
                         {{"kernel", 0, kernel}, {"zone_batch", batch}, {"operations_per_thread", 200}}, 8);
    };
    const Ran without_lists = ran(1), with_lists = ran(4);
    CHECK(without_lists.counter("remote_wakes") > 100);
    CHECK(without_lists.counter("pop_attempts") >= 200 * 8);
    // Each thread frees as many pages as it allocates: its list has what it needs.
    CHECK(with_lists.counter("refills") <= 2 * 8);
    if (kernel == designs[0]) CHECK(without_lists.counter("backlogged") > 50);
    if (kernel == designs[1]) CHECK(without_lists.counter("ring_cas_attempts") >= 4 * 200 * 8);
  }
}
