#include "sim/experiment/problem.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace baton::experiment {
namespace {

std::string lines(std::string_view file, std::span<const Problem> problems) {
  constexpr std::size_t most = 50;  // beyond it the list hides what it should show
  std::string text;
  for (std::size_t i = 0; i < problems.size() && i < most; ++i) {
    if (i > 0) text += '\n';
    text.append(file).append(": ");
    if (!problems[i].pointer.empty()) text.append(problems[i].pointer).append(": ");
    text += problems[i].message;
  }
  if (problems.size() > most) {
    text.append("\n").append(file).append(": … and ").append(std::to_string(problems.size() - most));
    text += " more problems";
  }
  return text;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

InputProblems::InputProblems(std::string_view file, std::span<const Problem> problems)
    : std::runtime_error(lines(file, problems)) {}

std::string did_you_mean(std::string_view found, std::span<const std::string> candidates) {
  const std::string* best = nullptr;
  std::size_t least = std::max<std::size_t>(2, found.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(found, candidate);
    // A word of which most letters differ is no correction.
    if (distance < least && distance < std::max(found.size(), candidate.size())) {
      least = distance;
      best = &candidate;
    }
  }
  return best == nullptr ? "" : " (did you mean \"" + *best + "\"?)";
}

std::string quoted_list(std::span<const std::string> words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ", ";
    text.append("\"").append(word).append("\"");
  }
  return text;
}

std::string pointer_token(std::string_view key) {
  std::string token;
  for (const char c : key) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else {
      token += c;
    }
  }
  return token;
}

}  // namespace baton::experiment
