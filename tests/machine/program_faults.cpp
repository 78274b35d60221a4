// Does a program notice by itself, without the monitor, that its protocol is wrong? Values come from the
// caches, so a stale line loses updates.

#include <catch2/catch.hpp>

#include "protocols/mesi/mesi.hpp"
#include "protocols/ownership/ownership.hpp"
#include "sim/machine/machine.hpp"
#include "tests/support/mutable_table.hpp"
#include "tests/support/programs.hpp"

using namespace baton;
using namespace baton::test;

namespace {

using mesi::CacheState;
using mesi::HomeState;
using CacheTable = MutableTable<CacheContext<mesi::Protocol>>;
using HomeTable = MutableTable<HomeContext<mesi::Protocol>>;

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

/// How directory MESI fails with tables that `spoil` has changed, "" if it does not.
template <class Spoil>
std::string spoiled(const ProgramRun& run, Spoil spoil) {
  const MachineParameters machine = machine_of(4);
  auto workload = run.on(machine);
  RunOptions options;
  options.watchdog_cycles = 100'000;
  return Result(in_child([&] {
           CacheTable cache(mesi::cache_table(false));
           HomeTable home(mesi::home_table(false));
           spoil(cache, home);
           sim::Machine<mesi::Protocol> instance("machine", machine, full_map, {cache.view(), home.view()},
                                                 options);
           return written(instance.run(workload));
         }))
      .failure;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void no_fault(CacheTable&, HomeTable&) {}
void data_are_not_taken(CacheTable& cache, HomeTable&) {
  cache.drop_action(CacheState::IM_AD, mesi::CacheEvent::DataLast, "fill");
}
void owner_keeps_the_line(CacheTable& cache, HomeTable&) {
  cache.set_next(CacheState::M, mesi::CacheEvent::FwdGetM, CacheState::M);
}
void sharer_keeps_the_line(CacheTable& cache, HomeTable&) {
  cache.set_next(CacheState::S, mesi::CacheEvent::Inv, CacheState::S);
}
void copy_back_is_lost(CacheTable&, HomeTable& home) {
  home.drop_action(HomeState::S_D, mesi::HomeEvent::Data, "write_memory");
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
