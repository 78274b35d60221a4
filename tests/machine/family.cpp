// Do the machine's parts of the protocol family do what the tables leave to them: recalls of a bounded
// directory, far atomics, their predictor?

#include <catch2/catch.hpp>

#include "tests/support/event_cost.hpp"

using namespace baton::test;

namespace {

ProtocolChoice sparse(const std::string& protocol, const std::string& entries) {
  return {protocol, {{"entries", entries}}};
}

/// Core 0 stores to `lines` lines of one home, one after another.
Script stores_to_one_home(std::uint32_t cores, std::uint64_t lines) {
  Script steps(static_cast<int>(cores));
  for (std::uint64_t i = 0; i < lines; ++i) steps.store(0, cores - 1 + i * cores);
  return steps;
}

Script round_of_rmws(std::uint32_t cores, std::uint64_t line) {
  Script round(static_cast<int>(cores));
  for (std::uint32_t i = 0; i < cores; ++i) round.rmw(i, line);
  return round;
}

}  // namespace

TEST_CASE("a line beyond a home's directory entries has another one recalled, the least recently used") {
  for (const auto* protocol : {"msi", "mesi", "mesif", "moesi"})
    for (const std::uint64_t entries : {4U, 16U, 64U}) {
      const std::uint32_t cores = 4;
      const auto machine = machine_of(cores, "mesh");
      const auto choice = sparse(protocol, std::to_string(entries));
      CAPTURE(protocol, entries);
      // 4 entries are one set. More are sets of 8, over which lines are hashed, so that some set overflows
      // earlier.
      if (entries == 4) {
        const EventCost fits(machine, choice, stores_to_one_home(cores, 3),
                             Script(static_cast<int>(cores)).store(0, cores - 1 + 3 * cores));
        CHECK(fits["messages"] == 2);
        const EventCost beyond(machine, choice, stores_to_one_home(cores, 4),
                               Script(static_cast<int>(cores)).store(0, cores - 1 + 4 * cores));
        CHECK(beyond["messages"] == 4);
        CHECK(beyond["messages_FwdGetM"] == 1);
        CHECK(beyond["messages_Data"] == 2);
        CHECK(beyond["invalidations"] == 1);
        // The first line has gone, the second one is still there.
        const EventCost gone(machine, choice, stores_to_one_home(cores, 5),
                             Script(static_cast<int>(cores)).load(0, cores - 1));
        CHECK(gone["misses"] == 1);
        const EventCost kept(machine, choice, stores_to_one_home(cores, 5),
                             Script(static_cast<int>(cores)).load(0, cores - 1 + cores));
        CHECK(kept["misses"] == 0);
      }
      Script many = stores_to_one_home(cores, 2 * entries);
      const Result result = run_machine(machine, choice, many);
      CHECK(result["messages_FwdGetM"] >= entries);
      CHECK(result["messages_FwdGetM"] <= 2 * entries);
    }
}

TEST_CASE("without a limit nothing is recalled") {
  for (const auto* protocol : {"msi", "mesi", "mesif", "moesi"}) {
    Script many = stores_to_one_home(4, 400);
    CHECK(run_machine(machine_of(4, "mesh"), {protocol, {}}, many)["messages_FwdGetM"] == 0);
  }
}

TEST_CASE("far: read-modify-writes of one line by all cores cost 2 messages each") {
  for (const auto* protocol : {"mesi", "moesi"})
    for (const auto* topology : {"ideal", "mesh", "crossbar", "bus"})
      for (const std::uint32_t cores : {2U, 3U, 5U, 16U, 64U}) {
        const ProtocolChoice far{protocol, {{"atomics", "far"}}};
        const Script round = round_of_rmws(cores, 3);
        const EventCost cost(machine_of(cores, topology), far, round, Script(round));
        CAPTURE(protocol, topology, cores);
        CHECK(cost["operations"] == cores);
        CHECK(cost["messages"] == 2 * cores);
        CHECK(cost["messages_Atomic"] == cores);
        CHECK(cost["messages_Result"] == cores);
      }
}

TEST_CASE("far: an owner does its atomics in its cache") {
  for (const auto* protocol : {"mesi", "moesi"}) {
    const ProtocolChoice far{protocol, {{"atomics", "far"}}};
    Script owner(4);
    const EventCost cost(machine_of(4, "mesh"), far, owner.store(0, 3), Script(4).rmw(0, 3).rmw(0, 3));
    CHECK(cost["messages"] == 0);
    CHECK(cost["hits"] == 2);
  }
}

TEST_CASE("predict: a contended line's atomics go far, a private one's stay near") {
  for (const auto* protocol : {"mesi", "moesi"}) {
    const ProtocolChoice predict{protocol, {{"atomics", "predict"}}};
    Script contended(4);
    for (int i = 0; i < 200; ++i) contended.then(round_of_rmws(4, 3));
    const Result hot = run_machine(machine_of(4, "mesh"), predict, contended);
    CHECK(hot["messages_Atomic"] > 700);
    CHECK(hot["messages_Atomic"] < 800);
    Script own(4);
    for (int i = 0; i < 200; ++i)
      for (std::uint32_t core = 0; core < 4; ++core) own.rmw(core, 40 + core);
    const Result cold = run_machine(machine_of(4, "mesh"), predict, own);
    CHECK(cold["messages_Atomic"] == 0);
    CHECK(cold["messages"] == 8);
  }
}

TEST_CASE("a limited directory keeps its number of sharers in the machine, too") {
  for (const auto* protocol : {"msi", "mesi", "moesi", "mesif"}) {
    const ProtocolChoice limited{protocol, {{"directory", "limited"}, {"pointers", "2"}}};
    Script readers(16);
    for (std::uint32_t core = 0; core < 16; ++core) readers.load(core, 5);
    const EventCost again(machine_of(16, "mesh"), limited, readers, Script(16).store(15, 5));
    CHECK(again["messages_Inv"] <= 2);
  }
}
