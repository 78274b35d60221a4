// Tardis: what accesses cost, exactly, when a lease ends, and that a core that only reads sees a store at
// last.

#include <catch2/catch.hpp>

#include "tests/support/event_cost.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/shapes.hpp"

using namespace baton::test;
using baton::sim::RunOptions;

namespace {

ProtocolChoice tardis(std::uint32_t lease = 10, std::uint32_t self_increment = 10000) {
  return {"tardis", {{"lease", std::to_string(lease)}, {"self_increment", std::to_string(self_increment)}}};
}

Script script(std::uint32_t cores) {
  return Script(static_cast<int>(cores));
}
Script repeated(Script steps, std::uint32_t core, Kind kind, std::uint64_t line, std::uint32_t times) {
  for (; times > 0; --times) steps.add(core, kind, line);
  return steps;
}

/// Two threads, five additions each.
Result ticket_lock(const ProtocolChoice& protocol) {
  const ProgramRun run{baton::programs::find_program("lock_counter"),
                       {{"lock", 0, "ticket"}, {"operations_per_thread", 5}}};
  return run_program(machine_of(2), protocol, run);
}

}  // namespace

TEST_CASE("tardis: a miss costs 2 messages if the home has the line, else 4") {
  for (const std::uint32_t cores : {3U, 16U})
    for (const Kind kind : {Kind::load, Kind::store, Kind::rmw}) {
      const auto machine = machine_of(cores, "mesh");
      const EventCost clean(machine, tardis(), script(cores), script(cores).add(0, kind, 1));
      CHECK(clean["messages"] == 2);
      CHECK(clean["messages_Data"] == 1);
      const EventCost owned(machine, tardis(), script(cores).store(1, 1), script(cores).add(0, kind, 1));
      CHECK(owned["messages"] == 4);
      CHECK(owned["messages_Data"] == 2);
      CHECK(owned[kind == Kind::load ? "messages_FwdGetS" : "messages_FwdGetM"] == 1);
    }
}

TEST_CASE(
    "tardis: a write to a line with k sharers costs 2 messages, whatever k, and nobody is invalidated") {
  for (const std::uint32_t cores : {2U, 5U, 16U, 64U, 256U})
    for (const std::uint32_t k : {0U, 1U, 3U, 14U, 62U, 254U})
      for (const bool upgrade : {false, true}) {
        if (k + 2 > cores || (k == 254 && upgrade)) continue;
        Script prefix = script(cores);
        if (upgrade) prefix.load(0, 1);
        for (std::uint32_t i = 1; i <= k; ++i) prefix.load(i, 1);
        const EventCost cost(machine_of(cores, "mesh"), tardis(), prefix, script(cores).store(0, 1));
        CAPTURE(cores, k, upgrade);
        CHECK(cost["messages"] == 2);
        CHECK(cost[upgrade ? "messages_Upgraded" : "messages_Data"] == 1);
        CHECK(cost["invalidations"] == 0);
      }
}

TEST_CASE("tardis: a lease ends behind its last tick, and its renewal costs 2 messages without data") {
  for (const std::uint32_t lease : {1U, 2U, 5U, 10U, 20U, 50U, 100U}) {
    const auto machine = machine_of(4, "mesh");
    // The clock begins at 1, so the lease is until 1 + lease; each store of another line is a tick later.
    const auto cost = [&](std::uint32_t stores) {
      return EventCost(machine, tardis(lease), repeated(script(4).load(0, 1), 0, Kind::store, 2, stores),
                       script(4).load(0, 1));
    };
    CAPTURE(lease);
    CHECK(cost(lease)["messages"] == 0);
    const auto expired = cost(lease + 1);
    CHECK(expired["messages"] == 2);
    CHECK(expired["messages_Renew"] == 1);
    CHECK(expired["messages_Renewed"] == 1);
    CHECK(expired["misses"] == 1);
    CHECK(expired["upgrades"] == 0);
  }
}

TEST_CASE("tardis: under its lease a core reads an old version, then the new one") {
  const auto machine = machine_of(4, "mesh");
  const Script both = script(4).load(0, 1).store(1, 1);
  CHECK(EventCost(machine, tardis(), both, script(4).load(0, 1))["messages"] == 0);
  // Behind the lease the version is no longer the newest: its owner is asked.
  const EventCost fresh(machine, tardis(), repeated(both, 0, Kind::store, 2, 11), script(4).load(0, 1));
  CHECK(fresh["messages"] == 4);
  CHECK(fresh["messages_Renew"] == 1);
  CHECK(fresh["messages_Renewed"] == 0);
  CHECK(fresh["messages_Data"] == 2);
}

TEST_CASE("tardis: of the loads of one line by one core every (lease + 1) x self_increment-th is a renewal") {
  for (const std::uint32_t lease : {1U, 2U, 10U})
    for (const std::uint32_t period : {10U, 100U}) {
      const std::uint32_t last = (lease + 1) * period;  // the clock then says lease + 2
      const auto machine = machine_of(2, "mesh");
      const auto messages = [&](std::uint32_t loads) {
        return run_machine(machine, tardis(lease, period),
                           repeated(script(2), 0, Kind::load, 1, loads))["messages"];
      };
      CAPTURE(lease, period);
      CHECK(messages(last - 1) == 2);
      CHECK(messages(last) == 4);
    }
}

TEST_CASE("tardis: a shared copy leaves in silence, an owned one with 2 messages") {
  auto machine = machine_of(4, "mesh");
  set_cache(machine, 1, 1);
  const EventCost shared(machine, tardis(), script(4).load(0, 1), script(4).load(0, 2));
  CHECK(shared["messages"] == 2);
  const EventCost owned(machine, tardis(), script(4).store(0, 1), script(4).load(0, 2));
  CHECK(owned["messages"] == 4);
  CHECK(owned["messages_PutM"] == 1);
  CHECK(owned["messages_PutAck"] == 1);
}

TEST_CASE("tardis: spinning ends, the sooner the shorter lease and period are") {
  const auto* pattern = *std::ranges::find_if(baton::traces::all_patterns(),
                                              [](const auto* p) { return p->name() == "spin_wait"; });
  const auto cycles = [&](const ProtocolChoice& choice) {
    RunOptions options;
    options.check = true;
    return run_machine(machine_of(4, "mesh"), choice,
                       synthetic(*pattern, 4, 1, {{"operations_per_core", 20}, {"readers", 3}}),
                       options)["cycles"];
  };
  const std::uint64_t usual = cycles(tardis(10, 100));
  CHECK(cycles(tardis(10, 10)) < usual);
  CHECK(cycles(tardis(1, 100)) < usual);
}

TEST_CASE("tardis: the watchdog allows what a spin takes to outlast a lease") {
  // 101 ticks of 100 loads, 142 cycles each.
  const Result result = ticket_lock(tardis(100, 100));
  CHECK(result.failure == "");
  CHECK(result["cycles"] > 1'000'000);
}

TEST_CASE("tardis: the data of an owner go on from the home without a look into its slice") {
  MachineParameters machine = machine_of(4);
  const auto latency = [&] {
    return run_machine(
        machine, tardis(),
        Programs({{access(Kind::load, 2, 1'000)}, {access(Kind::store, 2)}, {}, {}}))["latency_max_load"];
  };
  const auto usual = latency();
  machine.home.llc_cycles += 100;
  CHECK(latency() == usual);
}
