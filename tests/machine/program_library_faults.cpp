// Do the locks' and queues' programs notice by themselves, without the monitor, that their protocol is wrong?

#include <catch2/catch.hpp>

#include "tests/support/spoiled_mesi.hpp"

using namespace baton::test;
using namespace baton::test::spoiled_mesi;
using baton::programs::find_program;

namespace {

using Fault = void (*)(CacheTable&, HomeTable&);

struct Case {
  std::string label;
  ProgramRun run;
  std::vector<Fault> faults;  ///< those whose row of the table its accesses come to
};

Case locked(const char* lock, const std::vector<Fault>& faults) {
  return {
      lock,
      {find_program("lock_counter"), {{"operations_per_thread", 40}, {"work_cycles", 30}, {"lock", 0, lock}}},
      faults};
}
Case compared(const char* expected, const std::vector<Fault>& faults) {
  return {expected,
          {find_program("cas_counter"), {{"operations_per_thread", 40}, {"expected", 0, expected}}},
          faults};
}
Case queued(const char* name, const char* mode, const std::vector<Fault>& faults) {
  return {
      std::string(name) + " " + mode, {find_program(name), {{"elements", 120}, {"mode", 0, mode}}}, faults};
}

std::vector<Case> cases() {
  const Fault data = data_are_not_taken, owner = owner_keeps_the_line, sharer = sharer_keeps_the_line,
              copy_back = copy_back_is_lost;
  return {
      locked("test_and_test_and_set", {data, owner, sharer, copy_back}),
      locked("ticket", {data, owner, sharer, copy_back}),
      locked("mcs", {data, owner, sharer, copy_back}),
      locked("clh", {data, owner, sharer}),
      locked("futex", {data, owner, sharer, copy_back}),
      compared("last_seen", {data, owner}),
      compared("loaded", {data, owner, sharer}),
      queued("ms_queue", "enqueue", {data, sharer, copy_back}),
      queued("ms_queue", "pairs", {data, owner, sharer, copy_back}),
      queued("ms_queue", "producers_consumers", {data, owner, sharer, copy_back}),
      queued("mutex_queue", "enqueue", {data, owner, sharer}),
      queued("mutex_queue", "pairs", {data, owner, sharer, copy_back}),
      queued("array_queue", "enqueue", {data, owner}),
      queued("array_queue", "pairs", {data, owner}),
      queued("array_queue", "producers_consumers", {data, owner, sharer}),
  };
}

}  // namespace

TEST_CASE("every program of locks and queues fails or hangs where lines go stale") {
  int by_the_program = 0;
  for (const Case& of : cases()) {
    CAPTURE(of.label);
    CHECK(spoiled(of.run, no_fault) == "");
    for (const Fault fault : of.faults) {
      const std::string report = spoiled(of.run, fault);
      CHECK(report != "");
      for (const char* own : {"self-check failed", "found the queue empty", "outside its memory"})
        if (report.find(own) != std::string::npos) ++by_the_program;
    }
  }
  CHECK(by_the_program >= 15);
}
