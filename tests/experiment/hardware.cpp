// `baton hardware`: what a measurement and a preset may say, how errors are computed, one from end to end.

#include <cmath>

#include <catch2/catch.hpp>

#include "sim/experiment/config.hpp"
#include "tests/experiment/program.hpp"

using namespace baton::experiment;
using namespace baton::test;

namespace {

constexpr const char* workload =
    R"("workload": {"kind": "program", "program": "ping_pong", "threads": 2, "round_trips": 5},
       "sweep": {"cores": {"path": "/machine/cores", "values": [2, 4]}}, "options": {"efficiency": false})";

std::string wrong(const std::string& figure) {
  const std::string text = std::string("{\"machine\": {\"clock\": \"2GHz\"}, ") + workload +
                           R"(, "measurement": {"source": "s", "statement": "t", "figures": [)" + figure +
                           "]}}";
  try {
    read_experiment(text, "c.json", ".", {});
  } catch (const InputProblems& problems) {
    return problems.what();
  }
  return "";
}

std::string figure(const std::string& rest) {
  return R"({"what": "w", "unit": "ns", )" + rest + "}";
}

}  // namespace

TEST_CASE("a measured figure is checked") {
  const std::string at = "c.json: /measurement/figures/0";
  CHECK(wrong(figure(R"("measured": 3, "metric": "cycles[cores=2]")")) == "");
  CHECK(wrong(figure(R"("measured": 3, "metric": "cycles", "over": "median")")) == "");
  CHECK(wrong(figure(R"("measured": 3, "out_of_scope": "no such thing")")) == "");
  CHECK(
      wrong(figure(R"("measured": 3, "metric": "cycles")")) ==
      at +
          "/metric: must fix the axis \"cores\", or \"over\" must say how one figure is made of those at its "
          "values");
  CHECK(wrong(figure(R"("measured": 3, "metric": "cycles[cores=2]", "over": "median")")) ==
        at + "/over: has no use: the metric fixes all axes");
  CHECK(
      wrong(figure(R"("measured": 3, "metric": "cycles", "over": "medain")")) ==
      at +
          R"(/over: must be one of "median", "mean", "min", "max", "p90/p10", "max/min", found "medain" (did you mean "median"?))");
  CHECK(
      wrong(figure(R"("measured": 3, "metric": "cycles[core=2]")")) ==
      at +
          R"(/metric: column 8: there is no axis "core" in the sweep; allowed are "cores" (did you mean "cores"?))");
  CHECK(wrong(figure(R"("measured": 3)")) ==
        at + "/metric: is missing (or \"out_of_scope\", with the reason)");
  CHECK(wrong(figure(R"("metric": "cycles[cores=2]")")) == at + "/measured: is missing");
  CHECK(wrong(figure(R"("measured": 0, "metric": "cycles[cores=2]")")) ==
        at + R"(/measured: must be a positive number or {"min": number, "max": number}, found 0)");
  CHECK(wrong(figure(R"("measured": {"min": 2, "max": 1}, "metric": "cycles[cores=2]")")) ==
        at + R"(/measured: "min" is above "max": 2 > 1)");
  CHECK(wrong(figure(
            R"("measured": 3, "metric": "cycles[cores=2]", "fitted": "/machine/home/latency_cycles")")) ==
        at + "/fitted: must be the JSON pointer of a parameter that the config or its preset gives, found "
             "\"/machine/home/latency_cycles\"");
  CHECK(wrong(figure(R"("measured": 3, "metric": "cycles[cores=2]", "fitted": "/machine/clock")")) == "");
  CHECK(wrong(figure(R"("measured": 3, "out_of_scope": "x", "over": "min")")) ==
        at + "/over: has no use beside \"out_of_scope\"");
  CHECK(wrong("") ==
        "c.json: /measurement/figures: must be a list of at least one object, found an empty one");
}

TEST_CASE("a preset lies below the config, and each of its parameters has a source") {
  const Sandbox sandbox;
  const auto with = [](const std::string& preset) -> std::string {
    write_file("p.json", preset);
    const std::string text =
        std::string(R"({"preset": "p.json", "machine": {"home": {"latency_cycles": 9}}, )") + workload + "}";
    try {
      const Experiment experiment = read_experiment(text, "c.json", ".", {});
      const auto& machine = experiment.points[0].config.machine;
      return std::to_string(machine.home.latency_cycles) + " " + std::to_string(machine.home.llc_cycles);
    } catch (const InputProblems& problems) {
      return problems.what();
    }
  };
  const std::string machine = R"({"machine": {"home": {"latency_cycles": 7, "llc_cycles": 8}}, "sources": )";
  CHECK(with(machine + R"({"/machine/home": "s"}})") == "9 8");
  CHECK(with(machine + R"({"/machine/home/latency_cycles": "s"}})") ==
        "p.json: /sources: lacks the source of \"/machine/home/llc_cycles\"");
  CHECK(with(machine + R"({"/machine/home": "s", "/machine/core": "s"}})") ==
        "p.json: /sources/~1machine~1core: the preset has no such parameter");
  CHECK(with(R"({"workload": {}})") ==
        R"(p.json: /workload: unknown key; allowed are "description", "machine", "protocol", "sources")");
  CHECK(with("[1]") == "p.json: must be a JSON object, found a list");
}

TEST_CASE("errors and figures made of several") {
  MeasuredFigure figure;
  figure.min = figure.max = 2;
  CHECK(error_of(figure, 3) == Approx(0.5));
  CHECK(error_of(figure, 1) == Approx(-0.5));
  figure.max = 4;
  CHECK(error_of(figure, 3) == 0);
  CHECK(error_of(figure, 5) == Approx(0.25));
  CHECK(combined({5, 1, std::nan(""), 3}, "median") == 3);
  CHECK(combined({5, 1, std::nan(""), 3}, "max/min") == 5);
  CHECK(combined({0, 10}, "p90/p10") == Approx(9));
  CHECK(std::isnan(combined({std::nan("")}, "min")));
}

TEST_CASE("a measurement from end to end") {
  const Sandbox sandbox;
  std::filesystem::create_directory("measured");
  // Three times hit_cycles 2, three legs of 10 cycles, the home's 14: 50.
  write_file(
      "measured/two.json",
      std::string(R"({"machine": {"network": {"topology": "ideal"}, "home": {"latency_cycles": 14}}, )") +
          R"("workload": {"kind": "program", "program": "remote_access", "threads": 2, "rounds": 5},
                    "sweep": {"access": {"path": "/workload/access", "values": ["load", "store"]}},
                    "options": {"efficiency": false},
                    "measurement": {"source": "S", "statement": "T", "figures": [
                      {"what": "a load", "unit": "cycles", "metric": "latency_mean_access[access=load]",
                       "measured": 50, "fitted": "/machine/home/latency_cycles"},
                      {"what": "a store", "unit": "cycles", "metric": "latency_mean_access[access=store]",
                       "measured": 40},
                      {"what": "a prayer", "unit": "cycles", "measured": 1, "out_of_scope": "Not modelled."}]}})");
  const Ran ran = baton::test::baton("hardware measured -o out.json --page out.md");
  CHECK(ran.status == 0);
  CHECK(ran.out ==
        "what           measured   simulated  error   fitted\n"
        "two: a load    50 cycles  50 cycles  +0.0 %  yes, by /machine/home/latency_cycles\n"
        "two: a store   40 cycles  50 cycles  +25 %   no: predicted\n"
        "two: a prayer  1 cycles   –          –       out of scope\n");
  CHECK_THAT(
      read_file("out.md"),
      Catch::Contains("| [Two](#two): a store | S | 40 cycles | 50 cycles | +25 % | no: predicted |\n"));
  const std::string first = without_host(read_file("out.json"));
  CHECK_THAT(first, Catch::Contains(R"({"access":"store","seed":1,"latency_mean_access":50.0})"));
  CHECK(baton::test::baton("hardware measured -o out.json --jobs 1").status == 0);
  CHECK(without_host(read_file("out.json")) == first);
  CHECK(baton::test::baton("hardware measured --only three").err ==
        "--only three: there is no such measurement; there are \"two\"\n");
}

TEST_CASE("shipped measurements can be read") {
  const auto folder = std::filesystem::path(BATON_SOURCE_DIR) / "configs" / "hardware";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    CAPTURE(entry.path());
    CHECK(load_experiment(entry.path().string(), {}).measurement);
  }
}
