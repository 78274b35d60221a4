#pragma once
// The list of commands in `baton --help`.

#include <algorithm>
#include <ostream>
#include <ranges>
#include <span>

#include "sim/cli/command.hpp"

namespace baton::cli {

/// A line each, name and summary, with the summaries below each other. Without those that are not listed.
inline void print_list(std::ostream& out, std::span<const Command> commands) {
  const auto listed = [](const Command& command) { return !command.summary.empty(); };
  std::size_t longest = 0;
  for (const Command& command : commands | std::views::filter(listed))
    longest = std::max(longest, command.name.size());
  for (const Command& command : commands | std::views::filter(listed))
    out << "  " << command.name << std::string(longest + 2 - command.name.size(), ' ') << command.summary
        << "\n";
}

}  // namespace baton::cli
