// Are the protocols right? The exhaustive checker over every protocol and option.

#include <algorithm>
#include <iostream>
#include <string>

#include <catch2/catch.hpp>

#include "protocols/core/registry.hpp"

using namespace baton;

namespace {

std::string label(const ProtocolInfo& protocol, const OptionValues& variant) {
  std::string text(protocol.name());
  for (const auto& [name, value] : variant) text += " " + name + "=" + value;
  return text;
}

std::string joined(const std::vector<CheckStep>& steps) {
  std::string text;
  for (const auto& step : steps) text += "\n  " + step.text;
  return text;
}

CheckResult require_right(const ProtocolInfo& protocol, const OptionValues& variant,
                          const CheckParameters& parameters) {
  CheckResult result = protocol.check(variant, parameters);
  INFO(label(protocol, variant) << ", " << parameters.caches << " caches: " << result.violation
                                << joined(result.trace));
  REQUIRE(result.ok);
  REQUIRE(result.complete);
  std::cout << label(protocol, variant) << ", " << parameters.caches << " caches, " << parameters.values
            << " values: " << result.states << " states, " << result.transitions << " transitions, depth "
            << result.depth << ", at most " << result.max_in_flight << " messages in flight\n";
  return result;
}

bool has_same_rows(const CheckResult& a, const CheckResult& b) {
  return std::ranges::equal(a.rows, b.rows, {}, &FiredCount::what, &FiredCount::what) &&
         std::ranges::equal(a.cells, b.cells, {}, &FiredCount::what, &FiredCount::what);
}

template <class F>
void for_all_variants(F&& f) {
  for (const auto* protocol : all_protocols())
    for (const auto& variant : all_variants(*protocol))
      if (!protocol->ideal_transfer(variant)) f(*protocol, variant);  // the same tables
}

}  // namespace

TEST_CASE("no protocol has a violation with one or two caches") {
  for_all_variants([](const auto& protocol, const auto& variant) {
    require_right(protocol, variant, {.caches = 1});
    require_right(protocol, variant, {.caches = 2});
    require_right(protocol, variant, {.caches = 2, .values = 4});
  });
}

TEST_CASE("no protocol takes the home's node for a cache's", "[slow]") {
  for_all_variants([](const auto& protocol, const auto& variant) {
    require_right(protocol, variant, {.caches = 2, .home_beside_cache = true});
  });
  for (const auto* protocol : all_protocols())
    require_right(*protocol, all_variants(*protocol).front(), {.caches = 3, .home_beside_cache = true});
}

namespace {

/// The protocols are divided among test cases, which run in parallel.
void check_with_three_caches(std::size_t part, std::size_t parts) {
  std::vector<CheckResult> tables;  // each with the coverage of all variants that only differ in a number
  for (std::size_t i = part; i < all_protocols().size(); i += parts)
    for (const auto& variant : all_variants(*all_protocols()[i])) {
      const ProtocolInfo& protocol = *all_protocols()[i];
      CheckResult both = require_right(protocol, variant, {.caches = 2});
      add_coverage(both, require_right(protocol, variant, {.caches = 3}));
      const auto same =
          std::ranges::find_if(tables, [&](const auto& table) { return has_same_rows(table, both); });
      if (same == tables.end())
        tables.push_back(std::move(both));
      else
        add_coverage(*same, both);
    }
  for (const auto& table : tables) {
    INFO(table.rows.front().what << " …, " << table.rows.size() << " rows");
    CHECK(dead(table.rows) == std::vector<std::string>{});
    CHECK(dead(table.cells) == std::vector<std::string>{});
  }
}

}  // namespace

TEST_CASE("no violation with three caches and no dead row or cell, protocols 1, 5, ...", "[slow]") {
  check_with_three_caches(0, 4);
}
TEST_CASE("no violation with three caches and no dead row or cell, protocols 2, 6, ...", "[slow]") {
  check_with_three_caches(1, 4);
}
TEST_CASE("no violation with three caches and no dead row or cell, protocols 3, 7, ...", "[slow]") {
  check_with_three_caches(2, 4);
}
TEST_CASE("no violation with three caches and no dead row or cell, protocols 4, 8, ...", "[slow]") {
  check_with_three_caches(3, 4);
}

TEST_CASE("no combination of directory, entries and atomics has a violation with two caches") {
  for (const auto* protocol : all_protocols()) {
    if (std::ranges::count(protocol->options(), "entries", &ProtocolOption::name) == 0) continue;
    const bool far = std::ranges::count(protocol->options(), "atomics", &ProtocolOption::name) != 0;
    for (const char* directory : {"full_map", "broadcast", "limited_broadcast", "limited", "coarse_vector"})
      for (const char* entries : {"unlimited", "4"})
        for (const char* atomics : {"near", "far", "predict"}) {
          OptionValues options{
              {"directory", directory}, {"entries", entries}, {"pointers", "1"}, {"region", "2"}};
          if (far) options.emplace("atomics", atomics);
          require_right(*protocol, options, {.caches = 2});
        }
  }
}

TEST_CASE("every snapshot was current since its load was issued", "[slow]") {
  // Four values: with two, a value that was current long ago would often equal a current one.
  const auto* ownership = find_protocol("ownership");
  require_right(*ownership, {{"reads", "snapshot"}}, {.caches = 3, .values = 4});
  const auto* mesi = find_protocol("mesi");
  require_right(*mesi, {{"directory", "broadcast"}}, {.caches = 3, .values = 3});
}

TEST_CASE("ownership transfer has no violation with four caches", "[slow]") {
  const auto* ownership = find_protocol("ownership");
  require_right(*ownership, {{"reads", "migrate"}}, {.caches = 4});
  require_right(*ownership, {{"reads", "snapshot"}}, {.caches = 4});
}

TEST_CASE("messages in flight are bounded") {
  // Each cache has one transaction under way, and a transaction's messages follow each other but for the
  // invalidations, their acknowledgements and the data of one write.
  for_all_variants([](const auto& protocol, const auto& variant) {
    const auto result = protocol.check(variant, {.caches = 2});
    // A recall adds one for each copy, and MOESI's of an owned line one more.
    const bool recalls = variant.count("entries") != 0 && variant.at("entries") != "unlimited";
    const bool gives_way = variant.count("directory") != 0 && variant.at("directory") == "limited";
    CHECK(result.max_in_flight <= (recalls ? 5 : gives_way ? 4 : 3));
  });
}

TEST_CASE("every protocol needs the order that it asks for") {
  for_all_variants([](const auto& protocol, const auto& variant) {
    const bool asks =
        protocol.print(variant, TableFormat::json).find("\"ordered_networks\": []") == std::string::npos;
    INFO(label(protocol, variant));
    CHECK(protocol.check(variant, {.caches = 2, .ignore_order = true}).ok == !asks);
  });
}

TEST_CASE("the search gives up at its limit and says so") {
  const auto result = find_protocol("mesi")->check({}, {.caches = 3, .max_states = 1000});
  CHECK(result.ok);
  CHECK_FALSE(result.complete);
}

TEST_CASE("parameters out of range are refused") {
  CHECK_THROWS_AS(find_protocol("mesi")->check({}, {.caches = 5}), std::invalid_argument);
  CHECK_THROWS_AS(find_protocol("mesi")->check({}, {.caches = 0}), std::invalid_argument);
  CHECK_THROWS_AS(find_protocol("mesi")->check({}, {.values = 1}), std::invalid_argument);
}
