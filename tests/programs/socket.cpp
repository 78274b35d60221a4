// Sockets: every packet that was sent is received once, with what was sent, in both designs.
#include "tests/programs/systems.hpp"

using namespace baton::programs;
using namespace baton::programs::test;

TEST_CASE("packets arrive once, whole") {
  for (const char* design : {"locked", "lock_free"})
    for (const double sockets : {1.0, 3.0})
      for (const double burst : {1.0, 4.0})
        for (const double cells : {2.0, 1024.0})
          for (const std::uint32_t threads : {1U, 3U, 8U})
            for (std::uint64_t seed = 1; seed <= 3; ++seed) {
              INFO(design << ", " << sockets << " sockets, burst " << burst << ", " << cells << " cells, "
                          << threads << " threads, seed " << seed);
              const Ran ran = run_program("socket",
                                          {{"design", 0, design},
                                           {"sockets", sockets},
                                           {"burst", burst},
                                           {"cells", cells},
                                           {"operations_per_thread", 100}},
                                          threads, {.seed = seed});
              CHECK(ran.failure == "");
              CHECK(ran.operations("deliver") == 100 * threads * static_cast<std::uint64_t>(burst));
              CHECK(ran.operations("receive") == ran.operations("deliver"));
            }
}

TEST_CASE("all schedules with two pre-emptions are right, and most lost stores are noticed") {
  for (const char* design : {"locked", "lock_free"}) {
    INFO(design);
    const auto with = [&](double operations) {
      return Settings{{"design", 0, design}, {"cells", 2}, {"operations_per_thread", operations}};
    };
    const Explored explored = explore("socket", with(2), 2, 2);
    CHECK(explored.failure == std::nullopt);
    CHECK(explored.schedules > 500);
    const double noticed = noticed_losses("socket", with(15), 3);
    CHECK(noticed > 0.7);
  }
}

TEST_CASE("packets that come in while the socket is owned wait in its backlog, and processes sleep for it") {
  const Ran alone = run_program("socket", {{"operations_per_thread", 100}}, 1);
  CHECK(alone.counter("backlogged") == 0);
  CHECK(alone.counter("owner_waits") == 0);
  const Ran ran = run_program("socket", {{"operations_per_thread", 100}}, 8);
  CHECK(ran.counter("backlogged") > 20);
  CHECK(ran.counter("owner_waits") > 20);
}
