// The checker's other systems: two lines, store buffers, bounded queues; and its means: symmetry, threads,
// hash compaction, limits. Each must be able to fail.

#include <string>

#include <catch2/catch.hpp>

#include "protocols/core/check_store.hpp"
#include "protocols/core/mutation.hpp"
#include "protocols/core/registry.hpp"

using namespace baton;

namespace {

/// Calls f(protocol, variant), with all default options or with every option.
template <class F>
void for_variants(bool all, F&& f) {
  for (const auto* protocol : all_protocols())
    for (const auto& variant : all_variants(*protocol)) {
      if (protocol->ideal_transfer(variant)) continue;  // the same tables
      std::string name(protocol->name());
      for (const auto& [option, value] : variant) name += " " + option + "=" + value;
      INFO(name);
      f(*protocol, variant);
      if (!all) break;
    }
}
/// Those that snoop have no messages under way, and a checker of their own.
template <class F>
void for_all_variants(F&& f) {
  for_variants(true, [&](const ProtocolInfo& protocol, const OptionValues& variant) {
    if (!protocol.snoops()) f(protocol, variant);
  });
}
template <class F>
void for_all_protocols(F&& f) {
  for_variants(false, [&](const ProtocolInfo& protocol, const OptionValues& variant) {
    if (!protocol.snoops()) f(protocol, variant);
  });
}

void require_right(const ProtocolInfo& protocol, const OptionValues& variant, const CheckParameters& system) {
  const CheckResult result = protocol.check(variant, system);
  std::string trace;
  for (const CheckStep& step : result.trace) trace += "\n  " + step.text;
  INFO(result.violation << trace);
  CHECK(result.ok);
  CHECK(result.complete);
}

CheckResult check_mutant(const std::string& protocol, const OptionValues& variant, const std::string& name,
                         const CheckParameters& system) {
  const ProtocolInfo& info = *find_protocol(protocol);
  for (const Mutation& mutation : info.mutations(variant))
    if (mutation.row_text + ": " + mutation.text == name) return info.check(variant, system, &mutation);
  throw std::logic_error("there is no mutant " + name);
}

const OptionValues full_map{{"directory", "full_map"}};

}  // namespace

TEST_CASE("two lines in one set do not stop each other") {
  for_all_protocols([](const auto& protocol, const auto& variant) {
    require_right(protocol, variant, {.caches = 1, .lines = 2});
    if (protocol.logical_time()) return;  // millions of states: tests/checked does it
    require_right(protocol, variant, {.caches = 2, .lines = 2, .queue = 1});
  });
}

TEST_CASE("stores may wait in a store buffer while loads go ahead") {
  for_all_protocols([](const auto& protocol, const auto& variant) {
    require_right(protocol, variant, {.caches = 2, .store_buffer = 2});
    if (protocol.logical_time()) return;
    require_right(protocol, variant, {.caches = 2, .lines = 2, .store_buffer = 1, .queue = 1});
  });
}

TEST_CASE("a load that does not look into the store buffer breaks per-location sequential consistency") {
  for_all_variants([](const auto& protocol, const auto& variant) {
    const auto result =
        protocol.check(variant, {.caches = 2, .store_buffer = 1, .ignore_store_buffer = true});
    CHECK_FALSE(result.ok);
    CHECK_THAT(result.violation, Catch::Contains("per-location sequential consistency"));
  });
}

TEST_CASE("the smallest queues suffice on separate virtual networks") {
  for_all_protocols([](const auto& protocol, const auto& variant) {
    require_right(protocol, variant, {.caches = 3, .queue = 1});
  });
}

TEST_CASE("one queue for all virtual networks ends in a deadlock") {
  const auto result = find_protocol("mesi")->check(full_map, {.caches = 2, .queue = 1, .share_queues = true});
  CHECK_FALSE(result.ok);
  CHECK_THAT(result.violation, Catch::StartsWith("deadlock"));
  CHECK(find_protocol("mesi")->check(full_map, {.caches = 2, .queue = 2, .share_queues = true}).ok);
  // Ownership transfer does without: its home never waits for a third party.
  for (const auto* reads : {"migrate", "snapshot"})
    CHECK(find_protocol("ownership")
              ->check({{"reads", reads}}, {.caches = 3, .queue = 1, .share_queues = true})
              .ok);
}

TEST_CASE("symmetry leaves out nothing: the states that it stands for are those found without it", "[slow]") {
  const auto compare = [](const ProtocolInfo& protocol, const OptionValues& variant, CheckParameters system) {
    system.count_renamed = true;
    const CheckResult folded = protocol.check(variant, system);
    system.symmetry = false;
    const CheckResult all = protocol.check(variant, system);
    CHECK(folded.states <= all.states);
    // Memory's first version has one content, and nothing later looks like it: renamings of the first few
    // states, with another content, are not reached.
    if (protocol.logical_time())
      CHECK(folded.renamed_states >= all.states);
    else
      CHECK(folded.renamed_states == all.states);
  };
  for_all_variants([&](const auto& protocol, const auto& variant) {
    compare(protocol, variant, {.caches = 2});
    compare(protocol, variant, {.caches = 2, .values = 3});
  });
  for_all_protocols([&](const auto& protocol, const auto& variant) {
    // What renames is the same for all; these have what there is to rename and few states.
    const auto is = [&](std::string_view name) { return protocol.name() == name; };
    if (!is("msi") && !is("ownership")) return;
    compare(protocol, variant, {.caches = 3});
    compare(protocol, variant, {.caches = 2, .home_beside_cache = true});
    compare(protocol, variant, {.caches = 2, .lines = 2, .queue = 1});
    compare(protocol, variant, {.caches = 2, .store_buffer = 2});
  });
}

TEST_CASE("the number of threads changes no figure") {
  const auto figures = [](const CheckResult& result) {
    std::vector<std::uint64_t> numbers{result.states, result.transitions, result.depth, result.max_in_flight};
    for (const FiredCount& cell : result.cells) numbers.push_back(cell.times);
    return numbers;
  };
  for_all_protocols([&](const auto& protocol, const auto& variant) {
    CHECK(figures(protocol.check(variant, {.caches = 3})) ==
          figures(protocol.check(variant, {.caches = 3, .threads = 3})));
  });
  const std::string lost = "home {S_D | Data | write_memory | S}: drop write_memory";
  const auto one = check_mutant("mesi", full_map, lost, {.caches = 3});
  const auto three = check_mutant("mesi", full_map, lost, {.caches = 3, .threads = 3});
  CHECK(one.violation == three.violation);
  REQUIRE(one.trace.size() == three.trace.size());
  for (std::size_t i = 0; i < one.trace.size(); ++i) CHECK(one.trace[i].text == three.trace[i].text);
}

TEST_CASE("hash compaction finds as many states, in less memory, and says how sure that is") {
  const auto* mesi = find_protocol("mesi");
  const CheckResult exact = mesi->check(full_map, {.caches = 3});
  const CheckResult compact = mesi->check(full_map, {.caches = 3, .compact = true});
  CHECK(compact.states == exact.states);
  CHECK(compact.transitions == exact.transitions);
  CHECK(compact.bytes < exact.bytes);
  CHECK(exact.omission_probability == 0);
  CHECK(compact.omission_probability > 0);
  CHECK(compact.omission_probability < 1e-9);
  const auto found = check_mutant("mesi", full_map, "home {S_D | Data | write_memory | S}: drop write_memory",
                                  {.caches = 3, .compact = true});
  CHECK_THAT(found.violation, Catch::StartsWith("data value"));
  CHECK_FALSE(found.trace.empty());
}

TEST_CASE("the probability of an omission is the sum over all pairs of states") {
  CHECK(omission_probability(0) == 0);
  CHECK(omission_probability(2) == Approx(1.0 / 18446744073709551616.0));
  CHECK(omission_probability(100'000'000) == Approx(2.7105e-4).epsilon(1e-3));
}

TEST_CASE("the search gives up at its limits and says so") {
  const auto states = find_protocol("mesi")->check({}, {.caches = 3, .max_states = 1000});
  CHECK(states.ok);
  CHECK_FALSE(states.complete);
  CHECK(states.gave_up_at == "the limit of states");
  const auto memory = find_protocol("mesi")->check({}, {.caches = 4, .max_bytes = 3'000'000});
  CHECK(memory.ok);
  CHECK_FALSE(memory.complete);
  CHECK(memory.gave_up_at == "the limit of memory");
  CHECK(memory.bytes < 6'000'000);
}

TEST_CASE("quiescent states are counted by class") {
  const auto result =
      find_protocol("ownership")
          ->check({{"reads", "migrate"}}, {.caches = 2, .symmetry = false, .quiescent = true});
  // Two contents; the home owns the line, or one of two caches does.
  CHECK(result.quiescent == std::map<std::string, std::uint64_t>{{"I: I I", 2}, {"M: I M", 4}});
}

TEST_CASE("a chart shows every message at its delivery") {
  const auto result = check_mutant(
      "ownership", {{"reads", "migrate"}},
      "home {M | PutMOwner | write_memory, send_PutAck, clear_owner | I}: drop write_memory", {.caches = 1});
  const std::string chart = to_mermaid(result.trace, 1, result.violation);
  CHECK_THAT(chart,
             Catch::StartsWith("sequenceDiagram\n  participant C0 as cache 0\n  participant H as home\n"
                               "  Note over C0: Rmw: I → IM_D\n  C0->>H: GetM\n  Note over H: I → M\n"
                               "  H->>C0: Data, value 0\n"));
  CHECK_THAT(chart, Catch::Contains("Note over C0,H: data value"));
}

TEST_CASE("a shard keeps keys apart and their numbers in order") {
  for (const bool compact : {false, true}) {
    checker::Shard shard(5, compact);
    std::vector<std::string> keys;
    for (int i = 0; i < 5000; ++i)
      keys.push_back("key " + std::to_string(i) + std::string(static_cast<std::size_t>(i % 40), 'x'));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      CHECK(checker::number_of(shard.add(keys[i], checker::hash_of(keys[i]), 7)) == i);
      CHECK(checker::number_of(shard.add(keys[i / 2], checker::hash_of(keys[i / 2]), 8)) == i / 2);
    }
    CHECK(shard.size() == keys.size());
    CHECK(shard.key(4321) == keys[4321]);
    CHECK(shard.parent(4321) == 7);
    shard.begin_level();
    shard.add("newest", checker::hash_of("newest"), 9);
    CHECK(shard.key(4999) == keys[4999]);
    CHECK(shard.key(5000) == "newest");
  }
}

TEST_CASE("logical time: an owner that does not extend the lease for a reader is found with two lines") {
  const auto result = check_mutant(
      "tardis", {},
      "cache {M | FwdGetS | extend_lease_for_reader, data_to_home | S}: drop extend_lease_for_reader",
      {.caches = 2, .lines = 2});
  CHECK_THAT(result.violation, Catch::StartsWith("logical time"));
}
