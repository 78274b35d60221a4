// The lines that cost most, against programs whose answer we know.

#include "tests/experiment/counting.hpp"

using namespace baton::test;
using baton::traces::Address;
namespace format = baton::traces::format;
using format::Event;

TEST_CASE("true and false sharing are told apart, with variables, allocations and code") {
  const Sandbox sandbox;
  record("counting.baton", 4, 200);
  for (const std::string order : {"free", "recorded", "global"}) {
    const Json results = replayed("--lines 5 --order " + order);
    CAPTURE(order);
    const Json& falsely = line_at(results, "0x601040");
    CHECK(falsely["row"] == 0);
    CHECK(falsely["protocol"] == results["rows"][0]["protocol"]);
    CHECK(falsely["sharing"] == "false");
    CHECK(falsely["writers"] == 4);
    for (std::uint32_t core = 0; core < 4; ++core) {
      const Json expected{{"core", core},
                          {"loads", 200},
                          {"stores", 200},
                          {"rmws", 0},
                          {"bytes_read", std::to_string(8 * core) + "-" + std::to_string(8 * core + 7)},
                          {"bytes_written", std::to_string(8 * core) + "-" + std::to_string(8 * core + 7)},
                          {"bytes_owned", std::to_string(8 * core) + "-" + std::to_string(8 * core + 7)}};
      CHECK(falsely["cores_touching"][core] == expected);
    }
    CHECK(falsely["symbols"][0]["name"] == "counters");
    REQUIRE(falsely["fields"].size() == 4);
    CHECK(falsely["fields"][2] ==
          Json{{"name", "counters[2].count"}, {"bytes", "16-23"}, {"read_by", "2"}, {"written_by", "2"}});
    CHECK(falsely["locations"][0]["function"] == "count_own");
    CHECK(falsely["locations"][0]["line"] == 12);
    CHECK(falsely["locations"][0]["stores"] == 800);
    CHECK(falsely["locations"][0]["threads"] == Json{0, 1, 2, 3});
    CHECK(falsely["invalidations"] > 0);
    CHECK(falsely["transfers_from_caches"] > 0);

    const Json& truly = line_at(results, "0x602000");
    CHECK(truly["sharing"] == "true");
    CHECK(truly["cores_touching"][2]["rmws"] == 200);
    CHECK(truly["cores_touching"][2]["bytes_written"] == "0-3");
    CHECK(truly["symbols"][0]["name"] == "total");
    CHECK(truly["fields"] ==
          Json{{{"name", "total"}, {"bytes", "0-3"}, {"read_by", "0-3"}, {"written_by", "0-3"}}});
    CHECK(truly["locations"][0]["function"] == "count_all");

    const Json& allocated = line_at(results, "0x7f0000001040");
    CHECK(allocated["sharing"] == "false");
    CHECK(!allocated.contains("symbols"));
    CHECK(allocated["allocations"][0]["function"] == "main");
    CHECK(allocated["allocations"][0]["line_at"] == 64);
    CHECK(allocated["allocations"][0]["type"] == "Slot");
    CHECK(allocated["fields"][2]["name"] == "Slot[5].key");
    CHECK(allocated["fields"][2]["written_by"] == "1");

    // All of the run's misses are of these three lines.
    std::uint64_t misses = 0;
    std::uint64_t invalidations = 0;
    for (const Json& line : results["lines"]) {
      std::uint64_t by_cause = 0;
      for (const char* cause : {"cold", "replaced", "renewed", "sharing", "other"})
        by_cause += line["misses_" + std::string(cause)].get<std::uint64_t>();
      CHECK(by_cause == line["misses"]);
      CHECK(line["misses_cold"] == 4);
      misses += line["misses"].get<std::uint64_t>();
      invalidations += line["invalidations"].get<std::uint64_t>();
    }
    CHECK(misses == results["rows"][0]["misses"]);
    CHECK(invalidations == results["rows"][0]["invalidations"]);
  }
}

TEST_CASE("memory has the name of the allocation that was there when it was accessed") {
  const Sandbox sandbox;
  {
    format::Writer writer("counting.baton", {{"program", "reuse"}});
    const auto churn = writer.location({"churn", "/src/reuse.c", 3});
    const auto make = writer.location({"make_counters", "/src/reuse.c", 9});
    const auto last = writer.location({"afterwards", "/src/reuse.c", 20});
    std::uint64_t sequence = 0;
    const auto add = [&](std::uint32_t thread, format::Record record) {
      writer.append(thread, {&record, 1});
    };
    const auto memory = [&](Event event, std::uint32_t location) {
      add(0, {.address = heap, .sequence = sequence++, .value = 64, .location = location, .event = event});
    };
    for (int i = 0; i < 40; ++i) {
      memory(Event::allocate, churn);
      add(0, {.address = heap, .location = churn, .size = 1, .event = Event::store});
      memory(Event::release, churn);
    }
    memory(Event::allocate, make);
    add(0, {.value = 1, .event = Event::thread_create});
    add(1, {.value = 0, .event = Event::thread_start});
    for (std::uint32_t i = 0; i < 400; ++i) {
      const auto thread = i % 2;
      add(thread, {.address = heap + 8 * thread,
                   .location = make,
                   .work_cycles = 20,
                   .size = 8,
                   .event = Event::store});
    }
    add(1, {.event = Event::thread_end});
    add(0, {.value = 1, .event = Event::thread_join});
    memory(Event::release, make);
    memory(Event::allocate, last);
    add(0, {.address = heap, .location = last, .size = 8, .event = Event::load});
    writer.finish();
  }
  const Json results = replayed("--lines 1");
  const Json& allocations = results["lines"][0]["allocations"];
  REQUIRE(allocations.size() == 3);
  CHECK(allocations[0]["function"] == "make_counters");
  CHECK(allocations[0]["accesses"] == 400);
  CHECK(allocations[1]["function"] == "churn");
  CHECK(allocations[1]["times"] == 40);
  CHECK(allocations[1]["accesses"] == 40);
  CHECK(allocations[2]["accesses"] == 1);
  CHECK_THAT(baton::test::baton("lines r.json").out,
             Catch::Contains("64 bytes from make_counters (reuse.c:9) (90.7 % of accesses) and others"));
}

TEST_CASE("misses for want of room, and leases that run out, are no sharing") {
  const Sandbox sandbox;
  const auto set_up_once = [](std::uint64_t lines, int times) {
    format::Writer writer("counting.baton", {{"program", "table"}});
    const auto add = [&](std::uint32_t thread, format::Record record) {
      writer.append(thread, {&record, 1});
    };
    for (std::uint64_t i = 0; i < lines; ++i)
      add(0, {.address = heap + 64 * i, .size = 8, .event = Event::store});
    for (std::uint32_t reader : {1, 2}) add(0, {.value = reader, .event = Event::thread_create});
    for (std::uint32_t reader : {1, 2}) {
      add(reader, {.value = 0, .event = Event::thread_start});
      for (int time = 0; time < times; ++time)
        for (std::uint64_t i = 0; i < lines; ++i) {
          add(reader, {.address = heap + 64 * i, .size = 8, .event = Event::load});
          add(reader, {.address = lock + 64 * reader, .size = 8, .event = Event::store});
        }
    }
    writer.finish();
  };
  set_up_once(128, 6);
  const Json capacity = replayed("--lines 200 --order recorded --set /machine/cache/size=2048");
  std::size_t shown = 0;
  for (const Json& line : capacity["lines"]) {
    CHECK(line["sharing"] != "false");
    shown += line["sharing"] == "capacity" ? 1 : 0;
  }
  CHECK(shown >= 120);
  set_up_once(8, 300);
  const Json leases = replayed("--lines 8 --order recorded", "tardis");
  shown = 0;
  for (const Json& line : leases["lines"]) {
    CHECK(line["sharing"] != "false");
    shown += line["sharing"] == "renewal" ? 1 : 0;
  }
  CHECK(shown > 0);
}

TEST_CASE("asking for lines changes no figure, and asked twice they are the same") {
  const Sandbox sandbox;
  record("counting.baton", 4, 50);
  const Json plain = replayed("--order recorded");
  CHECK(!plain.contains("lines"));
  const Json first = replayed("--order recorded --lines 3");
  CHECK(first["rows"] == plain["rows"]);
  CHECK(first["lines"].size() == 3);
  const std::string text = without_host(read_file("r.json"));
  replayed("--order recorded --lines 3");
  CHECK(without_host(read_file("r.json")) == text);
}

TEST_CASE("the table of lines says who, what, where, and what is shared") {
  const Sandbox sandbox;
  record("counting.baton", 4, 100);
  replayed("--lines 5");
  const auto shown = baton::test::baton("lines r.json");
  REQUIRE(shown.status == 0);
  CHECK_THAT(shown.out, Catch::Contains("0x601040        false sharing  rw 0-3"));
  CHECK_THAT(shown.out, Catch::Contains("counters") && Catch::Contains("count_own (counting.c:12)"));
  CHECK_THAT(shown.out,
             Catch::Contains("cores 0-3 have bytes 0-7 | 8-15 | 16-23 | 24-31 of this line: no "
                             "miss of sharing is of a byte that one core writes and another touches"));
  CHECK_THAT(shown.out, Catch::Contains("counters[0].count rw 0 | counters[1].count rw 1 | "
                                        "counters[2].count rw 2 | counters[3].count rw 3"));
  CHECK_THAT(shown.out, Catch::Contains("Slot[4].key w 0 | Slot[4].value w 0 | Slot[5].key w 1"));
  CHECK_THAT(shown.out, Catch::Contains("true sharing") && Catch::Contains("total"));
  CHECK_THAT(shown.out, Catch::Contains("Slot, 256 bytes+64 from main (counting.c:30)"));
  const auto one = baton::test::baton("lines r.json --count 1 --point seed=1");
  CHECK(std::count(one.out.begin(), one.out.end(), '\n') <= 5);
  CHECK(baton::test::baton("lines r.json --point seed=2").status == 2);
  CHECK(baton::test::baton("lines r.json --count 0").status == 2);
  CHECK(baton::test::baton("lines r.json --point nothing=2").status == 2);
  replayed("");
  const auto none = baton::test::baton("lines r.json");
  CHECK(none.status == 2);
  CHECK_THAT(none.err, Catch::Contains("r.json: /lines: is missing: run the experiment with --lines N"));
  CHECK(baton::test::baton("lines nowhere.json").status == 2);
}

TEST_CASE("tables leave out the options that have their default") {
  const Sandbox sandbox;
  record("counting.baton", 2, 20);
  const auto ran = baton::test::baton(
      "replay counting.baton --protocol mesi --set /protocol/directory=broadcast --lines 1 -o r.json");
  REQUIRE(ran.status == 0);
  CHECK_THAT(ran.err, Catch::Contains("  mesi directory=broadcast  "));
  const auto shown = baton::test::baton("lines r.json --point 'protocol=mesi directory=broadcast'");
  CHECK_THAT(shown.out,
             Catch::StartsWith("cores 2, protocol mesi directory=broadcast, workload counting.baton"));
  CHECK(Json::parse(read_file("r.json"))["rows"][0]["protocol"] ==
        "mesi atomics=near directory=broadcast entries=unlimited pointers=4 region=4");
}

TEST_CASE("lines of programs, patterns and buses are known too") {
  const Sandbox sandbox;
  const auto lines_of = [](const std::string& settings) {
    write_file("c.json",
               R"({"machine": {"cores": 4}, "workload": {"kind": "synthetic", "pattern": "contended_counter",
      "operations_per_core": 50}, "options": {"lines": 1}})");
    const auto ran = baton::test::baton("run c.json -q -o r.json " + settings);
    CAPTURE(ran.err);
    REQUIRE(ran.status == 0);
    return Json::parse(read_file("r.json"))["lines"];
  };
  for (const std::string settings :
       {"", "--set /machine/core/consistency=tso", "--set /protocol/name=ownership",
        "--set /protocol/name=snooping_mesi --set /machine/network/topology=bus",
        R"(--set '/workload={"kind": "program", "program": "fetch_add_counter"}')"}) {
    CAPTURE(settings);
    const Json lines = lines_of(settings);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0]["sharing"] == "true");
    CHECK(lines[0]["cores_touching"].size() == 4);
    CHECK(lines[0]["stall_cycles"] > 0);
    CHECK(lines[0]["transfers_from_caches"] > 0);
  }
}

TEST_CASE("upgrades and renewals of all lines are those of the row, spins included") {
  const Sandbox sandbox;
  write_file("c.json", R"({"machine": {"cores": 4}, "options": {"lines": 100},
    "workload": {"kind": "program", "program": "lock_counter", "lock": "ticket", "operations_per_thread": 50},
    "sweep": {"by": {"path": "/protocol/name", "values": ["mesi", "moesi", "ownership", "tardis"]}}})");
  REQUIRE(baton::test::baton("run c.json -q -o r.json").status == 0);
  const Json results = Json::parse(read_file("r.json"));
  std::map<std::string, std::uint64_t> upgrades;
  std::map<std::string, std::uint64_t> renewals;
  for (const Json& line : results["lines"]) {
    upgrades[line["by"]] += line["upgrades"].get<std::uint64_t>();
    renewals[line["by"]] += line["misses_renewed"].get<std::uint64_t>();
  }
  for (const Json& row : results["rows"]) {
    CAPTURE(row["by"]);
    CHECK(upgrades[row["by"]] == row["upgrades"]);
    CHECK(renewals[row["by"]] == (row["by"] == "tardis" ? row["messages_Renewed"] : Json(0)));
    if (row["by"] == "tardis") CHECK(row["upgrades"] == row["messages_Upgrade"]);
    if (row["by"] == "tardis") CHECK(row["messages_Renewed"] > 0);
  }
}

TEST_CASE("the lines of many points say which row they belong to") {
  const Sandbox sandbox;
  record("counting.baton", 2, 20);
  write_file("c.json", R"({"machine": {"cores": 2}, "workload": {"kind": "trace", "path": "counting.baton"},
    "seeds": [1, 2], "options": {"lines": 2}, "sweep": {"way": {"path": "/protocol/name", "values": ["mesi", "moesi"]}}})");
  REQUIRE(baton::test::baton("run c.json -q -o whole.json").status == 0);
  const Json whole = Json::parse(read_file("whole.json"));
  CHECK(whole["lines"].size() == 8);
  CHECK(whole["lines"][7]["row"] == 3);
  CHECK(whole["lines"][7]["way"] == "moesi");
}

TEST_CASE("lines of kept points are in the results of a resumed run, the same as of a whole one") {
  const Sandbox sandbox;
  record("counting.baton", 2, 20);
  const auto config = [](const std::string& mended) {
    write_file("c.json", R"({"machine": {"cores": 2}, "workload": {"kind": "trace", "path": "counting.baton"},
      "seeds": [1, 2], "sweep": {"way": {"variants": {"good": {}, "bad": )" +
                             mended + "}}}}");
  };
  const std::string mended = R"({"protocol": {"name": "moesi"}})";
  const auto fails = [&](const std::string& lines) {
    config(R"({"options": {"watchdog_cycles": 1}})");
    REQUIRE(baton::test::baton("run c.json -q -o r.json --restart" + lines).status == 1);
    REQUIRE(std::filesystem::exists("r.json.partial"));
    config(mended);
  };
  config(mended);
  REQUIRE(baton::test::baton("run c.json -q -o whole.json --lines 2").status == 0);
  const std::string whole = without_host(read_file("whole.json"));
  CHECK(Json::parse(read_file("whole.json"))["lines"].size() == 8);

  fails(" --lines 2");
  REQUIRE(baton::test::baton("run c.json -q -o r.json --resume --lines 2").status == 0);
  CHECK(without_host(read_file("r.json")) == whole);
  // Points that were kept without lines, or with fewer, are run again.
  for (const std::string lines : {"", " --lines 1"}) {
    fails(lines);
    REQUIRE(baton::test::baton("run c.json -q -o r.json --resume --lines 2").status == 0);
    CHECK(without_host(read_file("r.json")) == whole);
  }
  // They are taken from the file: a mark that is only there is in the results.
  fails(" --lines 2");
  std::string kept = read_file("r.json.partial");
  const std::size_t at = kept.find("count_own");
  REQUIRE(at != std::string::npos);
  kept.replace(at, 9, "kept_here");
  write_file("r.json.partial", kept);
  REQUIRE(baton::test::baton("run c.json -q -o r.json --resume --lines 2").status == 0);
  CHECK_THAT(read_file("r.json"), Catch::Contains("kept_here"));
}

TEST_CASE("sharing is false though every word changes hands now and then, whatever the protocol") {
  const Sandbox sandbox;
  // In each phase each of two cores writes a word of its own, which was the other's before.
  std::string phases;
  std::string counter;
  for (int phase = 0; phase < 4; ++phase)
    for (int time = 0; time < 100; ++time) {
      phases += "0 w " + std::string(phase % 2 == 0 ? "1000" : "1008") + " 8 5\n";
      phases += "1 w " + std::string(phase % 2 == 0 ? "1008" : "1000") + " 8 5\n";
      counter += "0 m 1000 8 5\n1 m 1000 8 5\n";
    }
  // One core writes a word that the other one reads each time.
  std::string handed;
  for (int time = 0; time < 200; ++time) handed += "0 w 1000 8 5\n1 r 1000 8 5\n";
  for (const std::string protocol : {"mesi", "ownership", "snooping_msi", "snooping_moesi", "dragon"}) {
    const auto sharing = [&](const std::string& trace, const std::string& order) {
      write_file("a.trace", trace);
      REQUIRE(baton::test::baton("replay a.trace --quiet --lines 1 -o r.json --protocol " + protocol +
                                 " --order " + order)
                  .status == 0);
      return Json::parse(read_file("r.json"))["lines"][0]["sharing"].get<std::string>();
    };
    for (const std::string order : {"global", "free"}) {
      CAPTURE(protocol, order);
      CHECK(sharing(phases, order) == "false");
      CHECK(sharing(counter, order) == "true");
      CHECK(sharing(handed, order) == "true");
    }
  }
  CHECK(Json::parse(read_file("r.json"))["lines"][0]["updates"] > 100);
}

TEST_CASE("cores that wait for a word share it truly, however often they read it") {
  const Sandbox sandbox;
  for (const std::string machine :
       {R"("protocol": {"name": "mesi"}, "machine": {"cores": 48})",
        R"("protocol": {"name": "dragon"}, "machine": {"cores": 48, "network": {"topology": "bus"}})"}) {
    write_file("c.json", "{" + machine + R"(, "options": {"lines": 1}, "workload": {"kind": "program",
      "program": "lock_counter", "lock": "ticket", "operations_per_thread": 4}})");
    REQUIRE(baton::test::baton("run c.json -q -o r.json").status == 0);
    CHECK(Json::parse(read_file("r.json"))["lines"][0]["sharing"] == "true");
  }
}
