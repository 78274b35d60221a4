// The random tester: are its cases valid, does it find faults, does it make them small?

#include <set>

#include <catch2/catch.hpp>

#include "sim/experiment/stress/shrink.hpp"
#include "sim/experiment/stress/tester.hpp"
#include "tests/experiment/program.hpp"
#include "tests/support/spoiled_mesi.hpp"
#include "tests/support/workloads.hpp"

using namespace baton;
using namespace baton::experiment;
using namespace baton::test;

namespace {

const auto never = [] { return false; };

/// Directory MESI with a wrong table, on a case's machine and accesses.
template <class Spoil>
std::string failure_with(const StressCase& stress_case, Spoil spoil) {
  const PointConfig point = replay_point(stress_case, "-");
  std::vector<std::vector<Operation>> operations(point.machine.cores);
  for (const auto& [operation, core] : stress_case.accesses) operations[core].push_back(operation);
  Programs programs(operations);
  RunOptions options;
  options.check = true;
  options.watchdog_cycles = 100'000;
  return spoiled_mesi::spoiled(point.machine, programs, options, spoil);
}

template <class Spoil>
StressCase smallest_failure(Spoil spoil) {
  const ProtocolInfo& mesi = *find_protocol("mesi");
  for (std::uint64_t seed = 1; seed < 30; ++seed) {
    const StressCase found = random_stress_case(mesi, {{"directory", "full_map"}}, seed, 4);
    if (failure_with(found, spoil).empty()) continue;
    const auto fails = [&](const StressCase& candidate) {
      try {
        return !failure_with(candidate, spoil).empty();
      } catch (const InputProblems&) {
        return false;
      }
    };
    return shrink(found, fails, never);
  }
  return {};
}

}  // namespace

TEST_CASE("every seed makes a valid case, the same each time, of every size") {
  const ProtocolInfo& mesi = *find_protocol("mesi");
  std::set<std::uint32_t> cores;
  std::set<std::string> topologies;
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    const StressCase made = random_stress_case(mesi, {{"directory", "broadcast"}}, seed, 0);
    const StressCase again = random_stress_case(mesi, {{"directory", "broadcast"}}, seed, 0);
    const PointConfig point = replay_point(made, "-");
    CAPTURE(seed);
    REQUIRE(sim::check_parameters(point.machine, point.protocol).empty());
    REQUIRE(made.config == again.config);
    REQUIRE(trace_text(made) == trace_text(again));
    cores.insert(point.machine.cores);
    topologies.insert(point.machine.network.topology);
    REQUIRE(point.options.check != made.compares);
  }
  CHECK(cores.count(2) == 1);
  CHECK(*cores.rbegin() >= 256);
  CHECK(topologies.size() >= 7);
}

TEST_CASE("a wrong row is found, and shown by a few accesses") {
  using namespace spoiled_mesi;
  for (const auto spoil :
       {data_are_not_taken, owner_keeps_the_line, sharer_keeps_the_line, copy_back_is_lost}) {
    const StressCase small = smallest_failure(spoil);
    CAPTURE(trace_text(small), small.config.dump());
    CHECK(!small.accesses.empty());
    CHECK(small.accesses.size() <= 5);
  }
}

TEST_CASE("tables without a fault pass") {
  const ProtocolInfo& mesi = *find_protocol("mesi");
  for (std::uint64_t seed = 1; seed < 10; ++seed)
    CHECK(failure_with(random_stress_case(mesi, {{"directory", "full_map"}}, seed, 4),
                       spoiled_mesi::no_fault) == "");
}

TEST_CASE("what does not matter to a failure is left out") {
  StressCase failing = random_stress_case(*find_protocol("mesi"), {}, 3, 8);
  // Fails if core 1 stores to line 0 and core 2 reads it later, under any machine with a link of 3 cycles.
  failing.config["machine"]["network"]["link_cycles"] = 3;
  failing.accesses[100] = {access(Kind::store, 0, 7), 1};
  failing.accesses[900] = {access(Kind::load, 0, 0), 2};
  const auto fails = [](const StressCase& candidate) {
    bool stored = false;
    if (candidate.config["machine"]["network"].value("link_cycles", 1) != 3) return false;
    for (const auto& [operation, core] : candidate.accesses) {
      if (operation.address / 64 != 0) continue;
      stored = stored || (core == 1 && operation.kind == Kind::store);
      if (stored && core == 2 && operation.kind == Kind::load) return true;
    }
    return false;
  };
  const StressCase small = shrink(failing, fails, never);
  REQUIRE(small.accesses.size() == 2);
  CHECK(small.accesses[0].core == 1);
  CHECK(small.accesses[0].operation.gap_cycles == 0);
  CHECK(small.accesses[1].core == 2);
  CHECK(small.config["machine"]["cores"] == 8);
  CHECK(small.config["machine"]["network"] == Json{{"link_cycles", 3}});
  CHECK(small.config["machine"]["cache"].empty());
}

TEST_CASE("runs differ in a value, and in a column that only one of them has") {
  using Columns = std::vector<sim::Measurement>;
  const auto column = [](const char* name, std::uint64_t value) {
    return sim::Measurement{name, "1", "", value};
  };
  const Columns fast{column("cycles", 10), column("misses", 3)};
  const std::string start = "exact_events measures something else: ";
  CHECK(difference(fast, fast) == "");
  CHECK(difference(fast, Columns{column("misses", 3), column("cycles", 10)}) == "");
  CHECK(difference(fast, Columns{column("cycles", 11), column("misses", 3)}) == start + "cycles");
  CHECK(difference(fast, Columns{column("cycles", 10)}) == start + "misses");
  CHECK(difference(Columns{column("misses", 4)}, fast) == start + "misses, cycles");
  CHECK(difference({}, {}) == "");
}

TEST_CASE("a case is what `baton run` runs") {
  const Sandbox sandbox;
  for (std::uint64_t seed = 1; seed < 4; ++seed) {
    const StressCase made = random_stress_case(*find_protocol("ownership"), {}, seed, 8);
    write_file("case.trace", trace_text(made));
    write_file("case.json", replay_config(made, "case.trace").dump());
    const Ran ran = test::baton("run case.json -q");
    CAPTURE(ran.err);
    CHECK(ran.status == 0);
    CHECK(failure_of(made, ".") == std::nullopt);
  }
  CHECK(sandbox.files() == 2);
}

TEST_CASE("baton stress tests every protocol under every option, and leaves nothing behind") {
  const Sandbox sandbox;
  const Ran ran = test::baton("stress --minutes 0");  // once at least, however short the time
  CHECK(ran.status == 0);
  CHECK(ran.err == "");
  for (const ProtocolInfo* protocol : all_protocols())
    for (const auto& options : all_variants(*protocol)) {
      std::string name(protocol->name());
      for (const auto& [option, value] : options) name += " " + option + "=" + value;
      CHECK(ran.out.find(name + ": ") != std::string::npos);
    }
  CHECK(ran.out.find(": 0 cases") == std::string::npos);
  CHECK(ran.out.find("not tried") == std::string::npos);
  CHECK(ran.out.find("FAILED") == std::string::npos);
  CHECK(sandbox.files() == 0);
}

TEST_CASE("baton stress says what is wrong with its arguments") {
  const Sandbox sandbox;
  const auto error = [](const std::string& arguments) {
    const Ran ran = test::baton("stress " + arguments);
    CHECK(ran.status == 2);
    return ran.err.substr(0, ran.err.find(" (see baton stress --help)"));
  };
  CHECK(error("--cores 1") == "baton stress: --cores must be from 2 to 4096, found 1");
  CHECK(error("--minutes -1") == "baton stress: --minutes must be from 0 to 1e+06, found -1");
  CHECK(error("-j 0") == "baton stress: --jobs must be from 1 to 4096, found 0");
  CHECK(error("--protocol mosi").starts_with("baton stress: there is no protocol \"mosi\"; allowed are "));
  CHECK(error("--option reads=migrate") == "baton stress: --option needs --protocol");
  CHECK(sandbox.files() == 0);
}
