#pragma once
// Runs a registered program under the interpreter, whole or with stores that get lost, for tests of the
// systems (allocator, services, kernel paths).

#include <initializer_list>
#include <string>
#include <vector>

#include "tests/programs/support.hpp"

namespace baton::programs::test {

struct Ran {
  Interpreted done;
  Names names;
  std::vector<std::uint64_t> counters;
  std::string failure;  ///< of the self-check, or what the run threw

  std::uint64_t counter(const char* name) const {
    const int number = names.counters.find(name);
    REQUIRE(number >= 0);
    return counters[static_cast<std::size_t>(number)];
  }
  std::uint64_t operations(const char* kind) const {
    const int number = names.kinds.find(kind);
    REQUIRE(number >= 0);
    return done.operations[static_cast<std::size_t>(number)];
  }
};

inline Ran run_program(const char* name, std::initializer_list<Setting> settings, std::uint32_t threads,
                       const InterpreterOptions& options = {}) {
  const Program& program = *find_program(name);
  const ParameterValues chosen = values(program, settings);
  const auto errors = program.check(chosen, threads);
  for (const ParameterError& error : errors) FAIL(error.parameter << ": " << error.message);
  Run run(program, chosen, {.threads = threads, .cores = threads, .seed = options.seed});
  Ran ran;
  ran.failure = failure_of([&] {
    ran.done = interpret(run, options);
    if (ran.done.failure) throw ProgramFailure(*ran.done.failure);
  });
  ran.names = run.names();
  ran.counters = run.counters();
  return ran;
}

/// In how many of `runs` runs, each with its own seed, losing this share of stores is noticed: by the
/// self-check, by what the program finds on its way, or because it does not end (a lost release).
inline int noticed_losses(const char* name, std::initializer_list<Setting> settings, std::uint32_t threads,
                          double lost_stores, int runs = 5) {
  int noticed = 0;
  for (int seed = 1; seed <= runs; ++seed) {
    const Ran ran = run_program(
        name, settings, threads,
        {.seed = static_cast<std::uint64_t>(seed), .step_limit = 2'000'000, .lost_stores = lost_stores});
    noticed += !ran.failure.empty();
  }
  return noticed;
}

}  // namespace baton::programs::test
