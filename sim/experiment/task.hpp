#pragma once
// One simulation in a process of its own: SystemC elaborates once a process, and a crash takes only its point
// along.

#include <string>
#include <string_view>
#include <vector>

#include "sim/experiment/child_process.hpp"
#include "sim/experiment/config.hpp"
#include "sim/machine/simulate.hpp"

namespace baton::experiment {

/// 16 hexadecimal digits that stand for the bytes: XXH64.
std::string hash_text(std::string_view bytes);

/// A simulation to run.
struct Task {
  PointConfig config;
  std::uint64_t seed = 1;
  bool baseline = false;      ///< only the first core runs, for scaling_efficiency
  bool profile = false;       ///< fold a program's time into stacks
  std::string timeline = {};  ///< where the task writes what happened when; empty: nowhere
  std::string title = {};     ///< of that file

  /// Identifies what the task measures, between runs of the program: config, seed, and sizes and times
  /// of the trace's files.
  std::string key() const;
};

struct TaskResult {
  enum class Status { done, failed, bad_input };
  Status status = Status::failed;
  std::vector<sim::Measurement> measurements;
  std::string report;          ///< why it failed, lines of text
  std::string profile;         ///< folded stacks, if they were asked for
  std::string lines;           ///< as Measured::lines
  std::string timeline_error;  ///< why it could not be written; empty: it was, or was not asked for
  double seconds = 0;          ///< of the host
};

/// A task in a child process.
class Child {
 public:
  /// As ChildProcess.
  explicit Child(const Task& task);

  /// Readable when the child has something for read_some().
  int result_descriptor() const { return process_.result_descriptor(); }
  int error_descriptor() const { return process_.error_descriptor(); }

  /// Takes what has come without waiting; true once the child has closed both ends.
  bool read_some() { return process_.read_some(); }
  /// Waits for the process to end, after read_some() has said true.
  TaskResult finish();

 private:
  ChildProcess process_;
};

}  // namespace baton::experiment
