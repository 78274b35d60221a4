// Mixes: drawn by weight, whole operations, disjoint regions.
#include <cmath>
#include <stdexcept>

#include "tests/traces/pattern_support.hpp"

using namespace baton::traces;
using namespace baton::traces::test;

namespace {

std::vector<MixPart> parts() {
  return {{&pattern("uniform"), values("uniform", {{"operations_per_core", 10}}), 3},
          {&pattern("migratory"),
           values("migratory", {{"lines_per_operation", 4}, {"operations_per_core", 20000}}), 1},
          {&pattern("uniform"), values("uniform"), 1}};
}

}  // namespace

TEST_CASE("a mix draws whole operations by weight from disjoint regions") {
  SyntheticWorkload workload(parts(), 4, 1, 64);
  const auto operations = drain(*workload.stream(1));
  std::map<std::uint64_t, std::size_t> completed;
  std::uint64_t open = 0;  // the region of an operation under way
  for (const Operation& operation : operations) {
    const std::uint64_t region = operation.address / region_bytes;
    if (open != 0) REQUIRE(region == open);
    open = operation.completes ? 0 : region;
    if (operation.completes) ++completed[region];
  }
  REQUIRE(completed.size() == 3);
  CHECK(completed[1] + completed[2] + completed[3] == 20000);
  CHECK(static_cast<double>(completed[1]) == Approx(12000).margin(5 * std::sqrt(20000 * 0.6 * 0.4)));
  CHECK(static_cast<double>(completed[2]) == Approx(4000).margin(5 * std::sqrt(20000 * 0.2 * 0.8)));
}

TEST_CASE("a mix is deterministic and does not depend on the batch") {
  for (std::size_t batch : {std::size_t{1}, std::size_t{7}, std::size_t{5000}}) {
    SyntheticWorkload one(parts(), 4, 5, 64);
    SyntheticWorkload other(parts(), 4, 5, 64);
    CHECK(drain(*one.stream(2), 64) == drain(*other.stream(2), batch));
  }
}

TEST_CASE("the same pattern twice in a mix has different accesses") {
  SyntheticWorkload workload(parts(), 1, 1, 64);
  std::vector<std::uint64_t> first, third;
  for (const Operation& operation : drain(*workload.stream(0))) {
    if (operation.address / region_bytes == 1) first.push_back(operation.address % region_bytes);
    if (operation.address / region_bytes == 3) third.push_back(operation.address % region_bytes);
  }
  first.resize(100);
  third.resize(100);
  CHECK(first != third);
}

TEST_CASE("what cannot be mixed is refused") {
  const std::vector<MixPart> spin{{&pattern("spin_wait"), values("spin_wait"), 1}};
  CHECK_THROWS_WITH(SyntheticWorkload(spin, 4, 1, 64),
                    "a mix cannot have the value-dependent part spin_wait");
  CHECK_THROWS_WITH(SyntheticWorkload({}, 4, 1, 64), "a mix needs a part");
  const std::vector<MixPart> nothing{{&pattern("uniform"), values("uniform"), 0}};
  CHECK_THROWS_AS(make_mix(nothing, {}), std::invalid_argument);
}
