// What do the last-level slice, the memory controller and the home's service cost?

#include <list>
#include <optional>

#include <catch2/catch.hpp>

#include "sim/machine/memory.hpp"
#include "tests/support/event_cost.hpp"
#include "traces/synthetic/random.hpp"

using namespace baton;
using namespace baton::test;

namespace {

/// A slice that spells out write-back LRU.
class SliceModel {
 public:
  SliceModel(std::uint64_t sets, std::uint32_t ways, std::uint32_t homes)
      : sets_(sets), ways_(ways), homes_(homes) {}
  sim::LlcSlice::Result access(LineNumber line, bool dirty) {
    auto& set = sets_[line / homes_ % sets_.size()];
    sim::LlcSlice::Result result;
    for (auto entry = set.begin(); entry != set.end(); ++entry)
      if (entry->first == line) {
        dirty = dirty || entry->second;
        set.erase(entry);
        result.hit = true;
        break;
      }
    if (!result.hit && set.size() == ways_) {
      result.wrote_back = set.back().second;
      set.pop_back();
    }
    set.emplace_front(line, dirty);
    return result;
  }

 private:
  std::vector<std::list<std::pair<LineNumber, bool>>> sets_;
  std::uint32_t ways_;
  std::uint32_t homes_;
};

}  // namespace

TEST_CASE("a last-level slice is LRU, allocates on reads and writes, and writes back what is dirty") {
  for (const std::uint32_t ways : {1U, 2U, 4U, 16U})
    for (const std::uint32_t sets : {1U, 2U, 3U, 8U})
      for (const std::uint32_t homes : {1U, 4U}) {
        MachineParameters machine = machine_of(homes);
        machine.home.llc_ways = ways;
        machine.home.llc_slice_bytes = std::uint64_t{64} * ways * sets;
        sim::LlcSlice slice(machine);
        SliceModel model(sets, ways, homes);
        traces::Random random(ways, sets);
        for (int step = 0; step < 5'000; ++step) {
          const LineNumber line = homes * random.below(ways * sets * 2) + 1 % homes;
          const bool dirty = random.below(3) == 0;
          const auto id = static_cast<std::uint32_t>(line / homes);
          const auto found = dirty ? slice.write(line, id) : slice.read(line, id);
          const auto expected = model.access(line, dirty);
          if (found.hit != expected.hit || found.wrote_back != expected.wrote_back)
            FAIL(ways << " ways, " << sets << " sets, step " << step << ": line " << line);
        }
        SUCCEED();
      }
}

TEST_CASE("without a slice every read misses and every write goes to memory") {
  MachineParameters machine = machine_of(1);
  machine.home.llc_slice_bytes = 0;
  sim::LlcSlice slice(machine);
  for (int i = 0; i < 3; ++i) {
    CHECK(!slice.read(5, 0).hit);
    CHECK(!slice.read(5, 0).wrote_back);
    CHECK(slice.write(5, 0).wrote_back);
  }
}

namespace {

/// Cycles in which reads that all come in cycle 100 have their data.
std::vector<std::uint64_t> reads_at_100(const MachineParameters& machine, std::size_t count,
                                        std::size_t writes = 0) {
  sim::MemoryController controller(sc_core::sc_gen_unique_name("memory"), machine);
  for (std::size_t i = 0; i < writes; ++i) controller.write(100, 100);
  std::vector<std::uint64_t> ends;
  for (std::size_t i = 0; i < count; ++i) ends.push_back(controller.read(100, 100));
  return ends;
}

}  // namespace

TEST_CASE("a memory controller has a latency, and a bandwidth for all that comes at once") {
  MachineParameters machine;
  machine.clock_hz = 2'000'000'000;
  machine.memory.latency_ps = 80'000;                     // 160 cycles
  machine.memory.bandwidth_bytes_per_s = 12'800'000'000;  // 64 bytes in 5 ns: 10 cycles
  CHECK(reads_at_100(machine, 4) == std::vector<std::uint64_t>{260, 270, 280, 290});
  CHECK(reads_at_100(machine, 2, 3) == std::vector<std::uint64_t>{290, 300});  // writes take their turn
  machine.memory.bandwidth_bytes_per_s = 128'000'000'000;                      // a cycle
  CHECK(reads_at_100(machine, 3) == std::vector<std::uint64_t>{260, 261, 262});
  machine.memory.bandwidth_bytes_per_s = 51'200'000'000;  // 2.5 cycles: data are there at the next full one
  CHECK(reads_at_100(machine, 4) == std::vector<std::uint64_t>{260, 263, 265, 268});
  machine.memory.latency_ps = 80'001;
  CHECK(reads_at_100(machine, 1) == std::vector<std::uint64_t>{261});
  machine.clock_hz = 1'000'000'000;
  CHECK(reads_at_100(machine, 1) == std::vector<std::uint64_t>{181});
}

TEST_CASE("memory that is booked for later is idle until then") {
  MachineParameters machine;
  machine.clock_hz = 2'000'000'000;
  machine.memory.latency_ps = 80'000;                     // 160 cycles
  machine.memory.bandwidth_bytes_per_s = 12'800'000'000;  // 10 cycles a line
  sim::MemoryController controller(sc_core::sc_gen_unique_name("memory"), machine);
  CHECK(controller.read(1000, 100) == 1160);  // its home takes it then
  CHECK(controller.read(100, 100) == 260);
  CHECK(controller.read(985, 100) == 1145);  // just fits
  CHECK(controller.read(990, 100) == 1170);  // five cycles are too few
  CHECK(controller.read(100, 100) == 270);   // behind the first of cycle 100
  CHECK(controller.read(1000, 900) == 1180);
}

TEST_CASE("memory takes the same time whenever it is asked") {
  for (const auto& [hz, cycles] :
       {std::pair{2'400'000'000U, 192U}, {2'600'000'000U, 208U}, {3'000'000'000U, 240U}}) {
    MachineParameters machine;
    machine.clock_hz = hz;
    machine.memory.latency_ps = 80'000;
    sim::MemoryController controller(sc_core::sc_gen_unique_name("memory"), machine);
    for (sim::Cycle at = 1; at < 1'000'000; at += 997) REQUIRE(controller.read(at, at) == at + cycles);
  }
}

TEST_CASE("data of a cache that is no longer the owner are not written") {
  MachineParameters machine = machine_of(4);
  machine.cache.size_bytes = 64;  // one line
  machine.cache.ways = 1;
  machine.home.llc_slice_bytes = 0;
  RunOptions options;
  options.cells = true;
  // Core 2 evicts line 4 while core 0's request for it is on its way.
  const Result result =
      run_machine(machine, full_map,
                  Programs({{access(Kind::load, 1, 50), access(Kind::rmw, 4)},
                            {},
                            {access(Kind::rmw, 4), access(Kind::rmw, 1), access(Kind::store, 7)},
                            {}}),
                  options);
  REQUIRE(result["cell_home_EM_PutOther"] == 1);
  CHECK(result["memory_writes"] == result["cell_home_EM_PutMOwner"]);
}

TEST_CASE("memory bandwidth limits a machine whose lines all come from memory") {
  MachineParameters machine = machine_of(8);
  machine.home.llc_slice_bytes = 0;
  machine.memory.bandwidth_bytes_per_s = 1'280'000'000;  // 100 cycles a line
  std::vector<std::vector<Operation>> programs(8);
  for (std::uint64_t core = 0; core < 8; ++core)
    for (std::uint64_t i = 0; i < 200; ++i) programs[core].push_back(access(Kind::load, core * 1001 + i));
  for (const std::uint32_t controllers : {1U, 2U}) {
    machine.memory.controllers = controllers;
    const Result result = run_machine(machine, full_map, Programs(programs));
    CHECK(result["memory_reads"] == 1600);
    CHECK(result.real("cycles") == Approx(1600.0 * 100 / controllers).epsilon(0.01));
  }
}

TEST_CASE("a copy-back and an eviction bring the line into the slice") {
  MachineParameters machine = machine_of(4);
  machine.cache.size_bytes = 64;
  machine.cache.ways = 1;
  const Script read = Script(4).load(0, 3);
  const EventCost after_eviction(machine, full_map, Script(4).store(1, 3).load(1, 7), read);
  CHECK(after_eviction["llc_hits"] == 1);
  CHECK(after_eviction["memory_reads"] == 0);
  machine.home.llc_slice_bytes = 0;
  const EventCost without(machine, full_map, Script(4).store(1, 3).load(1, 7), read);
  CHECK(without["llc_hits"] == 0);
  CHECK(without["memory_reads"] == 1);
  const EventCost write_back(machine, full_map, Script(4).store(1, 3), Script(4).load(1, 7));
  CHECK(write_back["memory_writes"] == 1);
}

TEST_CASE("a slice of one line replaces it: the next read of the other line is memory's") {
  MachineParameters machine = machine_of(4);
  machine.home.llc_ways = 1;
  machine.home.llc_slice_bytes = 64;
  const EventCost cost(machine, full_map, Script(4).load(0, 3).load(0, 7),
                       Script(4).load(1, 3).load(2, 3).load(2, 7));
  // 3 is forwarded (0 is its exclusive owner) and copied back, which replaces 7; 2 reads 3 from the slice; 7
  // is forwarded.
  CHECK(cost["llc_hits"] == 1);
  CHECK(cost["memory_reads"] == 0);
  CHECK(cost["memory_writes"] == 1);  // 3 was written back to the slice and replaced by 7's copy-back
}

TEST_CASE("a dirty line that a slice gives up has the memory's channel before the line that is read") {
  MachineParameters machine = machine_of(1);
  machine.cache.size_bytes = 64;
  machine.cache.ways = 1;
  machine.home.llc_ways = 1;
  machine.home.llc_slice_bytes = 64;
  constexpr std::uint64_t channel = 10;  // 64 bytes at 12.8 GB/s and 2 GHz
  constexpr std::uint64_t miss = 2 + 160 + 6 + 2;
  // The cache has put line 1 into the slice, where the read of line 3 replaces it.
  const Script read = Script(1).load(0, 3);
  const EventCost clean(machine, full_map, Script(1).load(0, 1).load(0, 2), read);
  CHECK(clean["memory_writes"] == 0);
  CHECK(clean.cycles() == miss);
  const EventCost dirty(machine, full_map, Script(1).store(0, 1).load(0, 2), read);
  CHECK(dirty["memory_writes"] == 1);
  CHECK(dirty.cycles() == miss + channel);
}

TEST_CASE("a dirty line that another one's write-back replaces has the memory's channel as well") {
  MachineParameters machine = machine_of(1);
  machine.cache.size_bytes = 64;
  machine.cache.ways = 1;
  machine.home.llc_ways = 2;
  machine.home.llc_slice_bytes = 128;
  const auto run = [&](Kind kind) {
    return run_machine(machine, full_map,
                       Script(1).add(0, kind, 1).add(0, kind, 2).add(0, kind, 3).load(0, 4));
  };
  constexpr std::uint64_t miss = 2 + 160 + 6 + 2;
  CHECK(run(Kind::load)["cycles"] == 4 * miss);
  // Of lines 3 and 1 in the slice, line 2 replaces the older: 1. It comes home a hit's time after line 3 has
  // reached the cache, and the read of line 4 twice that time: 8 of the 10 cycles on the channel are left.
  const Result dirty = run(Kind::store);
  CHECK(dirty["cycles"] == 4 * miss + 8);
  // When line 4 has come, line 3 goes home and replaces 2 in the same way.
  CHECK(dirty["memory_writes"] == 2);
}

TEST_CASE("requests that reach a home at once are served occupancy_cycles apart") {
  for (const std::uint32_t occupancy : {0U, 1U, 7U, 30U}) {
    MachineParameters machine = machine_of(8);
    machine.home.occupancy_cycles = occupancy;
    machine.memory.bandwidth_bytes_per_s = 1'000'000'000'000;
    std::vector<std::vector<Operation>> programs(7);
    for (std::uint64_t core = 0; core < 7; ++core) programs[core].push_back(access(Kind::load, 7 + 8 * core));
    const Result result = run_machine(machine, full_map, Programs(programs));
    const std::uint64_t alone = 2 + 10 + 160 + 6 + 10 + 2;
    CHECK(result["home_wait_cycles"] == occupancy * (1 + 2 + 3 + 4 + 5 + 6));
    // Nothing apart: the channel's 0.128 cycles a line still count, up to the next full cycle.
    if (occupancy != 0) CHECK(result["cycles"] == alone + 6 * occupancy);
    if (occupancy == 0) CHECK(result["cycles"] == alone + 1);
  }
}
