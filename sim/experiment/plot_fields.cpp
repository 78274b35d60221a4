#include "sim/experiment/plot_fields.hpp"

#include <algorithm>

#include "sim/experiment/pointers.hpp"

namespace baton::experiment {
namespace {

void check_selection(const Json& object, const std::string& pointer, Problems& problems) {
  if (!object.is_object()) {
    problems.push_back({pointer, "must be an object of columns and values, found " + found_text(object)});
    return;
  }
  for (const auto& [key, value] : object.items()) {
    const bool list = value.is_array() && !value.empty() &&
                      std::ranges::none_of(value, [](const Json& item) { return item.is_structured(); });
    if (!list && value.is_structured()) {
      problems.push_back({pointer + "/" + pointer_token(key),
                          "must be a value or a list of values, found " + found_text(value)});
    }
  }
}

void check_ratio(const Json& ratio, const std::string& pointer, Problems& problems) {
  const std::vector<std::string> keys{"of", "numerator", "denominator"};
  if (!ratio.is_object()) {
    problems.push_back(
        {pointer, "must be an object with " + quoted_list(keys) + ", found " + found_text(ratio)});
    return;
  }
  for (const auto& item : ratio.items()) {
    if (std::ranges::find(keys, item.key()) == keys.end())
      problems.push_back(unknown_key(pointer, item.key(), keys));
  }
  for (const std::string& key : keys) {
    const std::string place = pointer + "/" + key;
    if (!ratio.contains(key)) {
      problems.push_back({place, "is missing"});
    } else if (key == "of") {
      if (!ratio["of"].is_string()) {
        problems.push_back({place, "must be the name of a column, found " + found_text(ratio["of"])});
      }
    } else {
      check_selection(ratio[key], place, problems);
      if (ratio[key].is_object() && ratio[key].empty()) {
        problems.push_back(
            {place, "must select rows, such as {\"protocol\": \"MESI\"}; found an empty object"});
      }
    }
  }
}

}  // namespace

Section describe(PlotChoice& plot) {
  return {"plots",
          "a figure; names are columns of the results",
          {
              optional_text("title", plot.title, "above the figure; default: from the columns"),
              one_of("kind", plot.kind, {"line", "bar", "heatmap"}, "the kind of figure"),
              optional_text("x", plot.x, "the column that goes right"),
              optional_text("y", plot.y, "the measured column; of a heat map, the column that goes up"),
              optional_text("color", plot.color, "heat map: the measured column that colours show"),
              optional_text("series", plot.series, "a line or group of bars for each value of this column"),
              optional_text("facet", plot.facet, "a panel for each value of this column"),
              one_of("x_scale", plot.x_scale, {"linear", "log"}, "of the x axis"),
              one_of("y_scale", plot.y_scale, {"linear", "log"}, "of the y axis"),
          },
          {}};
}

PlotChoice read_plot(const Json& object, const std::string& pointer, Problems& problems) {
  PlotChoice plot;
  const std::size_t before = problems.size();
  read_section(describe(plot), object, pointer, problems, {"where", "ratio"});
  if (!object.is_object()) return plot;
  if (object.contains("where")) {
    plot.where = object["where"];
    check_selection(plot.where, pointer + "/where", problems);
  }
  if (object.contains("ratio")) {
    plot.ratio = object["ratio"];
    check_ratio(plot.ratio, pointer + "/ratio", problems);
  }
  if (problems.size() > before) return plot;
  const bool heatmap = plot.kind == "heatmap";
  const bool ratio = object.contains("ratio");
  const auto need = [&](const char* name, const std::string& value, bool needed) {
    if (needed && value.empty()) {
      problems.push_back(
          {pointer + "/" + name, "is missing; a " + plot.kind + " plot needs the name of a column"});
    } else if (!needed && !value.empty()) {
      problems.push_back({pointer + "/" + name,
                          "has no use here: " + std::string(heatmap && ratio ? "\"ratio\" gives the colour"
                                                            : ratio          ? "\"ratio\" gives the value"
                                                                             : "only a heat map has it")});
    }
  };
  need("x", plot.x, true);
  need("y", plot.y, heatmap || !ratio);
  need("color", plot.color, heatmap && !ratio);
  if (heatmap && !plot.series.empty()) {
    problems.push_back({pointer + "/series", "has no use here: a heat map has no series, use \"facet\""});
  }
  return plot;
}

void check_plots(const Json& plots, Problems& problems) {
  if (!plots.is_array()) {
    problems.push_back({"/plots", "must be a list of objects, found " + found_text(plots)});
    return;
  }
  for (std::size_t i = 0; i < plots.size(); ++i) read_plot(plots[i], "/plots/" + std::to_string(i), problems);
}

namespace {

/// Names in one plot.
class PlotNames {
 public:
  PlotNames(std::string pointer, std::span<const AxisLabels> axes, Problems& problems)
      : pointer_(std::move(pointer)), axes_(axes), problems_(problems) {}

  /// `measured`: not what says which row it is.
  void check(const std::string& place, const std::string& name, bool measured) {
    if (name.empty() || is_column(name) || name.starts_with("operations_")) return;
    static const std::vector<std::string> of_each_row{"cores", "protocol", "workload", "seed"};
    const bool identifies =
        std::ranges::find(of_each_row, name) != of_each_row.end() || find(name) != nullptr;
    if (!identifies)
      problems_.push_back(
          {pointer_ + place,
           "must be a column of the results or an axis of the sweep, found \"" + name + "\""});
    else if (measured)
      problems_.push_back({pointer_ + place, "must be a measured column, found \"" + name + "\""});
  }
  void check_selection(const std::string& place, const Json& selection) {
    for (const auto& [name, wanted] : selection.items()) {
      const std::string here = place + "/" + pointer_token(name);
      check(here, name, false);
      const AxisLabels* axis = find(name);
      if (axis == nullptr) continue;
      for (const Json& label : wanted.is_array() ? wanted : Json::array({wanted}))
        if (std::ranges::find(axis->values, label) == axis->values.end())
          problems_.push_back({pointer_ + here, "must be a label of the axis, found " + found_text(label)});
    }
  }

 private:
  const AxisLabels* find(const std::string& name) const {
    const auto found = std::ranges::find(axes_, name, &AxisLabels::name);
    return found == axes_.end() ? nullptr : &*found;
  }

  std::string pointer_;
  std::span<const AxisLabels> axes_;
  Problems& problems_;
};

}  // namespace

void check_plot_names(const Json& plots, std::span<const AxisLabels> axes, Problems& problems) {
  for (std::size_t i = 0; i < plots.size(); ++i) {
    const std::string pointer = "/plots/" + std::to_string(i);
    const PlotChoice plot = read_plot(plots[i], pointer, problems);
    PlotNames names(pointer, axes, problems);
    names.check("/x", plot.x, false);
    names.check("/y", plot.y, plot.kind != "heatmap");
    names.check("/color", plot.color, true);
    names.check("/series", plot.series, false);
    names.check("/facet", plot.facet, false);
    names.check_selection("/where", plot.where);
    if (plot.ratio.empty()) continue;
    names.check("/ratio/of", plot.ratio["of"].get<std::string>(), true);
    names.check_selection("/ratio/numerator", plot.ratio["numerator"]);
    names.check_selection("/ratio/denominator", plot.ratio["denominator"]);
  }
}

Json plot_schema() {
  PlotChoice plot;
  Json schema = section_schema(describe(plot));
  const Json value{{"type", Json{"string", "number", "boolean", "null"}}};
  const Json selection{
      {"type", "object"},
      {"additionalProperties",
       {{"anyOf", Json::array({value, {{"type", "array"}, {"items", value}, {"minItems", 1}}})}}}};
  schema["properties"]["where"] = selection;
  schema["properties"]["where"]["description"] = "column and value, or list of values: the rows to show";
  schema["properties"]["ratio"] = Json{
      {"type", "object"},
      {"description", "the ratio of a column between two selections of rows"},
      {"properties", {{"of", {{"type", "string"}}}, {"numerator", selection}, {"denominator", selection}}},
      {"required", {"of", "numerator", "denominator"}},
      {"additionalProperties", false}};
  schema["required"] = Json{"x"};
  return schema;
}

}  // namespace baton::experiment
