#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <sstream>
#include <utility>

#include "protocols/core/registry.hpp"
#include "sim/experiment/results.hpp"
#include "sim/experiment/text_table.hpp"

namespace baton::experiment {
namespace {

/// Four significant digits, thousands marked by a letter: 1.234M.
std::string short_number(double number) {
  static constexpr std::array<std::pair<double, const char*>, 4> scales{
      {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e4, "k"}}};
  const char* letter = "";
  for (const auto& [scale, name] : scales) {
    if (std::abs(number) < scale) continue;
    number /= scale == 1e4 ? 1e3 : scale;
    letter = name;
    break;
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.4g%s", number, letter);
  return text;
}

std::string cell(const Json& value) {
  if (value.is_null()) return "–";
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_float() ? short_number(value.get<double>()) : value.dump();
}

/// A column of the rows from `first` on, which differ in their seed: the mean of numbers, or what all have.
std::string mean_cell(const ResultsTable& table, const std::string& name, std::size_t first,
                      std::size_t seeds) {
  double sum = 0;
  for (std::size_t i = first; i < first + seeds; ++i) {
    const Json& value = table.rows[i][name];
    if (!value.is_number() || (seeds == 1 && name != "throughput")) return cell(value);
    sum += value.get<double>();
  }
  const bool whole = table.rows[first][name].is_number_integer() &&
                     table.rows[first][name] == sum / static_cast<double>(seeds);
  return whole ? cell(table.rows[first][name]) : short_number(sum / static_cast<double>(seeds));
}

/// The figures that most questions are about, as far as these results have them.
std::vector<std::string> main_columns(const Experiment& experiment, const ResultsTable& table) {
  std::vector<std::string> names{"cores", "protocol", "workload"};
  for (const std::string& axis : experiment.axes) {
    if (std::ranges::find(names, axis) == names.end()) names.push_back(axis);
  }
  // Latencies of the kinds of access that these workloads have.
  for (const char* name :
       {"throughput", "scaling_efficiency", "messages_per_operation", "latency_p50_load", "latency_p99_load",
        "latency_p50_store", "latency_p99_store", "latency_p50_rmw", "latency_p99_rmw", "fairness"}) {
    const auto known = [&](const Json& row) { return row.contains(name) && !row[name].is_null(); };
    if (std::ranges::any_of(table.rows, known)) names.emplace_back(name);
  }
  return names;
}

}  // namespace

std::string short_protocol(const std::string& label) {
  std::istringstream words(label);
  std::string text;
  words >> text;
  const ProtocolInfo* const protocol = find_protocol(text);
  if (protocol == nullptr) return label;
  for (std::string word; words >> word;) {
    const auto is_of = [&](const ProtocolOption& option) {
      return word.starts_with(std::string(option.name) + "=");
    };
    const auto option = std::ranges::find_if(protocol->options(), is_of);
    if (option == protocol->options().end()) return label;
    if (word.substr(option->name.size() + 1) != option->values.front()) text += " " + word;
  }
  return text;
}

std::string summary(const Experiment& experiment, const ResultsTable& table, std::size_t rows,
                    std::size_t width) {
  const std::vector<std::string> names = main_columns(experiment, table);
  const std::size_t seeds =
      std::max<std::size_t>(1, experiment.effective.value("seeds", Json::array()).size());
  const std::size_t points = table.rows.size() / seeds;
  const std::size_t shown = std::min(rows, points);
  std::vector<std::vector<std::string>> lines{names};
  for (std::size_t i = 0; i < shown; ++i) {
    std::vector<std::string> line;
    for (const std::string& name : names) {
      const std::string text = mean_cell(table, name, i * seeds, seeds);
      line.push_back(name == "protocol" ? short_protocol(text) : text);
    }
    lines.push_back(std::move(line));
  }
  std::string text;
  std::vector<bool> right;
  for (const std::string& name : names) right.push_back(shown == 0 || !table.rows[0][name].is_string());
  std::vector<std::string> shown_lines = text_table(lines, right);
  const auto fits = [&] {
    return std::ranges::all_of(shown_lines,
                               [&](const std::string& line) { return text_width(line) <= width; });
  };
  const auto least = static_cast<std::size_t>(std::ranges::find(names, "throughput") - names.begin()) + 1;
  std::size_t left_out = 0;
  for (; !fits() && lines.front().size() > least; ++left_out) {
    for (auto& line : lines) line.pop_back();
    shown_lines = text_table(lines, right);
  }
  for (const std::string& line : shown_lines) text += line + "\n";
  if (left_out > 0) text += "(a wider terminal shows " + std::to_string(left_out) + " more)\n";
  if (shown < points)
    text += "… and " + std::to_string(points - shown) +
            (points - shown == 1 ? " more point\n" : " more points\n");
  if (seeds > 1) text += "(means of " + std::to_string(seeds) + " seeds)\n";
  return text;
}

}  // namespace baton::experiment
