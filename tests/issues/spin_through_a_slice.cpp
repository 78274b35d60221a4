// A thread spun through its time slice while the one that it waited for was in the run queue: the watchdog
// took this for a deadlock, because a slice (3 ms, 6,000,000 cycles) is longer than it waits.

#include <catch2/catch.hpp>

#include "tests/support/programs.hpp"

using namespace baton::test;
using namespace baton::programs;

namespace {

struct State {
  explicit State(Setup& setup) : word(setup.memory.object()), kind(setup.kind("turn")) {}
  Address word;
  OperationKind kind;
};

/// `writer` lets the others go by a store.
SmallProgram<State> all_but_one_spin(std::uint32_t writer) {
  return SmallProgram<State>([writer](Thread& t, State& s) -> Task<> {
    t.begin(s.kind);
    if (t.index() == writer)
      co_await t.store(s.word, 1);
    else
      co_await t.spin_until(s.word, 1);
    t.end();
  });
}

}  // namespace

TEST_CASE("a spin may last as long as a slice, if somebody who waits for the core will end it") {
  for (const std::uint32_t threads : {2U, 5U}) {
    const auto program = all_but_one_spin(threads - 1);
    const Result result = run_program(machine_of(1), full_map, {&program, {}, threads});
    CHECK(result.failure == "");
    CHECK(result["operations"] == threads);
    CHECK(result["cycles"] > (threads - 1) * 6'000'000);
  }
}

TEST_CASE("a spin that nobody will end is found, also when many take turns in it") {
  const auto program = all_but_one_spin(9);
  const Result result = run_program(machine_of(1), full_map, {&program, {}, 5});
  CHECK_THAT(result.failure, Catch::Contains("no access has completed"));
}
