#pragma once
// How far a sweep is.

#include <chrono>
#include <cstddef>

#include "sim/cli/status_line.hpp"
#include "sim/experiment/runner.hpp"

namespace baton::cli {

class ProgressLine {
 public:
  /// As StatusLine.
  explicit ProgressLine(bool quiet) : line_(quiet) {}

  void show(const experiment::Progress& progress);

 private:
  StatusLine line_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace baton::cli
