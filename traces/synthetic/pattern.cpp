#include "traces/synthetic/pattern.hpp"

#include <algorithm>
#include <stdexcept>

namespace baton::traces {

#define BATON_PATTERN(name) const Pattern& pattern_##name();
#include "pattern_list.inc"
#undef BATON_PATTERN

ParameterValues::ParameterValues(std::span<const Parameter> parameters) : parameters_(parameters) {
  for (const Parameter& parameter : parameters) values_.push_back(parameter.default_value);
}

std::size_t ParameterValues::index(std::string_view name) const {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (parameters_[i].name == name) return i;
  }
  throw std::out_of_range("no parameter " + std::string(name));
}

std::string_view ParameterValues::choice(std::string_view name) const {
  const std::size_t i = index(name);
  return parameters_[i].choices[static_cast<std::size_t>(values_[i])];
}

void ParameterValues::choose(std::string_view name, std::string_view choice) {
  const std::size_t i = index(name);
  const auto& choices = parameters_[i].choices;
  const auto found = std::find(choices.begin(), choices.end(), choice);
  if (found == choices.end())
    throw std::out_of_range(std::string(name) + " has no choice " + std::string(choice));
  values_[i] = static_cast<double>(found - choices.begin());
}

std::span<const Pattern* const> all_patterns() {
  static const std::vector<const Pattern*> patterns = {
#define BATON_PATTERN(name) &pattern_##name(),
#include "pattern_list.inc"
#undef BATON_PATTERN
  };
  return patterns;
}

const Pattern* find_pattern(std::string_view name) {
  for (const Pattern* pattern : all_patterns()) {
    if (pattern->name() == name) return pattern;
  }
  return nullptr;
}

}  // namespace baton::traces
