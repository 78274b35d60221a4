#pragma once
// A trace's threads as threads of a program: for machines with fewer cores than the trace has threads, under
// the operating system of programs.

#include <memory>

#include "traces/operation.hpp"
#include "traces/programs/runtime/workload.hpp"

namespace baton::traces {

/// Thread i performs the accesses of stream(i) of `recorded`, and waits at its awaits, so that others run. No
/// stream may be value-dependent.
class ThreadedTrace final : public Workload {
 public:
  /// cores: of the machine, >= 1. line_bytes: a power of two, 8 .. 4096.
  ThreadedTrace(std::unique_ptr<Workload> recorded, std::uint32_t cores, std::uint32_t line_bytes);
  ~ThreadedTrace() override;

  int cores() const override { return program_->cores(); }
  std::unique_ptr<OperationStream> stream(int) override { return nullptr; }
  Gates gates() const override { return recorded_->gates(); }
  programs::ProgramWorkload* program() override { return program_.get(); }

 private:
  class Threads;
  std::unique_ptr<Workload> recorded_;
  std::unique_ptr<Threads> threads_;
  std::unique_ptr<programs::ProgramWorkload> program_;
};

}  // namespace baton::traces
