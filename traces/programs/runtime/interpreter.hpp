#pragma once
// Executes a program on flat memory, one request at a time of a thread drawn at random: for tests of programs
// without the simulated machine. Time is counted in steps; every access takes effect at once, so each run is
// sequentially consistent, unless faults are asked for.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "traces/programs/runtime/run.hpp"

namespace baton::programs {

struct InterpreterOptions {
  std::uint64_t seed = 1;                  ///< of the interleaving
  std::uint64_t step_limit = 100'000'000;  ///< more steps are a failure: threads spin for ever
  double lost_stores = 0;  ///< this fraction of stores and read-modify-writes never reaches memory
};

struct Interpreted {
  std::uint64_t steps = 0;
  std::vector<std::uint64_t> operations;  ///< ended, by OperationKind
  std::vector<std::uint64_t> sleeps;      ///< futex waits that slept, by thread
  std::optional<std::string> failure;     ///< of the self-check
};

/// Runs all threads to their end. Throws ProgramFailure for a deadlock (with who waits on what), too many
/// steps, and what Contents finds; what a body throws passes through.
Interpreted interpret(Run& run, const InterpreterOptions& options = {});

}  // namespace baton::programs
