// Does a run that makes no progress end by itself, with a report?

#include <catch2/catch.hpp>

#include "tests/support/shapes.hpp"

using namespace baton::test;
using baton::traces::OperationStream;

namespace {

/// Spins for ever on a line.
class Hopeless final : public OperationStream {
 public:
  explicit Hopeless(std::uint64_t line) : line_(line) {}
  std::size_t next(std::span<Operation> out) override {
    out[0] = access(Kind::spin, line_, 4);
    return 1;
  }
  bool value_dependent() const override { return true; }
  bool satisfied(const Operation&) override { return false; }

 private:
  std::uint64_t line_;
};

/// Computes for a long time between accesses to lines of its own.
class Busy final : public OperationStream {
 public:
  Busy(std::uint64_t line, std::uint64_t accesses, std::uint32_t gap)
      : line_(line), left_(accesses), gap_(gap) {}
  std::size_t next(std::span<Operation> out) override {
    if (left_ == 0) return 0;
    --left_;
    out[0] = access(Kind::store, line_, gap_);
    return 1;
  }

 private:
  std::uint64_t line_;
  std::uint64_t left_;
  std::uint32_t gap_;
};

class Cores final : public baton::traces::Workload {
 public:
  using Make = std::function<std::unique_ptr<OperationStream>(int)>;
  Cores(int cores, Make make) : cores_(cores), make_(std::move(make)) {}
  int cores() const override { return cores_; }
  std::unique_ptr<OperationStream> stream(int core) override { return make_(core); }

 private:
  int cores_;
  Make make_;
};

Cores spinners(int cores) {
  return {cores, [](int) { return std::make_unique<Hopeless>(3); }};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

RunOptions options_with(bool exact_events, std::uint64_t watchdog_cycles) {
  RunOptions options;
  options.exact_events = exact_events;
  options.watchdog_cycles = watchdog_cycles;
  return options;
}

}  // namespace

TEST_CASE("spinning on a flag that nobody sets is a deadlock") {
  for (const auto& protocol : {full_map, broadcast}) {
    const Result result = run_machine(machine_of(4), protocol, spinners(2), options_with(false, 10'000));
    CAPTURE(result.failure);
    CHECK(contains(result.failure, "deadlock: cores wait, and nothing is scheduled"));
    CHECK(contains(result.failure, "core 0 waits since cycle"));
    CHECK(contains(result.failure, "core 1 waits since cycle"));
    CHECK(contains(result.failure, "for a spin of line 3: its cache in S, home 3 in S, 2 sharers") ==
          (protocol.options.at("directory") == "full_map"));
  }
}

TEST_CASE("spinning on a flag that nobody sets is ended by the watchdog when every load is an event") {
  const Result result = run_machine(machine_of(4), full_map, spinners(2), options_with(true, 10'000));
  CAPTURE(result.failure);
  CHECK(contains(result.failure, "no access has completed for "));
  CHECK(contains(result.failure, " cycles (/options/watchdog_cycles allows 10000)"));
  CHECK(contains(result.failure, "core 0 waits since cycle"));
  CHECK(contains(result.failure, "for a spin of line 3"));
}

TEST_CASE("spinning that misses every time is ended by the watchdog") {
  // Under ownership two spinning cores take the line from each other for ever; a snapshot is never kept.
  for (const auto& protocol : {migrate, snapshot})
    for (const bool exact : {false, true}) {
      const Result result =
          run_machine(machine_of(4, "mesh"), protocol, spinners(2), options_with(exact, 10'000));
      CAPTURE(exact, result.failure);
      CHECK(contains(result.failure, "no access has completed for "));
      CHECK(contains(result.failure, "for a spin of line 3"));
      CHECK(contains(result.failure, "last transitions of line 3:"));
    }
}

TEST_CASE("long work is no failure") {
  for (const bool exact : {false, true})
    for (const auto& protocol : {full_map, migrate}) {
      const Result result = run_machine(
          machine_of(4), protocol,
          Cores(4,
                [](int core) { return std::make_unique<Busy>(static_cast<std::uint64_t>(core), 3, 50'000); }),
          options_with(exact, 10'000));
      CHECK(result.failure == "");
      CHECK(result["operations"] == 12);
    }
}

TEST_CASE("waiting for one who works for long is no failure when it ends within the limit") {
  // Core 1 waits a transaction of 20,000 cycles: below the limit.
  MachineParameters machine = machine_of(4);
  machine.network.latency_cycles = 9'000;
  Programs programs({{access(Kind::store, 3)}, {access(Kind::store, 3)}});
  CHECK(run_machine(machine, full_map, programs, options_with(false, 100'000)).failure == "");
  // And one that takes longer than the limit is one: the watchdog cannot know better.
  machine.network.latency_cycles = 900'000;
  const Result result = run_machine(machine, full_map, programs, options_with(false, 10'000));
  CAPTURE(result.failure);
  CHECK((result.failure.empty() || contains(result.failure, "no access has completed for ")));
}

TEST_CASE("spinning is no failure as long as somebody works who may end it") {
  const auto* pattern = baton::traces::find_pattern("spin_wait");
  for (const bool exact : {false, true}) {
    const Result result = run_machine(
        machine_of(4), full_map,
        synthetic(*pattern, 4, 1, {{"operations_per_core", 2}, {"work_cycles", 60'000}, {"spin_cycles", 50}}),
        options_with(exact, 10'000));
    CAPTURE(exact);
    CHECK(result.failure == "");
  }
}
