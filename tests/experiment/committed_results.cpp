// Are the committed results those of this program? A corner of each shipped experiment, run again: of each
// axis the first entries, of the last one (mostly the protocols) all, with the first seed.

#include <filesystem>
#include <map>

#include <catch2/catch.hpp>

#include "sim/experiment/json.hpp"
#include "sim/experiment/sweep.hpp"
#include "tests/experiment/program.hpp"

using baton::experiment::Json;
using namespace baton::test;

namespace {

const std::filesystem::path source = BATON_SOURCE_DIR;

void keep_first(Json& entries, std::size_t count) {
  while (entries.size() > count) entries.erase(std::prev(entries.end()));
}

// The corner's axes; "seed" is one of them.
std::vector<std::string> cut(Json& config, std::size_t entries) {
  std::vector<std::string> axes{"seed"};
  for (const auto& [name, axis] : config.at("sweep").items()) axes.push_back(name);
  for (const auto& name : axes) {
    if (name == "seed" || name == axes.back()) continue;
    Json& axis = config["sweep"][name];
    keep_first(axis.contains("values") ? axis["values"] : axis["variants"], entries);
  }
  if (config.contains("seeds")) keep_first(config["seeds"], 1);
  return axes;
}

std::string key_of(const Json& row, const std::vector<std::string>& axes) {
  std::string key;
  for (const auto& name : axes) key += row.value(name, Json()).dump() + ' ';
  return key;
}

void compare(const std::string& name, std::size_t entries, const std::string& settings = "") {
  const Json committed = Json::parse(read_file(source / "results" / (name + ".json")));
  const Sandbox sandbox;
  std::filesystem::copy(source / "configs", "configs", std::filesystem::copy_options::recursive);
  const std::string path = "configs/" + name + ".json";
  Json config = Json::parse(read_file(path));
  const auto axes = cut(config, entries);
  write_file(path, config.dump());
  const Ran ran = baton::test::baton("run " + path + " -o corner.json -q " + settings);
  INFO(ran.err);
  REQUIRE(ran.status == 0);
  const Json corner = Json::parse(read_file("corner.json"));

  std::map<std::string, const Json*> rows;
  for (const Json& row : committed.at("rows")) rows[key_of(row, axes)] = &row;
  REQUIRE(!corner.at("rows").empty());
  for (const Json& row : corner.at("rows")) {
    const auto key = key_of(row, axes);
    INFO(name << ", " << key);
    REQUIRE(rows.count(key) == 1);
    for (const auto& [column, value] : row.items()) {
      INFO(column);
      REQUIRE(rows[key]->value(column, Json("no such column")) == value);
    }
    // Columns that only other rows have.
    for (const auto& [column, value] : rows[key]->items())
      if (!row.contains(column) && !value.is_null()) FAIL("no column " << column);
  }
}

}  // namespace

TEST_CASE("the results of the first experiments are this program's") {
  compare("quickstart", 2);
  compare("replay", 2, "--set /workload/path=configs/ping_pong.trace --set /machine/cores=2");
  compare("ownership_vs_mesi", 2);
  compare("where_each_wins", 2);
  compare("sensitivity", 2);
  compare("topologies", 2);
}

TEST_CASE("the results of the protocols' experiments are this program's") {
  compare("family", 1);
  compare("directories", 2);
  compare("where_each_wins_adaptive", 2);
}

TEST_CASE("the results of programs are this program's") {
  compare("locks", 2);
  compare("allocator", 2);
  compare("queues", 2);
  compare("queues_as_many_cores", 2);
  compare("queue_tail_latency", 1);
  compare("systems_sensitivity", 2);
}

TEST_CASE("every column that results have is known as one") {
  std::vector<Json> all;
  for (const auto& file : std::filesystem::directory_iterator(source / "results"))
    if (file.path().extension() == ".json") all.push_back(Json::parse(read_file(file.path())));
  // Columns that no shipped experiment has.
  const Sandbox sandbox;
  for (const char* settings :
       {"-p snooping_mesi --set /options/per_core=true --set /options/cells=true",
        "-p mesi --set /machine/core/consistency=tso", "-p ownership --order global"}) {
    const Ran ran = baton::test::baton("replay " + (source / "configs/ping_pong.trace").string() +
                                       " -q -o r.json " + settings + " --restart");
    INFO(ran.err);
    REQUIRE(ran.status == 0);
    all.push_back(Json::parse(read_file("r.json")));
  }
  std::size_t known = 0;
  for (const Json& results : all) {
    if (!results.contains("columns")) continue;
    const Json sweep = results["experiment"].value("sweep", Json::object());
    for (const auto& [column, described] : results["columns"].items()) {
      // What says which row it is; and what programs name.
      if (sweep.contains(column) || column == "cores" || column == "protocol" || column == "workload" ||
          column.starts_with("operations_"))
        continue;
      INFO(column);
      CHECK(baton::experiment::is_column(column));
      ++known;
    }
  }
  CHECK(known > 1000);
  for (const char* name : {"memory_latency", "core_clock", "operations_per_core", "order", "cores", "hit"})
    CHECK(!baton::experiment::is_column(name));
}

TEST_CASE("every shipped experiment has results") {
  std::size_t experiments = 0;
  for (const auto& file : std::filesystem::directory_iterator(source / "configs")) {
    if (file.path().extension() != ".json" || file.path().filename() == "baton.schema.json") continue;
    INFO(file.path());
    CHECK(std::filesystem::exists(source / "results" / file.path().filename()));
    ++experiments;
  }
  CHECK(experiments >= 15);
}
