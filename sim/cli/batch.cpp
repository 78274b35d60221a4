#include "sim/cli/batch.hpp"

#include <algorithm>
#include <filesystem>

#include "sim/experiment/problem.hpp"

namespace baton::cli {

namespace fs = std::filesystem;
using namespace experiment;

std::vector<std::string> config_names(const std::string& folder, std::string_view what) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    throw InputProblems(folder, Problems{{"", "there is no such folder; one of " + std::string(what) +
                                                  "s' configs was expected"}});
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  if (names.empty()) throw InputProblems(folder, Problems{{"", "has no " + std::string(what) + " (*.json)"}});
  return names;
}

std::vector<std::string> chosen(const std::vector<std::string>& names, const std::vector<std::string>& only,
                                std::string_view what) {
  for (const std::string& name : only) {
    if (std::ranges::find(names, name) == names.end())
      throw InputProblems("--only " + name,
                          Problems{{"", "there is no such " + std::string(what) + "; there are " +
                                            quoted_list(names) + did_you_mean(name, names)}});
  }
  if (only.empty()) return names;
  std::vector<std::string> left;
  for (const std::string& name : names) {
    if (std::ranges::find(only, name) != only.end()) left.push_back(name);
  }
  return left;
}

Experiment together(std::string_view name,
                    const std::vector<std::pair<std::string, const Experiment*>>& experiments) {
  Experiment all;
  all.name = name;
  all.axes = {"experiment", "at"};
  for (const auto& [label, experiment] : experiments) {
    for (const Point& point : experiment->points) {
      std::string place = point_name(*experiment, point);
      place.resize(place.rfind("seed="));
      while (place.ends_with(' ') || place.ends_with(',')) place.pop_back();
      all.points.push_back({{label, place}, point.config, point.seed});
    }
  }
  return all;
}

void check_batch(const Execution& execution, const std::string& page, const std::string& folder,
                 const std::vector<std::pair<std::string, const Experiment*>>& experiments) {
  std::vector<std::string> inputs;
  for (const auto& entry : fs::directory_iterator(folder)) inputs.push_back(entry.path().string());
  for (const auto& [name, experiment] : experiments) add_inputs(*experiment, inputs);
  check_files(execution, execution.output, inputs, page);
}

SweepOutcome part_of(const SweepOutcome& outcome, std::size_t begin, std::size_t count) {
  const auto from = static_cast<std::ptrdiff_t>(begin);
  const auto to = static_cast<std::ptrdiff_t>(begin + count);
  SweepOutcome part;
  part.points.assign(outcome.points.begin() + from, outcome.points.begin() + to);
  part.baselines.assign(outcome.baselines.begin() + from, outcome.baselines.begin() + to);
  return part;
}

std::string seen_from(const std::string& page, const std::string& folder) {
  return fs::absolute(folder)
      .lexically_normal()
      .lexically_relative(fs::absolute(page).lexically_normal().parent_path())
      .generic_string();
}

}  // namespace baton::cli
