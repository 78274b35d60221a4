// The timeline of a run, as viewers want it.

#include <algorithm>
#include <map>
#include <vector>

#include "tests/experiment/counting.hpp"

using namespace baton::test;

namespace {

/// The rules of the Trace Event Format ("JSON Object Format", complete and metadata events) for a viewer to
/// show all: Perfetto drops slices of a track that overlap without one being within the other.
void check_trace_events(const Json& file) {
  REQUIRE(file["traceEvents"].is_array());
  CHECK((file["displayTimeUnit"] == "ns" || file["displayTimeUnit"] == "ms"));
  using Track = std::pair<std::int64_t, std::int64_t>;
  std::map<Track, std::string> names;
  std::map<std::int64_t, std::string> processes;
  std::map<Track, std::vector<std::pair<double, double>>> slices;
  for (const Json& event : file["traceEvents"]) {
    REQUIRE(event["pid"].is_number_integer());
    REQUIRE(event["tid"].is_number_integer());
    REQUIRE(event["name"].is_string());
    CHECK(!event["name"].get<std::string>().empty());
    const Track track{event["pid"].get<std::int64_t>(), event["tid"].get<std::int64_t>()};
    if (event["ph"] == "M") {
      const auto name = event["args"]["name"].get<std::string>();
      if (event["name"] == "process_name")
        CHECK(processes.emplace(track.first, name).second);
      else if (event["name"] == "thread_name")
        CHECK(names.emplace(track, name).second);
      else
        FAIL("metadata " << event["name"]);
      continue;
    }
    REQUIRE(event["ph"] == "X");
    CHECK(event["cat"].is_string());
    CHECK(event["args"].is_object());
    REQUIRE(event["ts"].is_number());
    REQUIRE(event["dur"].is_number());
    CHECK(event["ts"].get<double>() >= 0);
    CHECK(event["dur"].get<double>() > 0);
    slices[track].emplace_back(event["ts"].get<double>(),
                               event["ts"].get<double>() + event["dur"].get<double>());
  }
  for (auto& [track, all] : slices) {
    CHECK(names.count(track) == 1);
    CHECK(processes.count(track.first) == 1);
    CHECK(std::is_sorted(all.begin(), all.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; }));
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first < b.first : a.second > b.second;
    });
    // Times have six decimals: a sum of two is exact to half of the last one.
    constexpr double rounding = 1.5e-6;
    std::vector<double> open;
    std::size_t badly = 0;
    for (const auto& [begin, end] : all) {
      while (!open.empty() && open.back() <= begin + rounding) open.pop_back();
      badly += !open.empty() && end > open.back() + rounding ? 1 : 0;
      open.push_back(end);
    }
    INFO("track " << track.first << "/" << track.second << " " << names[track]);
    CHECK(badly == 0);
  }
}

}  // namespace

TEST_CASE("timelines obey the format, whatever is in flight at once") {
  const Sandbox sandbox;
  for (const std::string settings : {R"({"pattern": "uniform", "lines": 16})", R"({"pattern": "migratory"})",
                                     R"({"pattern": "spin_wait"})"})
    for (const std::string machine :
         {R"("core": {"consistency": "sc"})", R"("core": {"outstanding_loads": 4}, "cache": {"mshrs": 2})",
          R"("core": {"consistency": "tso", "store_buffer": 4})",
          R"("core": {"consistency": "tso", "outstanding_loads": 4}, "clock": "3.3GHz")"}) {
      CAPTURE(settings, machine);
      Json workload = Json::parse(settings);
      workload["kind"] = "synthetic";
      workload["operations_per_core"] = 60;
      write_file("c.json",
                 R"({"machine": {"cores": 8, )" + machine + R"(}, "workload": )" + workload.dump() + "}");
      const auto ran = baton::test::baton("run c.json -q -o r.json --timeline t.json");
      CAPTURE(ran.err);
      REQUIRE(ran.status == 0);
      check_trace_events(Json::parse(read_file("t.json")));
    }
  write_file("c.json",
             R"({"machine": {"cores": 4, "system": {"time_slice": "2us"}}, "workload": {"kind": "program",
    "program": "lock_counter", "lock": "futex", "threads": 8, "operations_per_thread": 10}})");
  const auto ran = baton::test::baton("run c.json -q -o r.json --timeline t.json");
  CAPTURE(ran.err);
  CHECK(ran.status == 0);
  if (ran.status == 0) check_trace_events(Json::parse(read_file("t.json")));
}

TEST_CASE("the timeline is a file that Perfetto reads, and says when it was cut") {
  const Sandbox sandbox;
  record("counting.baton", 4, 30);
  replayed("--order recorded --timeline t.json");
  const Json file = Json::parse(read_file("t.json"));
  check_trace_events(file);
  CHECK(file["otherData"]["cut"] == false);
  std::size_t transactions = 0;
  std::size_t turns = 0;
  bool owned = false;
  for (const Json& event : file["traceEvents"]) {
    if (event["ph"] == "M") continue;
    transactions += event["cat"] == "transaction" ? 1 : 0;
    turns += event["name"] == "waits for its turn" ? 1 : 0;
    owned = owned || (event["cat"] == "ownership" && event["name"] == "core 2");
  }
  CHECK(transactions == Json::parse(read_file("r.json"))["rows"][0]["misses"]);
  CHECK(turns > 0);
  CHECK(owned);
  CHECK(read_file("t.json").find("GetM line 0x602000") != std::string::npos);

  const auto refused = baton::test::baton("replay counting.baton --quiet -o r.json --timeline no.json");
  CHECK(refused.status == 2);
  CHECK_THAT(refused.err, Catch::Contains("--timeline no.json: needs an experiment of exactly one point"));
  CHECK(!std::filesystem::exists("no.json"));
}
