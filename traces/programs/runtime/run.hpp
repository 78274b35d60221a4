#pragma once
// A program set up for one run: its threads, memory and names, for whoever executes it.

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "traces/programs/runtime/program.hpp"

namespace baton::programs {

/// Injected pre-emption, with its place by name.
struct InjectionChoice {
  std::string point;
  double probability = 0;    ///< 0 .. 1
  std::uint64_t min_ps = 0;  ///< >= 1 if log_uniform
  std::uint64_t max_ps = 0;  ///< >= min_ps
  bool log_uniform = false;
};

struct RunSetup {
  std::uint32_t threads = 1;  ///< >= 1
  std::uint32_t cores = 1;    ///< >= 1
  std::uint64_t seed = 1;
  std::uint32_t line_bytes = 64;  ///< a power of two, 8 .. 4096
  std::uint32_t pause_cycles = 0;
  std::optional<InjectionChoice> injection = {};
};

class Run {
 public:
  /// `values` must be in range and pass program.check(). Throws std::invalid_argument if the program names no
  /// such place of injection.
  Run(const Program& program, const ParameterValues& values, const RunSetup& setup);

  std::uint32_t threads() const { return environment_.threads; }
  /// The thread, with its body from the first call on: a thread that has not run yet costs little.
  Thread& thread(std::uint32_t index);

  /// As Program::has_values().
  bool has_values() const { return has_values_; }
  /// See Thread::real_time(). Before the first thread runs.
  void set_real_time(bool real_time) { environment_.real_time = real_time; }
  Contents& contents() { return contents_; }
  const Contents& contents() const { return contents_; }
  const Names& names() const { return names_; }
  /// By Counter.
  const std::vector<std::uint64_t>& counters() const { return environment_.counters; }
  /// When all threads have ended.
  std::optional<std::string> self_check() const { return instance_->self_check(contents_); }

 private:
  Environment environment_;
  bool has_values_;
  Contents contents_;
  Names names_;
  std::unique_ptr<Instance> instance_;
  std::deque<Thread> threads_;  // behind the instance: their bodies end before it
};

/// The names that the program asks for under these parameters.
Names names_of(const Program& program, const ParameterValues& values);

}  // namespace baton::programs
