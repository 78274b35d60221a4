#pragma once
// A claim: what somebody has said, as a metric of an experiment and the range that it should lie in.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/experiment/claims/expression.hpp"
#include "sim/experiment/field.hpp"
#include "sim/experiment/plot_fields.hpp"
#include "sim/experiment/sweep.hpp"

namespace baton::experiment {

struct Claim {
  std::string source;
  std::string statement;
  std::string unit;          ///< of the metric; "%" shows a fraction of 1 as per cent
  std::string why;           ///< what explains the figures, in words
  std::string out_of_scope;  ///< why this cannot be decided by simulating coherence; then there is no metric
  std::string metric_text;
  std::optional<Expression> metric;
  std::optional<double> min;  ///< claimed, inclusive
  std::optional<double> max;
  Json where = Json::object();  ///< axis -> value, or list of values: the points that the claim speaks of
  std::vector<std::pair<std::string, Expression>> explanation;  ///< what is shown beside the metric
  PlotChoice plot;
  Json quick;  ///< merge patch that makes the quick version; null if there is none

  /// The axes that the metric ranges over, those with one value left out: the plausible range.
  std::vector<AxisLabels> plausible(const std::vector<AxisLabels>& axes) const;
};

/// Reads a config's "claim". Names of axes and their values are checked against `axes`.
Claim read_claim(const Json& object, const std::vector<AxisLabels>& axes, Problems& problems);

/// An expression in a string, with the names of axes and values that it fixes checked; nothing if it is
/// wrong.
std::optional<Expression> read_expression(const Json& value, const std::vector<AxisLabels>& axes,
                                          const std::string& pointer, Problems& problems);

std::vector<AxisLabels> labels_of(const std::vector<Axis>& axes);

/// Whether the text of a selector means this label: "4" is 4, "1e3" is 1000, "MESI" is "MESI".
bool means(const std::string& text, const Json& label);

/// The fields that are texts; "claimed", "where", "explanation", "plot" and "quick" come besides.
Section describe(Claim& claim);

/// The draft-7 schema of "claim".
Json claim_schema();

}  // namespace baton::experiment
