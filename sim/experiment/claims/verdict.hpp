#pragma once
// The verdict on a claim, computed from the rows of its experiment.

#include <string>
#include <string_view>
#include <vector>

#include "sim/experiment/claims/claim.hpp"

namespace baton::experiment {

enum class Verdict {
  supported,     ///< in the claimed range at every plausible point
  conditional,   ///< at some of them
  refuted,       ///< at none
  out_of_scope,  ///< not for this simulator to say
};

/// "supported", "conditional", "refuted", "out of scope".
std::string_view name(Verdict verdict);

/// A point of the plausible range.
struct JudgedPoint {
  std::vector<Json> place;  ///< a value of each axis
  double measured = 0;      ///< NaN if the metric has no value here; such a point does not hold
  bool holds = false;
  std::vector<double> explanation;  ///< in the claim's order; NaN where there is no value
};

struct Judgement {
  Verdict verdict = Verdict::out_of_scope;
  std::vector<AxisLabels> axes;  ///< the plausible range
  std::vector<JudgedPoint> points;
  double low = 0;  ///< of the metric over the points that have a value
  double high = 0;
  std::size_t holding = 0;
  /// Verdict refuted, but with points on both sides of the claimed range: between them it would hold.
  bool straddles = false;
  std::string conditions;  ///< verdict conditional: where it holds
};

/// `rows` are those of the results; `axes` the sweep's. `file` names the config in errors, `place` the claim
/// in it. Throws InputProblems for a column that the rows do not have, and for a metric that has a value
/// nowhere.
Judgement judge(const Claim& claim, const std::vector<AxisLabels>& axes, const std::vector<Json>& rows,
                const std::string& file, const std::string& place = "/claim");

}  // namespace baton::experiment
