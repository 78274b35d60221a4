#pragma once
// A line on the terminal that says how far a sweep is.

#include <chrono>
#include <cstddef>

#include "sim/experiment/runner.hpp"

namespace baton::cli {

class ProgressLine {
 public:
  /// Shows nothing if `quiet` or if standard error is no terminal.
  explicit ProgressLine(bool quiet);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  /// Wipes the line.
  ~ProgressLine();

  void show(const experiment::Progress& progress);

 private:
  bool active_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace baton::cli
