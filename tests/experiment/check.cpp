// `baton check` as a user runs it: faults, and what their replays say.

#include <catch2/catch.hpp>

#include "tests/experiment/program.hpp"

using baton::test::Ran;
using baton::test::Sandbox;

namespace {

Ran replayed(const std::string& mutant) {
  REQUIRE(baton::test::baton("check mesi --counterexample lost.json --mutant '" + mutant + "'").status == 1);
  return baton::test::baton("check --replay lost.json");
}

}  // namespace

TEST_CASE("the mutant that the help shows is a fault of the simulator, too") {
  const Sandbox sandbox;
  const std::string help = baton::test::baton("check --help").out;
  const auto begin = help.find("'home {") + 1;
  const Ran ran = replayed(help.substr(begin, help.find('\'', begin) - begin));
  CHECK(ran.status == 1);
  CHECK_THAT(ran.out, Catch::Contains("the simulator: data-value invariant broken"));
}

TEST_CASE("a replay says why the simulator sees no fault of content that the checker has forgotten") {
  const Sandbox sandbox;
  const Ran ran = replayed("home {S_D | Data | write_memory | S}: drop write_memory");
  CHECK(ran.status == 0);
  CHECK_THAT(ran.out,
             Catch::Contains("the simulator: no fault after 10 steps\n  \"none\" is what the checker "
                             "has forgotten, as nobody may use it; "));
}
