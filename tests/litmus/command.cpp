// `baton litmus` as a user runs it: what it prints, and its exit statuses.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/experiment/program.hpp"

using baton::test::Ran;
using baton::test::Sandbox;
using baton::test::write_file;

namespace test = baton::test;

namespace {

const std::string folder = std::string(BATON_SOURCE_DIR) + "/tests/litmus/x86";

}  // namespace

TEST_CASE("a test that passes: exit status 0, text or JSON") {
  const Ran text =
      test::baton("litmus " + folder + "/SB.litmus --runs 2000 --protocol mesi --topology mesh -q");
  CHECK(text.status == 0);
  CHECK(text.err.empty());
  CHECK_THAT(text.out, Catch::StartsWith("Test SB Allowed\nHistogram (3 states)\n"));
  CHECK_THAT(text.out, Catch::Contains("Verdict SB SC: no forbidden outcome in 2000 runs; seen 3 of 3"));
  CHECK_THAT(text.out, Catch::Contains("Verdict SB TSO: no forbidden outcome in 2000 runs; seen 4 of 4"));
  CHECK(test::baton("litmus " + folder + "/SB.litmus --runs 2000 --protocol mesi --topology mesh -q").out ==
        text.out);

  const Ran json = test::baton("litmus " + folder + "/SB.litmus --runs 1000 --consistency tso --json");
  CHECK(json.status == 0);
  CHECK_THAT(json.err, Catch::Contains("1000 runs of 1 tests"));
  const auto document = nlohmann::json::parse(json.out);
  CHECK(document["tests"].size() == 1);
  CHECK(document["tests"][0]["observation"] == "Sometimes");
  CHECK(document["tests"][0]["runs"] == 1000);
  CHECK(document["tests"][0]["forbidden"].empty());
}

TEST_CASE("a condition that does not hold is no failure: only what the model forbids is") {
  const Sandbox sandbox;
  write_file("t.litmus", "X86 T\n{}\nP0;\nMOV [x],$1;\nforall (x=2)\n");
  const Ran ran = test::baton("litmus t.litmus --runs 100");
  CHECK(ran.status == 0);
  CHECK_THAT(ran.out, Catch::Contains("Condition forall (x=2) is NOT validated"));
}

TEST_CASE("bad input: exit status 2, nothing on standard output, all files' errors") {
  const Sandbox sandbox;
  write_file("a.litmus", "X86 A\n{}\nP0;\nFOO [x],$1;\nexists (x=2)\n");
  write_file("b.litmus", "PPC B\n{}\n");
  const Ran ran = test::baton("litmus a.litmus b.litmus missing.litmus");
  CHECK(ran.status == 2);
  CHECK(ran.out.empty());
  CHECK_THAT(ran.err, Catch::Contains("a.litmus: line 4: the instruction FOO is not supported"));
  CHECK_THAT(ran.err, Catch::Contains("b.litmus: line 1: the first word must be the language"));
  CHECK_THAT(ran.err, Catch::Contains("missing.litmus: there is no such file"));
  for (const char* wrong :
       {"", "a.litmus --protocol mosi", "a.litmus --topology mash", "a.litmus --consistency pso",
        "a.litmus --runs 0", "a.litmus --option reads=migrate"}) {
    CAPTURE(wrong);
    CHECK(test::baton(std::string("litmus ") + wrong).status == 2);
  }
  CHECK_THAT(test::baton("litmus a.litmus --topology mash").err, Catch::Contains("did you mean \"mesh\"?"));
}

TEST_CASE("the tests that the help shows are there") {
  const Ran ran = test::baton("litmus --help");
  std::size_t shown = 0;
  for (std::size_t at = 0; (at = ran.out.find("tests/litmus", at)) != std::string::npos; ++at, ++shown) {
    const std::string path = ran.out.substr(at, ran.out.find_first_of(" \n", at) - at);
    CAPTURE(path);
    CHECK(std::filesystem::exists(std::filesystem::path(BATON_SOURCE_DIR) / path));
  }
  CHECK(shown == 3);
}
