#include "sim/cli/execute.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include <sys/stat.h>

#include "sim/cli/interruption.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/status_line.hpp"
#include "sim/experiment/problem.hpp"
#include "sim/experiment/results.hpp"
#include "sim/experiment/runner.hpp"

namespace baton::cli {
namespace {

namespace po = boost::program_options;
using namespace experiment;

constexpr std::size_t summary_rows = 60;  // about a screen; all rows are in the results

/// Points are kept beside a regular file only: a pipe or device has no beside.
bool has_checkpoint(const std::string& output) {
  struct stat file {};
  return !output.empty() && (stat(output.c_str(), &file) != 0 || S_ISREG(file.st_mode));
}

/// A trace with a wrong line is wrong at every point: what is the same is said once.
void report_failures(const Experiment& experiment, const SweepOutcome& outcome) {
  constexpr std::size_t most = 5;  // points that are named
  std::vector<std::pair<std::string_view, std::vector<std::string_view>>> reports;
  std::map<std::string_view, std::size_t> places;  // in `reports`
  for (const Failure& failure : outcome.failures) {
    const auto [place, fresh] = places.try_emplace(failure.report, reports.size());
    if (fresh) reports.emplace_back(failure.report, std::vector<std::string_view>{});
    reports[place->second].second.push_back(failure.point);
  }
  for (const auto& [report, points] : reports) {
    std::cerr << "baton: " << experiment.name << " failed at " << points.front() << ":\n" << report << "\n";
    if (points.size() == 1) continue;
    std::cerr << "and in the same way at ";
    for (std::size_t i = 1; i < std::min(points.size(), most); ++i)
      std::cerr << (i > 1 ? "; " : "") << points[i];
    if (points.size() > most) std::cerr << "; and " << points.size() - most << " more";
    std::cerr << "\n";
  }
}

/// Folded stacks are of programs' threads, and points that a checkpoint has are not run again.
void check_profile(const Experiment& experiment, const Execution& execution) {
  if (execution.profile.empty()) return;
  const auto is_program = [](const Point& point) { return point.config.workload.kind == "program"; };
  if (std::ranges::none_of(experiment.points, is_program))
    throw InputProblems("--profile " + execution.profile,
                        Problems{{"", "needs a workload of kind \"program\", and this experiment has none"}});
  if (execution.resume)
    throw InputProblems("--profile " + execution.profile,
                        Problems{{"", "excludes --resume: finished points are not run again"}});
  check_writable(execution.profile);
}

/// One file, one point; and it is written by the run.
void check_timeline(const Experiment& experiment, const Execution& execution) {
  if (execution.timeline.empty()) return;
  const auto refuse = [&](const std::string& why) {
    throw InputProblems("--timeline " + execution.timeline, Problems{{"", why}});
  };
  if (experiment.points.size() != 1)
    refuse("needs an experiment of exactly one point, a row of results, and this one has " +
           std::to_string(experiment.points.size()) + " (choose one: --protocol, --set)");
  if (execution.resume) refuse("excludes --resume: finished points are not run again");
  check_writable(execution.timeline);
}

/// What is left out of damaged recordings: results say nothing of it.
void report_salvaged(const Experiment& experiment) {
  constexpr std::size_t most = 20;
  std::set<std::string> seen;
  for (const Point& point : experiment.points) {
    const WorkloadChoice& workload = point.config.workload;
    if (workload.kind != "trace" || !workload.salvage || !seen.insert(trace_path(workload).string()).second)
      continue;
    const Salvaged found = salvaged(workload);
    std::cerr << trace_path(workload).string() << ": "
              << (found.lost.empty() ? "nothing is damaged, " : "salvaged ") << found.records
              << " records of " << found.threads << " threads\n";
    for (std::size_t i = 0; i < std::min(most, found.lost.size()); ++i)
      std::cerr << "  lost: " << found.lost[i] << "\n";
    if (found.lost.size() > most)
      std::cerr << "  and " << found.lost.size() - most << " more: baton trace info --salvage\n";
  }
}

/// What has become of the points that were finished, after a failure or an interruption.
void report_kept(const Checkpoint* checkpoint, const std::string& why) {
  if (checkpoint == nullptr) {
    std::cerr << "baton: " << why << "; nothing was written (with -o FILE finished points are kept)\n";
  } else if (checkpoint->size() == 0) {
    std::cerr << "baton: " << why << "; no point was finished\n";
  } else {
    std::string line = command_line();
    if (const auto at = line.find(" --restart"); at != std::string::npos) line.erase(at, 10);
    if (line.find(" --resume") == std::string::npos) line += " --resume";
    std::cerr << "baton: " << why << "; " << checkpoint->size() << " finished simulations are kept in "
              << checkpoint->path() << "; to continue:\n  " << line << "\n";
  }
}

/// The results are there and remain: a profile that cannot be written only changes the exit status.
void write_profile(const Execution& execution, Simulated& run) try {
  if (!execution.profile.empty()) write_whole(execution.profile, run.outcome.profile);
} catch (const InputProblems& problems) {
  std::cerr << "baton: --profile " << problems.what() << "; the results are written without it\n";
  run.late_status = exit_failed;
}

int status_of(const SweepOutcome& outcome) {
  if (outcome.interrupted) return exit_interrupted;
  if (outcome.failures.empty()) return exit_done;
  const bool input = std::ranges::all_of(outcome.failures, &Failure::bad_input);
  return input ? exit_bad_input : exit_failed;
}

}  // namespace

void add_execution_options(po::options_description& options) {
  options.add_options()                                                                               //
      ("jobs,j", po::value<int>()->value_name("N"), "simulations at once; default: one a processor")  //
      ("set", po::value<std::vector<std::string>>()->value_name("/POINTER=VALUE")->composing(),
       "change a field of the config, before the sweep; a JSON value or a bare string; repeatable")  //
      ("check", "follow every access with golden memory and the single-writer rule (slower)")        //
      ("lines", po::value<std::uint32_t>()->value_name("N"),
       "report the N lines that cost most; see baton lines")  //
      ("timeline", po::value<std::string>()->value_name("FILE"),
       "of a single point: transactions, stalls and who owns the hottest lines, over time, for "
       "https://ui.perfetto.dev (Chrome's trace events)")                                    //
      ("resume", "continue an interrupted run: take the finished points from FILE.partial")  //
      ("restart", "discard the finished points of an interrupted run")                       //
      ("quiet,q", "no progress and no summary on standard error");
}

Execution execution_options(const po::variables_map& values, std::string_view command) {
  Execution execution;
  execution.output = value_or<std::string>(values, "output", "");
  const int processors = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  execution.jobs = value_or(values, "jobs", processors);
  if (execution.jobs < 1 || execution.jobs > 4096) {
    bad_usage(command, "-j must be from 1 to 4096, found " + std::to_string(execution.jobs));
  }
  execution.resume = values.count("resume") > 0;
  execution.restart = values.count("restart") > 0;
  execution.quiet = values.count("quiet") > 0;
  if (execution.resume && execution.restart) bad_usage(command, "--resume and --restart exclude each other");
  if ((execution.resume || execution.restart) && execution.output.empty()) {
    bad_usage(command, "--resume and --restart need -o: finished points are kept beside the results");
  }
  for (const std::string& text : value_or<std::vector<std::string>>(values, "set", {})) {
    execution.settings.push_back(parse_setting(text));
  }
  execution.timeline = value_or<std::string>(values, "timeline", "");
  const auto set = [&](const char* option, const std::string& value) {
    if (values.count(option) == 0) return;
    const std::string pointer = std::string("/options/") + option;
    if (std::ranges::any_of(execution.settings, [&](const Setting& one) { return one.pointer == pointer; }))
      bad_usage(command, "--" + std::string(option) + " and --set " + pointer + " exclude each other");
    execution.settings.push_back({pointer, value});
  };
  set("lines", std::to_string(value_or(values, "lines", 0U)));
  set("check", "true");
  return execution;
}

void add_inputs(const Experiment& experiment, std::vector<std::string>& inputs) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const Point& point : experiment.points) {
    const WorkloadChoice& workload = point.config.workload;
    if (workload.kind != "trace" || !seen.emplace(trace_path(workload).string(), workload.format).second)
      continue;
    for (std::string& file : trace_files(workload)) inputs.push_back(std::move(file));
  }
  if (!experiment.preset.file.empty()) inputs.push_back(experiment.preset.file);
}

void check_files(const Execution& execution, const std::string& output,
                 const std::vector<std::string>& inputs, const std::string& page) {
  std::vector<OutputName> outputs{
      {"-o", output}, {"--timeline", execution.timeline}, {"--profile", execution.profile}, {"--page", page}};
  // Finished points are kept there.
  if (has_checkpoint(output)) outputs.push_back({"-o", Checkpoint::path_for(output)});
  check_outputs(outputs, inputs);
}

std::unique_ptr<Kept> keep(const Experiment& experiment, const Execution& execution,
                           const std::string& output) {
  check_profile(experiment, execution);
  check_timeline(experiment, execution);
  auto kept = std::make_unique<Kept>();
  if (!output.empty()) check_writable(output);
  if (!has_checkpoint(output)) return kept;
  const auto mode = execution.resume    ? Checkpoint::Mode::resume
                    : execution.restart ? Checkpoint::Mode::restart
                                        : Checkpoint::Mode::fresh;
  kept->checkpoint = std::make_unique<Checkpoint>(output, mode, kept->columns);
  if (execution.resume && kept->checkpoint->size() == 0 && !execution.quiet)
    std::cerr << "baton: nothing to resume in " << kept->checkpoint->path() << "; running all points\n";
  return kept;
}

Simulated simulate(const Experiment& experiment, const Execution& execution, Kept& kept) {
  report_salvaged(experiment);
  Simulated run{exit_done, {}, 0, exit_done};
  const auto start = std::chrono::steady_clock::now();
  {
    const Interruption interruption;
    ProgressLine line(execution.quiet);
    RunnerOptions options;
    options.jobs = execution.jobs;
    options.stop = [&] { return interruption.requested(); };
    options.progress = [&](const Progress& progress) { line.show(progress); };
    options.checkpoint = kept.checkpoint.get();
    options.profile = !execution.profile.empty();
    options.timeline = execution.timeline;
    run.outcome = run_points(experiment, options, kept.columns);
  }
  run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  run.status = status_of(run.outcome);
  if (!run.outcome.timeline_error.empty()) {
    std::cerr << "baton: --timeline " << run.outcome.timeline_error
              << "; the point has finished without it\n";
    run.late_status = exit_failed;
  }
  if (run.status != exit_done) {
    report_failures(experiment, run.outcome);
    report_kept(kept.checkpoint.get(),
                run.outcome.interrupted ? "interrupted"
                                        : std::to_string(run.outcome.failures.size()) + " of " +
                                              std::to_string(run.outcome.points.size()) + " points failed");
  }
  return run;
}

int execute(const Experiment& experiment, const Execution& execution, const std::string& output, Kept& kept) {
  Simulated run = simulate(experiment, execution, kept);
  if (run.status != exit_done) return run.status;
  const ResultsTable table = make_table(experiment, run.outcome, kept.columns);
  const std::string text =
      results_text(experiment, table, host_object(run.outcome, run.seconds, execution.jobs));
  if (output.empty()) {
    std::cout << text;
  } else {
    write_whole(output, text);
  }
  // Before anything else can fail: with the results there, nothing is left to resume.
  if (kept.checkpoint) kept.checkpoint->remove();
  write_profile(execution, run);
  if (!execution.quiet) {
    std::cerr << summary(experiment, table, summary_rows, terminal_width());
    if (!output.empty()) std::cerr << output << ": " << table.rows.size() << " rows\n";
  }
  return run.late_status;
}

}  // namespace baton::cli
