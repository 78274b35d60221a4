#pragma once
// What `run` and `replay` share: running an experiment and writing its results.

#include <string>
#include <vector>

#include "sim/cli/command.hpp"
#include "sim/experiment/config.hpp"

namespace baton::cli {

/// The options that both commands have.
void add_execution_options(boost::program_options::options_description& options);

struct Execution {
  std::string output;  ///< empty: standard output
  int jobs = 1;
  bool resume = false;
  bool restart = false;
  bool quiet = false;
  std::string profile;                        ///< where folded stacks go; empty: nowhere. Only of `run`
  std::vector<experiment::Setting> settings;  ///< of --set and --check
};

/// Throws experiment::InputProblems for values that make no sense.
Execution execution_options(const boost::program_options::variables_map& values, std::string_view command);

/// Runs the experiment, writes its results to `output` and a summary to standard error. Returns the exit
/// status.
int execute(const experiment::Experiment& experiment, const Execution& execution, const std::string& output);

}  // namespace baton::cli
