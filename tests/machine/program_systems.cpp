// The systems under the claims on the simulated machine: in each design, under both protocols, with the
// monitor of coherence and with caches so small that lines are replaced, they pass their own checks.

#include <catch2/catch.hpp>

#include "tests/support/programs.hpp"
#include "tests/support/shapes.hpp"

using namespace baton::test;
using baton::programs::find_program;

namespace {

using Settings = std::vector<ProgramSetting>;

/// Runs a program on 4 cores, with as many threads and with twice as many; gives the result with as many.
Result checked(const char* program, const Settings& settings, const ProtocolChoice& protocol) {
  RunOptions options;
  options.check = true;
  MachineParameters machine = machine_of(4);
  set_cache(machine, 4, 2);
  const Result crowded = run_program(machine, protocol, {find_program(program), settings, 8}, options);
  CAPTURE(crowded.failure, crowded.input_error);
  CHECK(crowded.ok());
  Result result = run_program(machine, protocol, {find_program(program), settings, 4}, options);
  CAPTURE(result.failure, result.input_error);
  REQUIRE(result.ok());
  return result;
}

}  // namespace

TEST_CASE("allocator: every pool") {
  for (const char* pool : {"mutex", "lock_free_walk", "lock_free_singles", "pages"})
    for (const double batch : {1.0, 8.0})
      for (const auto& protocol : {full_map, migrate}) {
        CAPTURE(pool, batch, protocol.name);
        const Result result = checked(
            "allocator", {{"pool", 0, pool}, {"batch", batch}, {"operations_per_thread", 60}, {"window", 8}},
            protocol);
        CHECK(result["operations_alloc"] == 240);
      }
}

TEST_CASE(
    "allocator: ABA needs a thread that stops before its compare-and-swap, and then the check finds it") {
  const Settings settings{{"pool", 0, "lock_free_walk"},
                          {"batch", 1},
                          {"classes", 1},
                          {"shards", 1},
                          {"spare_blocks", 1},
                          {"window", 4},
                          {"operations_per_thread", 500}};
  for (const auto& protocol : {full_map, migrate})
    for (const bool versioned : {true, false}) {
      int twice = 0;
      for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        ProgramRun run{find_program("allocator"), settings, 8, seed};
        run.settings.push_back({"versioned", versioned ? 1.0 : 0.0});
        run.injection = {"before_pop_cas", 0.05, 1'000'000, 10'000'000};
        const Result result = run_program(machine_of(8), protocol, run);
        CHECK(result.input_error == "");
        if (versioned) CHECK(result.failure == "");
        twice += result.failure.find("was allocated twice") != std::string::npos;
      }
      CAPTURE(protocol.name, versioned, twice);
      CHECK((versioned ? twice == 0 : twice >= 4));
    }
}

TEST_CASE("many threads at one compare-and-swap: few attempts succeed, and backoff helps") {
  for (const auto& protocol : {full_map, migrate}) {
    const auto run = [&](const char* backoff) {
      const Settings settings{{"design", 0, "lock_free"},
                              {"zone_batch", 1},
                              {"work_cycles", 0},
                              {"zone_cycles", 0},
                              {"operations_per_thread", 100},
                              {"window", 8},
                              {"backoff", 0, backoff},
                              {"backoff_max_cycles", 16384}};
      return run_program(machine_of(32), protocol, {find_program("page_allocator"), settings, 32});
    };
    const Result none = run("none"), exponential = run("exponential");
    CAPTURE(protocol.name);
    const auto failed = [](const Result& result) {
      return result.real("count_pop_failures") / result.real("count_pop_attempts");
    };
    CHECK(failed(none) > 0.95);
    CHECK(failed(exponential) < 0.6);
    CHECK(exponential["cycles"] * 2 < none["cycles"]);
  }
}

TEST_CASE("key_value: both designs") {
  for (const char* design : {"event_loop", "lock_free"})
    for (const auto& protocol : {full_map, migrate}) {
      CAPTURE(design, protocol.name);
      const Result result = checked("key_value",
                                    {{"design", 0, design},
                                     {"read_fraction", 0.5},
                                     {"keys", 50},
                                     {"inside_cycles", 50},
                                     {"shard_counters", 1},
                                     {"operations_per_thread", 100}},
                                    protocol);
      CHECK(result["operations_get"] + result["operations_set"] == 400);
    }
}

TEST_CASE("kernel paths: every design") {
  struct Path {
    const char* program;
    std::vector<const char*> designs;
    const char* kind;
  };
  const std::vector<const char*> two{"locked", "lock_free"};
  for (const Path& path : {Path{"run_queue", {"locked", "lock_free", "locked_per_core"}, "operations_pick"},
                           Path{"page_allocator", two, "operations_alloc"},
                           Path{"inode", two, "operations_get"}, Path{"socket", two, "operations_receive"}})
    for (const char* design : path.designs)
      for (const auto& protocol : {full_map, migrate}) {
        CAPTURE(path.program, design, protocol.name);
        const Result result =
            checked(path.program, {{"design", 0, design}, {"operations_per_thread", 60}}, protocol);
        CHECK(result[path.kind] == 240);
      }
}

TEST_CASE("full_stack: the eight combinations") {
  for (const char* service : {"locked", "lock_free"})
    for (const char* kernel : {"locked", "lock_free"})
      for (const auto& protocol : {full_map, migrate}) {
        CAPTURE(service, kernel, protocol.name);
        const Result result = checked("full_stack",
                                      {{"service", 0, service},
                                       {"kernel", 0, kernel},
                                       {"zone_batch", 1},
                                       {"keys", 50},
                                       {"operations_per_thread", 40}},
                                      protocol);
        CHECK(result["operations_request"] == 160);
      }
}
