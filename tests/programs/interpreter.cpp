// Interleavings, futexes, sleep, deadlock, and faults that a self-check must find.
#include <set>

#include "tests/programs/support.hpp"

using namespace baton::programs;
using namespace baton::programs::test;

namespace {

struct State {
  explicit State(Setup& setup)
      : lock(setup.memory.object()), data(setup.memory.object()), kind(setup.kind("work")) {}
  Address lock, data;
  OperationKind kind;
};

Interpreted run_small(const Small<State>& program, std::uint32_t threads,
                      const InterpreterOptions& options = {}) {
  Run run(program, values(program), {.threads = threads, .cores = threads});
  return interpret(run, options);
}

std::optional<std::string> data_is(std::uint64_t expected, const State& s, const Contents& memory) {
  if (memory.last(s.data) == expected) return {};
  return "data is " + std::to_string(memory.last(s.data));
}

}  // namespace

TEST_CASE("threads interleave: load and store lose updates, the same seed loses the same") {
  const Small<State> program(
      [](Thread& t, State& s) -> Task<> {
        for (int i = 0; i < 100; ++i) co_await t.store(s.data, co_await t.load(s.data) + 1);
      },
      [](const State& s, const Contents& memory) { return data_is(400, s, memory); });
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Interpreted once = run_small(program, 4, {.seed = seed});
    REQUIRE(once.failure);
    CHECK(once.failure == run_small(program, 4, {.seed = seed}).failure);
    outcomes.insert(*once.failure);
  }
  CHECK(outcomes.size() > 1);
}

TEST_CASE("a lock by exchange and spinning keeps them, and all operations are counted") {
  const Small<State> program(
      [](Thread& t, State& s) -> Task<> {
        for (int i = 0; i < 100; ++i) {
          t.begin(s.kind);
          while (co_await t.exchange(s.lock, 1) != 0) co_await t.spin_while(s.lock, 1);
          co_await t.store(s.data, co_await t.load(s.data) + 1);
          co_await t.store(s.lock, 0);
          t.end();
          co_await t.yield();
        }
      },
      [](const State& s, const Contents& memory) { return data_is(400, s, memory); });
  const Interpreted done = run_small(program, 4);
  CHECK(done.failure == std::nullopt);
  CHECK(done.operations == std::vector<std::uint64_t>{400});
}

TEST_CASE("a futex mutex: losers sleep and are woken") {
  // Drepper, Futexes Are Tricky (2011), mutex 2: 0 free, 1 taken, 2 taken with waiters.
  const Small<State> program(
      [](Thread& t, State& s) -> Task<> {
        for (int i = 0; i < 50; ++i) {
          const Compared taken = co_await t.compare_exchange(s.lock, 0, 1);
          if (!taken) {
            std::uint64_t seen = taken.seen == 2 ? 2 : co_await t.exchange(s.lock, 2);
            while (seen != 0) {
              co_await t.futex_wait(s.lock, 2);
              seen = co_await t.exchange(s.lock, 2);
            }
          }
          const std::uint64_t value = co_await t.load(s.data);
          co_await t.sleep_ps(1000);
          co_await t.store(s.data, value + 1);
          if (co_await t.exchange(s.lock, 0) == 2) co_await t.futex_wake(s.lock);
        }
      },
      [](const State& s, const Contents& memory) { return data_is(400, s, memory); });
  const Interpreted done = run_small(program, 8);
  CHECK(done.failure == std::nullopt);
  std::uint64_t sleeps = 0;
  for (const std::uint64_t n : done.sleeps) sleeps += n;
  CHECK(sleeps > 100);
}

TEST_CASE("futex_wake wakes those that came first, and says how many") {
  std::vector<std::uint64_t> woken;
  std::vector<bool> slept(4);
  const Small<State> program([&](Thread& t, State& s) -> Task<> {
    if (t.index() < 3) {
      slept[t.index()] = co_await t.futex_wait(s.lock, 0);
      co_await t.fetch_add(s.data, 1);
    } else {
      while (co_await t.futex_wake(s.lock, 0) == 0 && co_await t.load(s.data) == 0 && woken.size() < 200) {
        co_await t.yield();
        woken.push_back(0);
      }
      woken.clear();
      woken.push_back(co_await t.futex_wake(s.lock, 2));
      co_await t.spin_while(s.data, [](std::uint64_t v) { return v < 2; });
      woken.push_back(co_await t.futex_wake(s.lock, 5));
      woken.push_back(co_await t.futex_wake(s.lock, 5));
      co_await t.store(s.lock, 1);
      slept[3] = co_await t.futex_wait(s.lock, 0);
    }
  });
  run_small(program, 4);
  CHECK(woken == std::vector<std::uint64_t>{2, 1, 0});
  CHECK(slept == std::vector<bool>{true, true, true, false});
}

TEST_CASE("a deadlock says who waits on what") {
  const Small<State> program([](Thread& t, State& s) -> Task<> {
    if (t.index() == 1) co_return;
    co_await t.store(s.lock, 1);
    co_await t.futex_wait(s.lock, 1);
  });
  const std::string text = failure_of([&] { run_small(program, 3); });
  CHECK_THAT(text, Catch::Contains("deadlock"));
  CHECK_THAT(text, Catch::Contains("thread 0 waits on futex 0x1000000000000, whose value is 1"));
  CHECK_THAT(text, Catch::Contains("thread 2 waits"));
  CHECK_THAT(text, !Catch::Contains("thread 1"));
}

TEST_CASE("fetch_add_counter: each parameter counts right, and its self-check sees a lost update") {
  const Program& program = *find_program("fetch_add_counter");
  for (const char* counters : {"shared", "per_thread"})
    for (const char* placement : {"own_line", "packed", "padded"}) {
      const auto chosen = values(program, {{"operations_per_thread", 200},
                                           {"work_cycles", 5},
                                           {"counters", 0, counters},
                                           {"placement", 0, placement}});
      CHECK(program.check(chosen, 8).empty());
      for (const double lost : {0.0, 0.01}) {
        Run run(program, chosen, {.threads = 8, .cores = 8});
        const Interpreted done = interpret(run, {.lost_stores = lost});
        CHECK(done.operations == std::vector<std::uint64_t>{1600});
        CHECK(done.failure.has_value() == (lost > 0));
      }
    }
  CHECK(program.check(values(program, {{"padding", 12}}), 8)[0].parameter == "padding");
}
