// Bad input: what it says, exit status 2, nothing written.

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "protocols/core/registry.hpp"
#include "sim/experiment/config.hpp"
#include "tests/experiment/program.hpp"

using namespace baton::test;

namespace {

/// What reading the config says, or "" if nothing is wrong.
std::string problems_of(const std::string& text) {
  try {
    baton::experiment::read_experiment(text, "c.json", {}, {});
    return "";
  } catch (const baton::experiment::InputProblems& problems) {
    return problems.what();
  }
}

/// A config with a right workload and `members` before it.
std::string with(const std::string& members) {
  return problems_of("{" + members +
                     R"(, "workload": {"kind": "synthetic", "pattern": "contended_counter"}})");
}

/// "mesi", "ownership", …
std::string protocol_names() {
  std::string names;
  for (const auto* protocol : baton::all_protocols())
    names += (names.empty() ? "\"" : ", \"") + std::string(protocol->name()) + "\"";
  return names;
}

std::string with_workload(const std::string& workload) {
  return problems_of(R"({"workload": )" + workload + "}");
}

}  // namespace

TEST_CASE("unknown keys are refused with a suggestion") {
  CHECK(
      with(R"("machine": {"coers": 4})") ==
      R"(c.json: /machine/coers: unknown key; allowed are "cores", "clock", "core", "cache", "home", "memory", "network", "system" (did you mean "cores"?))");
  CHECK(
      with(R"("machine": {"zzz": 4})") ==
      R"(c.json: /machine/zzz: unknown key; allowed are "cores", "clock", "core", "cache", "home", "memory", "network", "system")");
  CHECK(
      with(R"("seed": [1])") ==
      R"(c.json: /seed: unknown key; allowed are "$schema", "name", "description", "machine", "protocol", "workload", "sweep", "seeds", "options", "plots", "claim", "preset", "measurement" (did you mean "seeds"?))");
  CHECK(with(R"("machine": {"a/b~c": 4})").starts_with("c.json: /machine/a~1b~0c: unknown key; "));
}

TEST_CASE("numbers of the wrong type or range are refused") {
  const std::string cores = "c.json: /machine/cores: must be a whole number from 1 to 4096, found ";
  CHECK(with(R"("machine": {"cores": -3})") == cores + "-3");
  CHECK(with(R"("machine": {"cores": 3.7})") == cores + "3.7");
  CHECK(with(R"("machine": {"cores": 1e30})") == cores + "1e+30");
  CHECK(with(R"("machine": {"cores": 0})") == cores + "0");
  CHECK(with(R"("machine": {"cores": 4097})") == cores + "4097");
  CHECK(with(R"("machine": {"cores": 18446744073709551617})") == cores + "1.8446744073709552e+19");
  CHECK(with(R"("machine": {"cores": "16"})") == cores + "\"16\"");
  CHECK(with(R"("machine": {"cores": true})") == cores + "true");
  CHECK(with(R"("machine": {"cores": null})") == cores + "null");
  CHECK(with(R"("machine": {"cores": [16]})") == cores + "a list");
  CHECK(with(R"("machine": {"cores": {}})") == cores + "an object");
  CHECK(with(R"("machine": 16)") == "c.json: /machine: must be an object, found 16");
  CHECK(with(R"("options": {"check": 1})") == "c.json: /options/check: must be true or false, found 1");
  CHECK(with(R"("machine": {"cores": 16.0})") == "");
}

TEST_CASE("units are checked") {
  const std::string size =
      "c.json: /machine/cache/size: must be a size in bytes or with a unit (B, KiB, MiB, GiB) from 64B to "
      "1GiB, found ";
  CHECK(with(R"("machine": {"cache": {"size": "32KB"}})") == size + R"("32KB" (did you mean "32KiB"?))");
  CHECK(with(R"("machine": {"cache": {"size": "32XB"}})") == size + "\"32XB\"");
  CHECK(with(R"("machine": {"cache": {"size": "-1KiB"}})") == size + "\"-1KiB\"");
  CHECK(with(R"("machine": {"cache": {"size": "0.3B"}})") == size + "\"0.3B\"");
  CHECK(with(R"("machine": {"cache": {"size": "2GiB"}})") == size + "\"2GiB\"");
  CHECK(with(R"("machine": {"cache": {"size": 32768}})") == "");
  CHECK(with(R"("machine": {"cache": {"size": "32 KiB"}})") == "");
  CHECK(with(R"("machine": {"memory": {"latency": 80}})") ==
        "c.json: /machine/memory/latency: must be a number with a unit (ps, ns, us, ms, s) from 0ps to 1s, "
        "found 80");
  CHECK(with(R"("machine": {"clock": "2GHx"})") ==
        "c.json: /machine/clock: must be a number with a unit (Hz, kHz, MHz, GHz) from 1MHz to 100GHz, found "
        "\"2GHx\"");
}

TEST_CASE("unknown names are refused with what is allowed") {
  CHECK(with(R"("protocol": {"name": "MESI"})") == "c.json: /protocol/name: must be one of " +
                                                       protocol_names() +
                                                       R"(, found "MESI" (did you mean "mesi"?))");
  CHECK(
      with(R"("protocol": {"name": "mesi", "directory": "fullmap"})") ==
      R"(c.json: /protocol/directory: must be one of "full_map", "broadcast", "limited_broadcast", "limited", "coarse_vector", found "fullmap" (did you mean "full_map"?))");
  CHECK(
      with(R"("protocol": {"name": "mesi", "reads": "migrate"})") ==
      R"(c.json: /protocol/reads: unknown key; allowed are "directory", "pointers", "region", "entries", "atomics", "transfer_cycles", "name")");
  CHECK(
      with(R"("machine": {"cache": {"replacement": "LRU"}})") ==
      R"(c.json: /machine/cache/replacement: must be one of "lru", "tree_plru", found "LRU" (did you mean "lru"?))");
}

TEST_CASE("options of protocols that are numbers may be given as numbers") {
  const auto effective = [](const std::string& pointers, const std::vector<std::string>& settings) {
    std::vector<baton::experiment::Setting> parsed;
    for (const std::string& setting : settings) parsed.push_back(baton::experiment::parse_setting(setting));
    const auto experiment = baton::experiment::read_experiment(
        R"({"protocol": {"name": "mesi", "directory": "limited", "pointers": )" + pointers +
            R"(}, "workload": {"kind": "synthetic", "pattern": "uniform"}})",
        "c.json", {}, parsed);
    return experiment.effective.dump();
  };
  const std::string with_text = effective("\"8\"", {});
  CHECK(effective("8", {}) == with_text);
  CHECK(effective("8.0", {}) == with_text);
  CHECK(effective("4", {"/protocol/pointers=8"}) == with_text);
  CHECK(effective("4", {"/protocol/pointers=\"8\""}) == with_text);
  const std::string pointers =
      R"(c.json: /protocol/pointers: must be one of "4", "1", "2", "3", "6", "8", "16", "32", found )";
  for (const std::string wrong : {"5", "8.5", "-8", "true", "\"5\""})
    CHECK(with(R"("protocol": {"pointers": )" + wrong + "}").starts_with(pointers + wrong));
  CHECK(with(R"("machine": {"cache": {"replacement": 8}})") ==
        R"(c.json: /machine/cache/replacement: must be one of "lru", "tree_plru", found 8)");
}

TEST_CASE("workloads are checked") {
  CHECK(
      problems_of("{}") ==
      R"(c.json: /workload: is missing; an object with "kind" "synthetic", "trace" or "program" is needed)");
  CHECK(with_workload("{}") ==
        R"(c.json: /workload/kind: is missing; allowed are "synthetic", "trace", "program")");
  CHECK_THAT(with_workload(R"({"kind": "synthetic", "pattern": "contented_counter"})"),
             Catch::EndsWith(R"(, found "contented_counter" (did you mean "contended_counter"?))"));
  CHECK_THAT(with_workload(R"({"kind": "synthetic", "pattern": "uniform", "read_fracton": 1})"),
             Catch::StartsWith("c.json: /workload/read_fracton: unknown key; ") &&
                 Catch::EndsWith(R"((did you mean "read_fraction"?))"));
  CHECK(with_workload(R"({"kind": "synthetic", "pattern": "uniform", "read_fraction": 1.5})") ==
        "c.json: /workload/read_fraction: must be a number from 0.0 to 1.0, found 1.5");
  CHECK(with_workload(R"({"kind": "synthetic", "pattern": "sharing", "sharers": 3})")
            .starts_with("c.json: /workload/sharers: "));
  CHECK(with_workload(R"({"kind": "trace"})") ==
        "c.json: /workload/path: is missing; the file of a trace is needed");
  CHECK(with_workload(R"({"kind": "trace", "path": ""})") ==
        "c.json: /workload/path: is empty; the file of a trace is needed");
  CHECK(with_workload(R"({"kind": "synthetic", "pattern": "mix"})") ==
        "c.json: /workload/parts: must be a list of at least one pattern with its weight, found nothing");
  CHECK(with_workload(
            R"({"kind": "synthetic", "pattern": "mix", "parts": [{"pattern": "uniform", "weight": 0}]})")
            .starts_with("c.json: /workload/parts/0/weight: must be a number from "));
  CHECK(with_workload(R"({"kind": "synthetic", "pattern": "mix", "parts": [{"pattern": "spin_wait"}]})")
            .starts_with("c.json: /workload/parts/0/pattern: must be one of "));
}

TEST_CASE("contradictions are refused") {
  CHECK(with(R"("machine": {"cores": 7})").starts_with("c.json: /machine/cores: 7 cores do not fill a mesh"));
  CHECK(with(R"("machine": {"cores": 7})").ends_with("or set /machine/network/columns"));
  CHECK(with(R"("machine": {"cores": 16, "network": {"columns": 5}})")
            .starts_with("c.json: /machine/network/columns: 16 cores"));
  CHECK(with(R"("machine": {"cache": {"size": "1KiB", "ways": 32}})")
            .starts_with("c.json: /machine/cache/ways: 32 ways"));
  // The line is to blame, not the size that it does not fit.
  CHECK(with(R"("machine": {"cache": {"line": 48}})") ==
        "c.json: /machine/cache/line: 48 bytes a line; allowed: a power of two from 8 to 4096");
  CHECK(with(R"("machine": {"cache": {"line": "24B", "size": "12KiB"}})") ==
        "c.json: /machine/cache/line: 24 bytes a line; allowed: a power of two from 8 to 4096");
  CHECK(with(R"("protocol": {"transfer_cycles": 2})").starts_with("c.json: /protocol/transfer_cycles: "));
}

TEST_CASE("syntax errors and duplicate keys name their place") {
  CHECK(problems_of("") == "c.json: is empty; a JSON object was expected");
  CHECK(problems_of("[1]") == "c.json: must be a JSON object, found a list");
  CHECK(problems_of("{\n  \"name\": \"x\",\n  \"machine\" 3}")
            .starts_with("c.json: line 3, column 13: syntax error"));
  CHECK(problems_of("{\"name\": // comment\n 3}").starts_with("c.json: line 1, column 10: syntax error"));
  CHECK(problems_of(R"({"name": 1e999})").starts_with("c.json: number overflow"));
  CHECK(problems_of(R"({"machine": {"cores": 4, "cores": 16}, "plots": [{}, {"x": 1, "x": 2}]})") ==
        "c.json: /machine/cores: this key is given twice in one object\n"
        "c.json: /plots/1/x: this key is given twice in one object");
}

TEST_CASE("all problems are reported at once") {
  const std::string all =
      problems_of(R"({"nam": "x", "machine": {"cores": 0, "clock": 2}, "protocol": {"name": "mosi"},
    "workload": {"kind": "synthetic", "pattern": "?"}, "seeds": [1, 1], "plots": [{"y": "t"}]})");
  CHECK(std::count(all.begin(), all.end(), '\n') == 6);
}

TEST_CASE("sweeps, seeds and plots are checked") {
  const auto sweep = [](const std::string& text) { return with("\"sweep\": " + text); };
  CHECK(
      sweep(R"({"x": {"path": "/machine/coers", "values": [4]}})") ==
      R"(c.json: /sweep/x/path: there is no "/machine/coers" in a config (did you mean "/machine/cores"?))");
  CHECK(sweep(R"({"x": {"path": "/machine/cores"}})") ==
        R"(c.json: /sweep/x: must have either "path" and "values" or "variants", found an object)");
  CHECK(sweep(R"({"x": {"path": "/machine/cores", "values": []}})") ==
        "c.json: /sweep/x/values: must be a list of at least one value, found an empty list");
  CHECK(sweep(R"({"x": {"path": "/machine/cores", "values": [4, 4]}})") ==
        "c.json: /sweep/x: the value 4 is given twice");
  CHECK(sweep(R"({"x": {"path": "/protocol/pointers", "values": [4, "4"]}})") ==
        "c.json: /sweep/x: the value \"4\" is given twice");
  CHECK(sweep(R"({"seed": {"path": "/machine/cores", "values": [4]}})") ==
        "c.json: /sweep/seed: an axis cannot be called like a column of the results; use \"seeds\"");
  CHECK(sweep(R"({"hits": {"path": "/machine/cores", "values": [4]}})") ==
        "c.json: /sweep/hits: an axis cannot be called like a column of the results");
  CHECK(sweep(R"({"": {"path": "/machine/cores", "values": [4]}})") ==
        "c.json: /sweep/: an axis needs a name");
  CHECK(
      sweep(
          R"({"a": {"path": "/machine/cores", "values": [4]}, "b": {"path": "/machine/cores", "values": [9]}})") ==
      "c.json: /sweep/b/path: /machine/cores is the axis \"a\" already");
  CHECK(
      sweep(R"({"p": {"variants": {"a": {"protcol": {}}}}})") ==
      R"(c.json: /sweep/p/variants/a/protcol: unknown key; allowed are "machine", "protocol", "workload", "options" (did you mean "protocol"?))");
  CHECK(sweep(R"({"n": {"path": "/machine/cores", "values": [4, 0]}})") ==
        "c.json: /machine/cores: must be a whole number from 1 to 4096, found 0 [at n=0]");
  CHECK(with(R"("seeds": [])") ==
        "c.json: /seeds: must be a list of at least one whole number, found an empty list");
  CHECK(with(R"("seeds": [-1])") ==
        "c.json: /seeds/0: must be a whole number from 0 to 9007199254740991, found -1");
  const auto plot = [](const std::string& text) {
    return with(R"("sweep": {"p": {"variants": {"A": {}, "B": {}}}}, "plots": [)" + text + "]");
  };
  CHECK(plot(R"({"x": "nope", "y": "throughput"})") ==
        "c.json: /plots/0/x: must be a column of the results or an axis of the sweep, found \"nope\"");
  CHECK(plot(R"({"x": "cores", "y": "protocol"})") ==
        "c.json: /plots/0/y: must be a measured column, found \"protocol\"");
  CHECK(plot(R"({"x": "cores", "y": "throughput", "where": {"p": ["A", "C"]}})") ==
        "c.json: /plots/0/where/p: must be a label of the axis, found \"C\"");
  CHECK(plot(R"({"x": "cores", "ratio": {"of": "p", "numerator": {"p": "A"}, "denominator": {"q": "B"}}})") ==
        "c.json: /plots/0/ratio/of: must be a measured column, found \"p\"\n"
        "c.json: /plots/0/ratio/denominator/q: must be a column of the results or an axis of the sweep, "
        "found \"q\"");
  CHECK(with(R"("plots": [{"x": "cores"}])") ==
        "c.json: /plots/0/y: is missing; a line plot needs the name of a column");
}

TEST_CASE("the program: status 2, and nothing written") {
  const Sandbox sandbox;
  write_file(
      "good.json",
      R"({"machine": {"cores": 4}, "workload": {"kind": "synthetic", "pattern": "contended_counter"}})");
  write_file("bad.json", R"({"machine": {"cores": -3}})");
  const auto refused = [&](const std::string& arguments, const std::string& message) {
    const Ran ran = baton::test::baton(arguments);
    CHECK(ran.status == 2);
    CHECK(ran.out == "");
    CHECK(ran.err == message + "\n");
    CHECK(sandbox.files() == 2);
  };
  refused("run bad.json -o r.json",
          "bad.json: /machine/cores: must be a whole number from 1 to 4096, found -3\n"
          "bad.json: /workload: is missing; an object with \"kind\" \"synthetic\", \"trace\" or \"program\" "
          "is needed");
  refused("run nope.json", "nope.json: there is no such file; a config file was expected");
  refused("run .", ".: is a folder; a config file was expected");
  refused("run good.json -o nope/r.json", "nope/r.json: cannot be written: there is no folder \"nope\"");
  refused("run good.json -o /", "/: cannot be written: it is a folder");
  refused(
      "run good.json --set /machine/coers=4",
      "--set /machine/coers: there is no \"/machine/coers\" in a config (did you mean \"/machine/cores\"?)");
  refused("run good.json --set machine=4",
          "--set machine=4: must be /json/pointer=value, such as /machine/cores=16");
  refused("run good.json --set /seeds/5/x=4", "--set /seeds/5/x: there is no \"/seeds/5/x\" in a config");
  refused("run good.json --set /machine/cores=0",
          "good.json: /machine/cores: must be a whole number from 1 to 4096, found 0");
  refused("run good.json --jobs 0", "baton run: -j must be from 1 to 4096, found 0 (see baton run --help)");
  refused("run good.json --resume",
          "baton run: --resume and --restart need -o: finished points are kept beside the results (see baton "
          "run --help)");
  refused("run", "baton run: needs a config file (see baton run --help)");
  refused("run good.json --nope", "baton run: unrecognised option '--nope' (see baton run --help)");
  refused("run good.json bad.json", "baton run: several configs need -o FOLDER (see baton run --help)");
  refused("rum",
          "baton: there is no command \"rum\"; allowed are \"run\", \"replay\", \"plot\", \"lines\", "
          "\"protocol\", "
          "\"claims\", \"hardware\", \"check\", \"litmus\", \"stress\", \"record\", \"trace\" (did you mean "
          "\"run\"?) "
          "(see baton --help)");
  refused("protocol show mesj", "baton protocol: there is no protocol \"mesj\"; allowed are " +
                                    protocol_names() +
                                    " (did you mean \"mesi\"?) (see baton protocol --help)");
  refused("check mesi --mutants --explained nope",
          "baton check: --explained needs a folder, found \"nope\" (see baton check --help)");
  refused("plot good.json", "good.json: is no results file of Baton (\"format\": \"baton-results\")");
}

TEST_CASE("the program: a file that cannot be read is refused with the system's reason") {
  const Sandbox sandbox;
  std::filesystem::create_symlink("loop.json", "loop.json");
  write_file("preset.json", R"({"preset": "loop.json"})");
  const auto refused = [&](const std::string& arguments, const std::string& message) {
    CAPTURE(arguments);
    const Ran ran = baton::test::baton(arguments);
    CHECK(ran.status == 2);
    CHECK(ran.err == message + "\n");
  };
  // Permissions would not stop a superuser.
  const std::string loop = "loop.json: cannot be read: Too many levels of symbolic links; ";
  refused("run loop.json", loop + "a config file was expected");
  refused("run preset.json", loop + "a preset was expected");
  refused("plot loop.json", loop + "a results file was expected");
  refused("lines loop.json", loop + "a results file was expected");
  refused("check --replay loop.json", loop + "a counterexample was expected");
  refused("plot .", ".: is a folder; a results file was expected");
  refused("lines .", ".: is a folder; a results file was expected");
  refused("check --replay .", ".: is a folder; a counterexample was expected");
  refused("plot nope.json", "nope.json: there is no such file; a results file was expected");
}

TEST_CASE("the program: traces that cannot be read") {
  const Sandbox sandbox;
  write_file("empty.txt", "");
  write_file("corrupt.txt", "0 R 0x1000\n1 W 0x1040\n2 X 0x1000\n3 R 0x1000\n");
  write_file("truncated.txt.gz", "\x1f\x8b\x08");
  for (const std::string name : {"missing.txt", "empty.txt", "corrupt.txt", "truncated.txt.gz"}) {
    CAPTURE(name);
    const Ran ran =
        baton::test::baton("replay " + name + " --cores 4 --set /machine/cache/size=4KiB -o r.json");
    CHECK(ran.status == 2);
    CHECK(ran.err.find(name + ": ") != std::string::npos);
    CHECK(sandbox.files() == 3);
  }
  const Ran corrupt = baton::test::baton("replay corrupt.txt");
  CHECK(corrupt.err.starts_with("corrupt.txt: line 3: "));
}

TEST_CASE("the program: traces that are no regular files are refused, and waited for by nobody") {
  const Sandbox sandbox;
  REQUIRE(mkfifo("pipe", 0600) == 0);
  REQUIRE(mkfifo("pipe.baton", 0600) == 0);
  write_file("config.json", R"({"machine": {"cores": 4}, "workload": {"kind": "trace", "path": "pipe"}})");
  const auto refused = [&](const std::string& arguments, const std::string& path) {
    CAPTURE(arguments);
    const Ran ran = baton::test::baton(arguments);
    CHECK(ran.status == 2);
    CHECK(ran.out == "");
    CHECK(ran.err == path + ": is no regular file; a trace is read several times\n");
  };
  refused("replay pipe", "pipe");
  refused("replay pipe --cores 4 --format text", "pipe");
  refused("replay pipe.baton", "pipe.baton");
  refused("replay pipe.baton --salvage", "pipe.baton");
  refused("replay /dev/null", "/dev/null");
  refused("trace info pipe", "pipe");
  refused("run config.json", "pipe");
  refused("run config.json --set /workload/path=/dev/null", "/dev/null");
  const Ran empty = baton::test::baton("replay ''");
  CHECK(empty.status == 2);
  CHECK(empty.err == "baton replay: needs a trace file (see baton replay --help)\n");
}
