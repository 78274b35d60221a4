// How long does an access take on an idle machine, to the cycle?
//
// An equality says both: it is done at t, and not yet at t-1.

#include <catch2/catch.hpp>

#include "tests/support/event_cost.hpp"

using namespace baton::test;

namespace {

struct Times {
  std::uint32_t leg;  // a message between two nodes
  std::uint32_t hit;  // look-up at the requestor and the owner, and the access itself
  std::uint32_t home;
  std::uint32_t llc;
  std::uint32_t memory;  // cycles
};

const Times all_times[] = {
    {10, 2, 6, 10, 160}, {1, 1, 0, 0, 10}, {50, 3, 20, 7, 200}, {300, 30, 11, 400, 6000}};

MachineParameters machine_with(const Times& times, std::uint32_t cores = 8) {
  MachineParameters machine = machine_of(cores);
  machine.clock_hz = 1'000'000'000;  // a cycle is 1000 ps
  machine.network.latency_cycles = times.leg;
  machine.cache.hit_cycles = times.hit;
  machine.home.latency_cycles = times.home;
  machine.home.occupancy_cycles = 5;
  machine.home.llc_cycles = times.llc;
  machine.memory.latency_ps = std::uint64_t{1000} * times.memory;
  return machine;
}

constexpr std::uint32_t home_node = 7;
constexpr std::uint64_t line = 7;

Script script() {
  return Script(8);
}
Script one(Kind kind, std::uint32_t core = 0) {
  return script().add(core, kind, line);
}

const std::vector<ProtocolChoice> networked{full_map, broadcast, migrate, snapshot};

}  // namespace

TEST_CASE("a hit takes hit_cycles") {
  for (const auto& t : all_times)
    for (const auto& protocol : {full_map, broadcast, migrate, snapshot, ideal_migrate})
      for (const Kind kind : {Kind::load, Kind::store, Kind::rmw}) {
        const EventCost cost(machine_with(t), protocol, one(Kind::store), one(kind));
        CHECK(cost.cycles() == t.hit);
        CHECK(cost["hits"] == 1);
      }
}

TEST_CASE("a miss that memory answers takes two legs, the home's latency and the memory's") {
  for (const auto& t : all_times)
    for (const auto& protocol : networked)
      for (const Kind kind : {Kind::load, Kind::store, Kind::rmw}) {
        const EventCost cost(machine_with(t), protocol, script(), one(kind));
        // A snapshot is used at its arrival as well, and takes the time of a hit.
        CHECK(cost.cycles() == t.hit + t.leg + t.memory + t.home + t.leg + t.hit);
        CHECK(cost["memory_reads"] == 1);
      }
}

TEST_CASE("a read that the last-level slice answers takes two legs, the home's latency and llc_cycles") {
  for (const auto& t : all_times)
    for (const auto& protocol : {full_map, broadcast}) {
      const EventCost cost(machine_with(t), protocol, one(Kind::load, 1).load(2, line), one(Kind::load));
      CHECK(cost.cycles() == t.hit + t.leg + t.home + t.llc + t.leg + t.hit);
      CHECK(cost["llc_hits"] == 1);
      CHECK(cost["memory_reads"] == 0);
    }
}

TEST_CASE("a line that another cache owns takes three legs") {
  for (const auto& t : all_times)
    for (const auto& protocol : networked)
      for (const Kind kind : {Kind::load, Kind::store, Kind::rmw}) {
        const EventCost cost(machine_with(t), protocol, one(Kind::store, 1), one(kind));
        CHECK(cost.cycles() == t.hit + t.leg + t.home + t.leg + t.hit + t.leg + t.hit);
        CHECK(cost["llc_hits"] + cost["llc_misses"] == 0);
      }
}

TEST_CASE("a requestor or an owner at the home's node saves its legs") {
  for (const auto& t : all_times)
    for (const auto& protocol : networked) {
      const EventCost at_home(machine_with(t), protocol, one(Kind::store, 1), one(Kind::rmw, home_node));
      CHECK(at_home.cycles() == t.hit + t.home + t.leg + t.hit + t.leg + t.hit);
      const EventCost owner_at_home(machine_with(t), protocol, one(Kind::store, home_node), one(Kind::rmw));
      CHECK(owner_at_home.cycles() == t.hit + t.leg + t.home + t.hit + t.leg + t.hit);
      const EventCost alone(machine_with(t), protocol, script(), one(Kind::rmw, home_node));
      CHECK(alone.cycles() == t.hit + t.memory + t.home + t.hit);
    }
}

TEST_CASE("invalidations take three legs, however many sharers there are, where nothing is serialised") {
  for (const auto& t : all_times)
    for (std::uint32_t sharers = 1; sharers <= 6; ++sharers) {
      Script readers = script();
      for (std::uint32_t i = 1; i <= sharers; ++i) readers.load(i, line);
      const EventCost upgrade(machine_with(t), full_map, one(Kind::load).then(readers), one(Kind::store));
      const std::uint32_t acks = t.hit + t.leg + t.home + t.leg + t.hit + t.leg + t.hit;
      CHECK(upgrade.cycles() == acks);
      if (sharers == 1) continue;  // the line would be E: one owner, no sharer
      const EventCost miss(machine_with(t), full_map, readers, one(Kind::store));
      CHECK(miss.cycles() == std::max(acks, t.hit + t.leg + t.home + t.llc + t.leg + t.hit));
    }
}

TEST_CASE("an ideal transfer takes transfer_cycles whatever the distance") {
  for (const auto& t : all_times)
    for (const std::uint32_t cycles : {1U, 2U, 40U}) {
      ProtocolChoice protocol = ideal_migrate;
      protocol.transfer_cycles = cycles;
      const EventCost cost(machine_with(t), protocol, one(Kind::store, 1), one(Kind::rmw));
      CHECK(cost["messages"] == 3);
      // Look-up at both ends, as for any access; no leg and no home takes time.
      CHECK(cost.cycles() == t.hit + t.hit + cycles + t.hit);
    }
}

namespace {

// A leg over `hops` of a packet of `flits`: see network.hpp.
std::uint32_t leg(const MachineParameters& machine, std::uint32_t hops, std::uint32_t flits) {
  return 1 + (hops + 1) * machine.network.router_cycles + hops * machine.network.link_cycles + flits;
}
std::uint32_t distance(std::uint32_t a, std::uint32_t b, std::uint32_t columns) {
  const auto apart = [](std::uint32_t x, std::uint32_t y) { return x > y ? x - y : y - x; };
  return apart(a % columns, b % columns) + apart(a / columns, b / columns);
}

}  // namespace

TEST_CASE("three legs over a mesh take the distances of the nodes") {
  MachineParameters machine = machine_of(16, "mesh");
  constexpr std::uint32_t data_flits = 5;  // 72 bytes over 16-byte links
  for (const auto& protocol : networked)
    for (const std::uint32_t home : {0U, 5U, 15U})
      for (const std::uint32_t owner : {1U, 7U, 12U})
        for (const std::uint32_t requestor : {3U, 6U, 14U}) {
          const auto rmw = [&](std::uint32_t core) { return Script(16).rmw(core, home); };
          const EventCost cost(machine, protocol, rmw(owner), rmw(requestor));
          const auto hops = [&](std::uint32_t a, std::uint32_t b) { return distance(a, b, 4); };
          const std::uint32_t h = machine.cache.hit_cycles;
          CHECK(cost.cycles() == h + leg(machine, hops(requestor, home), 1) + machine.home.latency_cycles +
                                     leg(machine, hops(home, owner), 1) + h +
                                     leg(machine, hops(owner, requestor), data_flits) + h);
          CHECK(cost["hops"] == hops(requestor, home) + hops(home, owner) + hops(owner, requestor));
        }
}

TEST_CASE("k invalidations leave the home one a cycle, and their acks find the requestor's port free") {
  for (const std::uint32_t cores : {4U, 8U, 32U, 128U})
    for (std::uint32_t k = 1; k + 2 <= cores; k = 2 * k + 1) {
      MachineParameters machine = machine_of(cores, "crossbar");
      const std::uint64_t last = cores - 1;
      Script sharers(static_cast<int>(cores));
      for (std::uint32_t i = 0; i <= k; ++i) sharers.load(i, last);
      const EventCost cost(machine, full_map, sharers, Script(static_cast<int>(cores)).store(0, last));
      const std::uint32_t h = machine.cache.hit_cycles;
      const std::uint32_t three_legs = h + machine.home.latency_cycles + h + h + 3 * leg(machine, 1, 1);
      CAPTURE(cores, k);
      CHECK(cost["messages"] == 2 * k + 2);
      // The AckCount takes the first slot of the home's port, the Invs the next k. The acks come as far apart
      // as the Invs left, so the requestor's port adds nothing: the (k-1) slots of either port overlap.
      CHECK(cost.cycles() == three_legs + k);
    }
}
