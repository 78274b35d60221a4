// Is streaming through hits the same, to the last counter, as one event an access?

#include <catch2/catch.hpp>

#include "tests/support/shapes.hpp"

using namespace baton;
using namespace baton::test;

namespace {

std::string compare(const MachineParameters& machine, const ProtocolChoice& protocol,
                    traces::Workload&& streamed, traces::Workload&& exact) {
  RunOptions options;
  options.cells = true;
  const Result fast = run_machine(machine, protocol, streamed, options);
  options.exact_events = true;
  return difference(fast, run_machine(machine, protocol, exact, options));
}

struct Shape {
  std::string name;
  std::uint32_t cores = 4;
  std::string topology = "mesh";
  std::uint32_t sets = 4, ways = 2;
  std::string replacement = "lru";
  std::uint32_t outstanding_loads = 1, mshrs = 8;

  MachineParameters machine() const {
    MachineParameters machine = machine_of(cores, topology);
    set_cache(machine, sets, ways);
    machine.cache.replacement = replacement;
    machine.cache.mshrs = mshrs;
    machine.core.outstanding_loads = outstanding_loads;
    machine.home.llc_slice_bytes = 4096;
    machine.home.interleave = "hash";
    return machine;
  }
};

const std::vector<Shape> shapes{{"mesh, small caches"},
                                {"one way, bus", 4, "bus", 2, 1},
                                {"tree-PLRU, ideal", 6, "ideal", 2, 4, "tree_plru"},
                                {"4 loads at once", 4, "mesh", 4, 2, "lru", 4},
                                {"4 loads, 2 MSHRs", 4, "ideal", 1, 2, "lru", 4, 2},
                                {"16 cores, larger caches", 16, "mesh", 16, 4},
                                {"crossbar, 2 cores", 2, "crossbar", 8, 8, "tree_plru", 4, 1}};

}  // namespace

TEST_CASE("every pattern measures the same with and without exact events") {
  for (const auto* pattern : traces::all_patterns())
    for (const auto& named : every_choice())
      for (const auto& shape : shapes)
        for (const double work : {0.0, 13.0}) {
          const auto workload = [&] {
            return synthetic(
                *pattern, static_cast<int>(shape.cores), 1,
                {{"operations_per_core", 60}, {"work_cycles", work}, {"lines", 24}, {"sharers", 2}});
          };
          CAPTURE(pattern->name(), named.label, shape.name, work);
          CHECK(compare(shape.machine(), named.choice, workload(), workload()) == "");
        }
}

TEST_CASE("mixtures with straddling accesses and long gaps measure the same with and without exact events") {
  for (const auto& named : every_choice())
    for (const auto& shape : shapes)
      for (const std::uint64_t seed : {1U, 2U, 3U}) {
        Mixture mixture{.cores = shape.cores, .seed = seed, .operations = 150};
        mixture.straddle = 0.1;
        mixture.most_gap = seed == 1 ? 0 : 9;
        mixture.long_gap = seed == 2 ? 0.05 : 0;
        mixture.writes = seed == 3 ? 0.1 : 0.5;
        CAPTURE(named.label, shape.name, seed);
        CHECK(compare(shape.machine(), named.choice, mixture.programs(), mixture.programs()) == "");
      }
}

TEST_CASE("a machine that mostly hits measures the same with and without exact events") {
  for (const auto& named : every_choice()) {
    MachineParameters machine = machine_of(4, "mesh");
    Mixture mixture{.cores = 4, .seed = 5, .operations = 3000, .hot = 1, .lines = 64};
    mixture.writes = 0.01;
    CAPTURE(named.label);
    CHECK(compare(machine, named.choice, mixture.programs(), mixture.programs()) == "");
    machine.core.outstanding_loads = 4;
    CHECK(compare(machine, named.choice, mixture.programs(), mixture.programs()) == "");
  }
}

TEST_CASE("only long gaps: every event is beyond the calendar's ring") {
  for (const auto& named : every_choice()) {
    Mixture mixture{.cores = 4, .seed = 7, .operations = 60, .hot = 1, .lines = 4};
    mixture.long_gap = 1;
    MachineParameters machine = machine_of(4, "mesh");
    machine.memory.latency_ps = 3'000'000;  // 6000 cycles
    CAPTURE(named.label);
    CHECK(compare(machine, named.choice, mixture.programs(), mixture.programs()) == "");
  }
}

TEST_CASE("the monitor and the first core alone change no figure but the run they choose") {
  for (const auto& named : every_choice()) {
    const Mixture mixture{.cores = 4, .operations = 200};
    const MachineParameters machine = machine_of(4, "mesh");
    RunOptions checked;
    checked.check = true;
    CAPTURE(named.label);
    CHECK(difference(run_machine(machine, named.choice, mixture.programs()),
                     run_machine(machine, named.choice, mixture.programs(), checked)) == "");
    RunOptions first;
    first.first_core_only = true;
    const Result alone = run_machine(machine, named.choice, mixture.programs(), first);
    CHECK(alone["invalidations"] == 0);
    RunOptions exact = first;
    exact.exact_events = true;
    CHECK(difference(alone, run_machine(machine, named.choice, mixture.programs(), exact)) == "");
  }
}
