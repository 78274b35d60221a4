// Litmus tests on the machine: no outcome that the model forbids, and those that only TSO allows are seen.

#include <catch2/catch.hpp>

#include "sim/experiment/litmus/report.hpp"
#include "tests/litmus/support.hpp"

using namespace baton;
using namespace baton::test;
using experiment::LitmusResult;

namespace {

std::string everything(const experiment::LitmusCampaign& campaign, const experiment::LitmusOutcome& outcome) {
  return litmus_json(campaign, outcome).dump();
}

std::uint64_t positive(const LitmusResult& result) {
  std::uint64_t times = 0;
  for (const auto& [outcome, count] : result.seen)
    if (result.test->condition.holds(outcome)) times += count;
  return times;
}

}  // namespace

TEST_CASE("a slice of the campaign: no forbidden outcome under any protocol on any topology") {
  const auto campaign = campaign_of(litmus_tests(), 500);
  const auto outcome = run_litmus(campaign);
  CHECK(outcome.failures.empty());
  std::size_t allowed = 0, seen = 0;
  for (const LitmusResult& result : outcome.results) {
    CAPTURE(result.test->name, result.consistency);
    CHECK(result.runs == campaign.runs);
    CHECK(result.forbidden.empty());
    allowed += result.allowed.size();
    seen += result.seen.size();
  }
  // Or the runs would prove nothing: nearly all that may happen does.
  CHECK(static_cast<double>(seen) > 0.95 * static_cast<double>(allowed));
}

TEST_CASE("what only TSO allows is seen under TSO") {
  std::vector<litmus::Test> tests;
  for (const char* name :
       {"SB", "R", "n6", "3.SB", "RWC", "SB+rfis", "SB+mfence+po", "SB+xchg+po", "R+mfence+po"})
    tests.push_back(litmus_test(name));
  const auto campaign = campaign_of(std::move(tests), 4000);
  for (const LitmusResult& result : run_litmus(campaign).results) {
    CAPTURE(result.test->name, result.consistency);
    CHECK((positive(result) > 0) == (result.consistency == "tso"));
  }
}

TEST_CASE("the same seed gives the same runs, however many at once, and another seed others") {
  auto campaign = campaign_of({litmus_test("SB"), litmus_test("IRIW")}, 1000);
  campaign.jobs = 1;
  const std::string first = everything(campaign, run_litmus(campaign));
  campaign.jobs = 3;
  CHECK(everything(campaign, run_litmus(campaign)) == first);
  campaign.seed = 2;
  CHECK(everything(campaign, run_litmus(campaign)) != first);
}

TEST_CASE("histograms are written as litmus writes them") {
  auto campaign = campaign_of({litmus_test("SB")}, 2000);
  campaign.consistencies = {"tso"};
  const auto outcome = run_litmus(campaign);
  const std::string text = litmus_text(outcome.results[0]);
  const std::string positives = std::to_string(positive(outcome.results[0]));
  const std::string negatives = std::to_string(2000 - positive(outcome.results[0]));
  CHECK_THAT(text, Catch::StartsWith("Test SB Allowed\nHistogram (4 states)\n" + positives));
  CHECK_THAT(text, Catch::Contains("*>0:EAX=0; 1:EAX=0;\n"));
  CHECK_THAT(text, Catch::Contains(":>0:EAX=1; 1:EAX=1;\nOk\n\nWitnesses\nPositive: " + positives +
                                   ", Negative: " + negatives + "\n"));
  CHECK_THAT(text, Catch::Contains("Condition exists (0:EAX=0 /\\ 1:EAX=0) is validated\n"
                                   "Observation SB Sometimes " +
                                   positives + " " + negatives + "\n"));
  CHECK_THAT(text, Catch::Contains("Verdict SB TSO: no forbidden outcome in 2000 runs; seen 4 of 4"));
}
