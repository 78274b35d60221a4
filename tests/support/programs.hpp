#pragma once
// Programs on the simulated machine, for tests: registered ones, and small ones written in a test.

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include "tests/support/simulate.hpp"
#include "traces/programs/runtime/workload.hpp"

namespace baton::test {

/// A program written in a test: `body` is run by every thread; State is set up with its memory and names.
template <class State>
class SmallProgram final : public programs::Program {
 public:
  using Body = std::function<programs::Task<>(programs::Thread&, State&)>;
  using Check = std::function<std::optional<std::string>(const State&, const programs::Contents&)>;
  SmallProgram(Body body, Check check = {}) : body_(std::move(body)), check_(std::move(check)) {}

  std::string_view name() const override { return "small"; }
  std::string_view summary() const override { return "A test's program."; }
  std::span<const programs::Parameter> parameters() const override { return {}; }
  std::unique_ptr<programs::Instance> set_up(programs::Setup& setup) const override {
    return std::make_unique<Running>(*this, setup);
  }

 private:
  struct Running final : programs::Instance {
    Running(const SmallProgram& of, programs::Setup& setup) : program(of), state(setup) {}
    programs::Task<> run(programs::Thread& thread) override { return program.body_(thread, state); }
    std::optional<std::string> self_check(const programs::Contents& memory) const override {
      return program.check_ ? program.check_(state, memory) : std::nullopt;
    }
    const SmallProgram& program;
    State state;
  };
  Body body_;
  Check check_;
};

struct ProgramSetting {
  const char* name;
  double value = 0;
  const char* choice = nullptr;
};

/// How a program is run; threads 0: as many as cores.
struct ProgramRun {
  const programs::Program* program = nullptr;
  std::vector<ProgramSetting> settings = {};
  std::uint32_t threads = 0;
  std::uint64_t seed = 1;
  std::optional<programs::InjectionChoice> injection = {};
  std::uint64_t timer_granularity_ps = 0;

  programs::ProgramWorkload on(const MachineParameters& machine) const {
    programs::ProgramChoice choice;
    choice.program = program;
    choice.values = programs::ParameterValues(program->parameters());
    for (const auto& setting : settings) {
      if (setting.choice != nullptr)
        choice.values.choose(setting.name, setting.choice);
      else
        choice.values.set(setting.name, setting.value);
    }
    choice.setup = {threads == 0 ? machine.cores : threads,
                    machine.cores,
                    seed,
                    machine.cache.line_bytes,
                    machine.core.pause_cycles,
                    injection};
    choice.timer_granularity_ps = timer_granularity_ps;
    return programs::ProgramWorkload(choice);
  }
};

inline Result run_program(const MachineParameters& machine, const ProtocolChoice& protocol,
                          const ProgramRun& run, const RunOptions& options = {}) {
  return run_machine(machine, protocol, run.on(machine), options);
}

}  // namespace baton::test
