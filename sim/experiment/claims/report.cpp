#include "sim/experiment/claims/report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <set>

#include "sim/experiment/plot.hpp"
#include "sim/experiment/text_table.hpp"

namespace baton::experiment {
namespace {

/// Three significant digits with the unit: "5.61×", "93.4 %", "149 Mop/s".
std::string figure(double number, const std::string& unit) {
  if (std::isnan(number)) return "–";
  const char* letter = "";
  if (unit == "%") number *= 100;
  static constexpr std::array<std::pair<double, const char*>, 3> scales{{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}}};
  for (const auto& [scale, name] : scales) {
    if (unit == "%" || std::abs(number) < (scale == 1e3 ? 1e4 : scale)) continue;
    number /= scale;
    letter = name;
    break;
  }
  char text[48];
  std::snprintf(text, sizeof text, std::abs(number) >= 999.5 ? "%.0f" : "%.3g", number);
  std::string shown = text;
  // Rounding could hide on which side of 1 a ratio lies.
  if (shown == "1" && std::abs(number - 1) > 1e-9) {
    std::snprintf(text, sizeof text, "%.5g", number);
    shown = text;
  }
  return shown + (*letter == 0 || unit == "×" || unit.empty() ? letter : std::string(" ") + letter) +
         (unit.empty() || unit == "×" || *letter != 0 ? unit : " " + unit);
}

std::string range(double low, double high, const std::string& unit) {
  const std::string from = figure(low, unit);
  const std::string to = figure(high, unit);
  return from == to ? from : from + " to " + to;
}

std::string claimed_text(const Claim& claim) {
  if (claim.min && claim.max) return range(*claim.min, *claim.max, claim.unit);
  if (claim.min) return "at least " + figure(*claim.min, claim.unit);
  return claim.max ? "at most " + figure(*claim.max, claim.unit) : "–";
}

std::string measured_text(const JudgedClaim& judged) {
  const Judgement& judgement = judged.judgement;
  return judgement.points.empty() ? "–" : range(judgement.low, judgement.high, judged.claim().unit);
}

/// The lowest and highest value of an explanation over the points; NaN if it has none.
std::pair<double, double> extremes(const Judgement& judgement, std::size_t explanation) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const JudgedPoint& point : judgement.points) {
    const double value = point.explanation[explanation];
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  return low <= high ? std::pair(low, high) : std::pair(std::nan(""), std::nan(""));
}

/// "cores 4, 64; directory full_map, broadcast".
std::string range_text(const std::vector<AxisLabels>& axes) {
  std::string text;
  for (const AxisLabels& axis : axes) {
    text += (text.empty() ? "" : "; ") + axis.name + " ";
    for (std::size_t i = 0; i < axis.values.size(); ++i)
      text += (i == 0 ? "" : ", ") + bare_text(axis.values[i]);
  }
  return text;
}

/// NaN is null in JSON.
Json number(double value) {
  return std::isnan(value) ? Json() : Json(value);
}

/// The axes, the seed and what the claim's expressions use: enough to compute the verdict again.
std::vector<std::string> used_columns(const JudgedClaim& judged) {
  std::vector<std::string> columns = judged.experiment.axes;
  const auto add = [&](const std::string& name) {
    if (std::ranges::find(columns, name) == columns.end()) columns.push_back(name);
  };
  add("seed");
  for (const Reference& reference : judged.claim().metric->references()) add(reference.name);
  for (const auto& [label, expression] : judged.claim().explanation) {
    for (const Reference& reference : expression.references()) add(reference.name);
  }
  return columns;
}

/// Rows as lists: with their keys in each they would be several times as long.
Json used_rows(const JudgedClaim& judged, const std::vector<std::string>& columns) {
  Json rows = Json::array();
  for (const Json& row : judged.table.rows) {
    Json used = Json::array();
    for (const std::string& column : columns) used.push_back(row[column]);
    rows.push_back(std::move(used));
  }
  return rows;
}

Json judged_points(const Judgement& judgement) {
  Json points = Json::array();
  for (const JudgedPoint& point : judgement.points) {
    Json row = Json::object();
    for (std::size_t i = 0; i < judgement.axes.size(); ++i) row[judgement.axes[i].name] = point.place[i];
    row["measured"] = number(point.measured);
    row["holds"] = point.holds;
    points.push_back(std::move(row));
  }
  return points;
}

/// What is said of a claim besides its points and rows.
Json head(const JudgedClaim& judged) {
  const Claim& claim = judged.claim();
  const Judgement& judgement = judged.judgement;
  Json object{{"name", judged.name}, {"source", claim.source}, {"statement", claim.statement}};
  if (!claim.out_of_scope.empty()) {
    object["verdict"] = name(judgement.verdict);
    object["out_of_scope"] = claim.out_of_scope;
    return object;
  }
  object["metric"] = claim.metric->text();
  object["unit"] = claim.unit;
  object["claimed"] = Json::object();
  if (claim.min) object["claimed"]["min"] = *claim.min;
  if (claim.max) object["claimed"]["max"] = *claim.max;
  object["verdict"] = name(judgement.verdict);
  object["measured"] = {{"min", judgement.low}, {"max", judgement.high}};
  object["holds_at"] = judgement.holding;
  object["of_points"] = judgement.points.size();
  if (!judgement.conditions.empty()) object["conditions"] = judgement.conditions;
  if (judgement.verdict == Verdict::refuted) object["points_on_both_sides"] = judgement.straddles;
  object["explanation"] = Json::object();
  for (std::size_t i = 0; i < claim.explanation.size(); ++i) {
    const auto [low, high] = extremes(judgement, i);
    object["explanation"][claim.explanation[i].first] = {
        {"expression", claim.explanation[i].second.text()}, {"min", number(low)}, {"max", number(high)}};
  }
  return object;
}

void append_list(std::string& text, const char* key, const Json& list) {
  text.append(",\n      \"").append(key).append("\": [");
  for (std::size_t i = 0; i < list.size(); ++i)
    text.append(i == 0 ? "\n        " : ",\n        ").append(list[i].dump());
  text += "\n      ]";
}

std::string capital(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

std::string title(const std::string& name) {
  std::string text = capital(name);
  std::ranges::replace(text, '_', ' ');
  return text;
}

/// A "|" would end the cell of a table.
std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
    text.replace(at, 1, "\\|");
  return text;
}

/// Sources in the order in which the claims have them first.
std::vector<std::string> sources(const std::vector<JudgedClaim>& claims) {
  std::vector<std::string> found;
  for (const JudgedClaim& judged : claims) {
    if (std::ranges::find(found, judged.claim().source) == found.end())
      found.push_back(judged.claim().source);
  }
  return found;
}

std::string section(const JudgedClaim& judged, const std::string& figures, const std::string& configs) {
  const Claim& claim = judged.claim();
  const Judgement& judgement = judged.judgement;
  std::string text = "### " + title(judged.name) + "\n\n" + claim.statement + "\n\n";
  if (!claim.out_of_scope.empty()) return text + "**Out of scope.** " + claim.out_of_scope + "\n\n";
  text += "**" + capital(std::string(name(judgement.verdict))) + "**";
  if (!judgement.conditions.empty()) text += ": holds " + judgement.conditions;
  if (judgement.straddles)
    text += " at the points tried, which lie on both sides of the claimed range: between them it would hold";
  text += ".\n\n| | |\n|---|---|\n";
  text += "| claimed | " + claimed_text(claim) + " |\n";
  text += "| measured | " + measured_text(judged) + " |\n";
  text += "| holds at | " + std::to_string(judgement.holding) + " of " +
          std::to_string(judgement.points.size()) +
          (judgement.points.size() == 1 ? " point |\n" : " points |\n");
  text += "| metric | `" + cell(claim.metric->text()) + "` |\n";
  if (!judgement.axes.empty()) text += "| over | " + cell(range_text(judgement.axes)) + " |\n";
  for (std::size_t i = 0; i < claim.explanation.size(); ++i) {
    const auto [low, high] = extremes(judgement, i);
    text += "| " + cell(claim.explanation[i].first) + " | " + range(low, high, "") + " |\n";
  }
  text += "\n";
  if (!claim.why.empty()) text += "Why: " + claim.why + "\n\n";
  const Json description = judged.experiment.effective.value("description", Json(""));
  if (!description.get<std::string>().empty()) text += description.get<std::string>() + "\n\n";
  text += "[Experiment](" + configs + "/" + judged.name + ".json) · [figure](" + figures + "/" + judged.name +
          ".vl.json)\n\n";
  return text;
}

}  // namespace

std::string verdict_table(const std::vector<JudgedClaim>& claims) {
  std::vector<std::vector<std::string>> lines{{"claim", "verdict", "claimed", "measured", "holds"}};
  for (const JudgedClaim& judged : claims) {
    const Judgement& judgement = judged.judgement;
    const std::string holds = judgement.points.empty() ? "–"
                                                       : std::to_string(judgement.holding) + "/" +
                                                             std::to_string(judgement.points.size());
    lines.push_back({judged.name, std::string(name(judgement.verdict)), claimed_text(judged.claim()),
                     measured_text(judged), holds});
  }
  const std::vector<std::string> table = text_table(lines);
  std::string text;
  for (std::size_t at = 0; at < table.size(); ++at) {
    text += table[at] + "\n";
    if (at > 0 && !claims[at - 1].judgement.conditions.empty())
      text += "    holds " + claims[at - 1].judgement.conditions + "\n";
  }
  return text;
}

std::string verdict_json(const std::vector<JudgedClaim>& claims, bool quick, const Json& host) {
  std::string text = "{\n  \"format\": \"baton-claims\",\n  \"version\": 1,\n  \"quick\": ";
  text += quick ? "true" : "false";
  text += ",\n  \"claims\": [";
  for (std::size_t i = 0; i < claims.size(); ++i) {
    std::string object = pretty(head(claims[i]), 4);
    object.resize(object.rfind("\n    }"));
    text.append(i == 0 ? "\n    " : ",\n    ").append(object);
    if (claims[i].claim().metric) {
      append_list(text, "points", judged_points(claims[i].judgement));
      const std::vector<std::string> columns = used_columns(claims[i]);
      text.append(",\n      \"columns\": ").append(pretty(Json(columns)));
      append_list(text, "rows", used_rows(claims[i], columns));
    }
    text += "\n    }";
  }
  return text + "\n  ],\n  \"host\": " + pretty(host, 2) + "\n}\n";
}

std::string verdict_figure(const JudgedClaim& judged) {
  const Claim& claim = judged.claim();
  const Judgement& judgement = judged.judgement;
  if (!claim.metric) return "";
  PlotChoice plot = claim.plot;
  const bool alone = judgement.axes.empty();
  for (std::string* shown : {&plot.x, &plot.series, &plot.facet}) {
    if (std::ranges::find(judgement.axes, *shown, &AxisLabels::name) == judgement.axes.end()) shown->clear();
  }
  if (plot.x.empty()) plot.x = alone ? "claim" : judgement.axes[0].name;
  if (alone) plot.kind = "bar";
  plot.y = "measured";
  plot.title = title(judged.name);
  const std::set<std::string> shown{plot.x, plot.series, plot.facet};
  Json columns = Json::object();
  // Columns of every results file; here they are axes, or alike in all rows.
  for (const char* column : {"cores", "protocol", "workload", "claim"})
    columns[column] = {{"unit", ""}, {"meaning", ""}};
  for (const AxisLabels& axis : judgement.axes) columns[axis.name] = {{"unit", ""}, {"meaning", ""}};
  columns["measured"] = {{"unit", claim.unit == "%" ? "" : claim.unit}, {"meaning", claim.metric->text()}};
  Json rows = Json::array();
  std::size_t axes_hidden = 0;
  for (const AxisLabels& axis : judgement.axes) axes_hidden += shown.contains(axis.name) ? 0 : 1;
  for (const JudgedPoint& point : judgement.points) {
    if (std::isnan(point.measured)) continue;
    Json row{{"cores", ""}, {"protocol", ""}, {"workload", ""}, {"claim", judged.name}};
    // What the figure does not show becomes its band: the row must not differ in it.
    for (std::size_t i = 0; i < judgement.axes.size(); ++i) {
      const std::string& axis = judgement.axes[i].name;
      row[axis] = shown.contains(axis) ? point.place[i] : Json("");
    }
    row["measured"] = point.measured;
    rows.push_back(std::move(row));
  }
  Json description = write_section(describe(plot));
  const Json results{{"format", "baton-results"},
                     {"version", 1},
                     {"experiment", {{"name", claim.metric->text()}}},
                     {"columns", columns},
                     {"rows", rows}};
  FigureNotes notes;
  notes.repeats = axes_hidden > 0 ? "the plausible range" : "the points";
  if (claim.min) notes.rules.push_back(*claim.min);
  if (claim.max && claim.max != claim.min) notes.rules.push_back(*claim.max);
  return make_figures(results, judged.config, Json::array({description}), notes).at(0).text;
}

std::string verdict_page(const std::vector<JudgedClaim>& claims, const std::string& figures,
                         const std::string& configs) {
  std::string text =
      "# Claims, and what the simulator says\n\n"
      "Generated by `baton claims`; do not edit. Each claim is an experiment: a machine, a workload, a "
      "metric "
      "over its results and\n"
      "the range that was claimed for it. The metric is evaluated over the whole plausible range of what the "
      "claim leaves open\n"
      "(cores, network, directory, work between operations), and the verdict is computed:\n\n"
      "- **supported**: in the claimed range at every point;\n"
      "- **conditional**: at some points, which are named;\n"
      "- **refuted**: at none;\n"
      "- **out of scope**: not for a simulator of cache coherence to say.\n\n"
      "No parameter was chosen to make a claim come out. Figures are Vega-Lite specifications: open one in "
      "the\n"
      "[editor](https://vega.github.io/editor); dashed lines are the claimed range.\n\n";
  const std::vector<std::string> all = sources(claims);
  for (const std::string& source : all) {
    text += "- [" + source + "](#source-" + std::to_string(&source - all.data() + 1) + ")\n";
  }
  text += "\n";
  for (std::size_t i = 0; i < all.size(); ++i) {
    text += "<a id=\"source-" + std::to_string(i + 1) + "\"></a>\n\n## " + all[i] + "\n\n";
    text += "| claim | claimed | measured | verdict |\n|---|---|---|---|\n";
    for (const JudgedClaim& judged : claims) {
      if (judged.claim().source != all[i]) continue;
      std::string anchor = judged.name;
      std::ranges::replace(anchor, '_', '-');
      text += "| [" + cell(judged.claim().statement) + "](#" + anchor + ") | " +
              claimed_text(judged.claim()) + " | " + measured_text(judged) + " | " +
              std::string(name(judged.judgement.verdict)) + " |\n";
    }
    text += "\n";
    for (const JudgedClaim& judged : claims) {
      if (judged.claim().source == all[i]) text += section(judged, figures, configs);
    }
  }
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace baton::experiment
