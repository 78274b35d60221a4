#include "sim/experiment/plot.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <set>

#include "sim/experiment/plot_data.hpp"

namespace baton::experiment {
namespace {

// Okabe and Ito's palette, which colour-blind readers can tell apart (https://jfly.uni-koeln.de/color/).
const Json& palette() {
  static const Json colors{"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                           "#E69F00", "#56B4E9", "#000000", "#F0E442"};
  return colors;
}

const Json& shapes() {
  static const Json names{"circle", "square",        "triangle-up",   "diamond",
                          "cross",  "triangle-down", "triangle-left", "triangle-right"};
  return names;
}

Json figure_config() {
  return {{"font", "Helvetica, Arial, DejaVu Sans, sans-serif"},
          {"view", {{"stroke", nullptr}}},
          {"title", {{"fontSize", 14}, {"anchor", "start"}, {"offset", 12}, {"subtitleColor", "#555"}}},
          {"axis",
           {{"labelFontSize", 11},
            {"labelLimit", 400},
            {"titleFontSize", 12},
            {"titleFontWeight", "normal"},
            {"titlePadding", 8},
            {"gridColor", "#e4e4e4"},
            {"domainColor", "#888"},
            {"tickColor", "#888"}}},
          {"header", {{"labelFontSize", 12}, {"labelFontWeight", "bold"}}},
          {"legend",
           {{"labelFontSize", 11},
            {"labelLimit", 400},
            {"titleFontSize", 12},
            {"titleFontWeight", "normal"},
            {"symbolSize", 80},
            {"symbolOpacity", 1}}}};
}

/// Vega takes "." and "[" in a field's name for a path.
std::string field_name(const std::string& column) {
  std::string name;
  for (const char c : column) {
    if (c == '.' || c == '[' || c == ']' || c == '\\') name += '\\';
    name += c;
  }
  return name;
}

/// The values of a column, in the order of rows, each once.
Json distinct(const Json& rows, const std::string& column) {
  Json values = Json::array();
  std::set<std::string> seen;
  for (const Json& row : rows) {
    if (seen.insert(row[column].dump()).second) values.push_back(row[column]);
  }
  return values;
}

bool numeric(const Json& values) {
  return std::ranges::all_of(values, [](const Json& value) { return value.is_number(); });
}

/// A whole figure's parts, from one plot and its data.
class Drawing {
 public:
  Drawing(const Json& results, const PlotChoice& plot, const PlotData& data, const FigureNotes& notes)
      : results_(results), plot_(plot), data_(data), rules_(notes.rules), repeats_(notes.repeats) {
    // Where a ratio is one, nothing is gained.
    if (!plot.ratio.empty()) rules_.push_back(1);
  }

  Json specification() const {
    Json spec{{"$schema", "https://vega.github.io/schema/vega-lite/v5.json"}, {"title", title()}};
    spec["data"] = {{"values", data_.rows}};
    Json body = plot_.kind == "heatmap" ? heatmap() : plot_.kind == "bar" ? bars() : lines();
    if (plot_.facet.empty()) {
      spec.update(body);
    } else {
      const Json panels = distinct(data_.rows, plot_.facet);
      spec["facet"] = {
          {"field", field_name(plot_.facet)},
          {"type", "nominal"},
          {"sort", panels},
          {"header", {{"title", numeric(panels) ? Json(column_title(results_, plot_.facet)) : Json()}}}};
      spec["columns"] = panels.size() <= 3 ? panels.size() : panels.size() == 4 ? 2 : 3;
      spec["spec"] = std::move(body);
      // Panels of one scale hide the shape of the smaller ones; a heat map's colours must stay comparable.
      spec["resolve"]["axis"] = {{"x", "independent"}, {"y", "independent"}};
      if (plot_.kind != "heatmap") spec["resolve"]["scale"] = {{"y", "independent"}};
    }
    spec["config"] = figure_config();
    return spec;
  }

 private:
  Json title() const {
    const Json& experiment = results_["experiment"];
    std::string text = plot_.title;
    if (text.empty())
      text = value_name() + " by " + (plot_.kind == "heatmap" ? plot_.y + " and " : "") + plot_.x;
    std::ranges::replace(text, '_', ' ');
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    std::string below = experiment.value("name", "");
    for (const auto& item : plot_.where.items()) {
      below += ", " + item.key() + " " + bare_text(item.value());
    }
    if (data_.repeated) {
      below += (plot_.kind == "heatmap" ? "; mean of " : "; mean, minimum and maximum of ") + repeats_;
    }
    if (data_.left_out) below += "; values of 0 are not shown";
    Json lines{below};
    // Said once instead of beside every panel.
    std::string first = data_.value_title;
    first[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(first[0])));
    if (panels() && first != text) lines.insert(lines.begin(), data_.value_title);
    return {{"text", text}, {"subtitle", lines}};
  }

  bool panels() const { return !plot_.facet.empty() && plot_.kind != "heatmap"; }

  std::string value_name() const { return data_.value == "ratio" ? data_.value_title : data_.value; }

  Json x_encoding() const {
    const Json values = distinct(data_.rows, plot_.x);
    Json x{{"field", field_name(plot_.x)}, {"title", column_title(results_, plot_.x)}};
    if (!numeric(values) || plot_.kind != "line") {
      x["type"] = "ordinal";
      x["sort"] = numeric(values) ? Json("ascending") : values;
      x["axis"] = {{"labelAngle", 0}};
      return x;
    }
    x["type"] = "quantitative";
    x["scale"] = scale(plot_.x_scale, false);
    constexpr std::size_t most_ticks = 12;
    if (values.size() <= most_ticks) {
      x["axis"] = {{"values", values},
                   {"grid", false}};  // the values measured, rather than round ones between them
      x["axis"]["format"] = plot_.x_scale == "log" ? ",~f" : ",~g";
    }
    return x;
  }

  static Json scale(const std::string& kind, bool zero) {
    if (kind == "log") return {{"type", "log"}, {"nice", false}};
    return {{"type", "linear"}, {"zero", zero}, {"nice", zero}};
  }

  Json y_encoding(const char* aggregate) const {
    Json y{{"field", field_name(data_.value)}, {"type", "quantitative"}, {"title", data_.value_title}};
    y["aggregate"] = aggregate;
    if (panels()) y["title"] = nullptr;
    y["scale"] = scale(plot_.y_scale, true);
    y["axis"] = {{"format", "~s"}};
    if (plot_.y_scale == "log") {
      y["scale"]["padding"] = 8;
      // Only 1, 2 and 5 times a power of ten: the others crowd.
      y["axis"]["labelExpr"] =
          "indexof([1, 2, 5], round(datum.value / pow(10, floor(log(datum.value) / LN10 + 1e-9)))) >= 0 ? "
          "datum.label : ''";
    }
    return y;
  }

  Json y2_encoding() const { return {{"field", field_name(data_.value)}, {"aggregate", "max"}}; }

  Json series_encoding() const {
    if (plot_.series.empty()) return {{"value", palette()[0]}};
    const Json values = distinct(data_.rows, plot_.series);
    return {{"field", field_name(plot_.series)},
            {"type", "nominal"},
            {"sort", values},
            {"title", column_title(results_, plot_.series)},
            {"scale", {{"domain", values}, {"range", cycled(palette(), values.size())}}}};
  }

  Json shape_encoding() const {
    Json shape = series_encoding();
    if (plot_.series.empty()) return {{"value", "circle"}};
    shape["scale"]["range"] = cycled(shapes(), shape["scale"]["domain"].size());
    return shape;
  }

  static Json cycled(const Json& items, std::size_t count) {
    Json list = Json::array();
    for (std::size_t i = 0; i < count; ++i) list.push_back(items[i % items.size()]);
    return list;
  }

  /// A line to read the figure against.
  static Json rule(double value) {
    // A whole number is written as one.
    const Json datum = value == std::floor(value) && std::abs(value) < 1e15
                           ? Json(static_cast<std::int64_t>(value))
                           : Json(value);
    return {{"mark", {{"type", "rule"}, {"strokeDash", {4, 4}}, {"color", "#777"}}},
            {"encoding", {{"y", {{"datum", datum}, {"type", "quantitative"}}}}}};
  }

  Json tooltip(const Json& value) const {
    Json list = Json::array();
    list.push_back({{"field", field_name(plot_.x)}, {"title", column_title(results_, plot_.x)}});
    if (plot_.kind == "heatmap") {
      list.push_back({{"field", field_name(plot_.y)}, {"title", column_title(results_, plot_.y)}});
    }
    if (!plot_.series.empty()) list.push_back({{"field", field_name(plot_.series)}});
    list.push_back(value);
    return list;
  }

  Json mean_tooltip() const {
    return tooltip({{"field", field_name(data_.value)},
                    {"aggregate", "mean"},
                    {"title", data_.value_title},
                    {"format", ".4~s"}});
  }

  Json lines() const {
    Json layers = Json::array();
    for (const double value : rules_) layers.push_back(rule(value));
    if (data_.repeated) {
      layers.push_back({{"mark", {{"type", "area"}, {"opacity", 0.2}}},
                        {"encoding", {{"y", y_encoding("min")}, {"y2", y2_encoding()}}}});
    }
    layers.push_back(
        {{"mark", {{"type", "line"}, {"strokeWidth", 2}}}, {"encoding", {{"y", y_encoding("mean")}}}});
    layers.push_back(
        {{"mark", {{"type", "point"}, {"filled", true}, {"opacity", 1}, {"size", 55}}},
         {"encoding",
          {{"y", y_encoding("mean")}, {"shape", shape_encoding()}, {"tooltip", mean_tooltip()}}}});
    if (!plot_.series.empty()) {
      // One series covers another that lies on it: dashes let both be seen.
      Json dash = shape_encoding();
      dash["scale"]["range"] = cycled(Json::array({Json{1, 0}, Json{7, 3}, Json{3, 3}, Json{9, 3, 2, 3}}),
                                      dash["scale"]["domain"].size());
      layers[layers.size() - 2]["encoding"]["strokeDash"] = dash;
    }
    for (Json& layer : layers) {
      if (layer["mark"]["type"] == "rule") continue;
      layer["encoding"]["x"] = x_encoding();
      layer["encoding"]["color"] = series_encoding();
    }
    return sized({{"layer", std::move(layers)}});
  }

  Json bars() const {
    Json encoding{{"x", x_encoding()}};
    const Json values = plot_.series.empty() ? Json::array() : distinct(data_.rows, plot_.series);
    if (!plot_.series.empty()) encoding["xOffset"] = {{"field", field_name(plot_.series)}, {"sort", values}};
    Json layers = Json::array();
    layers.push_back(
        {{"mark", {{"type", "bar"}}},
         {"encoding",
          {{"y", y_encoding("mean")}, {"color", series_encoding()}, {"tooltip", mean_tooltip()}}}});
    if (data_.repeated) {
      layers.push_back({{"mark", {{"type", "rule"}, {"color", "#333"}}},
                        {"encoding", {{"y", y_encoding("min")}, {"y2", y2_encoding()}}}});
    }
    for (const double value : rules_) layers.push_back(rule(value));
    for (Json& layer : layers) {
      if (!layer["encoding"]["y"].contains("datum")) layer["encoding"].update(encoding);
    }
    return sized({{"layer", std::move(layers)}});
  }

  Json heatmap() const {
    const Json ys = distinct(data_.rows, plot_.y);
    const Json y{{"field", field_name(plot_.y)},
                 {"type", "ordinal"},
                 {"title", column_title(results_, plot_.y)},
                 {"sort", numeric(ys) ? Json("descending") : ys}};
    double low = HUGE_VAL;
    double high = 0;
    for (const Json& row : data_.rows) {
      low = std::min(low, row[data_.value].get<double>());
      high = std::max(high, row[data_.value].get<double>());
    }
    Json color{{"field", field_name(data_.value)},
               {"type", "quantitative"},
               {"aggregate", "mean"},
               {"title", data_.value_title},
               {"legend", {{"format", ".3~s"}, {"gradientLength", 220}, {"titleLimit", 320}}}};
    std::string light;  // an expression: is the cell so light that its label must be dark?
    const std::string mean = "datum['label']";
    if (!plot_.ratio.empty()) {
      // Twice as good and half as good are as far from 1: a logarithmic scale, white where neither wins.
      // Beyond four times the labels tell more than a colour could.
      const double reach = std::clamp(std::max(high, low > 0 ? 1 / low : 1), 1.05, 4.0);
      color["scale"] = {{"type", "log"},
                        {"domain", {1 / reach, 1, reach}},
                        {"range", {"#B2500F", "#F7F7F7", "#2166AC"}},
                        {"interpolate", "lab"},
                        {"clamp", true}};
      color["legend"]["format"] = ".3~g";
      const std::size_t comma = data_.value_title.find(", ");
      color["title"] = Json{data_.value_title.substr(0, comma), data_.value_title.substr(comma + 2)};
      // Ticks that a reader can place: powers of two, or of a tenth of the reach's logarithm if that is
      // small.
      Json ticks = Json::array();
      for (const double tick : {0.25, 0.5, 0.8, 0.9, 1.0, 1.1, 1.25, 2.0, 4.0}) {
        const bool fine = tick > 0.5 && tick < 2 && tick != 1;
        if (tick >= 1 / reach && tick <= reach && (!fine || reach < 2)) ticks.push_back(tick);
      }
      color["legend"]["values"] = ticks;
      light = "abs(log(" + mean + ")) < " + Json(0.6 * std::log(reach)).dump();
    } else {
      color["scale"] = {{"scheme", "cividis"}};
      light = mean + " > " + Json(low + (high - low) * 0.55).dump();
    }
    const Json transform = Json::array(
        {{{"aggregate", Json::array({{{"op", "mean"}, {"field", field_name(data_.value)}, {"as", "label"}}})},
          {"groupby", group()}}});
    const Json label_color{{"condition", {{"test", light}, {"value", "#1a1a1a"}}}, {"value", "white"}};
    Json layers = Json::array();
    layers.push_back(
        {{"mark", {{"type", "rect"}, {"stroke", "white"}, {"strokeWidth", 1}}},
         {"encoding", {{"x", x_encoding()}, {"y", y}, {"color", color}, {"tooltip", mean_tooltip()}}}});
    layers.push_back(
        {{"transform", transform},
         {"mark", {{"type", "text"}, {"fontSize", 10}}},
         {"encoding",
          {{"x", x_encoding()},
           {"y", y},
           {"text",
            {{"field", "label"}, {"type", "quantitative"}, {"format", plot_.ratio.empty() ? ".3~s" : ".2f"}}},
           {"color", label_color}}}});
    return {{"width", {{"step", 48}}}, {"height", {{"step", 34}}}, {"layer", std::move(layers)}};
  }

  /// Without the escapes that encodings need: groupby takes the same paths.
  Json group() const {
    Json names{field_name(plot_.x), field_name(plot_.y)};
    if (!plot_.facet.empty()) names.push_back(field_name(plot_.facet));
    return names;
  }

  Json sized(Json body) const {
    const bool panels = !plot_.facet.empty();
    body["width"] = panels ? 260 : 460;
    body["height"] = panels ? 190 : 300;
    return body;
  }

  const Json& results_;
  const PlotChoice& plot_;
  const PlotData& data_;
  std::vector<double> rules_;
  std::string repeats_;
};

std::string slug(const std::string& text) {
  std::string name;
  for (const char c : text) {
    const bool keep = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (keep) name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (!keep && !name.empty() && !name.ends_with('-')) name += '-';
  }
  while (name.ends_with('-')) name.pop_back();
  return name;
}

/// The specification with one line a row of data.
std::string figure_text(Json spec) {
  const Json rows = spec["data"]["values"];
  spec["data"]["values"] = "ROWS";
  std::string text = pretty(spec) + "\n";
  std::string data = "[";
  for (std::size_t i = 0; i < rows.size(); ++i)
    data.append(i > 0 ? ",\n      " : "\n      ").append(rows[i].dump());
  // No text of the user can look like this: a quote in it is escaped.
  const std::string_view mark = R"("values": "ROWS")";
  return text.replace(text.find(mark), mark.size(), "\"values\": " + data + "\n    ]");
}

void check_document(const Json& results, const std::string& file) {
  const bool whole = results.is_object() && results.value("format", Json()) == "baton-results" &&
                     results.value("columns", Json()).is_object() &&
                     results.value("rows", Json()).is_array() &&
                     results.value("experiment", Json()).is_object();
  if (!whole)
    throw InputProblems(file, Problems{{"", "is no results file of Baton (\"format\": \"baton-results\")"}});
  if (results.value("version", Json()) != 1) {
    throw InputProblems(
        file, Problems{{"/version", "must be 1, found " + found_text(results.value("version", Json()))}});
  }
  // Of these also what no figure names decides which rows are alike.
  std::vector<std::string> needed{"cores", "protocol", "workload"};
  const Json sweep = results["experiment"].value("sweep", Json::object());
  for (const Json* object : {&results["columns"], &sweep})
    for (const auto& item : object->items()) needed.push_back(item.key());
  for (const Json& row : results["rows"]) {
    for (const std::string& column : needed) {
      if (row.is_object() && row.contains(column)) continue;
      throw InputProblems(file, Problems{{"/rows", "a row lacks the column \"" + column + "\""}});
    }
  }
}

}  // namespace

std::vector<Figure> make_figures(const Json& results, const std::string& file, const Json& plots,
                                 const FigureNotes& notes) {
  return as_written(file, [&] {
    check_document(results, file);
    const bool own = plots.is_null();
    const Json list = own ? results["experiment"].value("plots", Json::array()) : plots;
    Problems problems;
    std::vector<Figure> figures;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string pointer = (own ? "/experiment/plots/" : "--plot/") + std::to_string(i);
      const std::size_t before = problems.size();
      const PlotChoice plot = read_plot(list[i], pointer, problems);
      if (problems.size() > before) continue;
      const PlotData data = plot_data(results, plot, pointer, problems);
      if (problems.size() > before) continue;
      const std::string what = plot.title.empty() ? data.value + "-by-" + plot.x : plot.title;
      figures.push_back({slug(results["experiment"].value("name", "results")) + "-" + std::to_string(i + 1) +
                             "-" + slug(what) + ".vl.json",
                         figure_text(Drawing(results, plot, data, notes).specification())});
    }
    if (!problems.empty()) throw InputProblems(file, problems);
    return figures;
  });
}

}  // namespace baton::experiment
