#pragma once
// Runs a registered program under the interpreter, whole or with stores that get lost, for tests of the
// systems (allocator, services, kernel paths).

#include <memory>
#include <string>
#include <vector>

#include "tests/programs/schedules.hpp"
#include "tests/programs/support.hpp"

namespace baton::programs::test {

using Settings = std::vector<Setting>;

inline ParameterValues chosen_values(const Program& program, const Settings& settings) {
  ParameterValues result = values(program);
  for (const Setting& setting : settings)
    if (setting.choice != nullptr)
      result.choose(setting.name, setting.choice);
    else
      result.set(setting.name, setting.value);
  return result;
}

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

inline Ran run_program(const char* name, const Settings& settings, std::uint32_t threads,
                       const InterpreterOptions& options = {}) {
  const Program& program = *find_program(name);
  const ParameterValues chosen = chosen_values(program, settings);
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

/// All schedules with so many pre-emptions.
inline Explored explore(const char* name, const Settings& settings, std::uint32_t threads, int preemptions) {
  const Program& program = *find_program(name);
  const ParameterValues chosen = chosen_values(program, settings);
  return Exploration(
             [&] {
               return std::make_unique<Run>(program, chosen, RunSetup{threads, threads});
             },
             preemptions)
      .all();
}

/// A random schedule with one change of memory lost: what is noticed, by the self-check, by the program on
/// its way, or because threads wait for ever; "" if nothing is.
inline std::string lose_one(const char* name, const Settings& settings, std::uint32_t threads,
                            std::uint64_t seed, std::uint64_t lost, std::uint64_t& changes) {
  const Program& program = *find_program(name);
  Run run(program, chosen_values(program, settings), {.threads = threads, .cores = threads, .seed = seed});
  try {
    Stepper stepper(run);
    stepper.lose_change(lost);
    traces::Random random(seed, 1);
    for (int steps = 0; !stepper.all_ended(); ++steps) {
      const auto runnable = stepper.runnable();
      if (steps == 20'000 || runnable.empty()) return "waits for ever";
      stepper.step(runnable[random.below(runnable.size())]);
    }
    changes = stepper.changes();
    return stepper.self_check().value_or("");
  } catch (const ProgramFailure& failure) {
    return failure.what();
  }
}

/// The share of changes whose loss, of one at a time, is noticed.
inline double noticed_losses(const char* name, const Settings& settings, std::uint32_t threads,
                             std::uint64_t seeds = 2) {
  std::uint64_t noticed = 0, all = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    std::uint64_t changes = 0, ignored = 0;
    REQUIRE(lose_one(name, settings, threads, seed, ~std::uint64_t{0}, changes) == "");
    all += changes;
    for (std::uint64_t lost = 0; lost < changes; ++lost)
      noticed += !lose_one(name, settings, threads, seed, lost, ignored).empty();
  }
  return static_cast<double>(noticed) / static_cast<double>(all);
}

}  // namespace baton::programs::test
