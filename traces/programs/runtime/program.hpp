#pragma once
// Programs: what one is, what it is set up with, and the list of all. A program is one file in
// traces/programs/; CMake finds it. See traces/programs/README.md for a complete example.

#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "traces/programs/runtime/arena.hpp"
#include "traces/programs/runtime/names.hpp"
#include "traces/programs/runtime/thread.hpp"
#include "traces/synthetic/pattern.hpp"

namespace baton::programs {

using traces::Parameter;
using traces::ParameterError;
using traces::ParameterValues;

/// What a program builds a run from: its parameters, its memory, its names.
class Setup {
 public:
  Setup(const ParameterValues& parameters, const Environment& environment, Contents& contents, Names& names);

  const ParameterValues& parameters;
  Arena memory;

  std::uint32_t threads() const { return environment_.threads; }
  std::uint32_t cores() const { return environment_.cores; }
  std::uint64_t seed() const { return environment_.seed; }

  // The same name gives the same number, so that parts of a program can share one. These throw
  // std::invalid_argument for a name that is not 1 to 60 letters, digits and '_', and for a kind called like
  // a kind of access: load, store, rmw. Names that are asked for here are the columns of the results, also
  // when they stay at zero.
  OperationKind kind(std::string_view name);
  PhaseName phase(std::string_view name) { return {names_.phases.intern(name)}; }
  Counter counter(std::string_view name) { return {names_.counters.intern(name)}; }
  PreemptionPoint preemption_point(std::string_view name) { return {names_.preemption_points.intern(name)}; }

 private:
  const Environment& environment_;
  Names& names_;
};

/// One run of a program.
class Instance {
 public:
  virtual ~Instance() = default;

  /// The body of one thread; called once for each. Called in any order, and possibly after other threads have
  /// run. A coroutine: `thread` and this instance outlive it.
  virtual Task<> run(Thread& thread) = 0;
  /// When all threads have ended: what is wrong with the result, or nothing. Reads memory with last().
  virtual std::optional<std::string> self_check(const Contents& memory) const = 0;
};

class Program {
 public:
  virtual ~Program() = default;

  /// The name of the program's file.
  virtual std::string_view name() const = 0;
  /// One sentence: what the threads do, and what question it answers.
  virtual std::string_view summary() const = 0;
  /// Constant, static.
  virtual std::span<const Parameter> parameters() const = 0;
  /// Contradictions between values (each within its range) and the number of threads, 1 or more. One thread
  /// is never a contradiction: it is the base of a scaling efficiency.
  virtual std::vector<ParameterError> check(const ParameterValues&, std::uint32_t /*threads*/) const {
    return {};
  }
  /// Lays out memory and asks for names. `setup` does not outlive the call. Which names there are may depend
  /// on the parameters, but not on threads, cores or seed.
  virtual std::unique_ptr<Instance> set_up(Setup& setup) const = 0;
  /// False: its threads perform recorded accesses, anywhere, and nobody knows their values.
  virtual bool has_values() const { return true; }
};

/// Sorted by name.
std::span<const Program* const> all_programs();
/// Null if there is none of this name.
const Program* find_program(std::string_view name);

// Parameters that many programs have: where an array's elements lie.
inline constexpr std::string_view placement_choices[] = {"own_line", "packed", "padded"};
constexpr Parameter placement_parameter(std::string_view name, std::string_view meaning) {
  return {name,    Parameter::Type::choice, 0, 0, std::size(placement_choices) - 1, "",
          meaning, placement_choices};
}
constexpr Parameter padding_parameter() {
  return {"padding",
          Parameter::Type::bytes,
          56,
          0,
          4096,
          "bytes",
          "unused behind each element that is placed padded; a multiple of 8"};
}
/// From the parameters `name` and "padding".
Placement placement_of(const ParameterValues& parameters, std::string_view name);
/// For Program::check().
std::vector<ParameterError> check_padding(const ParameterValues& parameters);

}  // namespace baton::programs
