// How recordings are replayed: on which cores, in which order, also those that are damaged.

#include <array>

#include "protocols/core/registry.hpp"
#include "tests/experiment/counting.hpp"

using namespace baton::test;
namespace format = baton::traces::format;
using format::Event;

TEST_CASE("threads run where they are told to") {
  const Sandbox sandbox;
  record("counting.baton", 4, 40);
  const Json plain = replayed("--order recorded --set /machine/cores=8 --set /options/lines=1");
  CHECK(plain["rows"][0]["order_deviations"] == 0);
  const Json pinned = replayed(
      "--order recorded --set /machine/cores=8 --set /options/lines=1 --set "
      "/machine/system/pin=7,1-2,4");
  std::vector<int> cores;
  for (const Json& core : pinned["lines"][0]["cores_touching"]) cores.push_back(core["core"].get<int>());
  CHECK(cores == std::vector<int>{1, 2, 4, 7});
  for (const std::string pins : {"0-2", "0,1,1,2"}) {
    const auto refused =
        baton::test::baton("replay counting.baton --quiet -o no.json --set /machine/system/pin=" + pins);
    CHECK(refused.status == 2);
    CHECK_THAT(refused.err, Catch::Contains("a core for each thread is needed at /machine/system/pin"));
  }
  CHECK(baton::test::baton("replay counting.baton --quiet -o no.json --cores 2").status == 2);
  for (const std::string order : {"free", "recorded"}) {
    const Json few = replayed("--order " + order + " --cores 2 --lines 1 --set /workload/threads=scheduled");
    CHECK(few["rows"][0]["operations"] == plain["rows"][0]["operations"]);
    CHECK(few["rows"][0]["thread_count"] == 4);
    CHECK(few["rows"][0]["context_switches"] > 0);
    CHECK(few["lines"][0]["cores_touching"].size() == 2);
  }
  CHECK(baton::test::baton("replay counting.baton --quiet -o no.json --cores 2 --order global --set "
                           "/workload/threads=scheduled")
            .status == 2);
  const Json free = replayed("--order free --lines 3");
  CHECK(free["rows"][0]["order_accesses"] == 160);
  if (free["rows"][0]["order_deviations"] > 0)
    CHECK(line_at(free, "0x602000")["order_deviations"] == free["rows"][0]["order_deviations"]);
}

TEST_CASE("a damaged recording is replayed without what is damaged, in the report of lines too") {
  const Sandbox sandbox;
  record("counting.baton", 4, 100);
  const std::string good = read_file("counting.baton");
  std::string bad = good;
  // The third thread's block, and the file's first byte.
  std::size_t block = 0;
  for (int i = 0; i < 3; ++i) block = bad.find("BBL2", block + 1);
  bad[block + 60] = static_cast<char>(bad[block + 60] ^ 1);
  bad[0] = 'X';
  write_file("counting.baton", bad);
  const auto refused = baton::test::baton("replay counting.baton --protocol mesi -o r.json");
  CHECK(refused.status == 2);
  CHECK_THAT(refused.err, Catch::Contains("counting.baton: byte offset 0: is not a recording"));
  CHECK(!std::filesystem::exists("r.json"));
  for (const std::string order : {"free", "recorded", "global"}) {
    const auto ran = baton::test::baton(
        "replay counting.baton --salvage --protocol mesi --lines 2 --quiet -o r.json --order " + order);
    CAPTURE(order, ran.err);
    REQUIRE(ran.status == 0);
    CHECK_THAT(ran.err, Catch::Contains("counting.baton: salvaged 1201 records of 4 threads") &&
                            Catch::Contains("  lost: byte offset 0: is not a recording") &&
                            Catch::Contains("  lost: byte offset " + std::to_string(block) + ": ") &&
                            Catch::Contains("  lost: thread 2 lacks records 0 to 399"));
    const Json results = Json::parse(read_file("r.json"));
    CHECK(results["experiment"]["workload"]["salvage"] == true);
    CHECK(results["lines"][0]["symbols"][0]["name"] == "counters");
  }
  const auto info = baton::test::baton("trace info counting.baton --salvage");
  CHECK(info.status == 0);
  CHECK_THAT(info.out, Catch::Contains("damage                  thread 2 lacks records 0 to 399"));
  // The block of types, which is the first after those of the four threads.
  bad = good;
  block = 0;
  for (int i = 0; i < 5; ++i) block = bad.find("BBL2", block + 1);
  bad[block + 60] = static_cast<char>(bad[block + 60] ^ 1);
  write_file("counting.baton", bad);
  const Json untyped = replayed("--salvage --lines 3");
  const Json own = line_at(untyped, "0x601040");
  CHECK(own["symbols"][0]["name"] == "counters");
  CHECK(own["locations"][0]["function"] == "count_own");
  CHECK(own["fields"][0]["name"] == "counters");
  write_file("counting.baton", good);
  CHECK(line_at(replayed("--salvage --lines 3"), "0x601040")["fields"][1]["name"] == "counters[1].count");
  CHECK_THAT(baton::test::baton("replay counting.baton --salvage -q -o r.json").err,
             Catch::Contains("counting.baton: nothing is damaged, 1601 records of 4 threads"));
  write_file("a.text", "0 r 10\n");
  const auto other = baton::test::baton("replay a.text --salvage -o r2.json");
  CHECK(other.status == 2);
  CHECK_THAT(other.err,
             Catch::Contains("a.text: only recordings can be salvaged, found a trace of the format text"));
}

TEST_CASE("a recording without an order is not replayed in it, and an empty one is shown") {
  const Sandbox sandbox;
  write_file("a.text", "0 r 10\n1 w 10\n");
  REQUIRE(baton::test::baton("trace convert a.text --to recording -o a.baton").status == 0);
  const auto refused = baton::test::baton("replay a.baton --order recorded -o r.json");
  CHECK(refused.status == 2);
  CHECK_THAT(refused.err,
             Catch::Contains("a.baton: the order \"recorded\" is not possible: this recording has no order "
                             "between threads"));
  CHECK(baton::test::baton("replay a.baton --order free -q -o r.json").status == 0);
  {
    format::Writer writer("empty.baton", {{"program", "p"}});
    const format::Record allocation{.address = 64, .value = 8, .event = Event::allocate};
    writer.append(0, {&allocation, 1});
    writer.finish();
  }
  const auto info = baton::test::baton("trace info empty.baton");
  CHECK(info.status == 0);
  CHECK_THAT(info.out, Catch::Contains("note                    it has no access: nothing to replay"));
  CHECK(baton::test::baton("trace stats empty.baton").status == 0);
  const auto replay = baton::test::baton("replay empty.baton -o r2.json");
  CHECK(replay.status == 2);
  CHECK_THAT(replay.err, Catch::Contains("empty.baton: the trace is empty, found no access"));
}

TEST_CASE("every shipped recording ends in its recorded order, whatever the protocol and the cores") {
  const Sandbox sandbox;
  std::string protocols;
  for (const baton::ProtocolInfo* protocol : baton::all_protocols())
    if (!protocol->snoops()) protocols += " --protocol " + std::string(protocol->name());
  const std::array<std::string, 3> shared{"1", "2", "4"};
  std::size_t files = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(BATON_SOURCE_DIR "/traces/record/examples/traces")) {
    const std::string cores = shared[files++ % shared.size()];
    for (const std::string& where : {std::string(), " --threads scheduled --cores " + cores}) {
      const auto ran = baton::test::baton("replay " + file.path().string() +
                                          " --order recorded -q -o r.json" + protocols + where);
      CAPTURE(file.path().string(), where, ran.err);
      REQUIRE(ran.status == 0);
      const Json results = Json::parse(read_file("r.json"));
      CHECK(results["rows"].size() > 5);
      for (const Json& row : results["rows"]) CHECK(row["order_deviations"] == 0);
    }
  }
  CHECK(files == 7);
}
