#pragma once
// Vega-Lite v5 specifications from results.

#include <string>
#include <vector>

#include "sim/experiment/json.hpp"

namespace baton::experiment {

struct Figure {
  std::string file_name;  ///< "NAME-1-throughput-by-cores.vl.json"
  std::string text;       ///< the specification, data inline
};

/// What a figure of computed rows says besides.
struct FigureNotes {
  std::string repeats = "the seeds";  ///< what the several rows at one place differ in
  std::vector<double> rules;          ///< values to read the figure against, as dashed lines
};

/// One figure for each of `plots`, or for each of the results' own if that is null. `file` names the results
/// in errors. Throws InputProblems: a column that does not exist, rows that a figure would silently average
/// over.
std::vector<Figure> make_figures(const Json& results, const std::string& file, const Json& plots,
                                 const FigureNotes& notes = {});

}  // namespace baton::experiment
