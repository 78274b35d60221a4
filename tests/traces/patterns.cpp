// Does every pattern do what it says?
#include <cmath>
#include <fstream>
#include <iterator>

#include "tests/traces/pattern_support.hpp"

using namespace baton::traces;
using namespace baton::traces::test;

namespace {

// Five standard deviations of a binomial.
Approx about(double probability, std::size_t n) {
  return Approx(probability)
      .margin(5 * std::sqrt(probability * (1 - probability) / static_cast<double>(n)) + 1e-12);
}

std::string in_code(std::string_view name) {
  std::string text = "`";
  text += name;
  text += '`';
  return text;
}

}  // namespace

TEST_CASE("every pattern is deterministic, ends, and does not depend on the batch") {
  for (const Pattern* each : all_patterns()) {
    const std::string name(each->name());
    INFO(name);
    const ParameterValues chosen = values(name, {{"operations_per_core", 300}, {"work_cycles", 7}});
    for (int cores : {1, 4, 64}) {
      CHECK(each->check(chosen, cores).empty());
      for (int core = 0; core < cores; core += 3) {
        const std::vector<Operation> once = run(name, chosen, cores, core);
        CHECK(once == run(name, chosen, cores, core, 1, 1));
        CHECK(once == run(name, chosen, cores, core, 1, 1000));
        std::size_t completed = 0;
        for (const Operation& operation : once) {
          completed += operation.completes ? 1 : 0;
          CHECK(operation.address >= region_bytes);
          CHECK(operation.address % 8 == 0);
          CHECK(operation.size == 8);
        }
        CHECK(completed == 300);
      }
    }
  }
}

TEST_CASE("every pattern's description is whole") {
  std::set<std::string> names;
  for (const Pattern* each : all_patterns()) {
    INFO(each->name());
    CHECK(names.insert(std::string(each->name())).second);
    CHECK(each->summary().size() > 40);
    REQUIRE(each->parameters().size() >= 2);
    CHECK(each->parameters()[0].name == "operations_per_core");
    CHECK(each->parameters()[1].name == "work_cycles");
    for (const Parameter& parameter : each->parameters()) {
      CHECK(parameter.minimum <= parameter.default_value);
      CHECK(parameter.default_value <= parameter.maximum);
      CHECK(!parameter.meaning.empty());
    }
    CHECK(find_pattern(each->name()) == each);
  }
  for (const char* name : {"contended_counter", "false_sharing", "migratory", "private", "producer_consumer",
                           "read_mostly", "sharing", "spin_wait", "uniform"}) {
    CHECK(names.contains(name));
  }
  CHECK(find_pattern("no_such") == nullptr);
  CHECK_THROWS_AS(values("private")["no_such"], std::out_of_range);
}

TEST_CASE("every pattern and parameter is in the README") {
  std::ifstream file(std::string(BATON_SOURCE_DIR) + "/traces/synthetic/README.md");
  const std::string readme{std::istreambuf_iterator<char>(file), {}};
  // By name alone: a failure must not print the whole page.
  std::set<std::string> missing;
  const auto look_for = [&](std::string_view name) {
    if (readme.find(in_code(name)) == std::string::npos) missing.emplace(name);
  };
  for (const Pattern* each : all_patterns()) {
    look_for(each->name());
    for (const Parameter& parameter : each->parameters()) look_for(parameter.name);
  }
  CHECK(missing == std::set<std::string>{});
}

TEST_CASE("work comes before each operation, and once") {
  for (const Operation& operation : run("uniform", values("uniform", {{"work_cycles", 9}}), 4, 2)) {
    CHECK(operation.gap_cycles == 9);
  }
  const auto migratory =
      run("migratory", values("migratory", {{"work_cycles", 9}, {"lines_per_operation", 2}}), 4, 0);
  for (std::size_t i = 0; i < migratory.size(); ++i) CHECK(migratory[i].gap_cycles == (i % 4 == 0 ? 9U : 0U));
}

TEST_CASE("seeds and cores give different streams") {
  const ParameterValues chosen = values("uniform");
  CHECK(run("uniform", chosen, 4, 0, 1) != run("uniform", chosen, 4, 0, 2));
  CHECK(run("uniform", chosen, 4, 0, 1) != run("uniform", chosen, 4, 1, 1));
}

TEST_CASE("private: no line has two cores") {
  const auto lines = sharers("private", values("private", {{"lines", 8}}), 16);
  CHECK(lines.size() == 8 * 16);
  for (const auto& [line, cores] : lines) CHECK(cores == std::set<int>{static_cast<int>(line / 8)});
  CHECK(fraction(run("private", values("private", {{"operations_per_core", 20000}}), 4, 1), Kind::load) ==
        about(0.7, 20000));
}

TEST_CASE("uniform: every core touches every line equally, kinds as asked") {
  const auto chosen =
      values("uniform",
             {{"lines", 10}, {"operations_per_core", 50000}, {"read_fraction", 0.5}, {"rmw_fraction", 0.2}});
  const auto operations = run("uniform", chosen, 4, 3);
  CHECK(fraction(operations, Kind::load) == about(0.5, 50000));
  CHECK(fraction(operations, Kind::rmw) == about(0.2, 50000));
  CHECK(fraction(operations, Kind::store) == about(0.3, 50000));
  std::map<std::uint64_t, std::size_t> counts;
  for (const Operation& operation : operations) ++counts[line_of(operation)];
  REQUIRE(counts.size() == 10);
  CHECK(counts.rbegin()->first == 9);
  for (const auto& [line, count] : counts) CHECK(static_cast<double>(count) / 50000 == about(0.1, 50000));

  const auto errors = pattern("uniform").check(values("uniform", {{"rmw_fraction", 0.6}}), 4);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].parameter == "rmw_fraction");
  CHECK(errors[0].message ==
        "read_fraction + rmw_fraction exceeds 1, found 0.700000 + 0.600000, allowed a sum of at most 1");
}

TEST_CASE("uniform: Zipf ranks have Zipf's probabilities") {
  for (double skew : {0.5, 0.99, 1.0, 2.5}) {
    const std::size_t n = 100000;
    const auto operations =
        run("uniform", values("uniform", {{"lines", 50}, {"zipf", skew}, {"operations_per_core", double(n)}}),
            1, 0);
    double sum = 0;
    for (int rank = 1; rank <= 50; ++rank) sum += std::pow(rank, -skew);
    std::map<std::uint64_t, std::size_t> counts;
    for (const Operation& operation : operations) ++counts[line_of(operation)];
    for (std::uint64_t rank = 0; rank < 50; ++rank) {
      INFO("skew " << skew << " rank " << rank);
      CHECK(static_cast<double>(counts[rank]) / double(n) ==
            about(std::pow(double(rank + 1), -skew) / sum, n));
    }
    CHECK(counts.rbegin()->first < 50);
  }
}

TEST_CASE("fractions of 0 and 1 are exact") {
  CHECK(fraction(run("uniform", values("uniform", {{"read_fraction", 1}}), 2, 0), Kind::load) == 1);
  CHECK(fraction(run("uniform", values("uniform", {{"read_fraction", 0}}), 2, 0), Kind::store) == 1);
  CHECK(fraction(run("uniform", values("uniform", {{"read_fraction", 0}, {"rmw_fraction", 1}}), 2, 0),
                 Kind::rmw) == 1);
  CHECK(fraction(run("read_mostly", values("read_mostly", {{"write_fraction", 0}}), 2, 0), Kind::load) == 1);
}

TEST_CASE("read_mostly: shared by all, few stores") {
  const auto chosen = values("read_mostly", {{"operations_per_core", 20000}});
  CHECK(fraction(run("read_mostly", chosen, 4, 2), Kind::store) == about(0.01, 20000));
  for (const auto& [line, cores] : sharers("read_mostly", chosen, 4)) CHECK(cores.size() == 4);
}

TEST_CASE("migratory: load then store, the cores follow each other") {
  const auto chosen =
      values("migratory", {{"lines", 4}, {"lines_per_operation", 2}, {"operations_per_core", 3}});
  const auto core1 = run("migratory", chosen, 4, 1);
  REQUIRE(core1.size() == 12);
  const std::uint64_t expected_lines[] = {2, 2, 3, 3, 0, 0, 1, 1, 2, 2, 3, 3};
  for (std::size_t i = 0; i < 12; ++i) {
    CHECK(line_of(core1[i]) == expected_lines[i]);
    CHECK(core1[i].kind == (i % 2 == 0 ? Kind::load : Kind::store));
    CHECK(core1[i].completes == (i % 4 == 3));
  }
  const auto errors = pattern("migratory").check(values("migratory", {{"lines_per_operation", 3}}), 4);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].message ==
        "the operations do not fill the lines, found 3 with 16 lines, allowed divisors of lines");
}

TEST_CASE("producer_consumer: one writer a group, the same ring for its readers") {
  const auto chosen =
      values("producer_consumer", {{"consumers", 3}, {"lines", 4}, {"operations_per_core", 6}});
  for (int core = 0; core < 8; ++core) {
    const auto operations = run("producer_consumer", chosen, 8, core);
    for (std::size_t i = 0; i < operations.size(); ++i) {
      CHECK(operations[i].kind == (core % 4 == 0 ? Kind::store : Kind::load));
      CHECK(line_of(operations[i]) == static_cast<std::uint64_t>(core / 4) * 4 + i % 4);
    }
  }
  CHECK(pattern("producer_consumer").check(chosen, 8).empty());
  const auto errors = pattern("producer_consumer").check(chosen, 6);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].message ==
        "the groups do not fill the machine, found 3 (groups of 4 cores) with 6 cores, allowed 0 (all cores "
        "are one "
        "group) or group sizes that divide the number of cores");
  CHECK(pattern("producer_consumer").check(values("producer_consumer", {{"consumers", 0}}), 7).empty());
  CHECK(sharers("producer_consumer", values("producer_consumer", {{"consumers", 0}}), 7)
            .begin()
            ->second.size() == 7);
}

TEST_CASE("false_sharing: a word a core, and padding parts the lines") {
  const auto packed = sharers("false_sharing", values("false_sharing"), 16);
  REQUIRE(packed.size() == 2);
  for (const auto& [line, cores] : packed) CHECK(cores.size() == 8);
  const auto padded = sharers("false_sharing", values("false_sharing", {{"padding", 56}}), 16);
  REQUIRE(padded.size() == 16);
  std::set<Address> words;
  for (int core = 0; core < 16; ++core) {
    for (const Operation& operation : run("false_sharing", values("false_sharing"), 16, core)) {
      CHECK(operation.kind == Kind::store);
      words.insert(operation.address);
    }
  }
  CHECK(words.size() == 16);
  CHECK(pattern("false_sharing").check(values("false_sharing", {{"padding", 12}}), 4)[0].message ==
        "words would straddle lines, found 12, allowed multiples of 8");
}

TEST_CASE("contended_counter: all cores modify one line, or one of several") {
  for (const Operation& operation : run("contended_counter", values("contended_counter"), 8, 5)) {
    CHECK(operation == Operation{.address = region_bytes, .kind = Kind::rmw});
  }
  CHECK(sharers("contended_counter", values("contended_counter", {{"counters", 3}}), 8).size() == 3);
}

TEST_CASE("sharing: exactly the asked number of cores shares each line") {
  for (int group : {1, 2, 8, 16}) {
    const auto lines = sharers("sharing", values("sharing", {{"sharers", double(group)}}), 16);
    CHECK(lines.size() == 16U / static_cast<unsigned>(group) * 16);
    for (const auto& [line, cores] : lines) CHECK(cores.size() == static_cast<std::size_t>(group));
  }
  CHECK(sharers("sharing", values("sharing", {{"sharers", 0}}), 12).begin()->second.size() == 12);
  CHECK(pattern("sharing").check(values("sharing", {{"sharers", 3}}), 16).size() == 1);
  CHECK(pattern("sharing").check(values("sharing", {{"sharers", 32}}), 16).size() == 1);
  CHECK(pattern("sharing").check(values("sharing", {{"sharers", 32}}), 1).empty());
}

SCENARIO("spin_wait: readers wait for changes of the flag") {
  GIVEN("a writer of three stores and a reader") {
    SyntheticWorkload workload(pattern("spin_wait"), values("spin_wait", {{"operations_per_core", 3}}), 2, 1,
                               64);
    const auto writer = workload.stream(0);
    const auto reader = workload.stream(1);
    CHECK(writer->value_dependent());
    CHECK(reader->value_dependent());
    Operation out;
    const std::span<Operation> one(&out, 1);
    WHEN("the writer runs") {
      for (std::uint64_t i = 0; i < 3; ++i) {
        REQUIRE(writer->next(one) == 1);
        CHECK(out == Operation{.address = region_bytes, .kind = Kind::store});
        CHECK(writer->perform(out, i) == i + 1);
      }
      THEN("it ends after its stores") {
        CHECK(writer->next(one) == 0);
      }
    }
    WHEN("the reader finds the flag unchanged, then changed") {
      REQUIRE(reader->next(one) == 1);
      CHECK(out == Operation{.address = region_bytes, .gap_cycles = 4, .kind = Kind::spin});
      CHECK(reader->perform(out, 0) == 0);
      CHECK(!reader->satisfied(out));
      CHECK(reader->perform(out, 1) == 1);
      CHECK(reader->satisfied(out));
      THEN("it waits for the next change, and may miss one; the last content ends it") {
        REQUIRE(reader->next(one) == 1);
        reader->perform(out, 1);
        CHECK(!reader->satisfied(out));
        reader->perform(out, 3);
        CHECK(reader->satisfied(out));
        CHECK(reader->next(one) == 0);
      }
    }
  }
  GIVEN("one core") {
    THEN("it is the writer") {
      const auto operations = run("spin_wait", values("spin_wait", {{"operations_per_core", 5}}), 1, 0);
      CHECK(operations.size() == 5);
      CHECK(fraction(operations, Kind::store) == 1);
    }
  }
}
