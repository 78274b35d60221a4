// What a thread asks for, and what it notes about itself.
#include <algorithm>
#include <cmath>

#include "tests/programs/support.hpp"

using namespace baton::programs;
using namespace baton::programs::test;

namespace {

struct State {
  explicit State(Setup& setup)
      : a(setup.memory.object()),
        b(setup.memory.object()),
        kind(setup.kind("operation")),
        outer(setup.phase("outer")),
        inner(setup.phase("inner")),
        counter(setup.counter("times")),
        point(setup.preemption_point("here")),
        elsewhere(setup.preemption_point("elsewhere")) {}
  Address a, b;
  OperationKind kind;
  PhaseName outer, inner;
  Counter counter;
  PreemptionPoint point, elsewhere;
};

// g++ 12 evaluates an await within CHECK twice (the macro repeats its expression unevaluated, in a loop's
// condition).
void equal(std::uint64_t found, std::uint64_t expected) {
  CHECK(found == expected);
}

/// Runs a body of one thread to its end, on memory of its own.
void run_alone(const Small<State>::Body& body, Small<State>::Check check = {}) {
  const Small<State> program(body, check);
  Run run(program, values(program), {.threads = 3, .cores = 2, .pause_cycles = 11});
  Thread& thread = run.thread(1);
  std::vector<Version> memory(16);
  for (thread.resume(); !thread.ended(); thread.resume())
    if (accesses_memory(thread.request().action)) {
      Version& version = memory[thread.request().address / 64 % 16];
      version = thread.perform(run.contents(), version);
    }
  CHECK(run.self_check() == std::nullopt);
}

}  // namespace

TEST_CASE("operations on memory give and leave what they should") {
  run_alone([](Thread& t, State& s) -> Task<> {
    CHECK(t.index() == 1);
    CHECK(t.threads() == 3);
    CHECK(t.cores() == 2);
    co_await t.store(s.a, 5);
    equal(co_await t.load(s.a), 5);
    equal(co_await t.fetch_add(s.a, 3), 5);
    equal(co_await t.exchange(s.a, 12), 8);
    equal(co_await t.fetch_or(s.a, 3), 12);
    equal(co_await t.fetch_and(s.a, 6), 15);
    const Compared failed = co_await t.compare_exchange(s.a, 5, 1);
    CHECK_FALSE(failed.success);
    CHECK(failed.seen == 6);
    equal(co_await t.load(s.a), 6);
    const Compared done = co_await t.compare_exchange(s.a, 6, 1);
    CHECK(done);
    CHECK(done.seen == 6);
    equal(co_await t.load(s.a), 1);
    equal(co_await t.fetch_add(s.a, ~std::uint64_t{0}), 1);
    equal(co_await t.load(s.a) + co_await t.load(s.b), 0);
  });
}

TEST_CASE("kinds of access are those of the machine's operations") {
  using baton::traces::Kind;
  const Small<State> program([](Thread& t, State& s) -> Task<> {
    co_await t.load(s.a);
    co_await t.store(s.a, 1);
    co_await t.compare_exchange(s.a, 0, 1);
    co_await t.spin_while(s.a, 0, 7);
    co_await t.futex_wait(s.a, 0);
  });
  Run run(program, values(program), {});
  std::vector<Kind> kinds;
  Thread& t = run.thread(0);
  Version version = 0;
  for (t.resume(); !t.ended(); t.resume()) {
    kinds.push_back(t.request().kind());
    if (t.request().action == Action::spin) CHECK(t.request().spin_gap_cycles == 7);
    version = t.perform(run.contents(), version);
  }
  CHECK(kinds == std::vector{Kind::load, Kind::store, Kind::rmw, Kind::spin, Kind::load});
}

TEST_CASE("a spin asks again until its predicate ends it") {
  const Small<State> program([](Thread& t, State& s) -> Task<> {
    equal(co_await t.spin_while(s.a, 0), 4);
    equal(co_await t.spin_while(s.a, [low = std::uint64_t{6}](std::uint64_t v) { return v < low; }), 8);
    equal(co_await t.spin_until(s.a, 9), 9);
  });
  Run run(program, values(program), {.pause_cycles = 11});
  Thread& t = run.thread(0);
  Contents& memory = run.contents();
  t.resume();
  const Address a = t.request().address;
  CHECK(t.request().spin_gap_cycles == 11);
  Version v = 0;
  for (const auto& [value, keeps] :
       {std::pair{0, true}, {4, false}, {5, true}, {8, false}, {8, true}, {9, false}}) {
    v = memory.write(a, v, static_cast<std::uint64_t>(value));
    CHECK(t.perform(memory, v) == v);
    CHECK(t.keeps_spinning() == keeps);
    if (!keeps) t.resume();
  }
  CHECK(t.ended());
}

TEST_CASE("work is gathered for the next request, and marks keep their place in it") {
  const Small<State> program([](Thread& t, State& s) -> Task<> {
    co_await t.compute(10);
    t.begin(s.kind);
    co_await t.pause();
    {
      const auto scope = t.phase(s.outer);
      co_await t.compute(3);
      co_await t.load(s.a);
      t.enter(s.inner);
      co_await t.compute(4);
      t.leave();
    }
    t.end();
    t.count(s.counter, 5);
    t.count(s.counter);
  });
  Run run(program, values(program), {.pause_cycles = 2});
  Thread& t = run.thread(0);
  t.resume();
  CHECK(t.request().action == Action::load);
  CHECK(t.work_cycles() == 15);
  using What = Mark::What;
  const auto is = [](const Mark& mark, std::uint64_t after, What what, int number) {
    return mark.after_cycles == after && mark.what == what && mark.number == number;
  };
  REQUIRE(t.marks().size() == 2);
  CHECK(is(t.marks()[0], 10, What::begin, 0));
  CHECK(is(t.marks()[1], 12, What::enter, 0));
  t.perform(run.contents(), 0);
  t.resume();
  CHECK(t.ended());
  CHECK(t.work_cycles() == 4);
  REQUIRE(t.marks().size() == 4);
  CHECK(is(t.marks()[0], 0, What::enter, 1));
  CHECK(is(t.marks()[1], 4, What::leave, 0));
  CHECK(is(t.marks()[2], 4, What::leave, 0));
  CHECK(is(t.marks()[3], 4, What::end, 0));
  CHECK(run.counters() == std::vector<std::uint64_t>{6});
  CHECK(run.names().counters.all() == std::vector<std::string>{"times"});
}

TEST_CASE("much work becomes a request of its own, so that a loop of work does not run on for ever") {
  const Small<State> program([](Thread& t, State& s) -> Task<> {
    for (;;) {
      t.begin(s.kind);
      co_await t.compute(1);
      t.end();
    }
  });
  Run run(program, values(program), {});
  Thread& t = run.thread(0);
  t.resume();
  CHECK(t.request().action == Action::compute);
  CHECK(t.marks().size() < 32);
}

TEST_CASE("operations do not nest, and are ended") {
  const auto fails = [](const Small<State>::Body& body) {
    const Small<State> program(body);
    Run run(program, values(program), {});
    CHECK_THROWS_AS(interpret(run), std::logic_error);
  };
  fails([](Thread& t, State& s) -> Task<> {
    t.begin(s.kind);
    t.begin(s.kind);
    co_return;
  });
  fails([](Thread& t, State&) -> Task<> {
    t.end();
    co_return;
  });
  fails([](Thread& t, State& s) -> Task<> {
    t.begin(s.kind);
    co_return;
  });
}

TEST_CASE("names are letters, digits and underscores, and the same name is the same number") {
  NameList list;
  CHECK(list.intern("CAS1") == 0);
  CHECK(list.intern("cas_2") == 1);
  CHECK(list.intern("CAS1") == 0);
  CHECK(list.find("cas_2") == 1);
  CHECK(list.find("other") == -1);
  for (const char* bad : {"", "a b", "p99.9", "a;b"})
    CHECK_THROWS_AS(list.intern(bad), std::invalid_argument);

  struct Bad {
    explicit Bad(Setup& setup) : kind(setup.kind("load")) {}
    OperationKind kind;
  };
  const Small<Bad> program([](Thread&, Bad&) -> Task<> { co_return; });
  CHECK_THROWS_AS(Run(program, values(program), {}), std::invalid_argument);
}

TEST_CASE("injected pre-emption comes with its probability, at its place, with its distribution") {
  for (const bool log_uniform : {false, true}) {
    const int times = 20'000;
    std::vector<std::uint64_t> durations;
    std::uint64_t drawn = 0;
    const Small<State> program([&](Thread& t, State& s) -> Task<> {
      for (int i = 0; i < times; ++i) {
        co_await t.preemption_point(s.elsewhere);
        co_await t.preemption_point(s.point);
      }
      drawn = t.random().next();
    });
    Run run(program, values(program),
            {.injection = InjectionChoice{"here", 0.1, 1'000'000, 1'000'000'000, log_uniform}});
    Thread& t = run.thread(0);
    for (t.resume(); !t.ended(); t.resume()) {
      REQUIRE(t.request().action == Action::preempt);
      durations.push_back(t.request().duration.picoseconds);
    }
    CHECK(static_cast<double>(durations.size()) == Approx(0.1 * times).margin(5 * std::sqrt(0.09 * times)));
    std::sort(durations.begin(), durations.end());
    CHECK(durations.front() >= 1'000'000);
    CHECK(durations.back() <= 1'000'000'000);
    const double median = static_cast<double>(durations[durations.size() / 2]);
    CHECK(median == Approx(log_uniform ? std::sqrt(1e6 * 1e9) : 5e8).epsilon(log_uniform ? 0.25 : 0.1));
    CHECK(drawn == baton::traces::Random(1, 0).next());  // injecting changes no choice of the program
  }
  const Small<State> program([](Thread&, State&) -> Task<> { co_return; });
  CHECK_THROWS_AS(Run(program, values(program), {.injection = InjectionChoice{"nowhere", 1, 0, 0, false}}),
                  std::invalid_argument);
}
