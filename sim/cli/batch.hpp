#pragma once
// What `claims` and `hardware` share: many experiments out of a folder, run as one.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/cli/execute.hpp"
#include "sim/experiment/config.hpp"
#include "sim/experiment/runner.hpp"

namespace baton::cli {

/// The names, sorted, of the configs in a folder. `what` they are ("claim") is said in errors. Throws
/// experiment::InputProblems if there is none.
std::vector<std::string> config_names(const std::string& folder, std::string_view what);

/// Those of --only, or all. Throws experiment::InputProblems for one that is not among them.
std::vector<std::string> chosen(const std::vector<std::string>& names, const std::vector<std::string>& only,
                                std::string_view what);

/// All points as one experiment: one pool of processes, one progress line, one checkpoint, and what several
/// experiments need runs once.
experiment::Experiment together(
    std::string_view name,
    const std::vector<std::pair<std::string, const experiment::Experiment*>>& experiments);

/// As check_files(), where the inputs are all configs of `folder` and what the experiments read.
void check_batch(const Execution& execution, const std::string& page, const std::string& folder,
                 const std::vector<std::pair<std::string, const experiment::Experiment*>>& experiments);

/// The part of the outcome that `count` points from `begin` on have.
experiment::SweepOutcome part_of(const experiment::SweepOutcome& outcome, std::size_t begin,
                                 std::size_t count);

/// Where `folder` lies, seen from the file `page`.
std::string seen_from(const std::string& page, const std::string& folder);

}  // namespace baton::cli
