// What commands refuse before anything runs: files that would overwrite each other, and options that make no
// sense.

#include <array>

#include <catch2/catch.hpp>

#include "sim/cli/command_list.hpp"
#include "tests/experiment/program.hpp"

using namespace baton::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* trace = "0 W 0x1000\n1 R 0x1000\n0 R 0x1040\n1 W 0x1000\n";
constexpr const char* config =
    R"({"machine": {"cores": 4}, "workload": {"kind": "synthetic", "pattern": "contended_counter",
        "operations_per_core": 20}, "plots": [{"x": "seed", "y": "cycles"}]})";

/// Exit status 2, just this message, and no file touched or made.
void refused(const Sandbox& sandbox, const std::string& arguments, const std::string& message) {
  const auto contents = [] {
    std::string all;
    std::error_code error;  // a link that leads to itself is no file
    for (const auto& entry : fs::directory_iterator("."))
      if (entry.is_regular_file(error)) all += entry.path().string() + read_file(entry.path());
    return all;
  };
  const std::size_t files = sandbox.files();
  const std::string before = contents();
  const Ran ran = baton::test::baton(arguments);
  CAPTURE(arguments);
  CHECK(ran.status == 2);
  CHECK(ran.out == "");
  CHECK(ran.err == message + "\n");
  CHECK(sandbox.files() == files);
  CHECK(contents() == before);
}

TEST_CASE("no output is an input or another output") {
  const Sandbox sandbox;
  write_file("h.trace", trace);
  write_file("c.json", config);
  write_file("t.0.din", "0 1000\n");
  write_file("t.1.din", "1 1000\n");
  fs::create_symlink("h.trace", "link.trace");
  fs::create_hard_link("c.json", "hard.json");
  fs::create_directory("claims");
  write_file("claims/one.json", config);
  const auto input = [&](const std::string& arguments, const std::string& output, const std::string& path) {
    refused(sandbox, arguments, output + ": would overwrite the input \"" + path + "\"");
  };
  input("replay h.trace -o h.trace", "-o h.trace", "h.trace");
  input("replay h.trace -o ./link.trace", "-o ./link.trace", "h.trace");
  input("replay h.trace -p mesi --timeline h.trace -o r.json", "--timeline h.trace", "h.trace");
  input("replay t.{core}.din -o t.1.din", "-o t.1.din", "t.1.din");
  write_file("sigil.events.out-1", "1,1,1,0,1,0 $ 10 17\n");
  write_file("sigil.pthread.out", "");
  input("replay sigil.events.out-{core} -o sigil.pthread.out", "-o sigil.pthread.out", "sigil.pthread.out");
  input("run c.json -o c.json", "-o c.json", "c.json");
  input("run c.json -o hard.json", "-o hard.json", "c.json");
  input("run c.json --profile c.json", "--profile c.json", "c.json");
  input("run c.json hard.json -o .", "-o ./c.json", "c.json");
  input("record -o /bin/true -- true", "-o /bin/true",
        fs::exists("/usr/bin/true") ? "/usr/bin/true" : "/bin/true");
  const auto output = [&](const std::string& arguments, const std::string& one, const std::string& other) {
    refused(sandbox, arguments, one + ": would overwrite the output of " + other);
  };
  output("replay h.trace -p mesi --timeline q.json -o q.json", "--timeline q.json", "-o q.json");
  output("replay h.trace -p mesi --timeline ./q.json -o q.json", "--timeline ./q.json", "-o q.json");
  output("run c.json --timeline q.json.partial -o q.json", "-o q.json.partial", "--timeline q.json.partial");
  output("check mesi --page p --chart p", "--page p", "--chart p");
  refused(sandbox, "trace convert h.trace --to text -o h.trace",
          "h.trace: is a file of the trace itself, found as the output, allowed another file");
  refused(sandbox, "trace convert t.{core}.din --to din -o ./t.{core}.din",
          "./t.0.din: is a file of the trace itself, found as the output, allowed another file");
  // Devices have several uses.
  CHECK(baton::test::baton("replay h.trace -p mesi -q --timeline /dev/null -o /dev/null").status == 0);
}

TEST_CASE("an output that is a symbolic link stays one") {
  const Sandbox sandbox;
  write_file("h.trace", trace);
  fs::create_directory("folder");
  fs::create_symlink("folder/there.json", "link.json");  // leads to nothing yet
  for (int i = 0; i < 2; ++i) {
    REQUIRE(baton::test::baton("replay h.trace -p mesi -q -o link.json").status == 0);
    CHECK(fs::is_symlink("link.json"));
    CHECK(fs::file_size("folder/there.json") > 0);
  }
  fs::create_symlink("loop.json", "loop.json");
  refused(sandbox, "replay h.trace -p mesi -q -o loop.json",
          "loop.json: cannot be written: Too many levels of symbolic links");
  fs::create_symlink("nowhere/r.json", "lost.json");
  refused(sandbox, "replay h.trace -p mesi -q -o lost.json",
          "lost.json: cannot be written: there is no folder \"nowhere\"");
}

TEST_CASE("figures and pages overwrite no results and no configs") {
  const Sandbox sandbox;
  fs::create_directory("claims");
  const std::string shipped = std::string(BATON_SOURCE_DIR) + "/configs/claims/";
  for (const auto& entry : fs::directory_iterator(shipped))
    if (sandbox.files() == 1 && fs::is_empty("claims")) fs::copy_file(entry.path(), "claims/one.json");
  refused(sandbox, "claims claims --page claims/one.json",
          "--page claims/one.json: would overwrite the input \"claims/one.json\"");
  refused(sandbox, "claims claims -o v.md --page v.md", "--page v.md: would overwrite the output of -o v.md");
  write_file("c.json", config);
  REQUIRE(baton::test::baton("run c.json -q -o r.json").status == 0);
  REQUIRE(baton::test::baton("plot r.json").status == 0);
  for (const auto& entry : fs::directory_iterator(".")) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".vl.json")) continue;
    // The results under the name of their figure.
    fs::remove(name);
    fs::create_symlink("r.json", name);
    refused(sandbox, "plot r.json", "figure " + name + ": would overwrite the input \"r.json\"");
    return;
  }
  FAIL("no figure");
}

TEST_CASE("numbers without sign are not negative") {
  const Sandbox sandbox;
  write_file("h.trace", trace);
  const auto negative = [&](const std::string& command, const std::string& options,
                            const std::string& found) {
    const std::string name = command.substr(0, command.find(' '));
    refused(sandbox, command + options + (name == "record" ? " -- true" : ""),
            "baton " + name + ": " + found + " (see baton " + name + " --help)");
  };
  negative("record", " --records -5", "--records must not be negative, found -5");
  negative("record", " --yield -1", "--yield must not be negative, found -1");
  negative("record", " --work-cap=-3", "--work-cap must not be negative, found -3");
  negative("trace head h.trace", " -n -4", "--count must not be negative, found -4");
  negative("lines h.trace", " -c -1", "--count must not be negative, found -1");
  negative("replay h.trace", " -n-1", "--cores must not be negative, found -1");
  negative("replay h.trace", " --lines -1", "--lines must not be negative, found -1");
  negative("litmus h.trace", " --seed -1", "--seed must not be negative, found -1");
  refused(sandbox, "replay h.trace --set /seeds=[-1]",
          "baton replay: /seeds/0: must be a whole number from 0 to 9007199254740991, found -1");
}

TEST_CASE("options that contradict each other or mean nothing are refused") {
  const Sandbox sandbox;
  write_file("h.trace", trace);
  const auto usage = [&](const std::string& name, const std::string& options, const std::string& message) {
    refused(sandbox, name + " " + options,
            "baton " + name + ": " + message + " (see baton " + name + " --help)");
  };
  usage("record", "--no-work --work-cap 5 -- true", "--no-work and --work-cap exclude each other");
  usage("record", "--work-cap 0 -- true", "--work-cap must be at least 1");
  usage("record", "--yield 0 -- true", "--yield must be at least 1");
  usage("replay", "h.trace --set /options/lines=3 --lines 5",
        "--lines and --set /options/lines exclude each other");
  usage("replay", "h.trace --set /options/check=false --check",
        "--check and --set /options/check exclude each other");
  usage("trace", "info h.trace --to text", "--to is of convert, not of info");
  usage("trace", "head h.trace -o x", "--output is of convert, not of head");
  usage("trace", "stats h.trace -n 3", "--count is of head, not of stats");
  usage("trace", "head h.trace --line 64", "--line is of info and stats, not of head");
  usage("check", "--replay h.trace --page x", "--replay writes no --page");
  refused(sandbox, "replay h.trace --threads often",
          "baton replay: /workload/threads: must be one of \"as_cores\", \"scheduled\", found \"often\"");
}

TEST_CASE("threads that have no core of their own can share cores") {
  const Sandbox sandbox;
  write_file("h.trace", trace);
  REQUIRE(baton::test::baton("trace convert h.trace --to recording -o h.baton").status == 0);
  const Ran few = baton::test::baton("replay h.baton -p mesi -q --cores 1 -o r.json");
  CHECK(few.status == 2);
  CHECK(few.err.find("h.baton: the trace has more cores than the machine, found 2 threads, allowed at most 1 "
                     "(or \"threads\": \"scheduled\": they share cores)") != std::string::npos);
  const Ran shared = baton::test::baton("replay h.baton -p mesi -q --cores 1 --threads scheduled -o r.json");
  CAPTURE(shared.err);
  CHECK(shared.status == 0);
}

TEST_CASE("a timeline that cannot be written does not take the results along") {
  const Sandbox sandbox;
  write_file("h.trace", trace);
  refused(sandbox, "replay h.trace -p mesi --timeline no/t.json -o r.json",
          "no/t.json: cannot be written: there is no folder \"no\"");
  refused(sandbox, "replay h.trace --timeline t.json -o r.json",
          "--timeline t.json: needs an experiment of exactly one point, a row of results, and this one has 2 "
          "(choose one: --protocol, --set)");
  const Ran full = baton::test::baton("replay h.trace -p mesi -q --timeline /dev/full -o r.json");
  CHECK(full.status == 1);
  CHECK(full.err ==
        "baton: --timeline /dev/full: cannot be written: No space left on device; the point has finished "
        "without it\n");
  CHECK(read_file("r.json").find("\"misses\": ") != std::string::npos);
  CHECK(sandbox.files() == 2);
}

TEST_CASE("a profile that cannot be written leaves the results, and nothing to resume") {
  const Sandbox sandbox;
  write_file("c.json", R"({"machine": {"cores": 2}, "workload": {"kind": "program",
                           "program": "fetch_add_counter", "threads": 2, "operations_per_thread": 10}})");
  const Ran full = baton::test::baton("run c.json -q --profile /dev/full -o r.json");
  CHECK(full.status == 1);
  CHECK(full.err ==
        "baton: --profile /dev/full: cannot be written: No space left on device; the results are written "
        "without it\n");
  CHECK(read_file("r.json").find("\"misses\": ") != std::string::npos);
  CHECK(sandbox.files() == 2);
  CHECK(baton::test::baton("run c.json -q -o r.json").status == 0);
}

TEST_CASE("the list of commands has room for any name") {
  std::ostringstream out;
  const std::array<baton::cli::Command, 3> commands{{{"run", "runs", nullptr},
                                                     {"not-listed-at-all", "", nullptr},
                                                     {"much-longer-name", "does more", nullptr}}};
  baton::cli::print_list(out, commands);
  CHECK(out.str() == "  run               runs\n  much-longer-name  does more\n");
}

}  // namespace
