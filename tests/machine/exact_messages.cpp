// How many messages does an access cost, exactly?

#include <catch2/catch.hpp>

#include "tests/support/event_cost.hpp"

using namespace baton::test;

namespace {

const std::vector<std::string> topologies{"ideal", "mesh", "crossbar"};

/// Requestor 0, other caches 1 .., home (and a helper that only prepares) at the last node.
class Stage {
 public:
  Stage(std::uint32_t cores, const std::string& topology)
      : machine(machine_of(cores, topology)), cores_(cores) {
    machine.cache.size_bytes = 64;  // one line: another one evicts it
    machine.cache.ways = 1;
  }

  std::uint64_t line() const { return cores_ - 1; }
  Script script() const { return Script(static_cast<int>(cores_)); }
  /// `sharers` caches, nodes 1 .., share the line; nobody else does. With `own` the requestor shares it as
  /// well.
  Script shared(std::uint32_t sharers, bool own) const {
    Script steps = script();
    if (own) steps.load(0, line());
    for (std::uint32_t i = 1; i <= sharers; ++i) steps.load(i, line());
    const std::uint32_t helper = cores_ - 1;
    return steps.load(helper, line())
        .load(helper, line() + 1000 * cores_);  // S everywhere; the helper evicts it
  }
  EventCost cost(const ProtocolChoice& protocol, const Script& prefix, const Script& event) const {
    return EventCost(machine, protocol, prefix, event);
  }

  MachineParameters machine;

 private:
  std::uint32_t cores_;
};

}  // namespace

TEST_CASE("a read of a clean line costs 2 messages") {
  for (const auto& topology : topologies)
    for (const auto& protocol : {full_map, broadcast})
      for (const std::uint32_t cores : {3U, 4U, 16U, 64U}) {
        const Stage stage(cores, topology);
        const auto untouched = stage.cost(protocol, stage.script(), stage.script().load(0, stage.line()));
        CHECK(untouched["messages"] == 2);
        CHECK(untouched["messages_GetS"] == 1);
        CHECK(untouched["messages_DataE"] == 1);
        const auto shared =
            stage.cost(protocol, stage.shared(1, false), stage.script().load(0, stage.line()));
        CHECK(shared["messages"] == 2);
        CHECK(shared["messages_GetS"] == 1);
        CHECK(shared["messages_Data"] == 1);
      }
}

TEST_CASE("a read of a line that another cache owns costs 4 messages under MESI") {
  for (const auto& topology : topologies)
    for (const auto& protocol : {full_map, broadcast})
      for (const Kind first : {Kind::load, Kind::store, Kind::rmw})  // E, M, M
        for (const std::uint32_t cores : {3U, 4U, 16U, 64U}) {
          const Stage stage(cores, topology);
          const auto cost = stage.cost(protocol, stage.script().add(1, first, stage.line()),
                                       stage.script().load(0, stage.line()));
          CHECK(cost["messages"] == 4);
          CHECK(cost["messages_GetS"] == 1);
          CHECK(cost["messages_FwdGetS"] == 1);
          CHECK(cost["messages_Data"] == 2);
          CHECK(cost["fills"] == 1);
        }
}

TEST_CASE("a write of a line that another cache owns costs 3 messages") {
  for (const auto& topology : topologies)
    for (const auto& protocol : {full_map, broadcast, migrate, snapshot, ideal_migrate})
      for (const Kind first : {Kind::load, Kind::store})
        for (const Kind second : {Kind::store, Kind::rmw}) {
          if (protocol.name == "ownership" && first == Kind::load) continue;
          const Stage stage(16, topology);
          const auto cost = stage.cost(protocol, stage.script().add(1, first, stage.line()),
                                       stage.script().add(0, second, stage.line()));
          CHECK(cost["messages"] == 3);
          CHECK(cost["messages_GetM"] == 1);
          CHECK(cost["messages_FwdGetM"] == 1);
          CHECK(cost["messages_Data"] == 1);
        }
}

namespace {

void check_write_to_shared(const Stage& stage, std::uint32_t sharers, bool upgrade) {
  const auto cost =
      stage.cost(full_map, stage.shared(sharers, upgrade), stage.script().store(0, stage.line()));
  CAPTURE(stage.machine.cores, stage.machine.network.topology, sharers, upgrade);
  CHECK(cost["messages"] == 2 * sharers + 2);
  CHECK(cost["messages_GetM"] == 1);
  CHECK(cost["messages_Inv"] == sharers);
  CHECK(cost["messages_InvAck"] == sharers);
  CHECK(cost["messages_AckCount"] == (upgrade ? 1 : 0));
  CHECK(cost["messages_Data"] == (upgrade ? 0 : 1));
  CHECK(cost["upgrades"] == (upgrade ? 1 : 0));
  CHECK(cost["invalidations"] == sharers);
}

}  // namespace

TEST_CASE("a write to a line with k other sharers costs 2k+2 messages") {
  for (const std::uint32_t cores : {2U, 3U, 4U, 5U, 8U, 9U, 16U, 33U})
    for (std::uint32_t k = 0; k + 2 <= cores; ++k)
      for (const bool upgrade : {false, true})
        for (const auto& topology : topologies) check_write_to_shared(Stage(cores, topology), k, upgrade);
}

TEST_CASE("2k+2 holds for every k of 64 cores") {
  for (std::uint32_t k = 0; k <= 62; ++k)
    for (const bool upgrade : {false, true}) check_write_to_shared(Stage(64, "mesh"), k, upgrade);
}

TEST_CASE("2k+2 holds at 1024 cores") {
  for (const std::uint32_t k : {0U, 1U, 7U, 8U, 63U, 500U, 1022U})
    for (const bool upgrade : {false, true}) check_write_to_shared(Stage(1024, "mesh"), k, upgrade);
}

TEST_CASE("without a list of sharers a write to a shared line asks all other caches") {
  for (const auto& topology : topologies)
    for (const std::uint32_t cores : {2U, 3U, 4U, 16U, 64U, 256U})
      for (const bool upgrade : {false, true})
        for (const std::uint32_t sharers : {0U, 1U, cores - 2}) {
          if (sharers + 2 > cores || (sharers == 0 && !upgrade)) continue;
          const Stage stage(cores, topology);
          const auto cost =
              stage.cost(broadcast, stage.shared(sharers, upgrade), stage.script().store(0, stage.line()));
          CAPTURE(cores, topology, sharers, upgrade);
          CHECK(cost["messages"] == 2 * (cores - 1) + 2);
          CHECK(cost["messages_Inv"] == cores - 1);
          CHECK(cost["messages_InvAck"] == cores - 1);
          CHECK(cost["messages_Data"] == 1);
        }
}

TEST_CASE("a transfer of ownership costs 3 messages, 2 from the home, none from oneself") {
  for (const auto& topology : topologies)
    for (const auto& protocol : {migrate, snapshot, ideal_migrate})
      for (const std::uint32_t cores : {3U, 4U, 16U, 64U})
        for (const Kind kind : {Kind::load, Kind::store, Kind::rmw}) {
          const Stage stage(cores, topology);
          const Script event = stage.script().add(0, kind, stage.line());
          CAPTURE(topology, cores, static_cast<int>(kind));
          const auto remote = stage.cost(protocol, stage.script().store(1, stage.line()), event);
          const auto home = stage.cost(protocol, stage.script(), event);
          const auto self = stage.cost(protocol, stage.script().store(0, stage.line()), event);
          CHECK(remote["messages"] == 3);
          CHECK(remote["messages_Data"] == 1);
          CHECK(home["messages"] == 2);
          CHECK(home["messages_Data"] == 1);
          CHECK(self["messages"] == 0);
          CHECK(self["hits"] == 1);
        }
}

TEST_CASE("a snapshot is not kept: the next load asks again") {
  const Stage stage(16, "mesh");
  const Script prefix = stage.script().store(1, stage.line());
  const auto cost = stage.cost(
      snapshot, prefix, stage.script().load(0, stage.line()).load(0, stage.line()).store(1, stage.line()));
  CHECK(cost["messages"] == 6);
  CHECK(cost["misses"] == 2);
  CHECK(cost["hits"] == 1);  // the owner has kept the line
}

namespace {

Script epoch(std::uint32_t cores, std::uint64_t line, std::uint32_t readers) {
  Script steps(static_cast<int>(cores));
  steps.store(0, line);
  for (std::uint32_t i = 1; i <= readers; ++i) steps.load(i, line);
  return steps;
}

void check_epochs(std::uint32_t cores, std::uint32_t readers, const std::string& topology) {
  const std::uint64_t line = 7 * cores + cores / 2;
  const Script one = epoch(cores, line, readers);
  Script prefix(static_cast<int>(cores));
  prefix.then(one).then(one).then(one);
  const auto machine = machine_of(cores, topology);
  CAPTURE(cores, readers, topology);
  const EventCost mesi(machine, full_map, prefix, one);
  CHECK(mesi["messages"] == 4 * readers + 4);
  CHECK(mesi["messages_Data"] + mesi["messages_DataE"] == readers + 1);
  const EventCost owner(machine, migrate, prefix, one);
  CHECK(owner["messages"] == 3 * readers + 3);
  CHECK(owner["messages_Data"] == readers + 1);
}

}  // namespace

TEST_CASE("one writer then n readers cost 4n+4 messages an epoch under MESI, 3n+3 under ownership") {
  for (const auto& topology : topologies)
    for (const std::uint32_t cores : {2U, 3U, 4U, 8U, 16U})
      for (std::uint32_t n = 1; n < cores; ++n) check_epochs(cores, n, topology);
  for (std::uint32_t n = 1; n < 64; n += 3) check_epochs(64, n, "mesh");
  check_epochs(64, 63, "mesh");
  check_epochs(1024, 1023, "ideal");
}

TEST_CASE("read-modify-writes of one line by all cores in turn cost 3 messages each") {
  for (const auto& topology : topologies)
    for (const auto& protocol : {full_map, broadcast, migrate, snapshot, ideal_migrate})
      for (const std::uint32_t cores : {2U, 3U, 5U, 16U, 64U}) {
        Script round(static_cast<int>(cores));
        for (std::uint32_t i = 0; i < cores; ++i) round.rmw(i, 3);
        const EventCost cost(machine_of(cores, topology), protocol, round, Script(round));
        CHECK(cost["operations"] == cores);
        CHECK(cost["messages"] == 3 * cores);
      }
}
