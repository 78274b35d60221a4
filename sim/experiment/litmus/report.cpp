#include "sim/experiment/litmus/report.hpp"

#include <algorithm>

namespace baton::experiment {
namespace {

using litmus::Quantifier;

/// Outcomes that look the same in what the test shows.
struct Shown {
  std::string text;
  std::uint64_t times = 0;
  bool holds = false;  // the condition's proposition
  bool allowed = true;
};

struct Findings {
  std::vector<Shown> states;  // in the order of their numbers
  std::uint64_t positive = 0;
  std::uint64_t negative = 0;
  std::vector<std::string> never_seen;  // allowed, but in no run
  std::size_t allowed = 0;              // outcomes that the filter lets pass
  std::size_t allowed_seen = 0;

  bool validated(Quantifier quantifier) const {
    switch (quantifier) {
      case Quantifier::exists:
        return positive != 0;
      case Quantifier::not_exists:
        return positive == 0;
      default:
        return negative == 0;
    }
  }
  const char* observation() const { return positive == 0 ? "Never" : negative == 0 ? "Always" : "Sometimes"; }
};

Findings find(const LitmusResult& result) {
  const litmus::Test& test = *result.test;
  Findings findings;
  std::map<litmus::Outcome, Shown> states;
  for (const auto& [outcome, times] : result.seen) {
    litmus::Outcome shown;
    for (const std::size_t i : test.shown) shown.push_back(outcome[i]);
    Shown& state = states[shown];
    state.text = litmus::shown_text(test, outcome);
    state.times += times;
    state.holds = test.condition.holds(outcome);
    state.allowed = state.allowed && result.allowed.contains(outcome);
    (state.holds ? findings.positive : findings.negative) += times;
  }
  for (auto& [numbers, state] : states) findings.states.push_back(std::move(state));
  for (const litmus::Outcome& outcome : result.allowed) {
    if (!test.filter.holds(outcome)) continue;
    ++findings.allowed;
    if (result.seen.contains(outcome))
      ++findings.allowed_seen;
    else
      findings.never_seen.push_back(litmus::full_text(test, outcome));
  }
  return findings;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

const char* kind_of(Quantifier quantifier) {
  return quantifier == Quantifier::exists       ? "Allowed"
         : quantifier == Quantifier::not_exists ? "Forbidden"
                                                : "Required";
}

std::string verdict(const LitmusResult& result, const Findings& findings) {
  const std::string model = upper(result.consistency);
  std::string text = "Verdict " + result.test->name + " " + model + ": ";
  if (result.forbidden.empty()) {
    text += "no forbidden outcome in " + std::to_string(result.runs) + " runs; seen " +
            std::to_string(findings.allowed_seen) + " of " + std::to_string(findings.allowed) +
            " allowed outcomes\n";
  } else {
    text += "FORBIDDEN outcomes were seen\n";
    for (const auto& [outcome, machine] : result.forbidden)
      text += "  not allowed by " + model + ": " + litmus::full_text(*result.test, outcome) + " (first on " +
              machine + ")\n";
  }
  constexpr std::size_t most = 8;
  for (std::size_t i = 0; i < std::min(most, findings.never_seen.size()); ++i)
    text += "  allowed, never seen: " + findings.never_seen[i] + "\n";
  if (findings.never_seen.size() > most)
    text += "  and " + std::to_string(findings.never_seen.size() - most) + " more\n";
  return text;
}

}  // namespace

std::string litmus_text(const LitmusResult& result) {
  const litmus::Test& test = *result.test;
  const Findings findings = find(result);
  std::string text = "Test " + test.name + " " + kind_of(test.quantifier) + "\nHistogram (" +
                     std::to_string(findings.states.size()) + " states)\n";
  for (const Shown& state : findings.states) {
    std::string times = std::to_string(state.times);
    times.resize(std::max<std::size_t>(times.size(), 8), ' ');
    const bool marked = state.holds != (test.quantifier == Quantifier::forall);
    text += times + (marked ? "*>" : ":>") + state.text + (state.allowed ? "" : "  <- FORBIDDEN") + "\n";
  }
  const bool validated = findings.validated(test.quantifier);
  text += validated ? "Ok\n\n" : "No\n\n";
  text += "Witnesses\nPositive: " + std::to_string(findings.positive) +
          ", Negative: " + std::to_string(findings.negative) + "\n";
  text += "Condition " + test.condition_text + " is " + (validated ? "" : "NOT ") + "validated\n";
  text += "Observation " + test.name + " " + findings.observation() + " " +
          std::to_string(findings.positive) + " " + std::to_string(findings.negative) + "\n";
  if (result.filtered != 0) text += "Filtered " + std::to_string(result.filtered) + "\n";
  return text + verdict(result, findings);
}

Json litmus_json(const LitmusCampaign& campaign, const LitmusOutcome& outcome) {
  Json document = {{"format", "baton-litmus"},   {"version", 1},
                   {"seed", campaign.seed},      {"runs_each", campaign.runs},
                   {"protocols", Json::array()}, {"topologies", campaign.topologies},
                   {"tests", Json::array()},     {"failures", outcome.failures}};
  for (const auto& protocol : campaign.protocols) document["protocols"].push_back(protocol.label);
  for (const LitmusResult& result : outcome.results) {
    const litmus::Test& test = *result.test;
    const Findings findings = find(result);
    Json states = Json::array();
    for (const Shown& state : findings.states)
      states.push_back({{"state", state.text},
                        {"times", state.times},
                        {"holds", state.holds},
                        {"allowed", state.allowed}});
    Json forbidden = Json::array();
    for (const auto& [numbers, machine] : result.forbidden)
      forbidden.push_back({{"outcome", litmus::full_text(test, numbers)}, {"machine", machine}});
    document["tests"].push_back({{"name", test.name},
                                 {"file", test.file},
                                 {"consistency", result.consistency},
                                 {"runs", result.runs},
                                 {"filtered", result.filtered},
                                 {"condition", test.condition_text},
                                 {"validated", findings.validated(test.quantifier)},
                                 {"observation", findings.observation()},
                                 {"positive", findings.positive},
                                 {"negative", findings.negative},
                                 {"states", std::move(states)},
                                 {"allowed", findings.allowed},
                                 {"allowed_seen", findings.allowed_seen},
                                 {"never_seen", findings.never_seen},
                                 {"forbidden", std::move(forbidden)}});
  }
  return document;
}

std::string litmus_summary(const LitmusCampaign& campaign, const LitmusOutcome& outcome) {
  std::uint64_t runs = 0;
  std::size_t forbidden = 0;
  for (const LitmusResult& result : outcome.results) {
    runs += result.runs;
    forbidden += result.forbidden.size();
  }
  std::string text = std::to_string(runs) + " runs of " + std::to_string(campaign.tests.size()) +
                     " tests under " + std::to_string(campaign.protocols.size()) + " protocol variants on " +
                     std::to_string(campaign.topologies.size()) + " topologies: ";
  text += forbidden == 0 ? "no forbidden outcome" : std::to_string(forbidden) + " FORBIDDEN outcomes";
  if (!outcome.failures.empty())
    text += ", " + std::to_string(outcome.failures.size()) + " simulations failed";
  return text + "\n";
}

}  // namespace baton::experiment
