#pragma once
// Runs the points of an experiment, several at once.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/experiment/checkpoint.hpp"
#include "sim/experiment/config.hpp"
#include "sim/experiment/measured.hpp"

namespace baton::experiment {

/// A point that has failed, or whose one-core baseline has, or both; the others run on.
struct Failure {
  std::string point;  ///< "cores=16, protocol=MESI, seed=1"
  std::string report;
  bool bad_input = false;  ///< the trace is at fault, not the simulation
};

struct SweepOutcome {
  std::vector<std::optional<Measured>> points;  ///< one a point of the experiment, in its order
  std::vector<std::optional<double>>
      baselines;                  ///< throughput of the point's first core alone, if it was asked for
  std::vector<Failure> failures;  ///< at most one a point, in the experiment's order
  std::string profile;            ///< folded stacks of all points, each under its name if there are several
  std::string timeline_error;  ///< why the timeline was not written; the point has its figures all the same
  bool interrupted = false;
};

struct Progress {
  std::size_t done = 0;     ///< simulations, baselines included
  std::size_t total = 0;    ///< …
  std::size_t resumed = 0;  ///< of the done, those that a checkpoint had
  std::vector<std::string> running;
};

struct RunnerOptions {
  int jobs = 1;                                   ///< >= 1 processes at once
  std::function<bool()> stop;                     ///< asked about ten times a second: give up?
  std::function<void(const Progress&)> progress;  ///< called as often, and at the end
  Checkpoint* checkpoint = nullptr;               ///< where finished points are kept and taken from
  bool profile = false;                           ///< fold the time of programs into stacks
  std::string timeline;  ///< where what happened when goes, of the only point; empty: nowhere
};

/// "cores=16, protocol=MESI, seed=1".
std::string point_name(const Experiment& experiment, const Point& point);

/// Runs all that the checkpoint does not have. `columns` gets the columns of what is measured. The calling
/// process must have a single thread. Throws std::runtime_error if the checkpoint cannot be written or no
/// process started.
SweepOutcome run_points(const Experiment& experiment, const RunnerOptions& options, ColumnTable& columns);

}  // namespace baton::experiment
