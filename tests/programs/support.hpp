#pragma once
// Runs programs on the interpreter, for tests.

#include <functional>
#include <initializer_list>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "traces/programs/runtime/interpreter.hpp"

namespace baton::programs::test {

/// A registered program with some parameters set; a name among a choice's is given as text.
struct Setting {
  const char* name;
  double value = 0;
  const char* choice = nullptr;
};

inline ParameterValues values(const Program& program, std::initializer_list<Setting> settings = {}) {
  ParameterValues result(program.parameters());
  for (const Setting& setting : settings) {
    if (setting.choice != nullptr)
      result.choose(setting.name, setting.choice);
    else
      result.set(setting.name, setting.value);
  }
  return result;
}

/// A program written in a test: `body` is run by every thread; `set_up` gives it its memory.
template <class State>
class Small final : public Program {
 public:
  using Body = std::function<Task<>(Thread&, State&)>;
  using Check = std::function<std::optional<std::string>(const State&, const Contents&)>;
  explicit Small(Body body, Check check = {}, std::span<const Parameter> parameters = {})
      : body_(std::move(body)), check_(std::move(check)), parameters_(parameters) {}

  std::string_view name() const override { return "small"; }
  std::string_view summary() const override { return "A test's program."; }
  std::span<const Parameter> parameters() const override { return parameters_; }
  std::unique_ptr<Instance> set_up(Setup& setup) const override {
    return std::make_unique<Running>(*this, setup);
  }

 private:
  struct Running final : Instance {
    Running(const Small& of, Setup& setup) : program(of), state(setup) {}
    Task<> run(Thread& thread) override { return program.body_(thread, state); }
    std::optional<std::string> self_check(const Contents& memory) const override {
      return program.check_ ? program.check_(state, memory) : std::nullopt;
    }
    const Small& program;
    State state;
  };
  Body body_;
  Check check_;
  std::span<const Parameter> parameters_;
};

/// What a call throws as ProgramFailure, or "".
template <class F>
std::string failure_of(F call) {
  try {
    call();
  } catch (const ProgramFailure& failure) {
    return failure.what();
  }
  return "";
}

}  // namespace baton::programs::test
