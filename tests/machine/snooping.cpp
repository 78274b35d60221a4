// Snooping protocols on the atomic bus: what textbooks count, to the digit.

#include <catch2/catch.hpp>

#include "tests/support/shapes.hpp"
#include "tests/support/simulate.hpp"
#include "tests/support/workloads.hpp"

using namespace baton::test;

namespace {

const ProtocolChoice msi{"snooping_msi", {}};
const ProtocolChoice msi_without_upgrade{"snooping_msi", {{"upgrade", "BusRdX"}}};
const ProtocolChoice mesi{"snooping_mesi", {}};
const ProtocolChoice illinois{"snooping_mesi", {{"clean_data", "cache"}}};
const ProtocolChoice moesi{"snooping_moesi", {}};
const ProtocolChoice dragon{"dragon", {}};
const std::vector<ProtocolChoice> all{msi, msi_without_upgrade, mesi, illinois, moesi, dragon};

MachineParameters bus_of(std::uint32_t cores) {
  MachineParameters machine = machine_of(cores, "bus");
  machine.cache.size_bytes = 64 * machine.cache.ways;  // one set
  return machine;
}

Result run(const ProtocolChoice& protocol, Script script, std::uint32_t cores = 4) {
  RunOptions options;
  options.check = true;
  options.per_core = true;
  return run_machine(bus_of(cores), protocol, script, options);
}

/// BusRd, BusRdX, BusUpgr, BusUpd, write-backs, lines from memory, flushes, supplies.
using Counts = std::vector<std::uint64_t>;

Counts counts_of(const Result& r) {
  return {r["bus_reads"],       r["bus_read_exclusives"], r["bus_upgrades"], r["bus_updates"],
          r["bus_write_backs"], r["messages_Data"],       r["bus_flushes"],  r["bus_supplies"]};
}

}  // namespace

TEST_CASE("a line read alone and then written: E saves MSI's upgrade") {
  const Script script = Script(4).load(0, 1).store(0, 1).store(0, 1);
  CHECK(counts_of(run(msi, script)) == Counts{1, 0, 1, 0, 0, 1, 0, 0});
  CHECK(counts_of(run(msi_without_upgrade, script)) == Counts{1, 1, 0, 0, 0, 2, 0, 0});
  for (const auto& protocol : {mesi, illinois, moesi, dragon})
    CHECK(counts_of(run(protocol, script)) == Counts{1, 0, 0, 0, 0, 1, 0, 0});
}

TEST_CASE("two readers, then one writes, then the other reads") {
  const Script script = Script(4).load(0, 1).load(1, 1).store(1, 1).load(0, 1);
  CHECK(counts_of(run(msi, script)) == Counts{3, 0, 1, 0, 0, 2, 1, 0});
  CHECK(counts_of(run(mesi, script)) == Counts{3, 0, 1, 0, 0, 2, 1, 0});
  CHECK(counts_of(run(illinois, script)) == Counts{3, 0, 1, 0, 0, 1, 1, 1});
  CHECK(counts_of(run(moesi, script)) == Counts{3, 0, 1, 0, 0, 2, 0, 1});
  CHECK(counts_of(run(dragon, script)) == Counts{2, 0, 0, 1, 0, 2, 0, 0});  // the reader's copy is current
}

TEST_CASE("a write miss to a dirty line") {
  const Script script = Script(4).store(0, 1).store(1, 1);
  CHECK(counts_of(run(msi, script)) == Counts{0, 2, 0, 0, 0, 1, 1, 0});
  CHECK(counts_of(run(mesi, script)) == Counts{0, 2, 0, 0, 0, 1, 1, 0});
  CHECK(counts_of(run(moesi, script)) == Counts{0, 2, 0, 0, 0, 1, 0, 1});
  // Dragon reads, alone the first time; the second time it updates the first writer's copy.
  CHECK(counts_of(run(dragon, script)) == Counts{2, 0, 0, 1, 0, 1, 0, 1});
}

TEST_CASE("only a read of a line that one cache had alone is an intervention") {
  const Script clean = Script(4).load(0, 1).load(1, 1);
  const Script dirty = Script(4).store(0, 1).load(1, 1);
  for (const auto& protocol : all) {
    CAPTURE(protocol.name);
    // MSI has no E: what is read alone is S like any other.
    const std::uint64_t alone = protocol.name == "snooping_msi" ? 0 : 1;
    CHECK(run(protocol, clean)["bus_interventions"] == alone);
    CHECK(run(protocol, dirty)["bus_interventions"] == 1);
    // Further readers find it S, or O or Sm where its owner keeps it.
    CHECK(run(protocol, Script(clean).load(2, 1).load(3, 1))["bus_interventions"] == alone);
    CHECK(run(protocol, Script(dirty).load(2, 1).load(3, 1))["bus_interventions"] == 1);
  }
}

TEST_CASE("an epoch of one write and one read by each of n readers") {
  for (std::uint32_t n : {1U, 2U, 7U}) {
    Script prepare(8), epochs(8);
    const int times = 5;
    prepare.store(0, 1);
    for (std::uint32_t reader = 1; reader <= n; ++reader) prepare.load(reader, 1);
    for (int i = 0; i < times; ++i) {
      epochs.store(0, 1);
      for (std::uint32_t reader = 1; reader <= n; ++reader) epochs.load(reader, 1);
    }
    const auto cost = [&](const ProtocolChoice& protocol, const char* column) {
      return run(protocol, Script(prepare).then(epochs), 8)[column] - run(protocol, prepare, 8)[column];
    };
    CAPTURE(n);
    for (const auto& protocol : {msi, mesi, moesi}) {
      CHECK(cost(protocol, "bus_upgrades") == times);
      CHECK(cost(protocol, "bus_reads") == times * n);
      CHECK(cost(protocol, "bus_cache_to_cache") == times * (protocol.name == "snooping_moesi" ? n : 1));
      CHECK(cost(protocol, "bus_copies_invalidated") == times * n);
    }
    CHECK(cost(dragon, "bus_updates") == times);
    CHECK(cost(dragon, "bus_reads") == 0);
    CHECK(cost(dragon, "bus_copies_updated") == times * n);
  }
}

TEST_CASE("dirty lines are written back when they are replaced, clean ones are not") {
  Script clean(2), dirty(2), owned(2);
  clean.load(0, 1);
  dirty.store(0, 1);
  owned.store(0, 1).load(1, 1);
  for (std::uint64_t line = 100; line < 108; ++line) {  // as many as the set has ways
    clean.load(0, line);
    dirty.load(0, line);
    owned.load(0, line);
  }
  for (const auto& protocol : all) {
    CAPTURE(protocol.name);
    CHECK(run(protocol, clean, 2)["bus_write_backs"] == 0);
    CHECK(run(protocol, dirty, 2)["bus_write_backs"] == 1);
    // MSI and MESI have flushed it when it was read; an owner (O, Sm) still has to write it.
    const bool owner = protocol.name == "snooping_moesi" || protocol.name == "dragon";
    CHECK(run(protocol, owned, 2)["bus_write_backs"] == (owner ? 1 : 0));
    CHECK(run(protocol, owned, 2)["bus_flushes"] == (owner ? 0 : 1));
  }
}

TEST_CASE("each core's counts add up to those of all") {
  Mixture mixture{.cores = 4, .operations = 300, .hot = 3, .lines = 20};
  for (const auto& protocol : all) {
    RunOptions options;
    options.per_core = true;
    const Result result = run_machine(bus_of(4), protocol, mixture.programs(), options);
    CAPTURE(protocol.name, result.failure);
    for (const char* column : {"reads", "write_backs", "cache_to_cache", "interventions",
                               "copies_invalidated", "memory_transactions", "read_misses", "write_misses"}) {
      std::uint64_t sum = 0;
      for (int core = 0; core < 4; ++core)
        sum += result["core_" + std::to_string(core) + "_" + std::string(column)];
      CHECK(sum == result["bus_" + std::string(column)]);
    }
    CHECK(result["bus_read_misses"] + result["bus_write_misses"] == result["misses"]);
    CHECK(result["misses"] == result["fills"]);
    CHECK(result["messages_Data"] + result["bus_cache_to_cache"] ==
          result["bus_reads"] + result["bus_read_exclusives"]);
  }
}

TEST_CASE("a tenure takes the request, the look-up and the line") {
  MachineParameters machine = bus_of(2);
  machine.home.llc_slice_bytes = 0;
  machine.memory.latency_ps = 50'000;  // 100 cycles
  machine.network.router_cycles = 3;
  machine.network.link_cycles = 2;
  const auto cycles = [&](const Script& script) {
    Script copy = script;
    return run_machine(machine, msi, copy)["cycles"];
  };
  const std::uint64_t hit = machine.cache.hit_cycles;
  const std::uint64_t request = 3 + 2 + hit + 1;
  const std::uint64_t memory = machine.home.latency_cycles + 100 + 5;
  CHECK(cycles(Script(2).load(0, 1)) == hit + request + memory + hit);
  CHECK(cycles(Script(2).load(0, 1).store(0, 1)) - cycles(Script(2).load(0, 1)) == hit + request + hit);
  CHECK(cycles(Script(2).store(0, 1).load(1, 1)) - cycles(Script(2).store(0, 1)) == hit + request + 5 + hit);
}

TEST_CASE("a line that is written to memory has the channel before one that is read") {
  MachineParameters machine = bus_of(1);
  set_cache(machine, 1, 1);
  machine.home.llc_ways = 1;
  // The read of line 2 has line 1 written back first: 5 flits. Then comes its request.
  const auto longer = [&](std::uint64_t bytes_per_s) {
    machine.memory.bandwidth_bytes_per_s = bytes_per_s;
    const Result dirty = run_machine(machine, msi, Script(1).store(0, 1).load(0, 2));
    CHECK(dirty["memory_writes"] == 1);
    return dirty["cycles"] - run_machine(machine, msi, Script(1).load(0, 1).load(0, 2))["cycles"];
  };
  const std::uint64_t request = 2 + 1 + machine.cache.hit_cycles + 1;
  // The last-level cache has a single line: it gives up line 1 when it reads line 2.
  machine.home.llc_slice_bytes = 64;
  CHECK(longer(12'800'000'000) == 5 + 10);
  CHECK(longer(6'400'000'000) == 5 + 20);
  // There is none: line 1 goes to memory while it is on the bus, and what is left of its time is waited for.
  machine.home.llc_slice_bytes = 0;
  CHECK(longer(12'800'000'000) == 5);
  CHECK(longer(6'400'000'000) == 5 + 20 - (5 + request));
}

TEST_CASE("streaming through hits and one event an access measure the same on the bus") {
  for (const auto& protocol : all)
    for (const std::uint32_t loads : {1U, 4U}) {
      Mixture mixture{.cores = 8, .operations = 400, .hot = 4, .lines = 30};
      MachineParameters machine = bus_of(8);
      machine.core.outstanding_loads = loads;
      RunOptions exact;
      exact.exact_events = true;
      CAPTURE(protocol.name, loads);
      CHECK(difference(run_machine(machine, protocol, mixture.programs()),
                       run_machine(machine, protocol, mixture.programs(), exact)) == "");
    }
}
