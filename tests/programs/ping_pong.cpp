// The programs that measure latencies between two cores: they end, and find lost updates.
#include "tests/programs/schedules.hpp"
#include "tests/programs/support.hpp"

using namespace baton::programs;
using namespace baton::programs::test;

TEST_CASE("ping_pong passes the flag so often, between any two threads") {
  for (const char* waiting : {"compare_and_swap", "load"})
    for (std::uint32_t second = 0; second < 3; ++second) {
      const Program& program = *find_program("ping_pong");
      const auto chosen = values(
          program, {{"round_trips", 10}, {"first", 2}, {"second", double(second)}, {"waiting", 0, waiting}});
      Run run(program, chosen, {.threads = 3, .cores = 3});
      const Interpreted done = interpret(run, {});
      CHECK(done.failure == std::nullopt);
      CHECK(done.operations == std::vector<std::uint64_t>{second == 2 ? 0U : 10U});
    }
  const Program& program = *find_program("ping_pong");
  CHECK(program.check(values(program, {{"first", 3}}), 3)[0].message ==
        "must be one of the 3 threads, 0 to 2, found 3");
}

TEST_CASE("remote_access finds what the holder has written, and says so if not") {
  const Program& program = *find_program("remote_access");
  for (const char* access : {"load", "store", "compare_and_swap", "fetch_add"})
    for (const std::uint32_t threads : {1U, 2U, 3U}) {
      const auto chosen = values(program, {{"rounds", 10}, {"access", 0, access}});
      Run run(program, chosen, {.threads = threads, .cores = threads});
      const Interpreted done = interpret(run, {});
      CHECK(done.failure == std::nullopt);
      CHECK(done.operations == std::vector<std::uint64_t>{10});
    }
}
