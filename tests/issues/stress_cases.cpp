// Cases that `baton stress` has found and made small, each an experiment with its trace in stress/. Those
// named like a fault of tests/support/spoiled_mesi.hpp showed that planted fault.

#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "sim/experiment/runner.hpp"

using namespace baton::experiment;

TEST_CASE("no case that once failed fails again") {
  std::size_t cases = 0;
  for (const auto& file : std::filesystem::directory_iterator(BATON_SOURCE_DIR "/tests/issues/stress")) {
    if (file.path().extension() != ".json") continue;
    ++cases;
    ColumnTable columns;
    const SweepOutcome outcome = run_points(load_experiment(file.path().string(), {}), {}, columns);
    CAPTURE(file.path().filename());
    for (const Failure& failure : outcome.failures) FAIL_CHECK(failure.report);
  }
  CHECK(cases >= 3);
}
