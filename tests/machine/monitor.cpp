// Do the protocols keep the invariants under stress, and is a fault that is planted found and reported?

#include <catch2/catch.hpp>

#include "protocols/core/mutable_table.hpp"
#include "protocols/mesi/mesi.hpp"
#include "sim/machine/machine.hpp"
#include "tests/support/shapes.hpp"

using namespace baton;
using namespace baton::test;

namespace {

void stress(std::uint32_t cores, const std::string& topology, std::uint32_t ways, std::size_t operations) {
  for (const auto& named : every_choice())
    for (const std::uint64_t seed : {1U, 2U}) {
      MachineParameters machine = machine_of(cores, topology);
      set_cache(machine, 1, ways);
      machine.core.outstanding_loads = seed == 1 ? 1 : 4;
      machine.cache.mshrs = seed == 1 ? 8 : 2;
      machine.home.llc_slice_bytes = 1024;
      Mixture mixture{.cores = cores, .seed = seed, .operations = operations, .hot = 2, .lines = 5};
      mixture.most_gap = 3;
      mixture.straddle = 0.05;
      RunOptions options;
      options.check = true;
      CAPTURE(named.label, cores, topology, ways, seed);
      const Result result = run_machine(machine, named.choice, mixture.programs(), options);
      CHECK(result.failure == "");
    }
}

}  // namespace

TEST_CASE("no invariant breaks under stress on few cores") {
  for (const char* topology : {"mesh", "crossbar", "bus", "ideal"})
    for (const std::uint32_t cores : {2U, 3U, 4U, 8U})
      for (const std::uint32_t ways : {1U, 2U}) stress(cores, topology, ways, 400);
}

TEST_CASE("no invariant breaks under stress on many cores") {
  for (const char* topology : {"mesh", "crossbar", "bus", "ideal"}) {
    stress(16, topology, 1, 200);
    stress(64, topology, 2, 60);
  }
}

TEST_CASE("no invariant breaks in any pattern") {
  RunOptions options;
  options.check = true;
  for (const auto* pattern : traces::all_patterns())
    for (const auto& named : every_choice()) {
      MachineParameters machine = machine_of(8, "mesh");
      set_cache(machine, 2, 2);
      CAPTURE(pattern->name(), named.label);
      CHECK(
          run_machine(machine, named.choice,
                      synthetic(*pattern, 8, 3, {{"operations_per_core", 300}, {"lines", 8}, {"sharers", 4}}),
                      options)
              .failure == "");
    }
}

namespace {

using mesi::CacheState;
using mesi::HomeState;
using CacheTable = MutableTable<CacheContext<mesi::Protocol>>;
using HomeTable = MutableTable<HomeContext<mesi::Protocol>>;

/// Runs directory MESI with tables that `spoil` has changed; the report of the failure, "" if there is none.
template <class Spoil>
std::string spoiled(Spoil spoil, traces::Workload& workload, const MachineParameters& machine,
                    const RunOptions& options) {
  return Result(in_child([&] {
           CacheTable cache(mesi::cache_table(false));
           HomeTable home(mesi::home_table(false));
           spoil(cache, home);
           sim::Machine<mesi::Protocol> instance("machine", machine, full_map, {cache.view(), home.view()},
                                                 options);
           return written(instance.run(workload));
         }))
      .failure;
}

RunOptions checked() {
  RunOptions options;
  options.check = true;
  return options;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

constexpr std::uint64_t line = 3;

}  // namespace

TEST_CASE("the monitor stays silent when nothing is spoiled") {
  Script steps(4);
  steps.store(0, line).load(1, line).store(2, line);
  CHECK(spoiled([](auto&, auto&) {}, steps, machine_of(4), checked()) == "");
}

TEST_CASE("an old value is found: the owner's copy-back is lost") {
  Script steps(4);
  steps.store(0, line).load(1, line).load(2, line);
  const auto fault = [](CacheTable&, HomeTable& home) {
    home.drop_action(HomeState::S_D, mesi::HomeEvent::Data, "write_memory");
  };
  const std::string report = spoiled(fault, steps, machine_of(4), checked());
  CAPTURE(report);
  CHECK(contains(
      report, "data-value invariant broken: a load saw content 0, the last store left 1 (line 3, cache 2"));
  CHECK(spoiled(fault, steps, machine_of(4), {}) == "");  // nobody watches
}

TEST_CASE("an old value is found by a write: the requestor does not take the owner's data") {
  Script steps(4);
  steps.store(0, line).store(1, line);
  const auto fault = [](CacheTable& cache, HomeTable&) {
    cache.drop_action(CacheState::IM_AD, mesi::CacheEvent::DataLast, "fill");
  };
  const std::string report = spoiled(fault, steps, machine_of(4), checked());
  CAPTURE(report);
  CHECK(contains(report, "data-value invariant broken: a store changed content 0, the last store left 1"));
}

TEST_CASE("a second writer is found: an owner keeps the line that it gives away") {
  Script steps(4);
  steps.store(0, line).store(1, line);
  const auto fault = [](CacheTable& cache, HomeTable&) {
    cache.set_next(CacheState::M, mesi::CacheEvent::FwdGetM, CacheState::M);
  };
  const std::string report = spoiled(fault, steps, machine_of(4), checked());
  CAPTURE(report);
  CHECK(contains(report, "SWMR broken: 2 caches may write and 0 others may read (line 3, cache 1"));
}

TEST_CASE("a reader beside a writer is found: a sharer keeps the line that it acknowledges to have lost") {
  Script steps(4);
  steps.load(0, line).load(1, line).load(2, line).store(0, line);
  const auto fault = [](CacheTable& cache, HomeTable&) {
    cache.set_next(CacheState::S, mesi::CacheEvent::Inv, CacheState::S);
  };
  const std::string report = spoiled(fault, steps, machine_of(4), checked());
  CAPTURE(report);
  CHECK(contains(report, "SWMR broken: 1 caches may write and 2 others may read"));
}

TEST_CASE("an impossible cell is reported with unit, node, line, state and event") {
  Script steps(4);
  steps.store(0, line).store(1, line);
  const std::string at_cache =
      spoiled([](CacheTable& cache, HomeTable&) { cache.remove(CacheState::M, mesi::CacheEvent::FwdGetM); },
              steps, machine_of(4), {});
  CAPTURE(at_cache);
  CHECK(contains(at_cache, "protocol error: cache 0, line 3: no row for event FwdGetM in state M"));
  CHECK(contains(at_cache, "core 1 waits since cycle"));
  CHECK(contains(at_cache, "last transitions of line 3:"));
  const std::string at_home =
      spoiled([](CacheTable&, HomeTable& home) { home.remove(HomeState::EM, mesi::HomeEvent::GetM); }, steps,
              machine_of(4), {});
  CAPTURE(at_home);
  CHECK(contains(at_home, "protocol error: home 3, line 3: no row for event GetM in state EM"));
}

TEST_CASE("a deadlock is reported: who waits for whom, and how the line got there") {
  // A sharer drops the Inv's acknowledgement, so the writer waits for ever, and a second writer behind it.
  Programs programs({{access(Kind::load, line), access(Kind::store, line, 1000)},
                     {access(Kind::load, line)},
                     {access(Kind::load, line, 100), access(Kind::store, line, 2000)}});
  const std::string report = spoiled(
      [](CacheTable& cache, HomeTable&) {
        cache.drop_action(CacheState::S, mesi::CacheEvent::Inv, "send_InvAck_to_requestor");
      },
      programs, machine_of(4), checked());
  CAPTURE(report);
  CHECK(report.substr(0, 48) == "deadlock: cores wait, and nothing is scheduled\na");
  CHECK(contains(report, "core 0 waits since cycle"));
  CHECK(contains(report,
                 "for a store of line 3: its cache in SM_A, home 3 in EM, owner 2 (its cache in IM_AD)"));
  CHECK(contains(report, "core 2 waits since cycle"));
  CHECK(!contains(report, "core 1 waits"));
  CHECK(contains(report, "last transitions of line 3:"));
  CHECK(contains(report, "cache 0 S --Store--> SM_AD"));
  CHECK(contains(report, "home 3 S --GetMSharer--> EM"));
  CHECK(contains(report, "cache 1 S --Inv--> I"));
  CHECK(contains(report, "cache 0 SM_AD --AckCountMore--> SM_A"));
}

TEST_CASE("an eviction that nobody acknowledges is a deadlock of who needs the line or the MSHR") {
  MachineParameters machine = machine_of(4);
  set_cache(machine, 1, 1);
  Programs programs({{access(Kind::store, 1), access(Kind::store, 2), access(Kind::store, 1)}});
  const auto fault = [](CacheTable&, HomeTable& home) {
    home.drop_action(HomeState::EM, mesi::HomeEvent::PutMOwner, "send_PutAck");
  };
  const std::string report = spoiled(fault, programs, machine, checked());
  CAPTURE(report);
  CHECK(contains(report, "deadlock: cores wait, and nothing is scheduled"));
  CHECK(contains(report, "core 0 waits since cycle"));
  CHECK(contains(report, "for a store of line 1: its cache in MI_A, home 1 in I"));
  Programs ends({{access(Kind::store, 1), access(Kind::store, 2)}});
  const std::string unfinished = spoiled(fault, ends, machine, checked());
  CAPTURE(unfinished);
  CHECK(contains(unfinished, "the run has ended with transactions that nobody completes"));
}

TEST_CASE("a request that a home never serves is reported as stalled there") {
  Programs programs(
      {{access(Kind::store, line)}, {access(Kind::load, line, 1000)}, {access(Kind::load, line, 2000)}});
  const std::string report =
      spoiled([](CacheTable& cache,
                 HomeTable&) { cache.drop_action(CacheState::M, mesi::CacheEvent::FwdGetS, "data_to_home"); },
              programs, machine_of(4), checked());
  CAPTURE(report);
  CHECK(contains(report, "deadlock: cores wait, and nothing is scheduled"));
  CHECK(contains(report,
                 "core 2 waits since cycle 2000 for a load of line 3: its cache in IS_D, home 3 in S_D"));
  CHECK(contains(report, "stalled at its home: GetS for line 3 from node 2 to home 3, requestor 2"));
}
