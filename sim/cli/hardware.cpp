// baton hardware

#include <filesystem>
#include <iostream>
#include <set>

#include "sim/cli/batch.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/execute.hpp"
#include "sim/experiment/hardware/report.hpp"
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
  usage.synopsis = "baton hardware [FOLDER] [OPTIONS]";
  usage.about =
      "Compares with real machines: runs the experiments of the folder's configs (configs/hardware by "
      "default) that have a\n"
      "\"measurement\", and puts each simulated figure beside the measured one, with the error and what was "
      "fitted. The exit\n"
      "status is 0 whatever the errors are.";
  usage.examples =
      "  baton hardware -o hardware.json --page hardware.md\n"
      "  baton hardware --only westmere_ex\n";
  usage.options.add_options()  //
      ("only", po::value<std::vector<std::string>>()->value_name("NAME")->composing(),
       "this measurement only; repeatable")                                                   //
      ("output,o", po::value<std::string>()->value_name("FILE"), "figures and rows as JSON")  //
      ("page", po::value<std::string>()->value_name("FILE.md"),
       "a page for people, with a folder of figures beside it");
  add_execution_options(usage.options);
  usage.hidden.add_options()("folder", po::value<std::string>());
  usage.positional.add("folder", 1);
  return usage;
}

/// Reads all measurements, to report what is wrong in all of them.
std::vector<ComparedMeasurement> load_all(const std::string& folder, const std::vector<std::string>& names,
                                          const std::vector<Setting>& settings) {
  std::vector<ComparedMeasurement> all;
  std::string problems;
  std::set<std::string> said;
  for (const std::string& name : names) {
    const std::string path = (fs::path(folder) / (name + ".json")).string();
    try {
      Experiment experiment = load_experiment(path, settings);
      if (!experiment.measurement)
        throw InputProblems(path, Problems{{"/measurement", "is missing; an object was expected"}});
      all.push_back({name, path, std::move(experiment), {}, {}});
    } catch (const InputProblems& found) {
      if (said.insert(found.what()).second)
        problems.append(problems.empty() ? "" : "\n").append(found.what());
    }
  }
  if (!problems.empty()) throw InputProblems(problems);
  return all;
}

/// Gives each measurement its part of the outcome, and its simulated figures.
void compare_all(std::vector<ComparedMeasurement>& all, const SweepOutcome& outcome,
                 const ColumnTable& columns) {
  std::size_t at = 0;
  std::string problems;
  for (ComparedMeasurement& compared : all) {
    const std::size_t points = compared.experiment.points.size();
    compared.table = make_table(compared.experiment, part_of(outcome, at, points), columns);
    at += points;
    try {
      compared.simulated = simulated_figures(compared.measurement(), compared.experiment.labels,
                                             compared.table.rows, compared.config);
    } catch (const InputProblems& found) {
      problems.append(problems.empty() ? "" : "\n").append(found.what());
    }
  }
  if (!problems.empty()) throw InputProblems(problems);
}

void write_page(const std::vector<ComparedMeasurement>& all, const std::string& page,
                const std::string& folder) {
  fs::path figures(page);
  figures.replace_extension();
  for (const ComparedMeasurement& compared : all) {
    const auto plots = hardware_plots(compared);
    if (!plots.empty()) make_folder(figures.string());
    for (std::size_t i = 0; i < plots.size(); ++i)
      write_whole((figures / (compared.name + "-" + std::to_string(i + 1) + ".vl.json")).string(), plots[i]);
  }
  write_whole(page, hardware_page(all, figures.filename().string(), seen_from(page, folder)));
}

}  // namespace

int hardware_command(const Arguments& arguments) {
  po::variables_map values;
  if (!parse(arguments, usage(), values)) return exit_done;
  const std::string folder = value_or<std::string>(values, "folder", "configs/hardware");
  const Execution execution = execution_options(values, "baton hardware");
  const std::string page = value_or<std::string>(values, "page", "");
  const auto names = chosen(config_names(folder, "measurement"),
                            value_or<std::vector<std::string>>(values, "only", {}), "measurement");
  std::vector<ComparedMeasurement> all = load_all(folder, names, execution.settings);
  if (!page.empty()) {
    if (fs::path(page).extension().empty())
      bad_usage("baton hardware", "--page needs a name such as hardware.md");
    check_writable(page);
  }
  std::vector<std::pair<std::string, const Experiment*>> experiments;
  for (const ComparedMeasurement& compared : all)
    experiments.emplace_back(compared.name, &compared.experiment);
  check_batch(execution, page, folder, experiments);
  const Experiment sweep = together("hardware", experiments);
  const std::unique_ptr<Kept> kept = keep(sweep, execution, execution.output);
  const Simulated run = simulate(sweep, execution, *kept);
  if (run.status != exit_done) return run.status;
  compare_all(all, run.outcome, kept->columns);
  if (!execution.output.empty()) {
    const Json host{{"baton", version}, {"seconds", run.seconds}, {"jobs", execution.jobs}};
    write_whole(execution.output, hardware_json(all, host));
  }
  if (!page.empty()) write_page(all, page, folder);
  if (kept->checkpoint) kept->checkpoint->remove();
  std::cout << hardware_table(all);
  return run.late_status;
}

}  // namespace baton::cli
