// Coroutines: nesting, results, exceptions, frames.
#include <stdexcept>

#include "tests/programs/support.hpp"

using namespace baton::programs;
using namespace baton::programs::test;

namespace {

int alive = 0;
struct Counted {
  Counted() { ++alive; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --alive; }
};

struct State {
  explicit State(Setup& setup) : word(setup.memory.object()) {}
  Address word;
};

Task<std::uint64_t> nested(Thread& t, Address word, int depth) {
  const Counted counted;
  if (depth == 0) co_return co_await t.fetch_add(word, 1);
  co_return co_await nested(t, word, depth - 1) + 1;
}

Task<> thrower(Thread& t, Address word) {
  const Counted counted;
  co_await t.load(word);
  throw std::runtime_error("from the depth");
}

Task<int> nothing() {
  co_return 1;
}

// Bodies that declare nothing in their outermost block and await in conditions: see runtime/frames.hpp.
Task<> in_while(Thread& t, Address w) {
  while (co_await t.fetch_add(w, 1) < 4) co_await t.compute(1);
}
Task<> in_if(Thread& t, Address w) {
  if (co_await t.load(w) == 0) co_await t.store(w, 7);
}
Task<> in_and(Thread& t, Address w) {
  if (co_await t.load(w) == 0 && co_await t.load(w) == 0) co_await t.store(w, 8);
}
Task<> in_switch(Thread& t, Address w) {
  switch (co_await t.load(w)) {
    case 0:
      co_await t.store(w, 9);
      break;
    default:
      break;
  }
  switch (co_await t.load(w)) {
    case 9:
      co_await t.fetch_add(w, 1);
      break;
    default:
      break;
  }
}
Task<bool> answer(Thread& t, Address w) {
  if (co_await t.load(w) == 0) co_return true;
  co_return false;
}
Task<> of_answer(Thread& t, Address w) {
  while (co_await answer(t, w)) co_await t.store(w, 11);
}
Task<> throwing_in_condition(Thread& t, Address w) {
  if (co_await t.load(w) == 0) throw std::runtime_error("from a condition");
}

}  // namespace

TEST_CASE("awaits in conditions of bodies without variables") {
  using Function = Task<> (*)(Thread&, Address);
  for (const auto& [function, left] : {std::pair<Function, std::uint64_t>{in_while, 5},
                                       {in_if, 7},
                                       {in_and, 8},
                                       {in_switch, 10},
                                       {of_answer, 11}})
    for (const bool nested : {false, true}) {
      std::uint64_t found = 0;
      const Small<State> program(
          [&, f = function](Thread& t, State& s) -> Task<> {
            if (!nested) return f(t, s.word);
            return [](Thread& thread, Address word, Function inner) -> Task<> {
              co_await inner(thread, word);
              co_await inner(thread, word);  // its frame may be the same memory again
            }(t, s.word, f);
          },
          [&](const State& s, const Contents& memory) -> std::optional<std::string> {
            found = memory.last(s.word);
            return {};
          });
      Run run(program, values(program), {});
      interpret(run);
      CHECK(found == (nested && left == 5 ? 6 : left));
    }
  const Small<State> program([](Thread& t, State& s) { return throwing_in_condition(t, s.word); });
  Run run(program, values(program), {});
  CHECK_THROWS_WITH(interpret(run), "from a condition");
}

TEST_CASE("nested tasks return values through all levels, and leave no frame") {
  alive = 0;
  std::uint64_t result = 0;
  const Small<State> program([&](Thread& t, State& s) -> Task<> {
    result = co_await nested(t, s.word, 100);
    result += co_await nested(t, s.word, 0);
  });
  {
    Run run(program, values(program), {});
    interpret(run);
    CHECK(alive == 0);
  }
  CHECK(result == 100 + 1);
}

TEST_CASE("an exception passes from a nested task through its awaiter to the executor") {
  alive = 0;
  int caught = 0;
  const Small<State> program([&](Thread& t, State& s) -> Task<> {
    const Counted counted;
    try {
      co_await thrower(t, s.word);
    } catch (const std::runtime_error&) {
      ++caught;
    }
    co_await thrower(t, s.word);
  });
  Run run(program, values(program), {});
  CHECK_THROWS_WITH(interpret(run), "from the depth");
  CHECK(caught == 1);
  CHECK(alive == 0);
}

TEST_CASE("a run that is given up destroys the frames of suspended threads, nested ones too") {
  alive = 0;
  const Small<State> program([&](Thread& t, State& s) -> Task<> {
    const Counted counted;
    for (;;) co_await nested(t, s.word, 3);
  });
  {
    Run run(program, values(program), {.threads = 5, .cores = 5});
    InterpreterOptions options;
    options.step_limit = 1000;
    CHECK_THAT(failure_of([&] { interpret(run, options); }), Catch::Contains("1000 steps"));
    CHECK(alive >= 5);
  }
  CHECK(alive == 0);
}

TEST_CASE("tasks that end without suspending can be awaited again and again") {
  // Each await uses the stack only until the thread suspends: a body does so now and then.
  std::uint64_t sum = 0;
  const Small<State> program([&](Thread& t, State& s) -> Task<> {
    for (int i = 0; i < 100'000; ++i) {
      sum += static_cast<std::uint64_t>(co_await nothing());
      if (i % 64 == 0) co_await t.load(s.word);
    }
  });
  Run run(program, values(program), {});
  interpret(run);
  CHECK(sum == 100'000);
}

TEST_CASE("a hundred thousand threads that have not begun, or have ended, hold no frame") {
  alive = 0;
  int most = 0;
  const Small<State> program([&](Thread& t, State& s) -> Task<> {
    const Counted counted;
    most = std::max(most, alive);
    co_await t.fetch_add(s.word, 1);
  });
  Run run(program, values(program), {.threads = 100'000, .cores = 8});
  for (std::uint32_t i = 0; i < run.threads(); ++i) {
    Thread& thread = run.thread(i);
    thread.resume();
    thread.perform(run.contents(), run.contents().last_version(thread.request().address));
    thread.resume();
    CHECK(thread.ended());
  }
  CHECK(most == 1);
  CHECK(run.contents().last(baton::traces::region_bytes) == 100'000);
}
