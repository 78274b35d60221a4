// Locks and queues on the simulated machine: under every protocol with the monitor, with more threads than
// cores, with pre-emption, with evictions.

#include <catch2/catch.hpp>

#include "tests/support/programs.hpp"
#include "tests/support/shapes.hpp"

using namespace baton::test;
using namespace baton::programs;

namespace {

using Settings = std::vector<ProgramSetting>;

struct Case {
  const char* program;
  Settings settings;
  const char* point = nullptr;  ///< a place where it may be pre-empted
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const char* lock :
       {"test_and_set", "test_and_test_and_set", "ticket", "mcs", "clh", "futex", "futex_spinning"})
    all.push_back(
        {"lock_counter",
         {{"lock", 0, lock}, {"operations_per_thread", 12}, {"counters", 2}, {"critical_cycles", 9}},
         "inside_critical_section"});
  for (const char* expected : {"loaded", "last_seen"})
    all.push_back(
        {"cas_counter",
         {{"expected", 0, expected}, {"operations_per_thread", 20}, {"backoff", 0, "exponential"}}});
  const ProgramSetting few{"elements", 60};
  for (const char* mode : {"enqueue", "pairs", "producers_consumers"}) {
    const ProgramSetting chosen{"mode", 0, mode};
    all.push_back({"ms_queue", {few, chosen}, "before_cas1"});
    all.push_back({"ms_queue",
                   {few,
                    chosen,
                    {"nodes", 0, "shared"},
                    {"placement", 0, "packed"},
                    {"ends", 0, "packed"},
                    {"capacity", std::string(mode) == "enqueue" ? 60.0 : 5.0}},
                   "before_cas1"});
    all.push_back({"mutex_queue", {few, chosen}, "inside_critical_section"});
    all.push_back(
        {"mutex_queue", {few, chosen, {"locks", 0, "two"}, {"lock", 0, "mcs"}}, "inside_critical_section"});
    all.push_back({"array_queue", {few, chosen, {"placement", 0, "packed"}}, "after_reserve"});
  }
  all.push_back({"ms_queue", {few, {"mode", 0, "pairs"}, {"nodes", 0, "own"}}, "before_cas1"});
  return all;
}

/// Six cores, of which some threads share one; short slices, so that threads lose them anywhere.
MachineParameters crowded() {
  MachineParameters machine = machine_of(6, "mesh");
  machine.core.pause_cycles = 5;
  machine.core.slow_cores = 2;
  machine.system.time_slice_ps = 500'000;
  machine.system.context_switch_ps = 50'000;
  machine.system.wake_latency_ps = 100'000;
  return machine;
}

}  // namespace

TEST_CASE("locks and queues pass under every protocol with the monitor, which changes no figure") {
  for (const Case& of : cases())
    for (const auto& named : every_choice()) {
      CAPTURE(of.program, of.settings[0].choice, of.settings[1].choice, named.label);
      MachineParameters machine = machine_of(5, "mesh");
      machine.core.pause_cycles = 5;
      RunOptions checked;
      checked.check = true;
      const ProgramRun run{find_program(of.program), of.settings};
      CHECK(difference(run_program(machine, named.choice, run),
                       run_program(machine, named.choice, run, checked)) == "");
    }
}

TEST_CASE("locks and queues pass with more threads than cores, slow cores, evictions and pre-emption") {
  for (const Case& of : cases())
    for (const auto& protocol : {full_map, migrate, snapshot})
      for (const std::uint64_t seed : {1, 2}) {
        CAPTURE(of.program, of.settings[0].choice, of.settings[1].choice, protocol.name, seed);
        MachineParameters machine = crowded();
        set_cache(machine, 1, 2);
        RunOptions checked;
        checked.check = true;
        ProgramRun run{find_program(of.program), of.settings, 14, seed};
        if (of.point != nullptr) run.injection = InjectionChoice{of.point, 0.1, 100'000, 2'000'000, true};
        const Result result = run_program(machine, protocol, run, checked);
        CHECK(result.failure == "");
        if (of.point != nullptr && result.ok()) CHECK(result["injected_preemptions"] > 0);
      }
}

TEST_CASE("losers of a mutex sleep on the machine too, and its queue's counts agree with the system's") {
  const ProgramRun run{find_program("mutex_queue"), {{"elements", 400}, {"mode", 0, "pairs"}}, 8};
  const Result result = run_program(machine_of(8), full_map, run);
  CHECK(result["futex_waits"] > 50);
  CHECK(result["count_lock_sleeps"] >= result["futex_waits"]);
  CHECK(result["count_lock_wakes"] == result["futex_wakes"]);
  CHECK(result["operations_enqueue"] == 400);
  CHECK(result["operations_dequeue"] == 400);
}

TEST_CASE("one thread alone runs every mode: the base of scaling efficiency") {
  RunOptions first;
  first.first_core_only = true;
  for (const char* program : {"ms_queue", "mutex_queue", "array_queue"})
    for (const char* mode : {"enqueue", "pairs", "producers_consumers"}) {
      const ProgramRun run{find_program(program), {{"elements", 50}, {"mode", 0, mode}, {"consumers", 3}}};
      CHECK(run_program(machine_of(8), migrate, run, first)["operations_enqueue"] == 50);
    }
}
