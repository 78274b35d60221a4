#include "sim/experiment/hardware/report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "sim/experiment/plot.hpp"
#include "sim/experiment/text_table.hpp"

namespace baton::experiment {
namespace {

/// Three significant digits.
std::string digits(double number) {
  if (std::isnan(number)) return "–";
  char text[48];
  std::snprintf(text, sizeof text, std::abs(number) >= 999.5 ? "%.0f" : "%.3g", number);
  return text;
}

std::string with_unit(const std::string& number, const std::string& unit) {
  return unit.empty() || number == "–" ? number : unit == "×" ? number + unit : number + " " + unit;
}

std::string measured_text(const MeasuredFigure& figure) {
  return with_unit(
      figure.min == figure.max ? digits(figure.min) : digits(figure.min) + " to " + digits(figure.max),
      figure.unit);
}

std::string error_text(const MeasuredFigure& figure, double simulated) {
  if (!figure.metric) return "–";
  const double error = 100 * error_of(figure, simulated);
  if (figure.min != figure.max && error == 0) return "inside";
  char text[48];
  std::snprintf(text, sizeof text, std::abs(error) >= 9.95 ? "%+.0f %%" : "%+.1f %%", error);
  return text;
}

std::string fitted_text(const MeasuredFigure& figure, const char* quote) {
  if (!figure.metric) return "out of scope";
  return figure.fitted.empty() ? "no: predicted" : "yes, by " + (quote + figure.fitted) + quote;
}

std::string title(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  std::ranges::replace(text, '_', ' ');
  return text;
}

/// A "|" would end the cell of a table.
std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
    text.replace(at, 1, "\\|");
  return text;
}

Json number(double value) {
  return std::isnan(value) ? Json() : Json(value);
}

Json figure_object(const MeasuredFigure& figure, double simulated) {
  Json object{{"what", figure.what}, {"unit", figure.unit}};
  object["measured"] =
      figure.min == figure.max ? Json(figure.min) : Json{{"min", figure.min}, {"max", figure.max}};
  if (!figure.metric) {
    object["out_of_scope"] = figure.out_of_scope;
    return object;
  }
  object["simulated"] = number(simulated);
  object["error"] = number(error_of(figure, simulated));
  object["metric"] = figure.metric->text();
  if (!figure.over.empty()) object["over"] = figure.over;
  object["fitted"] = figure.fitted.empty() ? Json() : Json(figure.fitted);
  return object;
}

/// The columns that the metrics use, behind the axes.
Json used_rows(const ComparedMeasurement& compared) {
  std::vector<std::string> columns = compared.experiment.axes;
  const auto add = [&](const std::string& name) {
    if (std::ranges::find(columns, name) == columns.end()) columns.push_back(name);
  };
  add("seed");
  for (const MeasuredFigure& figure : compared.measurement().figures) {
    if (!figure.metric) continue;
    for (const Reference& reference : figure.metric->references()) add(reference.name);
  }
  Json rows = Json::array();
  for (const Json& row : compared.table.rows) {
    Json used = Json::object();
    for (const std::string& column : columns) used[column] = row[column];
    rows.push_back(std::move(used));
  }
  return rows;
}

void append_list(std::string& text, const char* key, const Json& list) {
  text.append(",\n      \"").append(key).append("\": [");
  for (std::size_t i = 0; i < list.size(); ++i)
    text.append(i == 0 ? "\n        " : ",\n        ").append(list[i].dump());
  text += "\n      ]";
}

std::string section(const ComparedMeasurement& compared, const std::string& figures,
                    const std::string& configs) {
  const HardwareMeasurement& measurement = compared.measurement();
  std::string text = "## " + title(compared.name) + "\n\n" + measurement.statement + "\n\n";
  text += "Source: " + measurement.source + ".\n\n";
  for (const MeasuredFigure& figure : measurement.figures) {
    if (!figure.metric) text += "Out of scope: " + figure.what + ". " + figure.out_of_scope + "\n\n";
  }
  if (!measurement.why.empty()) text += "Why: " + measurement.why + "\n\n";
  const std::string description = compared.experiment.effective.value("description", std::string());
  if (!description.empty()) text += description + "\n\n";
  if (!compared.experiment.preset.parameters.empty()) {
    text += compared.experiment.preset.description + "\n\n| parameter | value | source |\n|---|---|---|\n";
    for (const auto& [pointer, value] : leaves(compared.experiment.preset.parameters)) {
      text += "| `" + pointer + "` | " + bare_text(value) + " | ";
      // The source that says most about it: the longest that it lies in.
      const std::pair<std::string, std::string>* best = nullptr;
      for (const auto& source : compared.experiment.preset.sources) {
        if ((pointer + "/").starts_with(source.first + "/") &&
            (best == nullptr || source.first.size() > best->first.size()))
          best = &source;
      }
      text += (best == nullptr ? "" : cell(best->second)) + " |\n";
    }
    text += "\n";
  }
  text += "[Experiment](" + configs + "/" + compared.name + ".json)";
  const Json& plots = compared.experiment.effective["plots"];
  for (std::size_t i = 0; i < plots.size(); ++i)
    text += " · [figure](" + figures + "/" + compared.name + "-" + std::to_string(i + 1) + ".vl.json)";
  return text + "\n\n";
}

}  // namespace

std::string hardware_table(const std::vector<ComparedMeasurement>& all) {
  std::vector<std::vector<std::string>> lines{{"what", "measured", "simulated", "error", "fitted"}};
  for (const ComparedMeasurement& compared : all) {
    for (std::size_t i = 0; i < compared.simulated.size(); ++i) {
      const MeasuredFigure& figure = compared.measurement().figures[i];
      lines.push_back({compared.name + ": " + figure.what, measured_text(figure),
                       with_unit(digits(compared.simulated[i]), figure.unit),
                       error_text(figure, compared.simulated[i]), fitted_text(figure, "")});
    }
  }
  std::string text;
  for (const std::string& line : text_table(lines)) text += line + "\n";
  return text;
}

std::string hardware_json(const std::vector<ComparedMeasurement>& all, const Json& host) {
  std::string text = "{\n  \"format\": \"baton-hardware\",\n  \"version\": 1,\n  \"measurements\": [";
  for (std::size_t i = 0; i < all.size(); ++i) {
    const HardwareMeasurement& measurement = all[i].measurement();
    const Json head{
        {"name", all[i].name}, {"source", measurement.source}, {"statement", measurement.statement}};
    std::string object = pretty(head, 4);
    object.resize(object.rfind("\n    }"));
    text.append(i == 0 ? "\n    " : ",\n    ").append(object);
    Json figures = Json::array();
    for (std::size_t j = 0; j < all[i].simulated.size(); ++j)
      figures.push_back(figure_object(measurement.figures[j], all[i].simulated[j]));
    append_list(text, "figures", figures);
    append_list(text, "rows", used_rows(all[i]));
    text += "\n    }";
  }
  return text + "\n  ],\n  \"host\": " + pretty(host, 2) + "\n}\n";
}

std::vector<std::string> hardware_plots(const ComparedMeasurement& compared) {
  const Json results{{"format", "baton-results"},
                     {"version", 1},
                     {"experiment", compared.experiment.effective},
                     {"columns", compared.table.columns},
                     {"rows", compared.table.rows}};
  std::vector<std::string> texts;
  if (compared.experiment.effective["plots"].empty()) return texts;
  for (Figure& figure : make_figures(results, compared.config, Json()))
    texts.push_back(std::move(figure.text));
  return texts;
}

std::string hardware_page(const std::vector<ComparedMeasurement>& all, const std::string& figures,
                          const std::string& configs) {
  std::string text =
      "# Real machines, and what the simulator says\n\n"
      "Generated by `baton hardware`; do not edit. Each row is a figure that somebody has measured on a real "
      "machine, and the same figure\n"
      "of the simulated one. A machine's parameters are a preset (`configs/presets`), each with its source. "
      "Where no source gives a\n"
      "latency, one parameter is fitted to one figure, and the row says so; all others are predicted, and "
      "nothing is tuned to make their\n"
      "errors small. An error is simulated / measured - 1; of a range, from its nearer end. What the model "
      "leaves out is said below.\n\n"
      "| what | source | measured | simulated | error | fitted |\n|---|---|---|---|---|---|\n";
  for (const ComparedMeasurement& compared : all) {
    const HardwareMeasurement& measurement = compared.measurement();
    std::string anchor = compared.name;
    std::ranges::replace(anchor, '_', '-');
    for (std::size_t i = 0; i < compared.simulated.size(); ++i) {
      const MeasuredFigure& figure = measurement.figures[i];
      text += "| [" + title(compared.name) + "](#" + anchor + "): " + cell(figure.what) + " | " +
              cell(measurement.source) + " | " + measured_text(figure) + " | " +
              with_unit(digits(compared.simulated[i]), figure.unit) + " | " +
              error_text(figure, compared.simulated[i]) + " | " + fitted_text(figure, "`") + " |\n";
    }
  }
  text += "\n";
  for (const ComparedMeasurement& compared : all) text += section(compared, figures, configs);
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace baton::experiment
