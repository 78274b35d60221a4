#pragma once
// Verdicts as a table, as JSON and as a page for people.

#include <string>
#include <utility>
#include <vector>

#include "sim/experiment/claims/verdict.hpp"
#include "sim/experiment/config.hpp"
#include "sim/experiment/results.hpp"

namespace baton::experiment {

/// A claim that has been judged.
struct JudgedClaim {
  std::string name;
  std::string config;  ///< the path of its file
  Experiment experiment;
  ResultsTable table;
  Judgement judgement;

  const Claim& claim() const { return *experiment.claim; }
};

/// Reads a claim's file. With `quick` its quick version; the experiment then has no points if there is none,
/// as it has for a claim out of scope. Throws InputProblems, also for a config without a "claim".
Experiment load_claim(const std::string& path, const std::vector<Setting>& settings, bool quick);

/// For a terminal.
std::string verdict_table(const std::vector<JudgedClaim>& claims);

/// {"format": "baton-claims", ...}: verdicts, points and the rows that the expressions use. All but "host"
/// depends on configs and seeds alone.
std::string verdict_json(const std::vector<JudgedClaim>& claims, bool quick, const Json& host);

/// The page in Markdown; figures lie in the folder `figures` beside it, and configs at `configs`, as links.
std::string verdict_page(const std::vector<JudgedClaim>& claims, const std::string& figures,
                         const std::string& configs);

/// The claim's figure, a Vega-Lite specification; empty if it is out of scope.
std::string verdict_figure(const JudgedClaim& claim);

}  // namespace baton::experiment
