#pragma once
// The rows of a figure: selected, reduced to the columns it shows, ratios computed.

#include <string>
#include <vector>

#include "sim/experiment/plot_fields.hpp"

namespace baton::experiment {

/// What a figure's encoding refers to.
struct PlotData {
  std::string value;        ///< the key of the measured value in `rows`
  std::string value_title;  ///< with its unit
  Json rows = Json::array();
  bool left_out = false;  ///< some values have no place on a logarithmic scale
  bool repeated = false;  ///< several rows lie at one place: several seeds
};

/// The rows of `plot`. `pointer` is the plot's place, for problems.
PlotData plot_data(const Json& results, const PlotChoice& plot, const std::string& pointer,
                   Problems& problems);

/// "latency p99 (cycles)": a column as an axis shows it.
std::string column_title(const Json& results, const std::string& column);

}  // namespace baton::experiment
