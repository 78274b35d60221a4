#pragma once
// What `run` and `replay` share: running an experiment and writing its results.

#include <memory>
#include <string>
#include <vector>

#include "sim/cli/command.hpp"
#include "sim/experiment/config.hpp"
#include "sim/experiment/output_file.hpp"
#include "sim/experiment/runner.hpp"

namespace baton::cli {

/// The options that both commands have.
void add_execution_options(boost::program_options::options_description& options);

struct Execution {
  std::string output;  ///< empty: standard output
  int jobs = 1;
  bool resume = false;
  bool restart = false;
  bool quiet = false;
  std::string timeline;                       ///< where what happened when goes; empty: nowhere
  std::string profile;                        ///< where folded stacks go; empty: nowhere. Only of `run`
  std::vector<experiment::Setting> settings;  ///< of --set and --check
};

/// Throws experiment::InputProblems for values that make no sense.
Execution execution_options(const boost::program_options::variables_map& values, std::string_view command);

/// Adds the files that the experiment reads beside its config: traces, a preset.
void add_inputs(const experiment::Experiment& experiment, std::vector<std::string>& inputs);

/// No output may be an input or another output: `output`, those of `execution`, and a page. Throws
/// experiment::InputProblems.
void check_files(const Execution& execution, const std::string& output,
                 const std::vector<std::string>& inputs, const std::string& page = "");

/// What is kept of a sweep while it runs.
struct Kept {
  experiment::ColumnTable columns;                     ///< of what is measured
  std::unique_ptr<experiment::Checkpoint> checkpoint;  ///< beside the output; none: it is no file
};

/// The last thing before anything runs: checks what one experiment writes, and opens its checkpoint. Throws
/// experiment::InputProblems.
std::unique_ptr<Kept> keep(const experiment::Experiment& experiment, const Execution& execution,
                           const std::string& output);

/// A sweep that has run, or stopped.
struct Simulated {
  int status;  ///< exit_done, or why there are no results: that has been said on standard error
  experiment::SweepOutcome outcome;
  double seconds = 0;
  int late_status =
      exit_done;  ///< of the command once the results are written: an output beside them is missing
};

/// Runs the points with progress on standard error. The checkpoint is to be removed when the results are
/// written.
Simulated simulate(const experiment::Experiment& experiment, const Execution& execution, Kept& kept);

/// Runs the experiment, writes its results to `output` and a summary to standard error. Returns the exit
/// status.
int execute(const experiment::Experiment& experiment, const Execution& execution, const std::string& output,
            Kept& kept);

}  // namespace baton::cli
