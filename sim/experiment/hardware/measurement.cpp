#include "sim/experiment/hardware/measurement.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/experiment/claims/verdict.hpp"

namespace baton::experiment {
namespace {

const std::vector<std::string>& ways_to_combine() {
  static const std::vector<std::string> ways{"median", "mean", "min", "max", "p90/p10", "max/min"};
  return ways;
}

void read_measured(const Json& value, MeasuredFigure& figure, const std::string& place, Problems& problems) {
  const auto wrong = [&] {
    problems.push_back({place, "must be a positive number or {\"min\": number, \"max\": number}, found " +
                                   found_text(value)});
  };
  if (value.is_number()) {
    figure.min = figure.max = value.get<double>();
  } else if (value.is_object() && value.size() == 2 && value.contains("min") && value.contains("max") &&
             value["min"].is_number() && value["max"].is_number()) {
    figure.min = value["min"].get<double>();
    figure.max = value["max"].get<double>();
    if (figure.min > figure.max) {
      problems.push_back(
          {place, "\"min\" is above \"max\": " + value["min"].dump() + " > " + value["max"].dump()});
      return;
    }
  } else {
    wrong();
    return;
  }
  if (figure.min <= 0) wrong();
}

/// A claim that is only a metric: what evaluates claims evaluates figures.
Claim as_claim(const MeasuredFigure& figure) {
  Claim claim;
  claim.metric = figure.metric;
  return claim;
}

void check_axes(const MeasuredFigure& figure, const std::vector<AxisLabels>& axes, const std::string& place,
                Problems& problems) {
  const std::vector<AxisLabels> open = as_claim(figure).plausible(axes);
  if (!figure.over.empty() && open.empty())
    problems.push_back({place + "/over", "has no use: the metric fixes all axes"});
  if (!figure.over.empty()) return;
  for (const AxisLabels& axis : open)
    problems.push_back({place + "/metric", "must fix the axis \"" + axis.name +
                                               "\", or \"over\" must say how " +
                                               "one figure is made of those at its values"});
}

void check_fitted(const MeasuredFigure& figure, const Json& document, const std::string& place,
                  Problems& problems) {
  if (figure.fitted.empty()) return;
  try {
    if (document.contains(Json::json_pointer(figure.fitted))) return;
  } catch (const Json::parse_error&) {  // no pointer
  }
  problems.push_back({place + "/fitted",
                      "must be the JSON pointer of a parameter that the config or its preset "
                      "gives, found \"" +
                          figure.fitted + "\""});
}

MeasuredFigure read_figure(const Json& object, const Json& document, const std::vector<AxisLabels>& axes,
                           const std::string& place, Problems& problems) {
  MeasuredFigure figure;
  const std::size_t before = problems.size();
  read_section(describe(figure), object, place, problems, {"measured"});
  if (!object.is_object()) return figure;
  for (const char* key : {"what", "unit", "measured"}) {
    if (!object.contains(key)) problems.push_back({place + "/" + key, "is missing"});
  }
  if (object.contains("measured")) read_measured(object["measured"], figure, place + "/measured", problems);
  if (object.contains("out_of_scope")) {
    for (const char* key : {"metric", "over", "fitted"}) {
      if (object.contains(key)) problems.push_back({place + "/" + key, "has no use beside \"out_of_scope\""});
    }
    return figure;
  }
  if (object.contains("metric"))
    figure.metric = read_expression(object["metric"], axes, place + "/metric", problems);
  else
    problems.push_back({place + "/metric", "is missing (or \"out_of_scope\", with the reason)"});
  if (!figure.over.empty() && std::ranges::find(ways_to_combine(), figure.over) == ways_to_combine().end())
    problems.push_back({place + "/over", "must be one of " + quoted_list(ways_to_combine()) + ", found \"" +
                                             figure.over + "\"" +
                                             did_you_mean(figure.over, ways_to_combine())});
  if (problems.size() > before) return figure;
  check_axes(figure, axes, place, problems);
  check_fitted(figure, document, place, problems);
  return figure;
}

/// By linear interpolation between the sorted values.
double quantile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

Section describe(MeasuredFigure& figure) {
  return {
      "figures",
      "",
      {text("what", figure.what, "what was measured"),
       text("unit", figure.unit, "of `measured` and `metric`"),
       optional_text("metric", figure.metric_text, "the simulated figure: an expression as a claim's"),
       optional_text("over", figure.over,
                     "how one figure is made of those at several points, where the metric does not fix all "
                     "axes: median, mean, min, max, p90/p10 or max/min; points without a value do not count"),
       optional_text("fitted", figure.fitted,
                     "JSON pointer of the parameter that was chosen so that this figure comes out; absent: "
                     "the figure is predicted"),
       optional_text("out_of_scope", figure.out_of_scope,
                     "instead of a metric: why the model does not have what was measured")},
      {}};
}

Section describe(HardwareMeasurement& measurement) {
  return {
      "measurement",
      "figures measured on a real machine: `baton hardware` puts the simulated ones beside them",
      {text("source", measurement.source, "who has measured, and where it is published"),
       text("statement", measurement.statement, "what was measured, on what"),
       optional_text("why", measurement.why, "what the model leaves out, and what that does to the figures")},
      {}};
}

HardwareMeasurement read_measurement(const Json& object, const Json& document,
                                     const std::vector<AxisLabels>& axes, Problems& problems) {
  HardwareMeasurement measurement;
  read_section(describe(measurement), object, "/measurement", problems, {"figures"});
  if (!object.is_object()) return measurement;
  for (const char* key : {"source", "statement", "figures"}) {
    if (!object.contains(key)) problems.push_back({std::string("/measurement/") + key, "is missing"});
  }
  if (!object.contains("figures")) return measurement;
  const Json& figures = object["figures"];
  if (!figures.is_array() || figures.empty()) {
    problems.push_back(
        {"/measurement/figures", "must be a list of at least one object, found " +
                                     (figures.is_array() ? "an empty one" : found_text(figures))});
    return measurement;
  }
  for (std::size_t i = 0; i < figures.size(); ++i)
    measurement.figures.push_back(
        read_figure(figures[i], document, axes, "/measurement/figures/" + std::to_string(i), problems));
  return measurement;
}

Json measurement_schema() {
  HardwareMeasurement measurement;
  MeasuredFigure figure;
  Json schema = section_schema(describe(measurement));
  for (const char* key : {"source", "statement"}) schema["properties"][key].erase("default");
  Json figures = section_schema(describe(figure));
  for (const char* key : {"what", "unit"}) figures["properties"][key].erase("default");
  figures["properties"]["over"]["enum"] = ways_to_combine();
  const Json number{{"type", "number"}, {"exclusiveMinimum", 0}};
  const Json range{{"type", "object"},
                   {"properties", {{"min", number}, {"max", number}}},
                   {"required", {"min", "max"}},
                   {"additionalProperties", false}};
  figures["properties"]["measured"] =
      Json{{"description", "the figure of the real machine"}, {"anyOf", Json::array({number, range})}};
  figures["required"] = Json{"what", "unit", "measured"};
  schema["properties"]["figures"] = Json{{"type", "array"}, {"minItems", 1}, {"items", std::move(figures)}};
  schema["required"] = Json{"source", "statement", "figures"};
  return schema;
}

double combined(std::vector<double> values, const std::string& over) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  if (values.empty()) return std::nan("");
  std::ranges::sort(values);
  if (over == "median") return quantile(values, 0.5);
  if (over == "mean")
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  if (over == "min") return values.front();
  if (over == "max") return values.back();
  if (over == "p90/p10") return quantile(values, 0.9) / quantile(values, 0.1);
  if (over == "max/min") return values.back() / values.front();
  return values.front();
}

std::vector<double> simulated_figures(const HardwareMeasurement& measurement,
                                      const std::vector<AxisLabels>& axes, const std::vector<Json>& rows,
                                      const std::string& file) {
  std::vector<double> figures;
  for (std::size_t i = 0; i < measurement.figures.size(); ++i) {
    const MeasuredFigure& figure = measurement.figures[i];
    if (!figure.metric) {
      figures.push_back(std::nan(""));
      continue;
    }
    const Judgement judged =
        judge(as_claim(figure), axes, rows, file, "/measurement/figures/" + std::to_string(i));
    std::vector<double> values;
    for (const JudgedPoint& point : judged.points) values.push_back(point.measured);
    figures.push_back(combined(std::move(values), figure.over));
  }
  return figures;
}

double error_of(const MeasuredFigure& figure, double simulated) {
  if (simulated < figure.min) return simulated / figure.min - 1;
  if (simulated > figure.max) return simulated / figure.max - 1;
  return simulated - simulated;  // 0, or NaN
}

}  // namespace baton::experiment
