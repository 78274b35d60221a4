// The table of a run's results: what is computed from several measurements, and what people are shown.

#include "sim/experiment/results.hpp"

#include <catch2/catch.hpp>

using namespace baton::experiment;

namespace {

Experiment read(const std::string& text) {
  return read_experiment(text, "c.json", {}, {});
}

constexpr const char* two_seeds = R"({
  "workload": {"kind": "synthetic", "pattern": "uniform"},
  "sweep": {"cores": {"path": "/machine/cores", "values": [4, 16]}},
  "seeds": [7, 1]})";

}  // namespace

TEST_CASE("scaling efficiency is throughput over cores times that of the first core alone") {
  const Experiment experiment = read(two_seeds);
  ColumnTable columns;
  const std::uint32_t throughput = columns.number({"throughput", "operations/s", ""});
  SweepOutcome outcome;
  for (const double value : {60.0, 30.0, 60.0, 30.0})
    outcome.points.emplace_back(Measured{}).value().values.emplace_back(throughput, value);
  outcome.baselines = {20.0, 20.0, 15.0, std::nullopt};
  const ResultsTable table = make_table(experiment, outcome, columns);
  REQUIRE(table.rows.size() == 4);
  CHECK(table.rows[0]["scaling_efficiency"] == 0.75);   // 60 of 4 times 20
  CHECK(table.rows[1]["scaling_efficiency"] == 0.375);  // 30 of 4 times 20
  CHECK(table.rows[2]["scaling_efficiency"] == 0.25);   // 60 of 16 times 15
  CHECK(table.rows[3]["scaling_efficiency"].is_null());
}

TEST_CASE("the table for people has the means of the seeds") {
  const Experiment experiment = read(two_seeds);
  ResultsTable table;
  const auto add = [&](int cores, int seed, double throughput, const Json& p99) {
    table.rows.push_back(Json{{"cores", cores},
                              {"protocol", "mesi"},
                              {"workload", "uniform"},
                              {"seed", seed},
                              {"throughput", throughput},
                              {"latency_p99_load", p99}});
  };
  add(4, 7, 1e6, 10);
  add(4, 1, 2e6, 20);
  add(16, 7, 3e9, 30);
  add(16, 1, 5e9, 30);
  CHECK(summary(experiment, table, 10) ==
        "cores  protocol  workload  throughput  latency_p99_load\n"
        "    4  mesi      uniform         1.5M                15\n"
        "   16  mesi      uniform           4G                30\n"
        "(means of 2 seeds)\n");
  CHECK(summary(experiment, table, 10, 57) == summary(experiment, table, 10));
  const std::string narrow =
      "cores  protocol  workload  throughput\n"
      "    4  mesi      uniform         1.5M\n"
      "   16  mesi      uniform           4G\n"
      "(a wider terminal shows 1 more)\n"
      "(means of 2 seeds)\n";
  CHECK(summary(experiment, table, 10, 54) == narrow);
  CHECK(summary(experiment, table, 10, 5) == narrow);
  CHECK(summary(experiment, table, 1) ==
        "cores  protocol  workload  throughput  latency_p99_load\n"
        "    4  mesi      uniform         1.5M                15\n"
        "… and 1 more point\n"
        "(means of 2 seeds)\n");
}
