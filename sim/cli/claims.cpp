// baton claims

#include <filesystem>
#include <iostream>
#include <set>

#include "sim/cli/batch.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/execute.hpp"
#include "sim/experiment/claims/report.hpp"
#include "sim/experiment/output_file.hpp"
#include "sim/experiment/problem.hpp"
#include "sim/experiment/version.hpp"

namespace baton::cli {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using namespace experiment;

Usage usage() {
  Usage usage;
  usage.synopsis = "baton claims [FOLDER] [OPTIONS]";
  usage.about =
      "Tests claims: runs the experiments of the folder's configs (configs/claims by default) that have a "
      "\"claim\",\n"
      "evaluates each claim's metric over its plausible range and computes the verdict: supported, "
      "conditional,\n"
      "refuted or out of scope. Points that several claims need are simulated once. The exit status is 0 "
      "whatever the\n"
      "verdicts are.";
  usage.examples =
      "  baton claims -o claims.json --page claims.md\n"
      "  baton claims --only ownership_64_cores --set '/seeds=[7,8]'\n"
      "  baton claims --quick\n";
  usage.options.add_options()  //
      ("only", po::value<std::vector<std::string>>()->value_name("NAME")->composing(),
       "this claim only; repeatable")                                                          //
      ("quick", "the quick versions of the claims that have one")                              //
      ("output,o", po::value<std::string>()->value_name("FILE"), "verdicts and rows as JSON")  //
      ("page", po::value<std::string>()->value_name("FILE.md"),
       "a page for people, with a folder of figures beside it");
  add_execution_options(usage.options);
  usage.hidden.add_options()("folder", po::value<std::string>());
  usage.positional.add("folder", 1);
  return usage;
}

/// Reads all claims, to report what is wrong in all of them. Under `quick` those without a quick version are
/// left out, unless they were chosen by name: then that is wrong.
std::vector<JudgedClaim> load_all(const std::string& folder, const std::vector<std::string>& names,
                                  const std::vector<Setting>& settings, bool quick, bool are_chosen) {
  std::vector<JudgedClaim> claims;
  std::string problems;
  std::set<std::string> said;
  for (const std::string& name : names) {
    const std::string path = (fs::path(folder) / (name + ".json")).string();
    try {
      Experiment experiment = load_claim(path, settings, quick);
      const bool skipped = experiment.points.empty() && experiment.claim->out_of_scope.empty();
      if (skipped && are_chosen)
        throw InputProblems("--only " + name, Problems{{"", "has no quick version: run it without --quick"}});
      if (!skipped) claims.push_back({name, path, std::move(experiment), {}, {}});
    } catch (const InputProblems& found) {
      if (said.insert(found.what()).second)
        problems.append(problems.empty() ? "" : "\n").append(found.what());
    }
  }
  if (!problems.empty()) throw InputProblems(problems);
  return claims;
}

/// Gives each claim its part of the outcome, and its verdict.
void judge_all(std::vector<JudgedClaim>& claims, const SweepOutcome& outcome, const ColumnTable& columns) {
  std::size_t at = 0;
  std::string problems;
  for (JudgedClaim& judged : claims) {
    const std::size_t points = judged.experiment.points.size();
    if (points == 0) continue;
    judged.table = make_table(judged.experiment, part_of(outcome, at, points), columns);
    at += points;
    try {
      judged.judgement = judge(judged.claim(), judged.experiment.labels, judged.table.rows, judged.config);
    } catch (const InputProblems& found) {
      problems.append(problems.empty() ? "" : "\n").append(found.what());
    }
  }
  if (!problems.empty()) throw InputProblems(problems);
}

void write_page(const std::vector<JudgedClaim>& claims, const std::string& page, const std::string& folder) {
  fs::path figures(page);
  figures.replace_extension();
  make_folder(figures.string());
  for (const JudgedClaim& judged : claims) {
    const std::string figure = verdict_figure(judged);
    if (!figure.empty()) write_whole((figures / (judged.name + ".vl.json")).string(), figure);
  }
  write_whole(page, verdict_page(claims, figures.filename().string(), seen_from(page, folder)));
}

}  // namespace

int claims_command(const Arguments& arguments) {
  po::variables_map values;
  if (!parse(arguments, usage(), values)) return exit_done;
  const std::string folder = value_or<std::string>(values, "folder", "configs/claims");
  const bool quick = values.count("quick") > 0;
  const Execution execution = execution_options(values, "baton claims");
  const std::string page = value_or<std::string>(values, "page", "");
  const auto names =
      chosen(config_names(folder, "claim"), value_or<std::vector<std::string>>(values, "only", {}), "claim");
  std::vector<JudgedClaim> claims =
      load_all(folder, names, execution.settings, quick, values.count("only") > 0);
  if (!page.empty()) {
    if (fs::path(page).extension().empty())
      bad_usage("baton claims", "--page needs a name such as claims.md");
    check_writable(page);
  }
  std::vector<std::pair<std::string, const Experiment*>> experiments;
  for (const JudgedClaim& judged : claims) experiments.emplace_back(judged.name, &judged.experiment);
  check_batch(execution, page, folder, experiments);
  const Experiment sweep = together("claims", experiments);
  const std::unique_ptr<Kept> kept = keep(sweep, execution, execution.output);
  const Simulated run = simulate(sweep, execution, *kept);
  if (run.status != exit_done) return run.status;
  judge_all(claims, run.outcome, kept->columns);
  if (!execution.output.empty()) {
    const Json host{{"baton", version}, {"seconds", run.seconds}, {"jobs", execution.jobs}};
    write_whole(execution.output, verdict_json(claims, quick, host));
  }
  if (!page.empty()) write_page(claims, page, folder);
  if (kept->checkpoint) kept->checkpoint->remove();
  std::cout << verdict_table(claims);
  return run.late_status;
}

}  // namespace baton::cli
