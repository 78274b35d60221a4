// Sweeps: expansion, patches, labels, settings, canonical form.

#include <catch2/catch.hpp>

#include "sim/experiment/config.hpp"
#include "sim/experiment/sweep.hpp"
#include "sim/experiment/units.hpp"

using namespace baton::experiment;

namespace {

Experiment read(const std::string& text, const std::vector<Setting>& settings = {}) {
  return read_experiment(text, "c.json", {}, settings);
}

const char* const example = R"({
  "protocol": {"name": "mesi", "directory": "broadcast"},
  "workload": {"kind": "synthetic", "pattern": "uniform", "lines": 64, "operations_per_core": 50},
  "sweep": {
    "size": {"path": "/machine/cache/size", "values": ["16KiB", 32768]},
    "protocol": {"variants": {"A": {}, "B": {"protocol": {"name": "ownership", "reads": "snapshot"}}}},
    "cores": {"path": "/machine/cores", "values": [4, 16, 64]}
  },
  "seeds": [7, 1]})";

}  // namespace

TEST_CASE("axes multiply in their order, the last varies fastest, then seeds") {
  const Experiment experiment = read(example);
  CHECK(experiment.axes == std::vector<std::string>{"size", "protocol", "cores"});
  REQUIRE(experiment.points.size() == 2 * 2 * 3 * 2);
  const Point& first = experiment.points[0];
  CHECK(first.labels == std::vector<Json>{"16KiB", "A", 4});
  CHECK(first.seed == 7);
  CHECK(experiment.points[1].seed == 1);
  CHECK(experiment.points[2].labels == std::vector<Json>{"16KiB", "A", 16});
  const Point& last = experiment.points.back();
  CHECK(last.labels == std::vector<Json>{32768, "B", 64});
  CHECK(last.config.machine.cores == 64);
  CHECK(last.config.machine.cache.size_bytes == 32768);
  CHECK(last.config.protocol.name == "ownership");
  CHECK(last.config.protocol.options.at("reads") == "snapshot");
  CHECK(last.config.protocol.options.count("directory") == 0);
  CHECK(first.config.protocol.options.at("directory") == "broadcast");
}

TEST_CASE("a patch is RFC 7396's") {
  // The RFC's own examples (appendix A) that have objects.
  const auto merged = [](const char* document, const char* patch) {
    Json result = Json::parse(document);
    apply_patch(result, Json::parse(patch));
    return result.dump();
  };
  CHECK(merged(R"({"a":"b"})", R"({"a":"c"})") == R"({"a":"c"})");
  CHECK(merged(R"({"a":"b"})", R"({"b":"c"})") == R"({"a":"b","b":"c"})");
  CHECK(merged(R"({"a":"b","b":"c"})", R"({"a":null})") == R"({"b":"c"})");
  CHECK(merged(R"({"a":["b"]})", R"({"a":"c"})") == R"({"a":"c"})");
  CHECK(merged(R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})") == R"({"a":{"b":"d"}})");
  CHECK(merged(R"({"a":[{"b":"c"}]})", R"({"a":[1]})") == R"({"a":[1]})");
  CHECK(merged(R"({})", R"({"a":{"bb":{"ccc":null}}})") == R"({"a":{"bb":{}}})");
}

TEST_CASE("another name drops the old one's keys, but not those of the patch") {
  Json document = Json::parse(R"({"protocol":{"name":"mesi","directory":"broadcast"},
    "workload":{"kind":"synthetic","pattern":"uniform","operations_per_core":5,"zipf":1}})");
  apply_patch(document,
              Json::parse(R"({"protocol":{"name":"ownership"},"workload":{"pattern":"spin_wait"}})"));
  CHECK(document["protocol"].dump() == R"({"name":"ownership"})");
  CHECK(document["workload"].dump() ==
        R"({"kind":"synthetic","pattern":"spin_wait","operations_per_core":5})");
  apply_patch(document, Json::parse(R"({"protocol":{"name":"mesi","reads":"migrate"}})"));
  CHECK(document["protocol"].dump() == R"({"name":"mesi","reads":"migrate"})");
}

TEST_CASE("values go into lists of a mix") {
  const Experiment experiment =
      read(R"({"workload": {"kind": "synthetic", "pattern": "mix", "operations_per_core": 9,
    "parts": [{"pattern": "private"}, {"pattern": "uniform", "weight": 2}]},
    "sweep": {"w": {"path": "/workload/parts/1/weight", "values": [1, 3.5]}}})");
  REQUIRE(experiment.points.size() == 2);
  CHECK(experiment.points[1].config.workload.parts[1].weight == 3.5);
  CHECK(experiment.points[1].config.workload.parts[0].values.at("operations_per_core") == 9);
}

TEST_CASE("settings are JSON or bare strings, before the sweep") {
  const Experiment experiment = read(example, {{"/machine/network/topology", "crossbar"},
                                               {"/machine/cache/ways", "4"},
                                               {"/sweep/cores/values", "[64]"}});
  CHECK(experiment.points.size() == 2 * 2 * 1 * 2);
  CHECK(experiment.points[0].config.machine.network.topology == "crossbar");
  CHECK(experiment.points[0].config.machine.cache.ways == 4);
  // A value takes the place of what is there, objects too.
  CHECK(read(example, {{"/sweep/protocol/variants", R"({"C": {}})"}}).points.size() == 2 * 1 * 3 * 2);
  CHECK_THROWS_WITH(
      read(example, {{"/machine/cores", "2"}}),
      "--set /machine/cores: has no effect, because the sweep's axis \"cores\" sets it in every point; set "
      "/sweep/cores/values instead");
}

TEST_CASE("the effective config is a fixed point") {
  const Experiment once = read(example);
  const Experiment twice = read(once.effective.dump());
  CHECK(pretty(once.effective) == pretty(twice.effective));
  REQUIRE(once.points.size() == twice.points.size());
  for (std::size_t i = 0; i < once.points.size(); ++i) {
    CHECK(write_point(once.points[i].config) == write_point(twice.points[i].config));
  }
}

TEST_CASE("a default that depends on what is swept is not written into the effective config") {
  const Experiment experiment = read(R"({
    "workload": {"kind": "synthetic", "pattern": "uniform"},
    "sweep": {"w": {"variants": {"a": {}, "b": {"workload": {"kind": "program", "program": "ms_queue", "pattern": null}}}}}})");
  CHECK(!experiment.effective["options"].contains("efficiency"));
  CHECK(read(example).effective["options"].at("efficiency") == true);
}

TEST_CASE("every unit has its factor") {
  struct Unit {
    const char* name;
    std::uint64_t factor;
  };
  const std::vector<std::pair<Quantity, std::vector<Unit>>> all{
      {Quantity::bytes, {{"B", 1}, {"KiB", 1'024}, {"MiB", 1'048'576}, {"GiB", 1'073'741'824}}},
      {Quantity::time,
       {{"ps", 1}, {"ns", 1'000}, {"us", 1'000'000}, {"ms", 1'000'000'000}, {"s", 1'000'000'000'000}}},
      {Quantity::frequency, {{"Hz", 1}, {"kHz", 1'000}, {"MHz", 1'000'000}, {"GHz", 1'000'000'000}}},
      {Quantity::bandwidth,
       {{"B/s", 1},
        {"kB/s", 1'000},
        {"MB/s", 1'000'000},
        {"GB/s", 1'000'000'000},
        {"TB/s", 1'000'000'000'000}}}};
  for (const auto& [quantity, units] : all) {
    std::string names;
    for (const Unit& unit : units) {
      names.append(names.empty() ? "" : ", ").append(unit.name);
      CAPTURE(unit.name);
      CHECK(parse_quantity("3" + std::string(unit.name), quantity) == 3 * unit.factor);
      CHECK(parse_quantity("2.5 " + std::string(unit.name), quantity).value_or(0) ==
            (unit.factor == 1 ? 0 : unit.factor / 2 * 5));
      for (const auto& [other, its_units] : all)
        if (other != quantity) CHECK_FALSE(parse_quantity("3" + std::string(unit.name), other));
    }
    CHECK(unit_names(quantity) == names);
  }
}

TEST_CASE("a quantity is a whole number of base units, however large it is") {
  CHECK_FALSE(parse_quantity("1.0000001KiB", Quantity::bytes));
  CHECK_FALSE(parse_quantity("0.5000001us", Quantity::time));
  CHECK(parse_quantity("0.500001us", Quantity::time) == 500'001U);
  // Fractions of a picosecond, a tenth and a half.
  CHECK_FALSE(parse_quantity("0.5000000000001s", Quantity::time));
  CHECK_FALSE(parse_quantity("0.5000000000015s", Quantity::time));
  CHECK_FALSE(parse_quantity("999999999999.5ps", Quantity::time));
  CHECK(parse_quantity("0.500000000001s", Quantity::time) == 500'000'000'001U);
  // Of numbers this large the product of number and unit is off by up to an eighth.
  for (std::uint64_t tenths = 1; tenths <= 10'000; ++tenths) {
    const std::string text = std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "TB/s";
    CAPTURE(text);
    REQUIRE(parse_quantity(text, Quantity::bandwidth) == tenths * 100'000'000'000);
  }
  // What a script computed: 0.1 + 0.2.
  CHECK(parse_quantity("0.30000000000000004ns", Quantity::time) == 300U);
  CHECK(parse_quantity("9007199254740992B", Quantity::bytes) == 9'007'199'254'740'992U);
  CHECK_FALSE(parse_quantity("9007199254740994B", Quantity::bytes));
}

TEST_CASE("quantities are read exactly and written shortest") {
  CHECK(parse_quantity("12.8GB/s", Quantity::bandwidth) == 12'800'000'000U);
  CHECK(parse_quantity("0.5ns", Quantity::time) == 500U);
  CHECK(parse_quantity("1.5KiB", Quantity::bytes) == 1536U);
  CHECK_FALSE(parse_quantity("0.5ps", Quantity::time));
  CHECK_FALSE(parse_quantity("nanGHz", Quantity::frequency));
  CHECK_FALSE(parse_quantity("80", Quantity::time));
  CHECK(format_quantity(12'800'000'000, Quantity::bandwidth) == "12.8GB/s");
  CHECK(format_quantity(1536, Quantity::bytes) == "1536B");
  CHECK(format_quantity(0, Quantity::bytes) == "0B");
  CHECK(format_quantity(1'000'000, Quantity::time) == "1us");
  for (const std::uint64_t value : {1ULL, 333ULL, 80'001ULL, 2'666'666'667ULL, 1ULL << 52U}) {
    CHECK(parse_quantity(format_quantity(value, Quantity::time), Quantity::time) == value);
  }
}
