#pragma once
// What the files in patterns/ share.

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "traces/synthetic/pattern.hpp"
#include "traces/synthetic/random.hpp"

namespace baton::traces {

inline constexpr double maximum_lines =
    1 << 24;  ///< private: times 65536 cores and 64-byte lines, still below region_bytes
inline constexpr double maximum_operations = 1e12;
inline constexpr double maximum_work_cycles = 1e9;

/// The parameters that every pattern has, followed by its own.
template <std::size_t N>
constexpr std::array<Parameter, N + 2> with_common(const Parameter (&own)[N]) {
  using enum Parameter::Type;
  std::array<Parameter, N + 2> all{Parameter{"operations_per_core", integer, 1000, 1, maximum_operations, "",
                                             "operations that each core completes"},
                                   Parameter{"work_cycles", integer, 0, 0, maximum_work_cycles, "cycles",
                                             "other work before each operation"}};
  std::copy(own, own + N, all.begin() + 2);
  return all;
}

constexpr Parameter lines_parameter(double default_value, std::string_view meaning) {
  return {"lines", Parameter::Type::integer, default_value, 1, maximum_lines, "lines", meaning};
}
constexpr Parameter fraction_parameter(std::string_view name, double default_value,
                                       std::string_view meaning) {
  return {name, Parameter::Type::real, default_value, 0, 1, "", meaning};
}

inline std::uint32_t work_cycles(const ParameterValues& values) {
  return static_cast<std::uint32_t>(values.integer("work_cycles"));
}

/// A value-independent stream of `accesses` accesses, each the result of a call of `make`.
template <class Make>
class GeneratedStream final : public OperationStream {
 public:
  GeneratedStream(std::uint64_t accesses, Make make) : left_(accesses), make_(std::move(make)) {}

  std::size_t next(std::span<Operation> out) override {
    const std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left_));

    for (std::size_t i = 0; i < n; ++i) out[i] = make_();
    left_ -= n;
    return n;
  }

 private:
  std::uint64_t left_;
  Make make_;
};

template <class Make>
std::unique_ptr<OperationStream> generate(std::uint64_t accesses, Make make) {
  return std::make_unique<GeneratedStream<Make>>(accesses, std::move(make));
}

/// A kind drawn by read_fraction and rmw_fraction; the rest are stores.
class KindChoice {
 public:
  KindChoice(double read_fraction, double rmw_fraction)
      : read_(read_fraction), modify_(read_fraction + rmw_fraction) {}
  Kind operator()(Random& random) const {
    const std::uint64_t drawn = random.next();
    // Without branches: they could not be predicted.
    return static_cast<Kind>(read_.holds(drawn) ? 0 : (modify_.holds(drawn) ? 2 : 1));
  }

 private:
  Chance read_, modify_;
  static_assert(static_cast<int>(Kind::load) == 0 && static_cast<int>(Kind::store) == 1 &&
                static_cast<int>(Kind::rmw) == 2);
};

/// The contradiction of patterns with both fractions.
inline std::vector<ParameterError> check_fractions(const ParameterValues& values) {
  const double read = values["read_fraction"];
  const double modify = values["rmw_fraction"];
  if (read + modify <= 1 + 1e-12) return {};
  return {{"rmw_fraction", "read_fraction + rmw_fraction exceeds 1, found " + std::to_string(read) + " + " +
                               std::to_string(modify) + ", allowed a sum of at most 1"}};
}

/// Cores in groups of `size` consecutive ones.
struct Group {
  std::uint64_t index;   ///< of the group
  std::uint64_t member;  ///< of the core in its group
  std::uint64_t size;
};

/// size 0: all cores are one group.
inline Group group_of(const PatternContext& context, std::uint64_t size) {
  const auto cores = static_cast<std::uint64_t>(context.cores);
  const auto core = static_cast<std::uint64_t>(context.core);
  if (size == 0) size = cores;
  const std::uint64_t index = core / size;
  return {index, core % size, std::min(size, cores - index * size)};
}

/// Groups of `others` + `roles` cores must fill the machine exactly: a smaller last group would falsify the
/// figures.
inline std::vector<ParameterError> check_groups(const ParameterValues& values, std::string_view parameter,
                                                int roles, int cores) {
  const std::uint64_t value = values.integer(parameter);
  const std::uint64_t size = value + static_cast<std::uint64_t>(roles);
  if (cores == 1 || value == 0 || static_cast<std::uint64_t>(cores) % size == 0) return {};
  std::string message = "the groups do not fill the machine, found " + std::to_string(value);
  if (roles > 0) message += " (groups of " + std::to_string(size) + " cores)";
  message += " with " + std::to_string(cores) +
             " cores, allowed 0 (all cores are one group) or group sizes that divide the number of cores";
  return {{parameter, message}};
}

}  // namespace baton::traces
