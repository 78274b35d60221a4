#include "sim/experiment/claims/claim.hpp"

#include <algorithm>
#include <charconv>

namespace baton::experiment {
namespace {

Section describe_plot(PlotChoice& plot) {
  return {"plot",
          "the claim's figure: the metric over the axes that it ranges over; a band shows the range over the "
          "others",
          {one_of("kind", plot.kind, {"line", "bar"}, "the kind of figure"),
           optional_text("x", plot.x, "the axis that goes right; default: the first"),
           optional_text("series", plot.series, "an axis: a line or group of bars for each value"),
           optional_text("facet", plot.facet, "an axis: a panel for each value"),
           one_of("x_scale", plot.x_scale, {"linear", "log"}, "of the x axis"),
           one_of("y_scale", plot.y_scale, {"linear", "log"}, "of the y axis")},
          {}};
}

const AxisLabels* find(const std::vector<AxisLabels>& axes, const std::string& name) {
  const auto at = std::ranges::find(axes, name, &AxisLabels::name);
  return at == axes.end() ? nullptr : &*at;
}

std::string unknown_axis(const std::string& name, const std::vector<AxisLabels>& axes) {
  std::vector<std::string> names;
  for (const AxisLabels& axis : axes) names.push_back(axis.name);
  return "there is no axis \"" + name + "\" in the sweep; allowed are " + quoted_list(names) +
         did_you_mean(name, names);
}

std::string unknown_value(const std::string& found, const AxisLabels& axis) {
  std::vector<std::string> labels;
  for (const Json& value : axis.values) labels.push_back(bare_text(value));
  return "the axis \"" + axis.name + "\" has no value \"" + found + "\"; allowed are " + quoted_list(labels) +
         did_you_mean(found, labels);
}

/// Names of axes and values in an expression. Columns are known only when the simulation has run.
void check_selectors(const Expression& expression, const std::vector<AxisLabels>& axes) {
  for (const Reference& reference : expression.references()) {
    for (const Selector& selector : reference.selectors) {
      const AxisLabels* axis = find(axes, selector.axis);
      if (axis == nullptr) throw ExpressionError(selector.axis_column, unknown_axis(selector.axis, axes));
      const auto meant = [&](const Json& label) { return means(selector.value, label); };
      if (std::ranges::none_of(axis->values, meant))
        throw ExpressionError(selector.value_column, unknown_value(selector.value, *axis));
    }
  }
}

}  // namespace

std::optional<Expression> read_expression(const Json& value, const std::vector<AxisLabels>& axes,
                                          const std::string& pointer, Problems& problems) {
  if (!value.is_string()) {
    problems.push_back({pointer, "must be an expression in a string, found " + found_text(value)});
    return std::nullopt;
  }
  try {
    Expression expression = Expression::parse(value.get_ref<const std::string&>());
    check_selectors(expression, axes);
    return expression;
  } catch (const ExpressionError& error) {
    problems.push_back({pointer, error.what()});
    return std::nullopt;
  }
}

namespace {

void read_claimed(const Json& object, Claim& claim, Problems& problems) {
  if (!object.is_object() || object.empty()) {
    problems.push_back({"/claim/claimed", "must be an object with \"min\", \"max\" or both, found " +
                                              (object.is_object() ? "an empty one" : found_text(object))});
    return;
  }
  for (const auto& [key, value] : object.items()) {
    const std::string place = "/claim/claimed/" + pointer_token(key);
    if (key != "min" && key != "max") {
      problems.push_back(unknown_key("/claim/claimed", key, {"min", "max"}));
    } else if (!value.is_number()) {
      problems.push_back({place, "must be a number, found " + found_text(value)});
    } else {
      (key == "min" ? claim.min : claim.max) = value.get<double>();
    }
  }
  if (claim.min && claim.max && *claim.min > *claim.max) {
    problems.push_back({"/claim/claimed",
                        "\"min\" is above \"max\": " + object["min"].dump() + " > " + object["max"].dump()});
  }
}

void read_where(const Json& object, Claim& claim, const std::vector<AxisLabels>& axes, Problems& problems) {
  if (!object.is_object()) {
    problems.push_back({"/claim/where", "must be an object of axes and values, found " + found_text(object)});
    return;
  }
  for (const auto& [name, value] : object.items()) {
    const std::string place = "/claim/where/" + pointer_token(name);
    const AxisLabels* axis = find(axes, name);
    if (axis == nullptr) {
      problems.push_back({place, unknown_axis(name, axes)});
      continue;
    }
    const Json list = value.is_array() ? value : Json::array({value});
    if (list.empty()) problems.push_back({place, "must have at least one value, found an empty list"});
    for (const Json& item : list) {
      if (std::ranges::find(axis->values, item) == axis->values.end())
        problems.push_back({place, unknown_value(bare_text(item), *axis)});
    }
    claim.where[name] = list;
  }
}

bool fixes(const Reference& reference, const std::string& axis) {
  return std::ranges::any_of(reference.selectors,
                             [&](const Selector& selector) { return selector.axis == axis; });
}

/// What is shown beside the metric has a value at the metric's points.
void check_explanation(const Claim& claim, const std::vector<AxisLabels>& axes, Problems& problems) {
  const std::vector<AxisLabels> ranged = claim.plausible(axes);
  for (const auto& [label, expression] : claim.explanation) {
    for (const Reference& reference : expression.references()) {
      for (const AxisLabels& axis : axes) {
        const bool one = axis.values.size() == 1 ||
                         (claim.where.contains(axis.name) && claim.where[axis.name].size() == 1);
        if (one || fixes(reference, axis.name) || find(ranged, axis.name) != nullptr) continue;
        problems.push_back({"/claim/explanation/" + pointer_token(label),
                            "column " + std::to_string(reference.column) + ": \"" + reference.name +
                                "\" must fix the axis \"" + axis.name + "\", which the metric fixes"});
      }
    }
  }
}

void check_plot(const Claim& claim, const std::vector<AxisLabels>& axes, Problems& problems) {
  const std::vector<AxisLabels> ranged = claim.plausible(axes);
  for (const auto& [key, name] :
       {std::pair{"x", claim.plot.x}, {"series", claim.plot.series}, {"facet", claim.plot.facet}}) {
    const AxisLabels* axis = find(axes, name);
    // An axis with one value, as the quick version may have it, is left out of the figure.
    if (name.empty() || find(ranged, name) != nullptr || (axis != nullptr && axis->values.size() == 1))
      continue;
    problems.push_back({std::string("/claim/plot/") + key,
                        axis == nullptr ? unknown_axis(name, axes)
                                        : "the metric fixes the axis \"" + name + "\"; it cannot be shown"});
  }
}

}  // namespace

bool means(const std::string& text, const Json& label) {
  if (label.is_number()) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && number == label.get<double>();
  }
  return text == bare_text(label);
}

std::vector<AxisLabels> labels_of(const std::vector<Axis>& axes) {
  std::vector<AxisLabels> labels;
  for (const Axis& axis : axes) {
    labels.push_back({axis.name, {}});
    for (const AxisValue& value : axis.values) labels.back().values.push_back(value.label);
  }
  return labels;
}

std::vector<AxisLabels> Claim::plausible(const std::vector<AxisLabels>& axes) const {
  std::vector<AxisLabels> ranged;
  for (const AxisLabels& axis : axes) {
    const bool open = metric && std::ranges::any_of(metric->references(), [&](const Reference& reference) {
                        return !fixes(reference, axis.name);
                      });
    if (!open) continue;
    AxisLabels left{axis.name, {}};
    for (const Json& value : axis.values) {
      const bool spoken =
          !where.contains(axis.name) || std::ranges::find(where[axis.name], value) != where[axis.name].end();
      if (spoken) left.values.push_back(value);
    }
    if (left.values.size() > 1) ranged.push_back(std::move(left));
  }
  return ranged;
}

Section describe(Claim& claim) {
  return {
      "claim",
      "a statement to be tested by this experiment: `baton claims` computes its verdict",
      {text("source", claim.source, "who says so, and where"),
       text("statement", claim.statement, "what is claimed, in words"),
       optional_text("metric", claim.metric_text,
                     "arithmetic over columns of the results, such as \"throughput[protocol=ownership] / "
                     "throughput[protocol=MESI]\": numbers, columns with the axes that they fix in brackets, "
                     "+ - * /, parentheses, min(), max(). Columns are means over the seeds; the metric is "
                     "evaluated at each combination of the axes that are not fixed"),
       optional_text("unit", claim.unit, "of the metric; \"%\" shows a fraction of 1 as per cent"),
       optional_text("why", claim.why, "which messages or waits explain the figures"),
       optional_text("out_of_scope", claim.out_of_scope,
                     "instead of an experiment: why simulating coherence cannot decide the claim")},
      {}};
}

Claim read_claim(const Json& object, const std::vector<AxisLabels>& axes, Problems& problems) {
  Claim claim;
  const std::size_t before = problems.size();
  read_section(describe(claim), object, "/claim", problems,
               {"claimed", "where", "explanation", "plot", "quick"});
  if (!object.is_object()) return claim;
  for (const char* key : {"source", "statement"}) {
    if (!object.contains(key)) problems.push_back({std::string("/claim/") + key, "is missing"});
  }
  if (object.contains("claimed")) read_claimed(object["claimed"], claim, problems);
  if (object.contains("quick")) {
    claim.quick = object["quick"];
    if (!claim.quick.is_object())
      problems.push_back(
          {"/claim/quick", "must be an object (a merge patch), found " + found_text(claim.quick)});
  }
  if (object.contains("out_of_scope")) {
    for (const char* key : {"metric", "where", "explanation", "plot", "quick"}) {
      if (object.contains(key))
        problems.push_back({std::string("/claim/") + key, "has no use beside \"out_of_scope\""});
    }
    return claim;
  }
  if (object.contains("metric")) {
    // That it is a string has been checked with the other texts.
    if (object["metric"].is_string())
      claim.metric = read_expression(object["metric"], axes, "/claim/metric", problems);
  } else {
    problems.push_back({"/claim/metric", "is missing (or \"out_of_scope\", with the reason)"});
  }
  if (!object.contains("claimed")) problems.push_back({"/claim/claimed", "is missing"});
  if (object.contains("where")) read_where(object["where"], claim, axes, problems);
  if (object.contains("explanation")) {
    const Json& entries = object["explanation"];
    if (!entries.is_object()) {
      problems.push_back({"/claim/explanation",
                          "must be an object of labels and expressions, found " + found_text(entries)});
    } else {
      for (const auto& [label, value] : entries.items()) {
        auto expression =
            read_expression(value, axes, "/claim/explanation/" + pointer_token(label), problems);
        if (expression) claim.explanation.emplace_back(label, std::move(*expression));
      }
    }
  }
  if (object.contains("plot"))
    read_section(describe_plot(claim.plot), object["plot"], "/claim/plot", problems);
  if (problems.size() > before) return claim;
  check_explanation(claim, axes, problems);
  check_plot(claim, axes, problems);
  return claim;
}

Json claim_schema() {
  Claim claim;
  Json schema = section_schema(describe(claim));
  Json& properties = schema["properties"];
  for (const char* key : {"source", "statement"}) properties[key].erase("default");
  const Json number{{"type", "number"}};
  properties["claimed"] = Json{{"type", "object"},
                               {"description", "the range in which the metric should lie, inclusive"},
                               {"properties", {{"min", number}, {"max", number}}},
                               {"minProperties", 1},
                               {"additionalProperties", false}};
  const Json value{{"type", Json{"string", "number", "boolean"}}};
  properties["where"] =
      Json{{"type", "object"},
           {"description", "axis and value, or list of values: the points that the claim speaks of"},
           {"additionalProperties",
            {{"anyOf", Json::array({value, {{"type", "array"}, {"items", value}, {"minItems", 1}}})}}}};
  properties["explanation"] = Json{{"type", "object"},
                                   {"description", "label and expression: what is shown beside the metric"},
                                   {"additionalProperties", {{"type", "string"}}}};
  PlotChoice plot;
  properties["plot"] = section_schema(describe_plot(plot));
  properties["quick"] = Json{{"type", "object"},
                             {"description",
                              "merge patch (RFC 7396) of the config for `baton claims --quick`, "
                              "which passes over claims that have none"}};
  schema["required"] = Json{"source", "statement"};
  return schema;
}

}  // namespace baton::experiment
