#pragma once
// Tables of parameters put together: a program's own and those of its parts.

#include <algorithm>
#include <array>
#include <cstddef>

#include "traces/programs/runtime/program.hpp"

namespace baton::programs {

/// One table of all. Each argument is an array of Parameter.
template <std::size_t... N>
constexpr std::array<Parameter, (N + ...)> joined(const Parameter (&... tables)[N]) {
  std::array<Parameter, (N + ...)> result{};
  auto* to = result.begin();
  ((to = std::copy_n(tables, N, to)), ...);
  return result;
}

/// The errors of both, for Program::check().
inline std::vector<ParameterError> both(std::vector<ParameterError> first,
                                        const std::vector<ParameterError>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace baton::programs
