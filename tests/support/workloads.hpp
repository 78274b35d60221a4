#pragma once
// Workloads that a test writes by hand.

#include <algorithm>
#include <memory>
#include <vector>

#include "traces/operation.hpp"

namespace baton::test {

using traces::Kind;
using traces::Operation;
using traces::OrderedOperation;

inline constexpr std::uint64_t line_bytes = 64;

/// An access to the first word of a line.
inline Operation access(Kind kind, std::uint64_t line, std::uint32_t gap = 0) {
  return {.address = line * line_bytes, .gap_cycles = gap, .kind = kind};
}

/// Accesses of many cores in one global order.
class Script final : public traces::Workload {
 public:
  explicit Script(int cores) : cores_(cores) {}

  Script& add(std::uint32_t core, Kind kind, std::uint64_t line, std::uint32_t gap = 0) {
    steps_.push_back({access(kind, line, gap), core});
    return *this;
  }
  Script& load(std::uint32_t core, std::uint64_t line) { return add(core, Kind::load, line); }
  Script& store(std::uint32_t core, std::uint64_t line) { return add(core, Kind::store, line); }
  Script& rmw(std::uint32_t core, std::uint64_t line) { return add(core, Kind::rmw, line); }
  Script& then(const Script& more) {
    steps_.insert(steps_.end(), more.steps_.begin(), more.steps_.end());
    return *this;
  }
  /// The first access begins so many cycles later: what came before has drained.
  Script& after(std::uint32_t gap) {
    if (!steps_.empty()) steps_.front().operation.gap_cycles = gap;
    return *this;
  }
  std::size_t size() const { return steps_.size(); }

  int cores() const override { return cores_; }
  std::unique_ptr<traces::OperationStream> stream(int) override { return nullptr; }
  std::unique_ptr<traces::OrderedStream> ordered() override { return std::make_unique<Stream>(steps_); }

 private:
  class Stream final : public traces::OrderedStream {
   public:
    explicit Stream(std::vector<OrderedOperation> steps) : steps_(std::move(steps)) {}
    std::size_t next(std::span<OrderedOperation> out) override {
      const std::size_t n = std::min(out.size(), steps_.size() - at_);
      std::copy_n(steps_.begin() + static_cast<std::ptrdiff_t>(at_), n, out.begin());
      at_ += n;
      return n;
    }

   private:
    std::vector<OrderedOperation> steps_;
    std::size_t at_ = 0;
  };

  int cores_;
  std::vector<OrderedOperation> steps_;
};

/// A list of operations for every core, each list run `times` times.
class Programs final : public traces::Workload {
 public:
  explicit Programs(std::vector<std::vector<Operation>> programs, std::uint64_t times = 1)
      : programs_(std::move(programs)), times_(times) {}

  int cores() const override { return static_cast<int>(programs_.size()); }
  std::unique_ptr<traces::OperationStream> stream(int core) override {
    return std::make_unique<Stream>(programs_[static_cast<std::size_t>(core)], times_);
  }
  std::uint64_t operations() const {
    std::uint64_t all = 0;
    for (const auto& program : programs_) all += program.size() * times_;
    return all;
  }

 private:
  class Stream final : public traces::OperationStream {
   public:
    Stream(std::vector<Operation> program, std::uint64_t times)
        : program_(std::move(program)), times_(times) {}
    std::size_t next(std::span<Operation> out) override {
      if (program_.empty()) return 0;
      std::size_t n = 0;
      while (n < out.size() && times_ > 0) {
        out[n++] = program_[at_];
        if (++at_ == program_.size()) {
          at_ = 0;
          --times_;
        }
      }
      return n;
    }

   private:
    std::vector<Operation> program_;
    std::uint64_t times_;
    std::size_t at_ = 0;
  };

  std::vector<std::vector<Operation>> programs_;
  std::uint64_t times_;
};

}  // namespace baton::test
