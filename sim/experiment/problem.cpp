#include "sim/experiment/problem.hpp"

#include <algorithm>
#include <cctype>

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

/// Letters inserted, deleted, replaced or swapped with their neighbour (optimal string alignment), whatever
/// their case.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto same = [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  };
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      const std::size_t replaced = cost[i - 1][j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1])) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

InputProblems::InputProblems(std::string_view file, std::span<const Problem> problems)
    : std::runtime_error(lines(file, problems)) {}

std::string did_you_mean(std::string_view found, std::span<const std::string> candidates) {
  const std::string* best = nullptr;
  std::size_t least = std::max<std::size_t>(1, found.size() / 3) + 1;
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
