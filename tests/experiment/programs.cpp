// Programs as workloads of an experiment: fields, checks, results.

#include <map>
#include <sstream>

#include <catch2/catch.hpp>

#include "sim/experiment/config.hpp"
#include "tests/experiment/program.hpp"

using namespace baton::experiment;
using baton::test::read_file;
using baton::test::Sandbox;
using baton::test::without_host;
using baton::test::write_file;

namespace {

Experiment read(const std::string& text) {
  return read_experiment(text, "c.json", {}, {});
}

/// What is wrong with a config of this workload on four cores.
std::string wrong(const std::string& workload) {
  try {
    read(R"({"machine": {"cores": 4}, "workload": )" + workload + "}");
  } catch (const InputProblems& problems) {
    return problems.what();
  }
  return "";
}

const char* const counter = R"({
  "machine": {"cores": 4},
  "workload": {"kind": "program", "program": "fetch_add_counter", "operations_per_thread": 50},
  "sweep": {"protocol": {"variants": {"MESI": {}, "ownership": {"protocol": {"name": "ownership"}}}}}
})";

}  // namespace

TEST_CASE("a program's fields are checked like any other's") {
  CHECK_THAT(wrong(R"({"kind": "program"})"),
             Catch::StartsWith(R"(c.json: /workload/program: is missing; allowed are )"));
  CHECK_THAT(wrong(R"({"kind": "program", "program": "fetch_ad_counter"})"),
             Catch::Contains(R"(did you mean "fetch_add_counter"?)"));
  const auto with = [](const std::string& more) {
    return wrong(R"({"kind": "program", "program": "fetch_add_counter", )" + more + "}");
  };
  CHECK(with(R"("threads": 9)") == "");
  CHECK_THAT(with(R"("thread": 9)"), Catch::Contains(R"(/workload/thread: unknown key)"));
  CHECK_THAT(with(R"("threads": -1)"), Catch::Contains("/workload/threads: must be a whole number from 0"));
  CHECK_THAT(with(R"("counters": "some")"),
             Catch::Contains(R"(/workload/counters: must be one of "shared", "per_thread")"));
  CHECK_THAT(with(R"("padding": 12)"), Catch::Contains("/workload/padding: words would straddle lines"));
  CHECK_THAT(
      with(R"("preempt": {"at": "here"})"),
      Catch::Contains(R"(/workload/preempt/at: must be a place that the program names, found "here")"));
  CHECK_THAT(with(R"("preempt": {"probability": 0.5})"),
             Catch::Contains("/workload/preempt/at: must be given with a probability above 0"));
  CHECK_THAT(with(R"("preempt": {"min": "2ms"})"),
             Catch::Contains("/workload/preempt/min: is more than max"));
  CHECK_THAT(with(R"("preempt": {"min": "0ns"})"), Catch::Contains("allowed with log_uniform: at least 1ps"));
  CHECK_THAT(with(R"("timer_granularity": 41)"), Catch::Contains("/workload/timer_granularity: must be"));
  CHECK_THAT(wrong(R"({"kind": "synthetic", "pattern": "uniform", "threads": 4})"),
             Catch::Contains("/workload/threads: unknown key"));
}

TEST_CASE("the number of slow cores is at most that of cores") {
  CHECK_THROWS_WITH(read(R"({"machine": {"cores": 4, "core": {"slow_cores": 5}},
                            "workload": {"kind": "synthetic", "pattern": "private"}})"),
                    Catch::Contains("/machine/core/slow_cores: 5 slow cores of 4; allowed: at most all"));
}

TEST_CASE("a program's effective config has every field, and is a fixed point") {
  const Experiment once = read(counter);
  const Json& workload = once.effective["workload"];
  CHECK(workload["program"] == "fetch_add_counter");
  CHECK(workload["operations_per_thread"] == 50);
  CHECK(workload["counters"] == "shared");
  CHECK(workload["threads"] == 0);
  CHECK(workload["preempt"]["at"] == "none");
  CHECK(once.effective["machine"]["system"]["time_slice"] == "3ms");
  CHECK(read(once.effective.dump()).effective == once.effective);
}

TEST_CASE("naming another program or pattern drops the keys of the old one") {
  const Experiment experiment = read(R"({
    "machine": {"cores": 4},
    "workload": {"kind": "program", "program": "fetch_add_counter", "counters": "per_thread", "threads": 8},
    "sweep": {"workload": {"variants": {"program": {},
      "pattern": {"workload": {"kind": "synthetic", "pattern": "private"}}}}}})");
  CHECK(experiment.points[0].config.workload.program.threads == 8);
  CHECK(experiment.points[1].config.workload.kind == "synthetic");
}

TEST_CASE("threads and choices can be swept") {
  const Experiment experiment = read(R"({
    "machine": {"cores": 2},
    "workload": {"kind": "program", "program": "fetch_add_counter"},
    "sweep": {"threads": {"path": "/workload/threads", "values": [1, 100000]},
              "counters": {"path": "/workload/counters", "values": ["shared", "per_thread"]}}})");
  REQUIRE(experiment.points.size() == 4);
  CHECK(experiment.points[3].config.workload.program.threads == 100000);
  CHECK(experiment.points[3].config.workload.program.choices.at("counters") == "per_thread");
}

TEST_CASE("the option --profile writes folded stacks under each point's name, and refuses what has none") {
  const Sandbox sandbox;
  write_file("c.json", counter);
  REQUIRE(baton::test::baton("run c.json -o r.json --quiet --profile all.folded").status == 0);
  const Json results = Json::parse(read_file("r.json"));
  std::istringstream lines(read_file("all.folded"));
  std::map<std::string, std::uint64_t> cycles;
  for (std::string line; std::getline(lines, line);) {
    CHECK(line.find(";add;fetch_add;") + 1 > 0);
    cycles[line.substr(0, line.find(';'))] += std::stoull(line.substr(line.rfind(' ') + 1));
  }
  CHECK(cycles ==
        std::map<std::string, std::uint64_t>{
            {"protocol=MESI, seed=1", results["rows"][0]["thread_cycles"].get<std::uint64_t>()},
            {"protocol=ownership, seed=1", results["rows"][1]["thread_cycles"].get<std::uint64_t>()}});

  REQUIRE(baton::test::baton("run c.json -o r.json --quiet --profile one.folded --set '/sweep={}'").status ==
          0);
  CHECK_THAT(read_file("one.folded"), Catch::StartsWith("add;fetch_add;"));

  write_file("pattern.json",
             R"({"machine": {"cores": 2}, "workload": {"kind": "synthetic", "pattern": "private"}})");
  auto refused = baton::test::baton("run pattern.json -o p.json --profile p.folded");
  CHECK(refused.status == 2);
  CHECK_THAT(refused.err, Catch::Contains(R"(--profile p.folded: needs a workload of kind "program")"));
  refused = baton::test::baton("run c.json c.json -o folder --profile p.folded");
  CHECK(refused.status == 2);
  CHECK(baton::test::baton("run c.json -o p.json --profile nowhere/p.folded").status == 2);
  CHECK(baton::test::baton("run c.json -o p.json --resume --profile p.folded").status == 2);
  CHECK(sandbox.files() == 5);
}

TEST_CASE("a program's results have its kinds of operations, and are the same bytes each time") {
  const Sandbox sandbox;
  write_file("c.json", counter);
  REQUIRE(baton::test::baton("run c.json -o one.json --quiet").status == 0);
  REQUIRE(baton::test::baton("run c.json -o two.json --quiet -j 1").status == 0);
  CHECK(without_host(read_file("one.json")) == without_host(read_file("two.json")));
  REQUIRE(baton::test::baton("run c.json -o checked.json --quiet --check").status == 0);
  const Json results = Json::parse(read_file("one.json"));
  const Json checked = Json::parse(read_file("checked.json"));
  CHECK(results["rows"] == checked["rows"]);
  REQUIRE(results["rows"].size() == 2);
  for (const Json& row : results["rows"]) {
    CHECK(row["workload"] == "fetch_add_counter");
    CHECK(row["operations"] == 200);
    CHECK(row["operations_add"] == 200);
    CHECK(row["throughput_add"] == row["throughput"]);
    CHECK(row["latency_p99_9_add"] >= row["latency_p25_add"]);
    CHECK(row["scaling_efficiency"] > 0);
    CHECK(row["thread_count"] == 4);
  }
  CHECK(results["columns"]["latency_p75_add"]["unit"] == "cycles");
}
