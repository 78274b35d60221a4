#pragma once
// One simulation in a process of its own: SystemC elaborates once a process, and a crash takes only its point
// along.

#include <chrono>
#include <string>
#include <vector>

#include <sys/types.h>

#include "sim/experiment/config.hpp"
#include "sim/machine/simulate.hpp"

namespace baton::experiment {

/// A simulation to run.
struct Task {
  PointConfig config;
  std::uint64_t seed = 1;
  bool baseline = false;  ///< only the first core runs, for scaling_efficiency
  bool profile = false;   ///< fold a program's time into stacks

  /// Identifies what the task measures, between runs of the program: config, seed and the trace's size and
  /// time.
  std::string key() const;
};

struct TaskResult {
  enum class Status { done, failed, bad_input };
  Status status = Status::failed;
  std::vector<sim::Measurement> measurements;
  std::string report;   ///< why it failed, lines of text
  std::string profile;  ///< folded stacks, if they were asked for
  double seconds = 0;   ///< of the host
};

/// A running child process.
class Child {
 public:
  /// Forks. The calling process must have one thread only. Throws std::runtime_error if there is no process
  /// to have.
  explicit Child(const Task& task);
  Child(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  Child& operator=(Child&&) = delete;
  /// Kills the process if it still runs.
  ~Child();

  /// Readable when the child has something for read_some().
  int result_descriptor() const { return result_.descriptor; }
  int error_descriptor() const { return errors_.descriptor; }

  /// Takes what has come without waiting; true once the child has closed both ends.
  bool read_some();
  /// Waits for the process to end, after read_some() has said true.
  TaskResult finish();

 private:
  struct Pipe {
    int descriptor = -1;
    std::string text;
  };
  static void drain(Pipe& pipe, std::size_t keep);

  pid_t process_ = -1;
  Pipe result_;
  Pipe errors_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace baton::experiment
