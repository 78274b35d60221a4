#include "sim/experiment/plot_data.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace baton::experiment {
namespace {

bool selects(const Json& selection, const Json& row) {
  return std::ranges::all_of(selection.items(), [&](const auto& item) {
    if (!row.contains(item.key())) return false;
    const Json& found = row[item.key()];
    if (!item.value().is_array()) return found == item.value();
    return std::ranges::find(item.value(), found) != item.value().end();
  });
}

/// The columns that a figure names, with the place in the plot where each is named.
std::vector<std::pair<std::string, std::string>> named_columns(const PlotChoice& plot) {
  std::vector<std::pair<std::string, std::string>> named;
  const auto add = [&](const std::string& place, const std::string& column) {
    if (!column.empty()) named.emplace_back(place, column);
  };
  add("/x", plot.x);
  add("/y", plot.y);
  add("/color", plot.color);
  add("/series", plot.series);
  add("/facet", plot.facet);
  for (const auto& item : plot.where.items()) add("/where", item.key());
  if (plot.ratio.empty()) return named;
  add("/ratio/of", plot.ratio["of"].get<std::string>());
  for (const char* part : {"numerator", "denominator"}) {
    for (const auto& item : plot.ratio[part].items()) add(std::string("/ratio/") + part, item.key());
  }
  return named;
}

void check_columns(const Json& results, const PlotChoice& plot, const std::string& pointer,
                   Problems& problems) {
  std::vector<std::string> columns;
  for (const auto& item : results["columns"].items()) columns.push_back(item.key());
  for (const auto& [place, column] : named_columns(plot)) {
    if (std::ranges::find(columns, column) == columns.end()) {
      problems.push_back({pointer + place, "there is no column \"" + column + "\" in the results" +
                                               did_you_mean(column, columns)});
    }
  }
}

/// An axis that the figure does not show would be averaged over without a word.
void check_averaging(const Json& results, const std::vector<Json>& rows, const PlotChoice& plot,
                     const std::string& pointer, Problems& problems) {
  std::set<std::string> shown;
  for (const auto& [place, column] : named_columns(plot)) {
    if (place != "/where") shown.insert(column);
  }
  std::vector<std::string> axes{"cores", "protocol", "workload"};
  const Json sweep = results["experiment"].value("sweep", Json::object());
  for (const auto& item : sweep.items()) axes.push_back(item.key());
  // Two axes may say the same (an axis "size" and the column it changes): what is shown decides.
  std::map<std::string, Json> first;
  for (const Json& row : rows) {
    Json place = Json::array();
    for (const std::string& column : shown) {
      if (std::ranges::find(axes, column) != axes.end()) place.push_back(row[column]);
    }
    const auto [at, fresh] = first.try_emplace(place.dump(), row);
    for (const std::string& axis : axes) {
      if (fresh || shown.contains(axis) || at->second[axis] == row[axis]) continue;
      problems.push_back(
          {pointer, "would average over the axis \"" + axis +
                        "\"; give it as \"series\", as \"facet\" or a value of it in \"where\""});
      return;
    }
  }
}

Json reduced(const Json& row, const std::vector<std::string>& columns) {
  Json small = Json::object();
  for (const std::string& column : columns) small[column] = row[column];
  return small;
}

/// Divides the rows that `numerator` selects by those that `denominator` does and that are alike in all else.
void add_ratios(const Json& results, const std::vector<Json>& rows, const PlotChoice& plot,
                const std::vector<std::string>& columns, PlotData& data) {
  const std::string of = plot.ratio["of"].get<std::string>();
  std::set<std::string> selected;
  for (const char* part : {"numerator", "denominator"}) {
    for (const auto& item : plot.ratio[part].items()) selected.insert(item.key());
  }
  std::vector<std::string> alike{"cores", "protocol", "workload", "seed"};
  const Json sweep = results["experiment"].value("sweep", Json::object());
  for (const auto& item : sweep.items()) alike.push_back(item.key());
  std::erase_if(alike, [&](const std::string& column) { return selected.contains(column); });
  std::map<std::string, double> denominators;
  for (const Json& row : rows) {
    if (selects(plot.ratio["denominator"], row) && row[of].is_number()) {
      denominators[reduced(row, alike).dump()] = row[of].get<double>();
    }
  }
  for (const Json& row : rows) {
    if (!selects(plot.ratio["numerator"], row) || !row[of].is_number()) continue;
    const auto at = denominators.find(reduced(row, alike).dump());
    if (at == denominators.end() || !(at->second > 0)) continue;
    Json small = reduced(row, columns);
    small[data.value] = row[of].get<double>() / at->second;
    data.rows.push_back(std::move(small));
  }
}

std::string selection_text(const Json& selection) {
  std::string text;
  for (const auto& item : selection.items()) {
    text.append(text.empty() ? "" : ", ");
    text +=
        item.value().is_string() ? item.value().get<std::string>() : item.key() + " " + item.value().dump();
  }
  return text;
}

}  // namespace

std::string column_title(const Json& results, const std::string& column) {
  std::string title = column;
  std::ranges::replace(title, '_', ' ');
  const std::string unit = results["columns"].value(column, Json::object()).value("unit", "");
  return unit.empty() || unit == "1" || title.find(unit) != std::string::npos ? title
                                                                              : title + " (" + unit + ")";
}

PlotData plot_data(const Json& results, const PlotChoice& plot, const std::string& pointer,
                   Problems& problems) {
  PlotData data;
  const std::size_t before = problems.size();
  check_columns(results, plot, pointer, problems);
  if (problems.size() > before) return data;
  std::vector<Json> rows;
  for (const Json& row : results["rows"]) {
    if (selects(plot.where, row)) rows.push_back(row);
  }
  check_averaging(results, rows, plot, pointer, problems);
  const bool ratio = !plot.ratio.empty();
  std::vector<std::string> columns;
  for (const std::string& column : {plot.x, plot.series, plot.facet}) {
    if (!column.empty() && std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
  }
  if (plot.kind == "heatmap") columns.push_back(plot.y);
  const std::vector<std::string> places = columns;
  if (ratio) {
    data.value = "ratio";
    data.value_title = column_title(results, plot.ratio["of"].get<std::string>());
    if (const auto unit = data.value_title.find(" ("); unit != std::string::npos)
      data.value_title.resize(unit);
    data.value_title +=
        ", " + selection_text(plot.ratio["numerator"]) + " ÷ " + selection_text(plot.ratio["denominator"]);
    add_ratios(results, rows, plot, columns, data);
  } else {
    data.value = plot.kind == "heatmap" ? plot.color : plot.y;
    data.value_title = column_title(results, data.value);
    if (std::ranges::find(columns, data.value) == columns.end()) columns.push_back(data.value);
    for (const Json& row : rows) {
      if (!row[data.value].is_null()) data.rows.push_back(reduced(row, columns));
    }
  }
  const auto placeless = [&](const Json& row) {
    const auto beyond = [&](const std::string& column) {
      return row[column].is_number() && row[column] <= 0;
    };
    return (plot.x_scale == "log" && beyond(plot.x)) || (plot.y_scale == "log" && beyond(data.value));
  };
  Json shown = Json::array();
  for (Json& row : data.rows) {
    if (!placeless(row)) shown.push_back(std::move(row));
  }
  data.left_out = shown.size() < data.rows.size();
  data.rows = std::move(shown);
  if (data.rows.empty() && problems.size() == before) {
    problems.push_back({pointer, "no row of the results has what this plot shows"});
  }
  std::set<std::string> seen;
  for (const Json& row : data.rows) data.repeated |= !seen.insert(reduced(row, places).dump()).second;
  return data;
}

}  // namespace baton::experiment
