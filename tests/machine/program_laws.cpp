// Do programs on the simulated machine obey the laws that streams obey (contended_throughput.cpp), and do
// their values come from the caches?

#include <catch2/catch.hpp>

#include "tests/support/programs.hpp"
#include "tests/support/shapes.hpp"

using namespace baton::test;
using baton::programs::find_program;

namespace {

ProgramRun counter(double operations, double work = 0, std::uint32_t threads = 0) {
  return {find_program("fetch_add_counter"),
          {{"operations_per_thread", operations}, {"work_cycles", work}},
          threads};
}

double per_cycle(const Result& result) {
  return static_cast<double>(result["operations"]) / static_cast<double>(result["cycles"]);
}

struct Times {
  std::uint32_t leg, hit, home;
};

/// A machine with more cores than threads, in which the counter's home is at a node without a thread: every
/// leg takes the same time.
MachineParameters machine_with(const Times& times, std::uint32_t threads) {
  std::uint32_t cores = threads + 1;
  while (baton::traces::region_bytes / 64 % cores < threads) ++cores;
  MachineParameters machine = machine_of(cores);
  machine.network.latency_cycles = times.leg;
  machine.cache.hit_cycles = times.hit;
  machine.home.latency_cycles = times.home;
  machine.home.occupancy_cycles = 0;
  return machine;
}

}  // namespace

TEST_CASE("fetch-and-add of one counter: throughput is min(N/(S+Z), 1/S) under both protocols") {
  for (const Times& t : {Times{10, 2, 6}, Times{30, 3, 0}, Times{100, 1, 20}})
    for (const std::uint32_t threads : {2U, 3U, 5U, 8U, 32U}) {
      const std::uint32_t work = t.leg + t.home + 7;
      const double transfer = t.hit + t.leg;
      const double think = 2 * t.hit + work + 2 * t.leg + t.home;
      const double expected = std::min(threads / (transfer + think), 1 / transfer);
      for (const auto& protocol : {full_map, migrate}) {
        const Result result = run_program(machine_with(t, threads), protocol, counter(2000, work, threads));
        CAPTURE(protocol.name, threads, t.leg, t.hit, t.home);
        CHECK(per_cycle(result) == Approx(expected).epsilon(0.01));
        CHECK(result["operations"] == 2000 * threads);
        CHECK(result["operations_add"] == 2000 * threads);
      }
    }
}

TEST_CASE("a program's thread takes exactly the time that a stream of the same accesses takes") {
  for (const char* topology : {"ideal", "mesh"})
    for (const std::uint32_t cores : {1U, 2U, 4U, 16U})
      for (const std::uint32_t work : {0U, 5U, 100U})
        for (const auto& protocol : {full_map, migrate, broadcast}) {
          const MachineParameters machine = machine_of(cores, topology);
          // The stream works before its access, the program after it: give the program's first none.
          const std::uint64_t line = baton::traces::region_bytes / 64;
          std::vector<std::vector<Operation>> lists(cores);
          for (auto& list : lists)
            for (int i = 0; i < 300; ++i) list.push_back(access(Kind::rmw, line, i == 0 ? 0 : work));
          const Result streams = run_machine(machine, protocol, Programs(lists));
          const Result program = run_program(machine, protocol, counter(300, work));
          CAPTURE(topology, cores, work, protocol.name);
          for (const char* column : {"operations", "accesses", "hits", "misses", "messages", "byte_hops",
                                     "latency_max_rmw", "stall_cycles_rmw"})
            CHECK(streams[column] == program[column]);
          CHECK(program["cycles"] == streams["cycles"] + work);
        }
}

TEST_CASE("packed counters share lines falsely, padded ones do not") {
  for (const auto& protocol : {full_map, migrate}) {
    const auto misses = [&](const char* placement, double padding) {
      ProgramRun run = counter(500);
      run.settings.push_back({"counters", 0, "per_thread"});
      run.settings.push_back({"placement", 0, placement});
      run.settings.push_back({"padding", padding});
      return run_program(machine_of(8), protocol, run)["misses"];
    };
    CHECK(misses("own_line", 0) == 8);
    CHECK(misses("padded", 56) == 8);
    CHECK(misses("packed", 0) > 1000);
    CHECK(misses("padded", 24) > 500);
  }
}

TEST_CASE("programs pass under every protocol with the monitor, which changes no figure") {
  for (const auto& named : every_choice()) {
    CAPTURE(named.label);
    RunOptions checked;
    checked.check = true;
    MachineParameters machine = machine_of(8, "mesh");
    set_cache(machine, 1, 2);  // evictions
    ProgramRun run = counter(100, 3);
    run.settings.push_back({"counters", 0, "per_thread"});
    run.settings.push_back({"placement", 0, "packed"});
    CHECK(difference(run_program(machine, named.choice, run),
                     run_program(machine, named.choice, run, checked)) == "");
    CHECK(run_program(machine, named.choice, counter(100), checked).ok());
  }
}

TEST_CASE("lines of any size hold a program's words") {
  for (const std::uint32_t line : {8U, 16U, 128U, 4096U}) {
    MachineParameters machine = machine_of(4);
    machine.cache.line_bytes = line;
    machine.cache.size_bytes = std::uint64_t{line} * 8 * 8;
    machine.home.llc_slice_bytes = 0;
    machine.network.link_bytes = 128;
    ProgramRun run = counter(200);
    run.settings.push_back({"counters", 0, "per_thread"});
    run.settings.push_back({"placement", 0, "packed"});
    const Result result = run_program(machine, full_map, run);
    CAPTURE(line, result.failure);
    CHECK(result["operations"] == 800);
    CHECK((result["invalidations"] > 0) == (line > 8));
  }
}

TEST_CASE("the first core alone runs one thread: the base of scaling efficiency") {
  RunOptions first;
  first.first_core_only = true;
  const Result result = run_program(machine_of(4), migrate, counter(50), first);
  CHECK(result["operations"] == 50);
  CHECK(result["thread_count"] == 1);
  CHECK(result["misses"] == 1);
}
