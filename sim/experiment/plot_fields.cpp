#include "sim/experiment/plot_fields.hpp"

#include <algorithm>

namespace baton::experiment {
namespace {

Field column(std::string name, std::string& target, std::string meaning) {
  Field field = text(std::move(name), target, std::move(meaning));
  field.optional = true;
  return field;
}

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
              column("title", plot.title, "above the figure; default: from the columns"),
              one_of("kind", plot.kind, {"line", "bar", "heatmap"}, "the kind of figure"),
              column("x", plot.x, "the column that goes right"),
              column("y", plot.y, "the measured column; of a heat map, the column that goes up"),
              column("color", plot.color, "heat map: the measured column that colours show"),
              column("series", plot.series, "a line or group of bars for each value of this column"),
              column("facet", plot.facet, "a panel for each value of this column"),
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
