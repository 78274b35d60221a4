// Is adaptive ownership never more than 10 % worse than the better of MESI and ownership transfer? A part of
// configs/where_each_wins_adaptive.json; results/README.md has all of it.

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/support/shapes.hpp"
#include "tests/support/simulate.hpp"

using namespace baton::test;
using baton::traces::find_pattern;

namespace {

double throughput(const ProtocolChoice& protocol, double reads, double sharers) {
  auto workload = synthetic(
      *find_pattern("sharing"), 64, 1,
      {{"operations_per_core", 1000}, {"lines", 16}, {"read_fraction", reads}, {"sharers", sharers}});
  const Result result = run_machine(machine_of(64, "mesh"), protocol, workload);
  return static_cast<double>(result["operations"]) / static_cast<double>(result["cycles"]);
}

}  // namespace

TEST_CASE("adaptive ownership is within 10 % of the better of MESI and ownership transfer") {
  double most_over_mesi = 0;
  double most_over_ownership = 0;
  for (const double sharers : {2, 8, 64})
    for (const double reads : {0.25, 0.5, 0.75, 0.9, 0.99}) {
      const double adaptive = throughput({"adaptive", {}}, reads, sharers);
      const double mesi = throughput(full_map, reads, sharers);
      const double ownership = throughput(migrate, reads, sharers);
      CAPTURE(sharers, reads, adaptive / mesi, adaptive / ownership);
      CHECK(adaptive >= 0.9 * std::max(mesi, ownership));
      most_over_mesi = std::max(most_over_mesi, adaptive / mesi);
      most_over_ownership = std::max(most_over_ownership, adaptive / ownership);
    }
  // It adapts: it is neither of the two.
  CHECK(most_over_mesi > 1.1);
  CHECK(most_over_ownership > 5);
}

TEST_CASE("adaptive ownership hands lines that migrate over as ownership transfer does") {
  for (const std::uint32_t cores : {16U, 64U}) {
    const auto cycles = [&](const ProtocolChoice& protocol) {
      auto workload =
          synthetic(*find_pattern("migratory"), static_cast<int>(cores), 1, {{"operations_per_core", 200}});
      return run_machine(machine_of(cores, "mesh"), protocol, workload).real("cycles");
    };
    CAPTURE(cores);
    const double adaptive = cycles({"adaptive", {}});
    CHECK(adaptive < 1.1 * cycles(migrate));
    CHECK(adaptive < 0.75 * cycles(full_map));
  }
}
