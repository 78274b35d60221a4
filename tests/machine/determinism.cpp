// Is a run a function of its inputs, and does the machine scale to many cores?

#include <catch2/catch.hpp>

#include "tests/support/shapes.hpp"

using namespace baton;
using namespace baton::test;

TEST_CASE("two runs of the same point measure the same") {
  RunOptions options;
  options.cells = true;
  for (const auto* pattern : traces::all_patterns())
    for (const auto& named : every_choice()) {
      MachineParameters machine = machine_of(16, "mesh");
      set_cache(machine, 2, 2);
      const auto run = [&] {
        return run_machine(
            machine, named.choice,
            synthetic(*pattern, 16, 9, {{"operations_per_core", 50}, {"lines", 32}, {"sharers", 4}}),
            options);
      };
      CAPTURE(pattern->name(), named.label);
      CHECK(difference(run(), run()) == "");
    }
}

TEST_CASE("another seed is another run") {
  const auto cycles = [](std::uint64_t seed) {
    const Mixture mixture{.cores = 8, .seed = seed};
    return run_machine(machine_of(8, "mesh"), full_map, mixture.programs())["cycles"];
  };
  CHECK(cycles(1) != cycles(2));
}

TEST_CASE("1024 cores run, and all of them share a line") {
  constexpr std::uint32_t cores = 1024;
  for (const auto& protocol : {full_map, broadcast, migrate, snapshot, ideal_migrate}) {
    MachineParameters machine = machine_of(cores, "mesh");
    set_cache(machine, 4, 2);
    std::vector<Operation> program;
    for (int i = 0; i < 3; ++i) program.push_back(access(Kind::load, 5));
    std::vector<std::vector<Operation>> programs(cores, program);
    programs[17].push_back(access(Kind::rmw, 5, 200'000));  // when all have read it
    RunOptions options;
    options.check = true;
    const Result result = run_machine(machine, protocol, Programs(programs), options);
    CAPTURE(protocol.name);
    CHECK(result["operations"] == 3 * cores + 1);
    CHECK(result["messages"] == result["messages_received"]);
    if (protocol.name == "mesi") {
      CHECK(result["messages_Inv"] == cores - 1);
      CHECK(result["invalidations"] == cores - 1);
      CHECK(result["messages_AckCount"] == (protocol.options.at("directory") == "full_map" ? 1 : 0));
    }
  }
}

TEST_CASE("a machine has the cores that it is given, also when the workload uses fewer") {
  const Mixture mixture{.cores = 3};
  for (const auto& named : every_choice()) {
    const Result result = run_machine(machine_of(16, "mesh"), named.choice, mixture.programs());
    CHECK(result["accesses"] == 300);
    CHECK(result.real("fairness") > 0.5);
  }
}
