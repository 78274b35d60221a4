// baton run

#include <filesystem>
#include <set>

#include "sim/cli/command.hpp"
#include "sim/cli/execute.hpp"
#include "sim/experiment/output_file.hpp"
#include "sim/experiment/problem.hpp"

namespace baton::cli {
namespace {

namespace po = boost::program_options;
using namespace experiment;

Usage usage() {
  Usage usage;
  usage.synopsis = "baton run CONFIG... [OPTIONS]";
  usage.about =
      "Runs the experiment that a config describes: each point of its sweep with each seed, in a process of "
      "its\n"
      "own, several at once. Everything is checked before anything runs. configs/README.md lists all "
      "fields.\n"
      "With several configs each is an experiment of its own and -o names a folder, for a file NAME.json "
      "each.\n"
      "Finished points are kept in FILE.partial until the results are complete.";
  usage.examples =
      "  baton run configs/quickstart.json -o quickstart.json\n"
      "  baton run configs/quickstart.json --set '/sweep/cores/values=[4,16]' --set "
      "/machine/cache/size=64KiB\n"
      "  baton run configs/ownership_vs_mesi.json -o results.json -j 8 --resume\n";
  usage.options.add_options()(
      "output,o", po::value<std::string>()->value_name("FILE"),
      "where the results go (a folder for several configs); default: standard output")  //
      ("profile", po::value<std::string>()->value_name("FILE"),
       "simulated time of a program's threads by operation, phase, request and cause, as folded stacks for "
       "FlameGraph or speedscope");
  add_execution_options(usage.options);
  usage.hidden.add_options()("config", po::value<std::vector<std::string>>());
  usage.positional.add("config", -1);
  return usage;
}

/// Reads all the configs, to report what is wrong in all of them.
std::vector<Experiment> load_all(const std::vector<std::string>& configs,
                                 const std::vector<Setting>& settings) {
  std::vector<Experiment> experiments;
  std::set<std::string> problems;
  std::string text;
  for (const std::string& config : configs) {
    try {
      experiments.push_back(load_experiment(config, settings));
      if (experiments.back().points.empty()) {
        throw InputProblems(
            config, Problems{{"/claim/out_of_scope", "this claim has no experiment that could be run"}});
      }
    } catch (const InputProblems& found) {
      if (problems.insert(found.what()).second)
        text += (text.empty() ? "" : "\n") + std::string(found.what());
    }
  }
  if (!text.empty()) throw InputProblems(text);
  return experiments;
}

std::vector<std::string> outputs(const std::vector<std::string>& configs, const std::string& output) {
  if (configs.size() == 1) return {output};
  if (output.empty()) bad_usage("baton run", "several configs need -o FOLDER");
  std::vector<std::string> paths;
  std::set<std::string> seen;
  for (const std::string& config : configs) {
    const std::filesystem::path path =
        std::filesystem::path(output) / (std::filesystem::path(config).stem().string() + ".json");
    if (!seen.insert(path.string()).second) {
      bad_usage("baton run", "two configs would both be written to " + path.string());
    }
    paths.push_back(path.string());
  }
  return paths;
}

}  // namespace

int run_command(const Arguments& arguments) {
  po::variables_map values;
  if (!parse(arguments, usage(), values)) return exit_done;
  const auto configs = value_or<std::vector<std::string>>(values, "config", {});
  if (configs.empty()) bad_usage("baton run", "needs a config file");
  Execution execution = execution_options(values, "baton run");
  execution.profile = value_or<std::string>(values, "profile", "");
  if (!execution.profile.empty() && configs.size() > 1) bad_usage("baton run", "--profile needs one config");
  if (!execution.timeline.empty() && configs.size() > 1)
    bad_usage("baton run", "--timeline needs one config");
  const std::vector<std::string> paths = outputs(configs, execution.output);
  const std::vector<Experiment> experiments = load_all(configs, execution.settings);
  std::vector<std::string> inputs = configs;
  for (const Experiment& experiment : experiments) add_inputs(experiment, inputs);
  for (const std::string& path : paths) check_files(execution, path, inputs);
  if (configs.size() > 1) make_folder(execution.output);
  for (const std::string& path : paths) {
    if (!path.empty()) check_writable(path);
  }
  std::vector<std::unique_ptr<Kept>> kept;
  for (std::size_t i = 0; i < experiments.size(); ++i)
    kept.push_back(keep(experiments[i], execution, paths[i]));
  int worst = exit_done;
  for (std::size_t i = 0; i < experiments.size(); ++i) {
    const int status = execute(experiments[i], execution, paths[i], *kept[i]);
    if (status == exit_interrupted) return status;
    if (status == exit_failed || worst == exit_done) worst = status;
  }
  return worst;
}

}  // namespace baton::cli
