// Do the columns of a run say what their names say? Figures from the parameters, on machines so small that
// they can be counted by hand.

#include <catch2/catch.hpp>

#include "sim/machine/measure.hpp"
#include "tests/support/shapes.hpp"

using namespace baton;
using namespace baton::test;

namespace {

/// A miss on a machine of one core: its home is at its node, so no leg takes time.
struct Alone {
  MachineParameters machine = machine_of(1);
  std::uint64_t hit = machine.cache.hit_cycles;
  std::uint64_t home = machine.home.latency_cycles;
  std::uint64_t memory = 160;  // 80 ns at 2 GHz
  std::uint64_t miss = hit + memory + home + hit;

  Result run(std::vector<Operation> operations) const {
    return run_machine(machine, full_map, Programs({std::move(operations)}));
  }
};

std::vector<std::uint64_t> percentiles(const sim::Histogram& histogram) {
  std::vector<std::uint64_t> values;
  for (const double fraction : {0.25, 0.5, 0.75, 0.9, 0.99, 0.999})
    values.push_back(histogram.percentile(fraction));
  return values;
}

}  // namespace

TEST_CASE("throughput is operations over cycles times the clock") {
  Alone alone;
  alone.machine.memory.latency_ps = 0;  // it is in seconds, and all else in cycles
  for (const std::uint64_t hz : {1'000'000'000U, 3'000'000'000U}) {
    alone.machine.clock_hz = hz;
    const Result result = alone.run(std::vector<Operation>(91, access(Kind::load, 5)));
    CHECK(result["cycles"] == alone.miss - alone.memory + 90 * alone.hit);
    CHECK(result.real("throughput") == Approx(91.0 / 190 * static_cast<double>(hz)));
  }
}

TEST_CASE("a miss stalls for as long as it takes beyond a hit") {
  const Alone alone;
  const Result result = alone.run({access(Kind::load, 1), access(Kind::load, 2), access(Kind::load, 3),
                                   access(Kind::load, 1), access(Kind::store, 4), access(Kind::rmw, 5)});
  CHECK(result["misses"] == 5);
  CHECK(result["stall_cycles_load"] == 3 * (alone.miss - alone.hit));
  CHECK(result["stall_cycles_store"] == alone.miss - alone.hit);
  CHECK(result["stall_cycles_rmw"] == alone.miss - alone.hit);
}

TEST_CASE("an access that is refused again and again waits for an MSHR from the first time on") {
  Alone alone;
  set_cache(alone.machine, 1, 1);
  alone.machine.cache.mshrs = 1;
  alone.machine.core.outstanding_loads = 2;
  // The second load comes a hit's time after the first, which has the MSHR. When that one's line arrives, it
  // replaces a dirty one, which goes home and has the MSHR until the home's answer.
  const Result result = alone.run({access(Kind::store, 1), access(Kind::load, 2), access(Kind::load, 3)});
  const std::uint64_t arrival = alone.miss - alone.hit;
  const std::uint64_t eviction = alone.hit + alone.home;
  CHECK(result["stall_cycles_mshr"] == arrival + eviction - alone.hit);
}

TEST_CASE("fairness compares what each core did until it had finished") {
  // Two cores with an operation each, one of them in twice the time; the others have none, and count for
  // nothing. Jain's index of 1 and 1/2: (3/2)^2 / (2 (1 + 1/4)).
  const MachineParameters machine = machine_of(4);
  const std::uint32_t miss = 2 + 10 + 160 + 6 + 10 + 2;
  const Result result = run_machine(
      machine, full_map, Programs({{access(Kind::load, 2)}, {access(Kind::load, 3, miss)}, {}, {}}));
  CHECK(result["cycles"] == 2 * miss);
  CHECK(result.real("fairness") == Approx(0.9));
  CHECK(sim::fairness_index({7, 7, 7}) == Approx(1));
  CHECK(sim::fairness_index({0, 0, 0, 5}) == Approx(0.25));
}

TEST_CASE("a percentile is the smallest value with so many at or below it") {
  sim::Histogram one;
  one.add(77);
  CHECK(percentiles(one) == std::vector<std::uint64_t>(6, 77));
  sim::Histogram hundred;
  for (std::uint64_t value = 1; value <= 100; ++value) hundred.add(value);
  // 99.9 of a hundred are all hundred.
  CHECK(percentiles(hundred) == std::vector<std::uint64_t>{25, 50, 75, 90, 99, 100});
  sim::Histogram thousand;
  for (std::uint64_t value = 1; value <= 100; ++value) thousand.add(value, 10);
  CHECK(percentiles(thousand) == std::vector<std::uint64_t>{25, 50, 75, 90, 99, 100});
  thousand.add(101);  // of 1001 values a quarter is 250.25, nine tenths are 900.9
  CHECK(percentiles(thousand) == std::vector<std::uint64_t>{26, 51, 76, 91, 100, 100});
}

TEST_CASE("percentiles from 128 on are the upper end of a 64th, and never above the longest") {
  const auto median = [](std::uint64_t value) {
    sim::Histogram histogram;
    histogram.add(value);
    histogram.add(1'000'000);
    return histogram.percentile(0.5);
  };
  for (const auto& [value, upper_end] : {std::pair{126U, 126U},
                                         {127U, 127U},
                                         {128U, 129U},
                                         {129U, 129U},
                                         {200U, 201U},
                                         {255U, 255U},
                                         {256U, 259U},
                                         {1000U, 1007U},
                                         {65'535U, 65'535U},
                                         {65'536U, 66'559U}})
    CHECK(median(value) == upper_end);
  sim::Histogram alone;
  alone.add(200);
  CHECK(alone.percentile(0.5) == 200);
}
