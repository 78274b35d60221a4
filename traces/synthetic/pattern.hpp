#pragma once
// Synthetic patterns: what one is, what its parameters are, and the list of all. A pattern is one file in
// patterns/; CMake finds it. Nothing here reads a config: sim/experiment checks values against parameters()
// and check().

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "traces/operation.hpp"

namespace baton::traces {

struct Parameter {
  enum class Type : std::uint8_t {
    integer,
    real,
    bytes,   ///< an integer that a config may also give as "1MiB"
    flag,    ///< 0 or 1; a config says false or true
    choice,  ///< an index into `choices`; a config says the name
  };
  std::string_view name;
  Type type = Type::integer;
  double default_value = 0;
  double minimum = 0;  ///< both ends are allowed; integers are exact up to 2^53
  double maximum = 0;
  std::string_view unit;  ///< empty: a pure number
  std::string_view meaning;
  std::span<const std::string_view> choices = {};  ///< Type::choice only
};

/// A value for every parameter of a pattern or program. Values are not checked here.
class ParameterValues {
 public:
  /// The defaults. `parameters` must outlive this object, as Pattern::parameters() does.
  explicit ParameterValues(std::span<const Parameter> parameters);

  /// Throws std::out_of_range if there is no such parameter.
  void set(std::string_view name, double value) { values_[index(name)] = value; }
  double operator[](std::string_view name) const { return values_[index(name)]; }
  /// For parameters of integer type, which must be in their range.
  std::uint64_t integer(std::string_view name) const { return static_cast<std::uint64_t>((*this)[name]); }
  /// For parameters of type flag.
  bool flag(std::string_view name) const { return (*this)[name] != 0; }
  /// For parameters of type choice: the name of the value.
  std::string_view choice(std::string_view name) const;
  /// For parameters of type choice. Throws std::out_of_range if it is none of its choices.
  void choose(std::string_view name, std::string_view choice);
  std::span<const Parameter> parameters() const { return parameters_; }

 private:
  std::size_t index(std::string_view name) const;

  std::span<const Parameter> parameters_;
  std::vector<double> values_;
};

/// Addresses below 2^48 belong to nobody; a pattern (each part of a mix) has a region of 2^48 bytes.
inline constexpr std::uint64_t region_bytes = std::uint64_t{1} << 48;

/// What a stream is made for.
struct PatternContext {
  int cores = 1;  ///< of the machine, 1 .. 65536
  int core = 0;   ///< whose stream, 0 .. cores-1
  std::uint64_t seed = 1;
  std::uint32_t line_bytes = 64;  ///< a power of two, 8 .. 4096
  Address base = region_bytes;    ///< of the pattern's region; a multiple of region_bytes

  /// The first word of the pattern's line `index`.
  Address line(std::uint64_t index) const { return base + index * line_bytes; }
};

/// Values that are allowed one by one but contradict each other or the number of cores.
struct ParameterError {
  std::string_view parameter;
  std::string message;  ///< "what is wrong, found X, allowed Y"
};

class Pattern {
 public:
  virtual ~Pattern() = default;

  /// The name of the pattern's file.
  virtual std::string_view name() const = 0;
  /// One sentence: what the cores do, and what it stresses.
  virtual std::string_view summary() const = 0;
  /// Begins with operations_per_core and work_cycles. Constant, static.
  virtual std::span<const Parameter> parameters() const = 0;
  /// Do its streams depend on the values read? Such a pattern cannot be part of a mix.
  virtual bool value_dependent() const { return false; }
  /// Contradictions between values (each within its range) and cores. One core is never a contradiction: it
  /// runs the program of core 0 alone, the base of a scaling efficiency.
  virtual std::vector<ParameterError> check(const ParameterValues&, int /*cores*/) const { return {}; }
  /// The program of one core; a function of the arguments alone. `values` must be in range and pass check().
  virtual std::unique_ptr<OperationStream> stream(const ParameterValues& values,
                                                  const PatternContext& context) const = 0;
};

/// Sorted by name.
std::span<const Pattern* const> all_patterns();
/// Null if there is none of this name.
const Pattern* find_pattern(std::string_view name);

}  // namespace baton::traces
