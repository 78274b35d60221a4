#include "sim/experiment/results.hpp"

#include <algorithm>
#include <optional>

#include "sim/experiment/version.hpp"

namespace baton::experiment {
namespace {

constexpr const char* efficiency_column = "scaling_efficiency";

Json to_json(const Value& value) {
  if (const auto* whole = std::get_if<std::uint64_t>(&value)) return *whole;
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return nullptr;
}

/// The metrics' order: as the first point has them; one that a later point adds goes behind the one that
/// precedes it there, so that kinds of messages of several protocols stay together.
std::vector<std::uint32_t> column_order(const SweepOutcome& outcome, std::size_t columns) {
  std::vector<std::uint32_t> order;
  std::vector<bool> known(columns, false);
  for (const auto& measured : outcome.points) {
    if (!measured) continue;
    std::optional<std::uint32_t> before;
    for (const auto& [column, value] : measured->values) {
      if (!known[column]) {
        known[column] = true;
        const auto at = before ? std::ranges::find(order, *before) + 1 : order.begin();
        order.insert(at, column);
      }
      before = column;
    }
  }
  return order;
}

std::string protocol_label(const sim::ProtocolChoice& protocol) {
  std::string label = protocol.name;
  for (const auto& [option, value] : protocol.options) label += " " + option + "=" + value;
  return label;
}

std::optional<double> efficiency(const Json& row, std::uint32_t cores, std::optional<double> baseline) {
  if (!baseline || *baseline <= 0 || !row.contains("throughput") || !row["throughput"].is_number()) return {};
  return row["throughput"].get<double>() / (static_cast<double>(cores) * *baseline);
}

Json describe_columns(const Experiment& experiment, const ColumnTable& columns,
                      const std::vector<std::uint32_t>& order, bool efficient) {
  Json described = Json::object();
  const auto add = [&](const std::string& name, const std::string& unit, const std::string& meaning) {
    described[name] = Json{{"unit", unit}, {"meaning", meaning}};
  };
  add("cores", "1", "cores of the machine");
  add("protocol", "", "the protocol: its label in the sweep, or its name and options");
  add("workload", "", "the workload: its label in the sweep, or its pattern or trace");
  add("seed", "", "seed of the workload's random numbers");
  for (const std::string& axis : experiment.axes) {
    if (!described.contains(axis)) add(axis, "", "axis of the sweep");
  }
  for (const std::uint32_t column : order) {
    add(columns[column].name, columns[column].unit, columns[column].meaning);
    if (columns[column].name == "throughput" && efficient) {
      add(efficiency_column, "1", "throughput over cores times the throughput of the first core alone");
    }
  }
  return described;
}

Json first_columns(const Experiment& experiment, const Point& point) {
  Json row = Json::object();
  row["cores"] = point.config.machine.cores;
  row["protocol"] = protocol_label(point.config.protocol);
  row["workload"] = workload_label(point.config.workload);
  row["seed"] = point.seed;
  for (std::size_t i = 0; i < experiment.axes.size(); ++i) row[experiment.axes[i]] = point.labels[i];
  return row;
}

/// The lines of a row, each with what identifies the row.
void add_lines(const Json& identity, std::size_t row, const std::string& text, std::vector<Json>& lines) {
  for (const Json& described : Json::parse(text)) {
    Json line{{"row", row}};
    line.update(identity);
    line.update(described);
    lines.push_back(std::move(line));
  }
}

}  // namespace

ResultsTable make_table(const Experiment& experiment, const SweepOutcome& outcome,
                        const ColumnTable& columns) {
  const std::vector<std::uint32_t> order = column_order(outcome, columns.size());
  const bool efficient =
      std::ranges::any_of(outcome.baselines, [](const auto& one) { return one.has_value(); });
  ResultsTable table;
  table.columns = describe_columns(experiment, columns, order, efficient);
  std::vector<Value> values(columns.size());
  for (std::size_t i = 0; i < experiment.points.size(); ++i) {
    std::ranges::fill(values, Value{});
    for (const auto& [column, value] : outcome.points[i]->values) values[column] = value;
    Json row = first_columns(experiment, experiment.points[i]);
    if (!outcome.points[i]->lines.empty()) {
      if (!table.lines) table.lines.emplace();
      add_lines(row, i, outcome.points[i]->lines, *table.lines);
    }
    for (const std::uint32_t column : order) {
      // Programs name columns, too (operations_enqueue): an axis that is called so keeps its labels.
      row.emplace(columns[column].name, to_json(values[column]));
      if (columns[column].name == "throughput" && efficient) {
        const auto ratio = efficiency(row, experiment.points[i].config.machine.cores, outcome.baselines[i]);
        row[efficiency_column] = ratio ? Json(*ratio) : Json();
      }
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string results_text(const Experiment& experiment, const ResultsTable& table, const Json& host) {
  std::string text = "{\n  \"format\": \"baton-results\",\n  \"version\": 1,\n  \"experiment\": ";
  text += pretty(experiment.effective, 2);
  text += ",\n  \"columns\": {";
  bool first = true;
  for (const auto& [name, column] : table.columns.items()) {
    text.append(first ? "\n    " : ",\n    ").append(Json(name).dump()).append(": ").append(column.dump());
    first = false;
  }
  text += "\n  },\n  \"rows\": [";
  first = true;
  for (const Json& row : table.rows) {
    text.append(first ? "\n    " : ",\n    ").append(row.dump());
    first = false;
  }
  if (table.lines) {
    text += "\n  ],\n  \"lines\": [";
    first = true;
    for (const Json& line : *table.lines) {
      text.append(first ? "\n    " : ",\n    ").append(line.dump());
      first = false;
    }
  }
  text += "\n  ],\n  \"host\": " + pretty(host, 2) + "\n}\n";
  return text;
}

Json host_object(const SweepOutcome& outcome, double seconds, int jobs) {
  Json point_seconds = Json::array();
  for (const auto& measured : outcome.points)
    point_seconds.push_back(measured ? Json(measured->seconds) : Json());
  return {
      {"baton", version}, {"seconds", seconds}, {"jobs", jobs}, {"point_seconds", std::move(point_seconds)}};
}

}  // namespace baton::experiment
