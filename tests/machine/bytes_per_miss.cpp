// What does a miss cost in bytes? 96 under directory MESI with precise eviction notices, whatever the number
// of cores: request 8, data 72, and the end of the copy that it made, either Inv and InvAck or Put and
// PutAck, 8 + 8 (Martin, Hill, Sorin, "Why on-chip cache coherence is here to stay", CACM 2012).

#include <catch2/catch.hpp>

#include "tests/support/event_cost.hpp"

using namespace baton::test;

namespace {

constexpr std::uint32_t all_cores[] = {4, 16, 64, 256};

}  // namespace

TEST_CASE("a miss whose copy is invalidated costs 96 bytes at any number of cores") {
  for (const std::uint32_t cores : all_cores)
    for (const std::uint32_t readers : {1U, 2U, cores - 1}) {
      Script epoch(static_cast<int>(cores));
      epoch.store(0, 5);
      for (std::uint32_t i = 1; i <= readers; ++i) epoch.load(i, 5);
      const EventCost cost(machine_of(cores, "mesh"), full_map, Script(epoch).then(epoch), epoch);
      CAPTURE(cores, readers);
      CHECK(cost["misses"] == readers + 1);
      CHECK(cost["bytes"] == 96 * cost["misses"]);
    }
}

TEST_CASE("a miss whose copy is evicted costs 96 bytes at any number of cores") {
  for (const std::uint32_t cores : all_cores) {
    MachineParameters machine = machine_of(cores, "mesh");
    machine.cache.size_bytes = 64;
    machine.cache.ways = 1;
    Script steps(static_cast<int>(cores));
    for (std::uint64_t line = 0; line < 3; ++line)
      for (std::uint32_t i = 0; i < cores; ++i) steps.load(i, line);
    const EventCost cost(machine, full_map, Script(steps).then(steps), steps);
    CAPTURE(cores);
    CHECK(cost["misses"] == 3 * cores);
    CHECK(cost["evictions"] == 3 * cores);
    // The last cache to share a line is made its exclusive owner by nobody: after all have evicted it the
    // home is in I, so one read of each round is answered exclusively, and the next one is forwarded and
    // copied back: 8 + 72 more.
    const std::uint64_t forwards = cost["messages_FwdGetS"];
    CHECK(cost["bytes"] == 96 * cost["misses"] + 80 * forwards);
    CHECK(forwards <= 3);
  }
}

TEST_CASE("a transfer of ownership costs 88 bytes at any number of cores") {
  for (const std::uint32_t cores : all_cores) {
    Script round(static_cast<int>(cores));
    for (std::uint32_t i = 0; i < cores; ++i) round.rmw(i, 5);
    for (const auto& protocol : {full_map, migrate}) {
      const EventCost cost(machine_of(cores, "mesh"), protocol, round, Script(round));
      CHECK(cost["bytes"] == (8 + 8 + 72) * cost["misses"]);
    }
  }
}
