#pragma once
// Work in a process of its own, which says one text: SystemC elaborates once a process, and a crash takes
// only its own work along.

#include <chrono>
#include <functional>
#include <string>

#include <sys/types.h>

namespace baton::experiment {

/// A running child process.
class ChildProcess {
 public:
  /// Forks; the child does the work, hands its text back and ends. The calling process must have one thread
  /// only. Throws std::runtime_error if there is no process to have.
  explicit ChildProcess(const std::function<std::string()>& work);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ChildProcess& operator=(ChildProcess&&) = delete;
  /// Kills the process if it still runs.
  ~ChildProcess();

  /// Readable when the child has something for read_some().
  int result_descriptor() const { return result_.descriptor; }
  int error_descriptor() const { return errors_.descriptor; }

  /// Takes what has come without waiting; true once the child has closed both ends.
  bool read_some();

  struct Ended {
    bool normally = false;
    std::string text;    ///< what the work returned
    std::string report;  ///< else: how it ended, with its last words, lines of text
    double seconds = 0;  ///< of the host
  };
  /// Waits for the process to end, after read_some() has said true.
  Ended finish();

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
