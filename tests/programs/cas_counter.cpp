// The counter by compare-and-swap: what it counts, what it loads, and turns.
#include "tests/programs/schedules.hpp"
#include "tests/programs/support.hpp"

using namespace baton::programs;
using namespace baton::programs::test;

namespace {

const Program& program() {
  return *find_program("cas_counter");
}

std::uint64_t counted(const Run& run, std::string_view name) {
  return run.counters()[static_cast<std::size_t>(run.names().counters.find(name))];
}

}  // namespace

TEST_CASE("cas_counter: each way counts right under random interleavings, and says how often it failed") {
  for (const char* expected : {"loaded", "last_seen"})
    for (const double turns : {0, 1})
      for (const char* backoff : {"none", "constant", "exponential"})
        for (std::uint32_t threads = 1; threads <= 8; ++threads)
          for (const double lost : {0.0, 0.02}) {
            INFO(expected << ", turns " << turns << ", backoff " << backoff << ", threads " << threads);
            const auto chosen = values(program(), {{"operations_per_thread", 100},
                                                   {"expected", 0, expected},
                                                   {"take_turns", turns},
                                                   {"backoff", 0, backoff}});
            Run run(program(), chosen, {.threads = threads, .cores = threads});
            InterpreterOptions options;
            options.lost_stores = lost;
            options.step_limit = 1'000'000;
            if (lost > 0 && turns != 0) {  // a turn that is lost is waited for
              CHECK_THAT(failure_of([&] { interpret(run, options); }), Catch::Contains("has not ended"));
              continue;
            }
            const Interpreted done = interpret(run, options);
            CHECK(done.failure.has_value() == (lost > 0));
            CHECK(done.operations == std::vector<std::uint64_t>{std::uint64_t{100} * threads});
            CHECK(counted(run, "attempts") - counted(run, "failures") == 100 * threads);
            if (threads == 1 && lost == 0) CHECK(counted(run, "failures") == 0);
          }
}

TEST_CASE("cas_counter: who loads has one load before each attempt, who does not has none") {
  for (const bool loads : {true, false}) {
    const auto chosen =
        values(program(), {{"operations_per_thread", 5}, {"expected", 0, loads ? "loaded" : "last_seen"}});
    Run run(program(), chosen, {.threads = 2, .cores = 2});
    Stepper stepper(run);
    int loaded = 0, attempts = 0;
    for (std::uint32_t thread = 0; !stepper.all_ended(); thread ^= 1) {
      if (!stepper.can_run(thread)) continue;
      if (stepper.request(thread).action == Action::load) ++loaded;
      if (stepper.request(thread).action == Action::compare_exchange) ++attempts;
      stepper.step(thread);
    }
    CHECK(stepper.self_check() == std::nullopt);
    CHECK(loaded == (loads ? attempts : 0));
    // Step by step in turn, each blind attempt but the first sees one addition by the other since.
    CHECK(counted(run, "failures") > 0);
  }
}

TEST_CASE("cas_counter: threads that take turns do, and those that load first never fail") {
  for (const bool loads : {true, false})
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      const auto chosen = values(program(), {{"operations_per_thread", 20},
                                             {"take_turns", 1},
                                             {"expected", 0, loads ? "loaded" : "last_seen"}});
      Run run(program(), chosen, {.threads = 3, .cores = 3});
      Stepper stepper(run);
      baton::traces::Random random(seed, 0);
      std::vector<std::uint32_t> order;
      while (!stepper.all_ended()) {
        const auto runnable = stepper.runnable();
        const std::uint32_t thread = runnable[random.below(runnable.size())];
        const std::uint64_t before = stepper.changes();
        stepper.step(thread);
        if (stepper.changes() != before) order.push_back(thread);
      }
      REQUIRE(order.size() == 60);
      for (std::uint32_t i = 0; i < order.size(); ++i) CHECK(order[i] == i % 3);
      CHECK((counted(run, "failures") == 0) == loads);
    }
}

TEST_CASE("cas_counter: every schedule with few pre-emptions counts right") {
  for (const char* expected : {"loaded", "last_seen"})
    for (const double turns : {0, 1}) {
      const auto chosen =
          values(program(), {{"operations_per_thread", 3}, {"take_turns", turns}, {"expected", 0, expected}});
      const Explored explored =
          Exploration(
              [&] { return std::make_unique<Run>(program(), chosen, RunSetup{.threads = 2, .cores = 2}); }, 4,
              15)
              .all();
      CHECK(explored.failure == std::nullopt);
      CHECK(explored.schedules >= (turns != 0 ? 1 : 40));  // turns leave no choice to those that load
    }
}

TEST_CASE("cas_counter: a backoff that would shrink is refused") {
  const auto chosen = values(
      program(), {{"backoff", 0, "exponential"}, {"backoff_min_cycles", 9}, {"backoff_max_cycles", 8}});
  REQUIRE(program().check(chosen, 2).size() == 1);
  CHECK(program().check(chosen, 2)[0].parameter == "backoff_max_cycles");
}
