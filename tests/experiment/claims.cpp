// Claims: expressions, verdicts from rows, what bad input says, whole runs.

#include <cmath>
#include <functional>

#include <catch2/catch.hpp>

#include "sim/experiment/claims/conditions.hpp"
#include "sim/experiment/claims/expression.hpp"
#include "sim/experiment/claims/report.hpp"
#include "sim/experiment/claims/verdict.hpp"
#include "tests/experiment/program.hpp"

using namespace baton::experiment;
using namespace baton::test;

namespace {

/// The expression's value where column "a" is 2, "b" is 5 and "nothing" has no value.
double value(const std::string& text) {
  return Expression::parse(text).evaluate([](const Reference& reference) {
    return reference.name == "a" ? 2.0 : reference.name == "b" ? 5.0 : std::nan("");
  });
}

std::string error(const std::string& text) {
  try {
    Expression::parse(text);
    return "";
  } catch (const ExpressionError& found) {
    return found.what();
  }
}

const std::vector<AxisLabels> axes{{"cores", {4, 16}}, {"protocol", {"MESI", "own"}}};

/// Two seeds a point: MESI 90 and 110, own `at4` and `at16` times that.
std::vector<Json> rows(double at4, double at16) {
  std::vector<Json> table;
  for (const int cores : {4, 16}) {
    for (const char* protocol : {"MESI", "own"}) {
      for (const int seed : {1, 2}) {
        const double factor = std::string(protocol) == "MESI" ? 1 : cores == 4 ? at4 : at16;
        table.push_back({{"cores", cores},
                         {"protocol", protocol},
                         {"seed", seed},
                         {"throughput", factor * (seed == 1 ? 90 : 110)},
                         {"messages_Inv", factor > 1 ? Json() : Json(seed)}});
      }
    }
  }
  return table;
}

Claim claim_of(const std::string& text) {
  Problems problems;
  Claim claim = read_claim(Json::parse(text), axes, problems);
  REQUIRE(problems.empty());
  return claim;
}

Claim doubles() {
  return claim_of(R"({"source": "s", "statement": "t", "claimed": {"min": 2, "max": 3},
                      "metric": "throughput[protocol=own] / throughput[protocol=MESI]"})");
}

Judgement judged(double at4, double at16) {
  return judge(doubles(), axes, rows(at4, at16), "c.json");
}

/// What reading a config with this claim says.
std::string problems_of(const std::string& claim) {
  try {
    read_experiment(R"({"workload": {"kind": "synthetic", "pattern": "contended_counter"},
      "sweep": {"cores": {"path": "/machine/cores", "values": [4, 16]},
                "protocol": {"variants": {"MESI": {}, "own": {"protocol": {"name": "ownership"}}}}},
      "claim": )" + claim +
                        "}",
                    "c.json", {}, {});
    return "";
  } catch (const InputProblems& problems) {
    return problems.what();
  }
}

/// The same for a claim that lacks nothing and has `members` besides.
std::string with(const std::string& members) {
  return problems_of(R"({"source": "s", "statement": "t")" + members + "}");
}

std::string with_metric(const std::string& metric) {
  return with(R"(, "claimed": {"min": 1}, "metric": )" + Json(metric).dump());
}

const char* const small = R"({
  "workload": {"kind": "synthetic", "pattern": "contended_counter", "operations_per_core": 50},
  "sweep": {"cores": {"path": "/machine/cores", "values": [4, 8]},
            "protocol": {"variants": {"MESI": {}, "own": {"protocol": {"name": "ownership"}}}}},
  "seeds": [1, 2], "options": {"efficiency": false},
  "claim": {"source": "S", "statement": "Equal.", "unit": "×", "claimed": {"min": 1, "max": 1},
            "metric": "throughput[protocol=own] / throughput[protocol=MESI]",
            "explanation": {"messages": "messages_per_operation[protocol=own]"},
            "quick": {"sweep": {"cores": {"values": [4]}}}}})";

}  // namespace

TEST_CASE("expressions are arithmetic as everybody knows it") {
  CHECK(value("1 + 2 * 3") == 7);
  CHECK(value("(1 + 2) * 3") == 9);
  CHECK(value("10 - 4 - 3") == 3);
  CHECK(value("16 / 4 / 2") == 2);
  CHECK(value("-a + b") == 3);
  CHECK(value("--a*-b") == -10);
  CHECK(value("1.5e2 / .5") == 300);
  CHECK(value("min(a, b, 1) + max(b, a)") == 6);
  CHECK(value("max(min(b, 3), a)") == 3);
  CHECK(std::isinf(value("a / 0")));
  CHECK(std::isnan(value("nothing + 1")));
  CHECK(std::isnan(value("max(a, nothing)")));
  CHECK(std::isnan(value("max(nothing, a)")));
  // Only with a parenthesis are they functions.
  CHECK(std::isnan(value("min / max")));
}

TEST_CASE("a column fixes axes in brackets") {
  const Expression expression = Expression::parse(R"(x[ cores = 16 , kind=a b ] + y[name="a, ]b"])");
  REQUIRE(expression.references().size() == 2);
  const Reference& x = expression.references()[0];
  CHECK(x.name == "x");
  CHECK(x.column == 1);
  REQUIRE(x.selectors.size() == 2);
  CHECK(x.selectors[0].axis == "cores");
  CHECK(x.selectors[0].value == "16");
  CHECK(x.selectors[1].value == "a b");
  CHECK(x.selectors[1].axis_column == 17);
  CHECK(x.selectors[1].value_column == 22);
  CHECK(expression.references()[1].selectors[0].value == "a, ]b");
}

TEST_CASE("an expression's error names its column") {
  CHECK(error("") == "column 1: expected a number, a column or \"(\", found the end");
  CHECK(error("a +") == "column 4: expected a number, a column or \"(\", found the end");
  CHECK(error("a b") == "column 3: expected an operator or the end, found \"b\"");
  CHECK(error("(a + b") == "column 7: expected \")\", found the end");
  CHECK(error("a * % b") == "column 5: expected a number, a column or \"(\", found \"%\"");
  CHECK(error("a[cores]") == "column 8: expected \"=\", found \"]\"");
  CHECK(error("a[=4]") == "column 3: expected the name of an axis, found \"=\"");
  CHECK(error("a[cores=]") == "column 9: expected a value of the axis, found \"]\"");
  CHECK(error("a[cores=4") == "column 10: expected \"]\", found the end");
  CHECK(error("a[cores=\"4]") == "column 10: the string has no end");
  CHECK(error("a[cores=4, cores=8]") == "column 12: the axis \"cores\" is fixed twice");
  CHECK(error("min(a") == "column 6: expected \")\", found the end");
  CHECK(error("1e999") == "column 1: is no number");
  CHECK(error(std::string(300, '(')) == "column 201: is nested too deeply");
}

TEST_CASE("verdict: supported if the metric is in range at every point, its ends included") {
  const Judgement judgement = judged(2, 3);
  CHECK(judgement.verdict == Verdict::supported);
  CHECK(judgement.low == Approx(2));
  CHECK(judgement.high == Approx(3));
  CHECK(judgement.holding == 2);
  CHECK(judgement.conditions.empty());
  REQUIRE(judgement.points.size() == 2);
  CHECK(judgement.points[1].place == std::vector<Json>{16});
}

TEST_CASE("verdict: conditional if it is at some points, which are named") {
  const Judgement judgement = judged(1, 2.5);
  CHECK(judgement.verdict == Verdict::conditional);
  CHECK(judgement.conditions == "at cores = 16");
  CHECK(judgement.holding == 1);
}

TEST_CASE("verdict: refuted if it is at none, and points on both sides of the range are told apart") {
  CHECK(judged(0.5, 1.999).verdict == Verdict::refuted);
  CHECK_FALSE(judged(0.5, 1.999).straddles);
  CHECK(judged(1.5, 3.001).verdict == Verdict::refuted);
  CHECK(judged(1.5, 3.001).straddles);
  CHECK_FALSE(judged(1.5, 2.5).straddles);
}

TEST_CASE("verdict: out of scope if there is no metric") {
  const Claim claim = claim_of(R"({"source": "s", "statement": "t", "out_of_scope": "because"})");
  CHECK(judge(claim, axes, {}, "c.json").verdict == Verdict::out_of_scope);
}

TEST_CASE("where says which points a claim speaks of") {
  Claim claim = doubles();
  claim.where = {{"cores", {4}}};
  const Judgement judgement = judge(claim, axes, rows(2.5, 9), "c.json");
  CHECK(judgement.verdict == Verdict::supported);
  CHECK(judgement.axes.empty());
  CHECK(judgement.points.size() == 1);
}

TEST_CASE("an axis that one column fixes and another does not is ranged over") {
  const Claim claim = claim_of(R"({"source": "s", "statement": "t", "claimed": {"max": 2},
      "metric": "throughput[protocol=own] / throughput[protocol=own, cores=4]"})");
  const Judgement judgement = judge(claim, axes, rows(1, 3), "c.json");
  REQUIRE(judgement.points.size() == 2);
  CHECK(judgement.points[0].measured == Approx(1));
  CHECK(judgement.points[1].measured == Approx(3));
  CHECK(judgement.conditions == "at cores = 4");
}

TEST_CASE("a point without a value does not hold, and a metric without any is bad input") {
  const Claim claim = claim_of(R"({"source": "s", "statement": "t", "claimed": {"min": 1},
      "metric": "messages_Inv[protocol=own]"})");
  const Judgement judgement = judge(claim, axes, rows(0.5, 2), "c.json");
  CHECK(judgement.verdict == Verdict::conditional);
  CHECK(judgement.points[0].measured == 1.5);
  CHECK(std::isnan(judgement.points[1].measured));
  CHECK_THROWS_WITH(judge(claim, axes, rows(2, 2), "c.json"),
                    "c.json: /claim/metric: has a value at no point of the plausible range");
}

TEST_CASE("a column that the results lack is bad input") {
  const Claim claim = claim_of(R"({"source": "s", "statement": "t", "claimed": {"min": 1},
      "metric": "1 + throughputs[protocol=own]"})");
  CHECK_THROWS_WITH(judge(claim, axes, rows(1, 1), "c.json"),
                    "c.json: /claim/metric: column 5: the results have no column \"throughputs\" "
                    "(did you mean \"throughput\"?)");
}

TEST_CASE("conditions are few words for many points") {
  const std::vector<AxisLabels> grid{{"cores", {4, 16, 64}}, {"net", {"fast", "slow"}}};
  const auto at = [&](std::initializer_list<bool> holds) { return conditions(grid, holds); };
  CHECK(at({false, false, true, true, true, true}) == "at cores >= 16");
  CHECK(at({true, true, true, true, false, false}) == "at cores <= 16");
  CHECK(at({true, false, true, false, true, false}) == "at net = fast");
  CHECK(at({true, false, false, false, true, false}) == "at cores = 4 or 64 and net = fast");
  CHECK(at({true, true, true, false, true, true}) == "everywhere but at cores = 16 and net = slow");
  CHECK(at({true, false, false, true, false, false}) ==
        "at cores = 4 and net = fast; or cores = 16 and net = slow");
}

TEST_CASE("what a bad claim says") {
  CHECK(with(R"(, "claimed": {"min": 1}, "metric": "throughput[protocol=own]")") == "");
  CHECK(problems_of("3") == "c.json: /claim: must be an object, found 3");
  CHECK(problems_of(R"({"source": 3, "metric": "cores", "claimed": {"min": 1}})") ==
        "c.json: /claim/source: must be a string, found 3\nc.json: /claim/statement: is missing");
  CHECK(with("") ==
        "c.json: /claim/metric: is missing (or \"out_of_scope\", with the reason)\n"
        "c.json: /claim/claimed: is missing");
  CHECK(with(R"(, "clamed": 1, "claimed": {"min": 1}, "metric": "cores")") ==
        "c.json: /claim/clamed: unknown key; allowed are \"source\", \"statement\", \"metric\", \"unit\", "
        "\"why\", "
        "\"out_of_scope\", \"claimed\", \"where\", \"explanation\", \"plot\", \"quick\" (did you mean "
        "\"claimed\"?)");
  CHECK(with(R"(, "metric": "cores", "claimed": {})") ==
        "c.json: /claim/claimed: must be an object with \"min\", \"max\" or both, found an empty one");
  CHECK(with(R"(, "metric": "cores", "claimed": {"min": "1"})") ==
        "c.json: /claim/claimed/min: must be a number, found \"1\"");
  CHECK(with(R"(, "metric": "cores", "claimed": {"min": 2, "max": 1})") ==
        "c.json: /claim/claimed: \"min\" is above \"max\": 2 > 1");
  CHECK(with_metric("throughput / (cores") ==
        "c.json: /claim/metric: column 20: expected \")\", found the end");
  CHECK(with_metric("throughput[core=4]") ==
        "c.json: /claim/metric: column 12: there is no axis \"core\" in the sweep; allowed are \"cores\", "
        "\"protocol\" (did you mean \"cores\"?)");
  CHECK(with_metric("throughput[cores=8]") ==
        "c.json: /claim/metric: column 18: the axis \"cores\" has no value \"8\"; allowed are \"4\", \"16\"");
  CHECK(with_metric("throughput[cores=1.6e1]") == "");
  CHECK(with(R"(, "metric": 3, "claimed": {"min": 1})") ==
        "c.json: /claim/metric: must be a string, found 3");
  CHECK(with(R"(, "metric": "cores", "claimed": {"min": 1}, "where": {"cores": [4, 5]})") ==
        "c.json: /claim/where/cores: the axis \"cores\" has no value \"5\"; allowed are \"4\", \"16\"");
  CHECK(with(R"(, "metric": "throughput[protocol=own]", "claimed": {"min": 1},
                  "explanation": {"m": "bytes / messages[protocol=own]"})") ==
        "c.json: /claim/explanation/m: column 1: \"bytes\" must fix the axis \"protocol\", which the metric "
        "fixes");
  CHECK(with(R"(, "metric": "throughput[protocol=own]", "claimed": {"min": 1}, "plot": {"x": "protocol"})") ==
        "c.json: /claim/plot/x: the metric fixes the axis \"protocol\"; it cannot be shown");
  CHECK(with(R"(, "metric": "cores", "out_of_scope": "no")") ==
        "c.json: /claim/metric: has no use beside \"out_of_scope\"");
  CHECK(with(R"(, "metric": "cores", "claimed": {"min": 1}, "quick": 3)") ==
        "c.json: /claim/quick: must be an object (a merge patch), found 3");
}

TEST_CASE("the shipped claims are right, and so are their quick versions") {
  std::size_t quick = 0;
  for (const auto& entry : std::filesystem::directory_iterator(BATON_SOURCE_DIR "/configs/claims")) {
    CAPTURE(entry.path());
    const Experiment whole = load_claim(entry.path().string(), {}, false);
    CHECK(whole.points.empty() == !whole.claim->out_of_scope.empty());
    CHECK(whole.name == entry.path().stem().string());
    quick += load_claim(entry.path().string(), {}, true).points.empty() ? 0 : 1;
  }
  CHECK(quick > 5);
}

TEST_CASE("a claim from its file to its verdict, twice the same") {
  const Sandbox sandbox;
  std::filesystem::create_directory("claims");
  write_file("claims/equal.json", small);
  write_file("claims/words.json",
             R"({"claim": {"source": "S", "statement": "Words.", "out_of_scope": "Not simulated."}})");
  const Ran ran = baton::test::baton("claims claims -o a.json --page page.md");
  CHECK(ran.status == 0);
  CHECK(ran.out ==
        "claim  verdict       claimed  measured  holds\n"
        "equal  supported     1×       1×        2/2\n"
        "words  out of scope  –        –         –\n");
  REQUIRE(baton::test::baton("claims claims -q -o b.json -j1").status == 0);
  CHECK(without_host(read_file("a.json")) == without_host(read_file("b.json")));

  const Json results = Json::parse(read_file("a.json"));
  CHECK(results["format"] == "baton-claims");
  const Json& equal = results["claims"][0];
  CHECK(equal["verdict"] == "supported");
  CHECK(equal["points"].size() == 2);
  REQUIRE(equal["rows"].size() == 8);
  CHECK(equal["explanation"]["messages"]["min"].get<double>() > 2);
  // The rows are those of the experiment.
  REQUIRE(baton::test::baton("run claims/equal.json -q -o r.json").status == 0);
  const Json rows = Json::parse(read_file("r.json"))["rows"];
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t k = 0; k < equal["columns"].size(); ++k)
      CHECK(equal["rows"][i][k] == rows[i][equal["columns"][k].get<std::string>()]);
  }

  const std::string page = read_file("page.md");
  for (const char* text : {"## S\n", "### Equal\n", "**Supported**", "| measured | 1× |", "Not simulated.",
                           "(claims/equal.json)", "(page/equal.vl.json)"}) {
    CAPTURE(text);
    CHECK(page.find(text) != std::string::npos);
  }
  CHECK(Json::parse(read_file("page/equal.vl.json"))["data"]["values"].size() == 2);
  CHECK_FALSE(std::filesystem::exists("page/words.vl.json"));
}

TEST_CASE("claims: quick versions, choices and failures") {
  const Sandbox sandbox;
  std::filesystem::create_directory("claims");
  write_file("claims/equal.json", small);
  CHECK(baton::test::baton("claims claims --quick").out ==
        "claim  verdict    claimed  measured  holds\nequal  supported  1×       1×        1/1\n");
  CHECK(baton::test::baton("claims claims --only equals").err ==
        "--only equals: there is no such claim; there are \"equal\" (did you mean \"equal\"?)\n");
  CHECK(baton::test::baton("claims nowhere").status == 2);
  const Ran slow_only = baton::test::baton("claims " + std::string(BATON_SOURCE_DIR) +
                                           "/configs/claims --quick --only tail_p99");
  CHECK(slow_only.status == 2);
  CHECK(slow_only.err == "--only tail_p99: has no quick version: run it without --quick\n");
  CHECK(baton::test::baton("claims claims -o c.json --set /machine/cors=4").status == 2);
  CHECK_FALSE(std::filesystem::exists("c.json"));
  // A refuted claim is a result, a failed simulation is none.
  CHECK(baton::test::baton("claims claims --set /claim/claimed/min=2 --set /claim/claimed/max=3").status ==
        2);
  const Ran failed = baton::test::baton("claims claims -o c.json --set /options/watchdog_cycles=1");
  CHECK(failed.status == 1);
  CHECK_FALSE(std::filesystem::exists("c.json"));
  std::string refuted = small;
  refuted.replace(refuted.find("\"min\": 1, \"max\": 1"), 18, "\"min\": 2, \"max\": 3");
  write_file("claims/equal.json", refuted);
  const Ran ran = baton::test::baton("claims claims");
  CHECK(ran.status == 0);
  CHECK(ran.out.find("refuted") != std::string::npos);
}
