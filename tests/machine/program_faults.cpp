// Does a program notice by itself, without the monitor, that its protocol is wrong? Values come from the
// caches, so a stale line loses updates.

#include <catch2/catch.hpp>

#include "tests/support/spoiled_mesi.hpp"

using namespace baton;
using namespace baton::test;
using namespace baton::test::spoiled_mesi;

namespace {

struct State {
  explicit State(programs::Setup& setup)
      : lock(setup.memory.object()), data(setup.memory.object()), work(setup.kind("work")) {}
  programs::Address lock, data;
  programs::OperationKind work;
};

/// Four threads add under a lock that they spin for, and read on the way.
SmallProgram<State> locked_counter() {
  return {[](programs::Thread& t, State& s) -> programs::Task<> {
            for (int i = 0; i < 30; ++i) {
              while (co_await t.exchange(s.lock, 1) != 0) co_await t.spin_while(s.lock, 1);
              co_await t.store(s.data, co_await t.load(s.data) + 1);
              co_await t.store(s.lock, 0);
              co_await t.compute(20 * t.index());
            }
          },
          [](const State& s, const programs::Contents& memory) -> std::optional<std::string> {
            if (memory.last(s.data) == 120) return {};
            return "data is " + std::to_string(memory.last(s.data));
          }};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a counter by fetch-and-add loses updates where lines go stale") {
  const ProgramRun run{programs::find_program("fetch_add_counter"),
                       {{"operations_per_thread", 50}, {"work_cycles", 40}}};
  CHECK(spoiled(run, no_fault) == "");
  for (const auto fault : {data_are_not_taken, owner_keeps_the_line}) {
    const std::string report = spoiled(run, fault);
    CAPTURE(report);
    CHECK(contains(report, "the program's self-check failed: counter 0 is "));
  }
}

TEST_CASE("a counter under a lock fails or hangs where lines go stale") {
  const SmallProgram<State> program = locked_counter();
  const ProgramRun run{.program = &program};
  CHECK(spoiled(run, no_fault) == "");
  for (const auto fault :
       {data_are_not_taken, owner_keeps_the_line, sharer_keeps_the_line, copy_back_is_lost}) {
    const std::string report = spoiled(run, fault);
    CAPTURE(report);
    CHECK((contains(report, "the program's self-check failed: data is ") || contains(report, "deadlock") ||
           contains(report, "no access has completed")));
  }
}
