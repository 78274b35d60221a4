#pragma once
// What a config's "plots" say.

#include <span>
#include <string>
#include <vector>

#include "sim/experiment/field.hpp"
#include "sim/experiment/sweep.hpp"

namespace baton::experiment {

/// One figure. Names are columns of the results.
struct PlotChoice {
  std::string title;  ///< empty: "Y by X"
  std::string kind = "line";
  std::string x;
  std::string y;       ///< a measured column; of a heat map, the axis that goes up. May be empty with a ratio
  std::string color;   ///< heat map: the measured column that colours show; may be empty with a ratio
  std::string series;  ///< a line or group of bars for each value
  std::string facet;   ///< a panel for each value
  std::string x_scale = "linear";
  std::string y_scale = "linear";
  Json where = Json::object();  ///< column -> value, or list of values: the rows to show
  Json ratio = Json::object();  ///< {"of", "numerator", "denominator"}, or empty
};

Section describe(PlotChoice& plot);

/// Reads one entry of "plots".
PlotChoice read_plot(const Json& object, const std::string& pointer, Problems& problems);

/// Checks a config's "plots".
void check_plots(const Json& plots, Problems& problems);
/// And what they name: axes with their labels, and columns.
void check_plot_names(const Json& plots, std::span<const AxisLabels> axes, Problems& problems);

/// The draft-7 schema of one entry.
Json plot_schema();

}  // namespace baton::experiment
