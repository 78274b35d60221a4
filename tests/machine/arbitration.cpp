// Which of several waiting requests does a home with random arbitration serve, and does anything break?

#include <set>

#include <catch2/catch.hpp>

#include "sim/machine/arbiter.hpp"
#include "tests/support/shapes.hpp"

using namespace baton;
using namespace baton::test;

namespace {

Message request(LineNumber line, NodeId source) {
  Message message;
  message.line = line;
  message.source = source;
  return message;
}

}  // namespace

TEST_CASE("an arbiter serves a line's requests one an interval, each once, in no order of arrival") {
  constexpr sim::Cycle interval = 10;
  constexpr NodeId requests = 64;
  sim::Arbiter arbiter(interval, 1, 3);
  CHECK(arbiter.admit(request(7, 0), 100));
  for (NodeId source = 1; source < requests; ++source) CHECK(!arbiter.admit(request(7, source), 101));
  CHECK(arbiter.admit(request(8, 0), 101));  // another line does not wait
  CHECK(arbiter.next() == 110);
  CHECK(!arbiter.take(109));
  std::vector<NodeId> served;
  for (sim::Cycle now = 110; arbiter.next() != sim::never; now += interval) {
    CHECK(arbiter.next() == now);
    const auto chosen = arbiter.take(now);
    REQUIRE(chosen);
    CHECK(chosen->line == 7);
    served.push_back(chosen->source);
    CHECK(!arbiter.take(now));
  }
  CHECK(std::set<NodeId>(served.begin(), served.end()).size() == requests - 1U);
  CHECK(!std::is_sorted(served.begin(), served.end()));
}

TEST_CASE("another seed is another order, and so is another home") {
  const auto order = [](std::uint64_t seed, NodeId home) {
    sim::Arbiter arbiter(1, seed, home);
    std::vector<NodeId> served;
    for (NodeId source = 0; source < 20; ++source) arbiter.admit(request(7, source), 100);
    for (sim::Cycle now = 101; const auto chosen = arbiter.take(now); ++now) served.push_back(chosen->source);
    return served;
  };
  CHECK(order(1, 3).size() == 19);
  CHECK(order(1, 3) == order(1, 3));
  CHECK(order(1, 3) != order(2, 3));
  CHECK(order(1, 3) != order(1, 4));
}

TEST_CASE("random arbitration breaks no invariant, loses no message and is deterministic") {
  for (const auto& named : every_choice())
    for (const std::uint32_t interval : {1U, 7U, 60U}) {
      MachineParameters machine = machine_of(16, "mesh");
      machine.home.arbitration = "random";
      machine.home.arbitration_cycles = interval;
      const Mixture mixture{.cores = 16, .seed = interval, .operations = 150, .hot = 2, .lines = 8};
      RunOptions options;
      options.check = true;
      CAPTURE(named.label, interval);
      const Result result = run_machine(machine, named.choice, mixture.programs(), options);
      CHECK(result["messages"] == result["messages_received"]);
      CHECK(result["misses"] == result["fills"]);
      CHECK(difference(result, run_machine(machine, named.choice, mixture.programs(), options)) == "");
      options.check = false;
      CHECK(difference(result, run_machine(machine, named.choice, mixture.programs(), options)) == "");
    }
}

TEST_CASE("a contended line under random arbitration changes owner at most once an interval") {
  MachineParameters machine = machine_of(16, "ideal");
  machine.home.arbitration = "random";
  machine.home.arbitration_cycles = 20;  // longer than an operation: requests wait at the home
  const auto workload = [] {
    return synthetic(*traces::find_pattern("contended_counter"), 16, 1, {{"operations_per_core", 50}});
  };
  const Result random = run_machine(machine, {"ownership", {}}, workload());
  REQUIRE(random["messages_GetM"] > 50);
  CHECK(random["cycles"] >= 20 * (random["messages_GetM"] - 1));
}
