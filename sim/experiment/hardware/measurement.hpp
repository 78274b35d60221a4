#pragma once
// What somebody has measured on a real machine, and the same figures of the simulated one.

#include <optional>
#include <string>
#include <vector>

#include "sim/experiment/claims/claim.hpp"

namespace baton::experiment {

struct MeasuredFigure {
  std::string what;
  std::string unit;
  std::string metric_text;
  std::optional<Expression> metric;  ///< nothing: out of scope
  double min = 0;                    ///< measured; as max if it is one value
  double max = 0;
  std::string over;    ///< how one figure is made of those at several points: "median", ...; empty: one point
  std::string fitted;  ///< the parameter that was chosen to bring this figure about; empty: predicted
  std::string out_of_scope;  ///< why it cannot be simulated here
};

struct HardwareMeasurement {
  std::string source;
  std::string statement;  ///< what was measured, and on what
  std::string why;        ///< what the model leaves out
  std::vector<MeasuredFigure> figures;
};

/// Reads a config's "measurement". `document` is the config, in which fitted parameters must lie.
HardwareMeasurement read_measurement(const Json& object, const Json& document,
                                     const std::vector<AxisLabels>& axes, Problems& problems);

/// The draft-7 schema of "measurement".
Json measurement_schema();

/// For the table of fields.
Section describe(HardwareMeasurement& measurement);
Section describe(MeasuredFigure& figure);

/// One figure of several by the name of `over`: NaN ones are left out. NaN if there is no other.
double combined(std::vector<double> values, const std::string& over);

/// The simulated figures, in order; NaN for one out of scope. Throws InputProblems, naming `file`, for a
/// column that the rows do not have.
std::vector<double> simulated_figures(const HardwareMeasurement& measurement,
                                      const std::vector<AxisLabels>& axes, const std::vector<Json>& rows,
                                      const std::string& file);

/// simulated / measured - 1; where a range was measured, from its nearer end, and 0 inside.
double error_of(const MeasuredFigure& figure, double simulated);

}  // namespace baton::experiment
