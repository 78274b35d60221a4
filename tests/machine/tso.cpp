// Total store order: what a store buffer changes, to the cycle, and what it must not change.

#include <catch2/catch.hpp>

#include "tests/support/shapes.hpp"

using namespace baton;
using namespace baton::test;

namespace {

MachineParameters tso(MachineParameters machine, std::uint32_t entries = 56) {
  machine.core.consistency = "tso";
  machine.core.store_buffer = entries;
  return machine;
}

/// One core's operations on an idle machine.
Result run_alone(const MachineParameters& machine, std::vector<Operation> operations) {
  RunOptions options;
  options.check = true;
  return run_machine(machine, full_map, Programs({std::move(operations)}), options);
}

std::uint64_t cycles(const MachineParameters& machine, std::vector<Operation> operations) {
  return run_alone(machine, std::move(operations))["cycles"];
}

const MachineParameters one_core = machine_of(1);
const std::uint64_t hit = one_core.cache.hit_cycles;

Operation load(std::uint64_t line, std::uint32_t gap = 0) {
  return access(Kind::load, line, gap);
}
Operation store(std::uint64_t line) {
  return access(Kind::store, line);
}
Operation rmw(std::uint64_t line) {
  return access(Kind::rmw, line);
}

}  // namespace

TEST_CASE("a store retires in a cycle and begins its access in the next") {
  CHECK(cycles(tso(one_core), {store(1)}) == cycles(one_core, {store(1)}) + 1);
  // Both miss: the load, a cycle behind, starts as its store does, and neither waits for the other.
  const std::uint64_t miss = cycles(one_core, {load(1)});
  CHECK(cycles(one_core, {store(1), load(2)}) == 2 * miss);
  CHECK(cycles(tso(one_core), {store(1), load(2)}) < 2 * miss);
}

TEST_CASE("a load behind a store that misses hits meanwhile") {
  const std::uint64_t prefix = cycles(one_core, {load(1)});
  const std::uint64_t miss = cycles(one_core, {store(2)});
  CHECK(cycles(one_core, {load(1), store(2), load(1)}) == prefix + miss + hit);
  CHECK(cycles(tso(one_core), {load(1), store(2), load(1)}) == prefix + 1 + miss);
}

TEST_CASE("what needs an empty buffer waits until the last store has taken its time") {
  MachineParameters slow = tso(one_core);
  slow.cache.hit_cycles = 100;
  Operation second = store(1);
  second.gap_cycles = 1000;
  // A third store would drain then, too.
  CHECK(cycles(slow, {store(1), second, rmw(1)}) == cycles(slow, {store(1), second, store(1)}));
}

TEST_CASE("a load from the store buffer is an access of hit_cycles") {
  const Result result = run_alone(tso(one_core), {store(1), load(1)});
  CHECK(result["store_forwards"] == 1);
  CHECK(result["accesses"] == 2);
  CHECK(result["latency_max_load"] == hit);
}

TEST_CASE("a store behind a load waits until the load has taken its time, however many may be in flight") {
  MachineParameters machine = one_core;
  machine.cache.hit_cycles = 100;
  const std::uint64_t one = cycles(machine, {load(1), store(1)});
  CHECK(one == cycles(machine, {load(1)}) + 100);
  machine.core.outstanding_loads = 2;
  CHECK(cycles(machine, {load(1), store(1)}) == one);
}

TEST_CASE("stores drain one at a time, and a full buffer holds the core up") {
  const std::uint64_t miss = cycles(one_core, {store(1)});
  CHECK(cycles(tso(one_core, 56), {store(1), store(2), store(3)}) == 1 + 3 * miss);
  CHECK(run_alone(tso(one_core, 3), {store(1), store(2), store(3)})["stall_cycles_store_buffer"] == 0);
  const Result full = run_alone(tso(one_core, 2), {store(1), store(2), store(3)});
  CHECK(full["cycles"] == 1 + 3 * miss);
  // Tried at cycle 2, when the first store has been on its way since 1; it goes when that store is performed,
  // a hit's time before its miss ends, and the next cycle has a free entry.
  CHECK(full["stall_cycles_store_buffer"] == miss - hit);
}

TEST_CASE("a store that finds no MSHR has waited since it was first refused") {
  MachineParameters machine = tso(one_core);
  machine.cache.mshrs = 1;
  // Both ask in cycle 1, the core before its buffer: the load gets the MSHR, and the store when the load's
  // line has come, a hit's time before the load is over.
  const std::uint64_t miss = hit + 160 + machine.home.latency_cycles + hit;
  const Result result = run_alone(machine, {store(1), load(2)});
  CHECK(result["latency_max_load"] == miss);
  CHECK(result["latency_max_store"] == miss - hit + miss);
}

TEST_CASE("a load gets the bytes of the youngest store before it") {
  const Result forwarded = run_alone(tso(one_core), {store(1), store(1), load(1)});
  CHECK(forwarded["store_forwards"] == 1);
  CHECK(forwarded["misses_load"] + forwarded["misses_store"] == 1);
  CHECK(forwarded["accesses"] == 3);
  // Another word of the line is not in the buffer: the load waits for the line like any other.
  Operation other = load(1);
  other.address += 8;
  CHECK(run_alone(tso(one_core), {store(1), other})["store_forwards"] == 0);
}

TEST_CASE("a load of more than a store has waits until that store has drained") {
  Operation narrow = store(1);
  narrow.size = 4;
  const Result waited = run_alone(tso(one_core), {narrow, load(1)});
  CHECK(waited["store_forwards"] == 0);
  CHECK(waited["stall_cycles_store_buffer"] > 0);
  CHECK(waited["cycles"] == 1 + cycles(one_core, {narrow}) - hit + 1 + hit);
  Operation part = load(1);
  part.size = 2;
  part.address += 2;
  CHECK(run_alone(tso(one_core), {narrow, part})["store_forwards"] == 1);
}

TEST_CASE("a read-modify-write waits until the buffer is empty") {
  const std::uint64_t prefix = cycles(one_core, {rmw(1)});
  const std::uint64_t miss = cycles(one_core, {store(2)});
  CHECK(cycles(tso(one_core), {rmw(1), store(2), rmw(1)}) == prefix + 1 + miss + hit);
}

TEST_CASE("under sequential consistency the store buffer's size changes nothing") {
  MachineParameters other = machine_of(4, "mesh");
  other.core.store_buffer = 1;
  const Mixture mixture{.cores = 4, .operations = 300};
  CHECK(difference(run_machine(machine_of(4, "mesh"), full_map, mixture.programs()),
                   run_machine(other, full_map, mixture.programs())) == "");
}

TEST_CASE("a core with a store buffer needs two ways") {
  MachineParameters machine = tso(machine_of(4));
  set_cache(machine, 4, 1);
  const auto errors = sim::check_parameters(machine, full_map);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].pointer == "/cache/ways");
  machine.core.consistency = "sc";
  CHECK(sim::check_parameters(machine, full_map).empty());
}

TEST_CASE("TSO measures the same with and without exact events, and its counters add up") {
  for (const auto& named : every_choice())
    for (const std::uint32_t entries : {1U, 3U, 56U})
      for (const std::uint32_t mshrs : {1U, 8U})
        for (const std::uint32_t loads : {1U, 4U}) {
          MachineParameters machine = tso(machine_of(4, "mesh"), entries);
          set_cache(machine, 2, 2);
          machine.cache.mshrs = mshrs;
          machine.core.outstanding_loads = loads;
          Mixture mixture{.cores = 4, .seed = entries, .operations = 200};
          mixture.straddle = 0.1;
          mixture.most_gap = 3;
          CAPTURE(named.label, entries, mshrs, loads);
          RunOptions options;
          const Result result = run_machine(machine, named.choice, mixture.programs(), options);
          CHECK(result["messages"] == result["messages_received"]);
          CHECK(result["misses"] == result["fills"]);
          CHECK(result["misses_store"] + result["misses_load"] + result["misses_rmw"] == result["misses"]);
          options.exact_events = true;
          options.check = true;
          CHECK(difference(result, run_machine(machine, named.choice, mixture.programs(), options)) == "");
        }
}

TEST_CASE("every pattern runs under TSO to its end, with as many operations as under SC") {
  for (const auto* pattern : traces::all_patterns()) {
    const auto workload = [&] {
      return synthetic(*pattern, 4, 1, {{"operations_per_core", 60}, {"lines", 24}, {"sharers", 2}});
    };
    RunOptions options;
    options.check = true;
    const Result sc = run_machine(machine_of(4, "mesh"), migrate, workload(), options);
    const Result result = run_machine(tso(machine_of(4, "mesh")), migrate, workload(), options);
    CAPTURE(pattern->name());
    // Who spins on a flag sees as many changes as come by.
    if (pattern->name() != "spin_wait") CHECK(result["operations"] == sc["operations"]);
    options.exact_events = true;
    CHECK(difference(result, run_machine(tso(machine_of(4, "mesh")), migrate, workload(), options)) == "");
  }
}
