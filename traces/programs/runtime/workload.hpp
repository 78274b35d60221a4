#pragma once
// A program as a machine's workload. It gives no streams: the machine executes the threads of a Run.

#include <memory>
#include <utility>

#include "traces/programs/runtime/run.hpp"

namespace baton::programs {

struct ProgramChoice {
  const Program* program = nullptr;
  ParameterValues values{{}};  ///< in range, and passed program->check()
  RunSetup setup;
  std::uint64_t timer_granularity_ps = 0;  ///< of the clock that measures latencies; 0: exact
};

class ProgramWorkload final : public traces::Workload {
 public:
  explicit ProgramWorkload(ProgramChoice choice) : choice_(std::move(choice)) {}

  int cores() const override { return static_cast<int>(choice_.setup.cores); }
  std::unique_ptr<traces::OperationStream> stream(int) override { return nullptr; }
  ProgramWorkload* program() override { return this; }

  /// A run with all threads, or with one thread alone.
  std::unique_ptr<Run> run(bool one_thread) const {
    RunSetup setup = choice_.setup;
    if (one_thread) setup.threads = 1;
    return std::make_unique<Run>(*choice_.program, choice_.values, setup);
  }
  std::uint64_t timer_granularity_ps() const { return choice_.timer_granularity_ps; }

 private:
  ProgramChoice choice_;
};

}  // namespace baton::programs
