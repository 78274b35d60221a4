// Whole runs of the program: determinism, resuming, failing points, plots.

#include <algorithm>
#include <csignal>
#include <thread>

#include <catch2/catch.hpp>

#include "sim/experiment/config.hpp"
#include "sim/experiment/json.hpp"
#include "sim/experiment/task.hpp"
#include "tests/experiment/program.hpp"

using namespace baton::test;
using baton::experiment::Json;

namespace {

/// A sweep of 12 points and their baselines.
const char* const sweep = R"({"name": "t",
  "workload": {"kind": "synthetic", "pattern": "uniform", "lines": 32, "operations_per_core": 100},
  "sweep": {"cores": {"path": "/machine/cores", "values": [4, 16]},
            "protocol": {"variants": {"MESI": {}, "own": {"protocol": {"name": "ownership"}}}}},
  "seeds": [1, 2, 3],
  "plots": [{"x": "cores", "y": "throughput", "series": "protocol", "x_scale": "log"}]})";

std::string shell(const std::string& words) {
  return "'" + words + "'";
}

/// Starts the program and returns its process.
pid_t start(const std::vector<std::string>& arguments) {
  const pid_t process = fork();
  if (process != 0) return process;
  std::vector<char*> words{const_cast<char*>(BATON_PROGRAM)};
  for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  freopen("/dev/null", "w", stderr);
  execv(BATON_PROGRAM, words.data());
  _exit(127);
}

std::size_t finished_points(const std::string& checkpoint) {
  const std::string text = read_file(checkpoint);
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find("{\"key\":", at)) != std::string::npos; ++at) ++count;
  return count;
}

/// Waits until the running sweep has kept some points.
void wait_for_points(const std::string& checkpoint, std::size_t count) {
  for (int i = 0; i < 2000 && finished_points(checkpoint) < count; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace

TEST_CASE("rows are tidy: the same keys, in the order of the sweep") {
  const Sandbox sandbox;
  write_file("t.json", sweep);
  REQUIRE(baton::test::baton("run t.json -q -o r.json").status == 0);
  CHECK(sandbox.files() == 2);
  const Json results = Json::parse(read_file("r.json"));
  CHECK(results["format"] == "baton-results");
  CHECK(results["version"] == 1);
  REQUIRE(results["rows"].size() == 12);
  std::vector<std::string> columns;
  for (const auto& column : results["columns"].items()) columns.push_back(column.key());
  CHECK(std::vector<std::string>(columns.begin(), columns.begin() + 4) ==
        std::vector<std::string>{"cores", "protocol", "workload", "seed"});
  for (const Json& row : results["rows"]) {
    std::vector<std::string> keys;
    for (const auto& item : row.items()) {
      keys.push_back(item.key());
      CHECK_FALSE(item.value().is_structured());
    }
    CHECK(keys == columns);
  }
  CHECK(results["rows"][0]["protocol"] == "MESI");
  CHECK(results["rows"][3]["protocol"] == "own");
  CHECK(results["rows"][2]["seed"] == 3);
  CHECK(results["rows"][11]["cores"] == 16);
  // A kind of message that a protocol does not have is absent, not zero.
  CHECK(results["rows"][0]["messages_InvAck"].is_number());
  CHECK(results["rows"][3]["messages_InvAck"].is_null());
  CHECK(results["rows"][0]["scaling_efficiency"].is_number());
}

TEST_CASE("same config, same bytes: again, with -j1, from the effective config") {
  const Sandbox sandbox;
  write_file("t.json", sweep);
  REQUIRE(baton::test::baton("run t.json -q -o a.json -j2").status == 0);
  REQUIRE(baton::test::baton("run t.json -q -o b.json -j2").status == 0);
  REQUIRE(baton::test::baton("run t.json -q -o c.json -j1").status == 0);
  const std::string a = without_host(read_file("a.json"));
  CHECK(a == without_host(read_file("b.json")));
  CHECK(a == without_host(read_file("c.json")));
  write_file("e.json", Json::parse(read_file("a.json"))["experiment"].dump());
  CHECK(a == without_host(baton::test::baton("run e.json -q").out));
}

TEST_CASE("after kill -9, --resume runs what is missing and gives the same bytes") {
  const Sandbox sandbox;
  write_file("t.json", sweep);
  const std::string slow = "/workload/operations_per_core=3000";
  REQUIRE(baton::test::baton("run t.json -q -o whole.json --set " + slow).status == 0);
  const pid_t process = start({"run", "t.json", "-q", "-o", "r.json", "-j1", "--set", slow});
  wait_for_points("r.json.partial", 3);
  kill(process, SIGKILL);
  waitpid(process, nullptr, 0);
  REQUIRE_FALSE(std::filesystem::exists("r.json"));
  const std::size_t kept = finished_points("r.json.partial");
  REQUIRE(kept >= 3);
  REQUIRE(kept < 24);

  SECTION("without --resume nothing is lost silently") {
    const Ran refused = baton::test::baton("run t.json -q -o r.json --set " + slow);
    CHECK(refused.status == 2);
    CHECK(refused.err ==
          "r.json.partial: holds the finished points of an interrupted run; --resume continues it, --restart "
          "discards it\n");
    CHECK(finished_points("r.json.partial") == kept);
    CHECK(baton::test::baton("run t.json -q -o r.json --restart --set " + slow).status == 0);
  }
  SECTION("--resume") {
    CHECK(baton::test::baton("run t.json -q -o r.json --resume --set " + slow).status == 0);
  }
  SECTION("a torn last line is dropped") {
    std::filesystem::resize_file("r.json.partial", std::filesystem::file_size("r.json.partial") - 20);
    CHECK(baton::test::baton("run t.json -q -o r.json --resume --set " + slow).status == 0);
  }
  SECTION("points of another build of the program are not taken") {
    std::string text = read_file("r.json.partial");
    const auto program = text.find("\"program\":\"") + 11;
    text[text.find('"', program) - 1] ^= 1;
    write_file("r.json.partial", text);
    const Ran refused = baton::test::baton("run t.json -q -o r.json --resume --set " + slow);
    CHECK(refused.status == 2);
    CHECK(refused.err ==
          "r.json.partial: is of another version or build of Baton, whose points cannot be mixed with this "
          "one's; "
          "discard it with --restart\n");
    CHECK(read_file("r.json.partial") == text);
    return;
  }
  SECTION("points of another config are not taken") {
    REQUIRE(baton::test::baton("run t.json -q -o r.json --resume --set /workload/operations_per_core=50")
                .status == 0);
    REQUIRE(baton::test::baton("run t.json -q -o other.json --set /workload/operations_per_core=50").status ==
            0);
    CHECK(without_host(read_file("r.json")) == without_host(read_file("other.json")));
    return;
  }
  CHECK(without_host(read_file("r.json")) == without_host(read_file("whole.json")));
  CHECK_FALSE(std::filesystem::exists("r.json.partial"));
}

TEST_CASE("points of a trace in several files are another's when one of the files changes") {
  const Sandbox sandbox;
  for (const char* file : {"x_0.data", "x_1.data"}) write_file(file, "0 0x40\n1 0x80\n");
  const auto experiment = baton::experiment::read_experiment(
      R"({"workload": {"kind": "trace", "path": "x_{core}.data"}, "machine": {"cores": 4}})", "c.json", {},
      {});
  const baton::experiment::Task task{.config = experiment.points.front().config};
  const std::string before = task.key();
  CHECK(task.key() == before);
  write_file("x_1.data", "0 0x40\n1 0x80\n1 0x90\n");
  CHECK(task.key() != before);
}

TEST_CASE("resume does not take a point of a trace that has changed, even if it is as long as before") {
  const Sandbox sandbox;
  const std::string variants = R"({"good":{},"other":{"options":{"watchdog_cycles":)";
  const auto run = [&](const std::string& options, int watchdog) {
    return baton::test::baton("run c.json -q " + options + " --set " +
                              shell("/sweep/v/variants=" + variants + std::to_string(watchdog) + "}}}"));
  };
  // Not so soon after each other that the clock of files shows the same.
  const auto now = std::filesystem::file_time_type::clock::now();
  const auto write_trace = [&](const char* text, int seconds) {
    write_file("t.txt", text);
    std::filesystem::last_write_time("t.txt", now + std::chrono::seconds(seconds));
  };
  write_file("c.json", R"({"machine": {"cores": 4}, "workload": {"kind": "trace", "path": "t.txt"},
    "sweep": {"v": {"variants": {"good": {}}}}})");
  write_trace("0 r 40\n1 r 40\n", 1);
  REQUIRE(run("-o r.json", 1).status == 1);  // the other point fails, the good one is kept
  REQUIRE(finished_points("r.json.partial") == 1);
  write_trace("0 w 40\n1 r 40\n", 2);
  REQUIRE(run("-o r.json --resume", 1'000'000).status == 0);
  REQUIRE(run("-o new.json", 1'000'000).status == 0);
  CHECK(without_host(read_file("r.json")) == without_host(read_file("new.json")));
  const Json rows = Json::parse(read_file("r.json"))["rows"];
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["misses_store"] == 1);
}

TEST_CASE("a gap that a slow core makes too long is refused") {
  const Sandbox sandbox;
  write_file("t.txt", "0 r 40 8 4000000000\n1 r 80\n");
  const Ran ran = baton::test::baton(
      "replay t.txt -p mesi --set /machine/core/slow_cores=2 --set /machine/core/slow_factor=2");
  CHECK(ran.status == 2);
  CHECK(ran.err.find("/machine/core/slow_factor: of core 0 makes a gap of 4000000000 cycles before an access "
                     "one of 8000000000; allowed: at most 4294967295") != std::string::npos);
}

TEST_CASE("resume takes kept points instead of running them") {
  const Sandbox sandbox;
  write_file("t.json", sweep);
  const pid_t process =
      start({"run", "t.json", "-q", "-o", "r.json", "-j1", "--set", "/workload/operations_per_core=3000"});
  wait_for_points("r.json.partial", 1);
  kill(process, SIGKILL);
  waitpid(process, nullptr, 0);
  // A mark that only a point taken from the file can have.
  std::string text = read_file("r.json.partial");
  const auto at = text.find("\"cycles\":", text.find("{\"key\":\"point"));
  REQUIRE(at != std::string::npos);
  const auto end = text.find(',', at);
  text.replace(at, end - at, "\"cycles\":123456789");
  write_file("r.json.partial", text);
  REQUIRE(baton::test::baton("run t.json -q -o r.json --resume --set /workload/operations_per_core=3000")
              .status == 0);
  CHECK(Json::parse(read_file("r.json"))["rows"][0]["cycles"] == 123456789);
}

TEST_CASE("Ctrl-C keeps finished points, says how to resume and leaves no process") {
  const Sandbox sandbox;
  write_file("t.json", sweep);
  const pid_t process =
      start({"run", "t.json", "-o", "r.json", "-j1", "--set", "/workload/operations_per_core=20000"});
  wait_for_points("r.json.partial", 1);
  kill(process, SIGINT);
  int status = 0;
  waitpid(process, &status, 0);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
  CHECK_FALSE(std::filesystem::exists("r.json"));
  CHECK(finished_points("r.json.partial") >= 1);
}

TEST_CASE("a failing point is reported and the others are kept") {
  const Sandbox sandbox;
  write_file("t.json", sweep);
  const std::string fails =
      "--set " + shell(R"(/sweep/protocol/variants={"good":{},"bad":{"options":{"watchdog_cycles":1}}})");
  const Ran ran = baton::test::baton("run t.json -q -o r.json --set /options/efficiency=false " + fails);
  CHECK(ran.status == 1);
  CHECK(ran.err.find("baton: t failed at cores=4, protocol=bad, seed=1:\n") != std::string::npos);
  CHECK(ran.err.find("6 of 12 points failed; 6 finished simulations are kept in r.json.partial") !=
        std::string::npos);
  CHECK_FALSE(std::filesystem::exists("r.json"));
  // The config mended, only the failed points run.
  const std::string mended =
      "--set " + shell(R"(/sweep/protocol/variants={"good":{},"bad":{"protocol":{"name":"ownership"}}})");
  CHECK(baton::test::baton("run t.json -q -o r.json --resume --set /options/efficiency=false " + mended)
            .status == 0);
}

TEST_CASE("a failure that many points have is reported once") {
  const Sandbox sandbox;
  write_file("bad.trace", "0 r 40\nnonsense\n");
  write_file("c.json",
             R"({"name": "t", "machine": {"cores": 4}, "workload": {"kind": "trace", "path": "bad.trace"},
    "seeds": [1, 2, 3, 4, 5, 6, 7]})");
  const Ran ran = baton::test::baton("run c.json -q");
  CHECK(ran.status == 2);
  CHECK(ran.err ==
        "baton: t failed at seed=1:\n"
        "bad.trace: line 2: the core is not a decimal number, found \"nonsense\", allowed 0 to 3\n"
        "and in the same way at seed=2; seed=3; seed=4; seed=5; and 2 more\n"
        "baton: 7 of 7 points failed; nothing was written (with -o FILE finished points are kept)\n");
}

TEST_CASE("what has failed is counted in points, whatever their baselines do") {
  const Sandbox sandbox;
  write_file("t.json", sweep);
  const auto failed = [&](const std::string& arguments) {
    const Ran ran =
        baton::test::baton("run t.json -q -o r.json --set /options/watchdog_cycles=1 " + arguments);
    CHECK(ran.status == 1);
    return ran.err;
  };
  // The point and its baseline: one report, with both.
  const std::string one = failed("--set /sweep={} --set /seeds=[1]");
  CHECK(one.find("1 of 1 points failed") != std::string::npos);
  CHECK(one.find("baton: t failed at seed=1:\n") != std::string::npos);
  CHECK(one.find("\nand at seed=1 (one core):\nno access has completed for ") != std::string::npos);
  // Points that share a baseline.
  const std::string shared =
      failed("--restart --set /seeds=[1] --set " +
             shell(R"(/sweep={"check":{"path":"/options/check","values":[false,true]}})"));
  CHECK(shared.find("2 of 2 points failed") != std::string::npos);
  CHECK(shared.find("\nand at check=true, seed=1 (one core):\nit needs the simulation that failed at "
                    "check=false, seed=1 (one core)\n") != std::string::npos);
}

TEST_CASE("several configs: a folder of results") {
  const Sandbox sandbox;
  write_file("a.json", sweep);
  write_file("b.json", sweep);
  REQUIRE(baton::test::baton("run a.json b.json -q -o out --set /seeds=[1]").status == 0);
  CHECK(std::filesystem::exists("out/a.json"));
  CHECK(std::filesystem::exists("out/b.json"));
}

TEST_CASE("several configs: finished points of one are found before another one runs") {
  const Sandbox sandbox;
  write_file("a.json", sweep);
  write_file("b.json", sweep);
  std::filesystem::create_directory("out");
  const std::string kept = "{\"format\":\"baton-checkpoint\"}\n{\"key\":\"point-1\"}\n";
  write_file("out/b.json.partial", kept);
  const Ran ran = baton::test::baton("run a.json b.json -q -o out");
  CHECK(ran.status == 2);
  CHECK(
      ran.err ==
      "out/b.json.partial: holds the finished points of an interrupted run; --resume continues it, --restart "
      "discards it\n");
  CHECK(sandbox.files() == 3);
  CHECK(read_file("out/b.json.partial") == kept);
}

TEST_CASE("several configs: a failure is the exit status, whatever else is wrong and in which order") {
  const Sandbox sandbox;
  write_file("bad.trace", "0 r 40\nnonsense\n");
  write_file("input.json",
             R"({"machine": {"cores": 4}, "workload": {"kind": "trace", "path": "bad.trace"}})");
  write_file("fails.json", R"({"options": {"watchdog_cycles": 1},
    "workload": {"kind": "synthetic", "pattern": "uniform", "operations_per_core": 10}})");
  CHECK(baton::test::baton("run input.json -q -o r.json").status == 2);
  CHECK(baton::test::baton("run input.json fails.json -q -o one").status == 1);
  CHECK(baton::test::baton("run fails.json input.json -q -o two").status == 1);
}

TEST_CASE("replay: both protocols, a row each, and paths of the command line are the working directory's") {
  const Sandbox sandbox;
  std::filesystem::create_directory("sub");
  write_file("sub/t.txt", "0 R 0x1000\n1 W 0x1000\n2 R 0x2000\n3 W 0x1000\n");
  const Ran ran = baton::test::baton("replay sub/t.txt -q");
  REQUIRE(ran.status == 0);
  const Json results = Json::parse(ran.out);
  REQUIRE(results["rows"].size() == 2);
  CHECK(results["rows"][0]["protocol"] == "mesi");
  CHECK(results["rows"][1]["protocol"] == "ownership");
  CHECK(results["rows"][0]["cores"] == 4);
  CHECK(results["rows"][0]["workload"] == "t.txt");
  CHECK(Json::parse(baton::test::baton("replay sub/t.txt -q --protocol ownership").out)["rows"].size() == 1);
  const std::string config = std::string(BATON_SOURCE_DIR) + "/configs/replay.json";
  CHECK(baton::test::baton("run " + config + " -q --set /workload/path=sub/t.txt").status == 0);
  write_file("sub/c.json", R"({"machine": {"cores": 4}, "workload": {"kind": "trace", "path": "t.txt"}})");
  CHECK(baton::test::baton("run sub/c.json -q").status == 0);
}

TEST_CASE("replay: cores that fill no mesh run on the next machine that does") {
  const Sandbox sandbox;
  write_file("seven.txt", "0 r 100\n6 w 100\n");
  const Json rows = Json::parse(baton::test::baton("replay seven.txt -q --protocol mesi").out)["rows"];
  CHECK(rows[0]["cores"] == 8);
  CHECK(rows[0]["operations"] == 2);
  const Json exact = Json::parse(
      baton::test::baton("replay seven.txt -q --protocol mesi --cores 7 --set /machine/network/topology=bus")
          .out)["rows"];
  CHECK(exact[0]["cores"] == 7);
}

TEST_CASE("plot: a figure each, and no silent averages") {
  const Sandbox sandbox;
  write_file("t.json", sweep);
  REQUIRE(baton::test::baton("run t.json -q -o r.json --set /options/efficiency=false").status == 0);
  const Ran ran = baton::test::baton("plot r.json -o figures");
  CHECK(ran.status == 0);
  CHECK(ran.out == "figures/t-1-throughput-by-cores.vl.json\n");
  const Json figure = Json::parse(read_file("figures/t-1-throughput-by-cores.vl.json"));
  CHECK(figure["$schema"] == "https://vega.github.io/schema/vega-lite/v5.json");
  REQUIRE(figure["data"]["values"].size() == 12);
  CHECK(figure["data"]["values"][0].size() == 3);
  const auto refused = [](const std::string& plot, const std::string& message) {
    const Ran bad = baton::test::baton("plot r.json --plot " + shell(plot));
    CHECK(bad.status == 2);
    CHECK(bad.err == message + "\n");
  };
  refused(
      R"({"x":"cores","y":"througput"})",
      "r.json: --plot/0/y: there is no column \"througput\" in the results (did you mean \"throughput\"?)");
  refused(R"({"x":"cores","y":"throughput"})",
          "r.json: --plot/0: would average over the axis \"protocol\"; give it as \"series\", as \"facet\" "
          "or a value of it "
          "in \"where\"");
  refused(R"({"x":"cores","y":"throughput","where":{"protocol":"none"}})",
          "r.json: --plot/0: no row of the results has what this plot shows");
}

TEST_CASE("results that somebody has changed are refused, with their file") {
  const Sandbox sandbox;
  write_file("t.json", sweep);
  REQUIRE(baton::test::baton("run t.json -q -o r.json --set /seeds=[1,2] --set /options/lines=1").status ==
          0);
  const Json good = Json::parse(read_file("r.json"));
  const auto refused = [](const std::string& command, const Json& results, const std::string& message) {
    write_file("bad.json", results.dump());
    const Ran ran = baton::test::baton(command + " bad.json");
    CAPTURE(command, message);
    CHECK(ran.status == 2);
    CHECK(ran.out == "");
    CHECK(ran.err.starts_with("bad.json: " + message));
  };
  for (const char* column : {"workload", "cores", "protocol"}) {
    Json bad = good;
    bad["columns"].erase(column);
    for (Json& row : bad["rows"]) row.erase(column);
    refused("plot", bad, "/rows: a row lacks the column \"" + std::string(column) + "\"\n");
  }
  Json bad = good;
  bad["experiment"]["sweep"]["foo"] = Json::object();
  refused("plot", bad, "/rows: a row lacks the column \"foo\"\n");
  const std::string strange = "is not as Baton has written it: ";
  bad = good;
  bad["experiment"]["plots"] = {{"x", "cores"}};
  refused("plot", bad, strange);
  bad = good;
  bad["experiment"]["name"] = 5;
  refused("plot", bad, strange);
  bad = good;
  bad["columns"]["throughput"] = 5;
  refused("plot", bad, strange);
  REQUIRE(baton::test::baton("lines r.json").status == 0);
  bad = good;
  bad["lines"] = 5;
  refused("lines", bad, strange);
  bad = good;
  bad["lines"] = Json::array({{{"row", 0}}});
  refused("lines", bad, strange);
  bad = good;
  bad["lines"][0]["stall_share"] = "x";
  refused("lines", bad, strange);
}

TEST_CASE("plot: the rows are in the figure, whatever the experiment is called") {
  const Sandbox sandbox;
  write_file("t.json", sweep);
  REQUIRE(
      baton::test::baton("run t.json -q -o r.json --set /name=ROWS --set /options/efficiency=false").status ==
      0);
  REQUIRE(baton::test::baton("plot r.json").status == 0);
  CHECK(Json::parse(read_file("rows-1-throughput-by-cores.vl.json"))["data"]["values"].size() == 12);
}

TEST_CASE("plot: a ratio divides rows that are alike in all else") {
  const Sandbox sandbox;
  write_file("t.json", sweep);
  REQUIRE(baton::test::baton("run t.json -q -o r.json --set /options/efficiency=false").status == 0);
  REQUIRE(baton::test::baton("plot r.json --plot " +
                             shell(R"({"title":"q","x":"cores","ratio":{"of":"throughput",)"
                                   R"("numerator":{"protocol":"own"},"denominator":{"protocol":"MESI"}}})"))
              .status == 0);
  const Json rows = Json::parse(read_file("r.json"))["rows"];
  const Json values = Json::parse(read_file("t-1-q.vl.json"))["data"]["values"];
  REQUIRE(values.size() == 6);
  CHECK(values[1]["ratio"].get<double>() ==
        rows[4]["throughput"].get<double>() / rows[1]["throughput"].get<double>());
}

TEST_CASE("help and version") {
  for (const char* command : {"run", "replay", "plot", "protocol", "claims", "check", "trace"}) {
    const Ran help = baton::test::baton(std::string(command) + " --help");
    CHECK(help.status == 0);
    CHECK(help.out.starts_with("Usage: baton " + std::string(command)));
    CHECK(help.out.find("Examples:") != std::string::npos);
  }
  CHECK(baton::test::baton("").out.find("baton run configs/quickstart.json") != std::string::npos);
  CHECK(baton::test::baton("--version").out == "baton 0.1.0\n");
  CHECK(baton::test::baton("protocol list").out.find("directory: full_map (default) | broadcast") !=
        std::string::npos);
  CHECK(baton::test::baton("check mesi --caches 2").status == 0);
}
