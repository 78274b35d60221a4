// Does the simulator show the faults that the checker finds? Mutants of every protocol's tables that the
// checker kills with a counterexample, replayed on the simulator's own caches and homes.

#include <string>

#include <catch2/catch.hpp>

#include "protocols/core/registry.hpp"
#include "sim/machine/scripted/script.hpp"
#include "tests/support/child.hpp"

using namespace baton;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// The kinds of fault as checker and simulator call them.
std::string kind_of(const std::string& fault) {
  if (has(fault, "SWMR")) return "SWMR";
  if (has(fault, "data value") || has(fault, "data-value")) return "data value";
  if (has(fault, "memory: ")) return "data value";  // memory is read behind the last step
  if (has(fault, "is never performed")) return "never performed";
  if (has(fault, "is not performed once")) return "not performed once";
  if (has(fault, "that is replaced stays")) return "stays";
  if (has(fault, "impossible cell") || has(fault, "no row for event")) return "impossible cell";
  if (has(fault, "deadlock")) return "deadlock";
  if (has(fault, "sent to nobody")) return "sent to nobody";
  if (has(fault, "second transaction")) return "second transaction";
  return fault;
}

/// A fault that the machine meets in another way.
bool is_seen_otherwise(const std::string& violation, const std::string& fault) {
  // A state of snooping caches that breaks two invariants at once.
  if (has(violation, "may read") && (kind_of(fault) == "SWMR" || kind_of(fault) == "data value")) return true;
  // Memory is stale because an owner cannot be replaced, or is none.
  if (has(violation, "memory: ") && (kind_of(fault) == "SWMR" || has(fault, "no row for event Replace")))
    return true;
  // A line without content reads as 0 in the machine, which may be right by chance.
  if (has(violation, "content none") || has(violation, "snapshot none")) return true;
  // Its cache refuses an access to a line in a transient state without asking the table.
  return has(violation, "impossible cell") &&
         (has(violation, "on Load") || has(violation, "on Store") || has(violation, "on Rmw"));
}

std::string simulated(const ProtocolInfo& protocol, const OptionValues& variant, const Mutation* mutation,
                      const CheckParameters& system, const std::vector<CheckStep>& steps) {
  return test::in_child([&] {
           const sim::ScriptResult result =
               sim::run_script({std::string(protocol.name()), variant, mutation, system, steps});
           return result.divergence.empty() ? result.fault : "diverged: " + result.divergence;
         })
      .text;
}

const Mutation& mutation_named(const std::vector<Mutation>& all, std::string_view row,
                               std::string_view text) {
  for (const Mutation& mutation : all)
    if (mutation.row_text == row && mutation.text == text) return mutation;
  throw std::logic_error("there is no such mutation");
}

}  // namespace

namespace {

void replay_mutants(const ProtocolInfo& protocol, const OptionValues& variant, std::size_t every) {
  int replayed = 0;
  int other = 0;
  std::string others;
  const std::vector<Mutation> mutations = protocol.mutations(variant);
  for (std::size_t i = 0; i < mutations.size(); i += every) {
    CheckParameters system{.caches = 2};
    CheckResult result = protocol.check(variant, system, &mutations[i]);
    if (result.ok) {
      system.caches = 3;
      result = protocol.check(variant, system, &mutations[i]);
    }
    if (result.trace.empty() || result.cycle_begin != 0) continue;
    const std::string fault = simulated(protocol, variant, &mutations[i], system, result.trace);
    INFO(protocol.name() << " " << mutations[i].row_text << ": " << mutations[i].text << ": "
                         << result.violation);
    ++replayed;
    if (kind_of(result.violation) == kind_of(fault) || is_seen_otherwise(result.violation, fault)) continue;
    ++other;
    others +=
        "\n" + mutations[i].row_text + ": " + mutations[i].text + ": " + result.violation + ": " + fault;
  }
  // The rest are tables that go on with fields that should be dead: the checker forgets these.
  INFO(protocol.name() << ": " << other << " of " << replayed << " have another fault:" << others);
  CHECK(other * 20 <= replayed);
  CHECK(replayed > 10);
}

}  // namespace

TEST_CASE("the simulator shows the faults of the checker's counterexamples", "[slow]") {
  // A snooping protocol has few rows.
  for (const auto* protocol : all_protocols())
    replay_mutants(*protocol, all_variants(*protocol).front(), protocol->snoops() ? 2 : 7);
}

TEST_CASE("counterexamples with far read-modify-writes are replayed", "[slow]") {
  for (const auto* atomics : {"far", "predict"})
    replay_mutants(*find_protocol("mesi"), {{"directory", "full_map"}, {"atomics", atomics}}, 11);
}

TEST_CASE("a counterexample with two lines is replayed") {
  const auto* mesi = find_protocol("mesi");
  const auto all = mesi->mutations({});
  const Mutation& wrong = mutation_named(
      all, "home {EM | PutMOwner | write_memory, send_PutAck, clear_owner | I}", "drop write_memory");
  CheckParameters system{.caches = 2, .lines = 2};
  CheckResult result = mesi->check({}, system, &wrong);
  REQUIRE_FALSE(result.ok);
  for (CheckStep& step : result.trace) step.line = step.message.line = 1;  // the other line serves as well
  CHECK_THAT(simulated(*mesi, {}, &wrong, system, result.trace),
             Catch::Contains("data-value invariant broken"));
}

TEST_CASE("the steps of a right protocol end without a fault") {
  const auto* mesi = find_protocol("mesi");
  const auto all = mesi->mutations({});
  const Mutation& wrong = mutation_named(
      all, "home {EM | PutMOwner | write_memory, send_PutAck, clear_owner | I}", "drop write_memory");
  const CheckParameters system{.caches = 1};
  const CheckResult result = mesi->check({}, system, &wrong);
  REQUIRE_FALSE(result.ok);
  CHECK_THAT(simulated(*mesi, {}, nullptr, system, result.trace), Catch::StartsWith("diverged"));
  CHECK(simulated(*mesi, {}, nullptr, system, {result.trace.begin(), result.trace.begin() + 6}).empty());
}

TEST_CASE("a message may take a stable line to a transient state") {
  // The machine once took the line's permission away twice.
  const auto* ownership = find_protocol("ownership");
  const auto all = ownership->mutations({});
  const Mutation& wrong = mutation_named(all, "cache {M | FwdGetM | data_to_requestor | I}", "next IM_D");
  const CheckParameters system{.caches = 2};
  const CheckResult result = ownership->check({}, system, &wrong);
  REQUIRE_FALSE(result.ok);
  CHECK_THAT(simulated(*ownership, {}, &wrong, system, result.trace), Catch::StartsWith("deadlock"));
}
