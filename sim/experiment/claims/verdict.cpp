#include "sim/experiment/claims/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "sim/experiment/claims/conditions.hpp"

namespace baton::experiment {
namespace {

// Ratios of equal figures may miss 1 by the rounding of their last bits.
constexpr double rounding = 1e-9;

/// The rows of each point of the sweep, one a seed.
class Table {
 public:
  Table(const std::vector<AxisLabels>& axes, const std::vector<Json>& rows) : axes_(axes), rows_(rows) {
    for (const Json& row : rows) points_[key(row)].push_back(&row);
  }

  /// The mean over the seeds at `place` (axis -> value) with the reference's axes put in; NaN for null.
  double value(const Reference& reference, Json place) const {
    for (const Selector& selector : reference.selectors) {
      for (const AxisLabels& axis : axes_) {
        if (axis.name != selector.axis) continue;
        place[axis.name] = *std::ranges::find_if(
            axis.values, [&](const Json& label) { return means(selector.value, label); });
      }
    }
    const auto at = points_.find(key(place));
    if (at == points_.end()) return std::nan("");
    double sum = 0;
    for (const Json* row : at->second) {
      const auto cell = row->find(reference.name);
      if (cell == row->end() || !cell->is_number()) return std::nan("");
      sum += cell->get<double>();
    }
    return sum / static_cast<double>(at->second.size());
  }

  void check_columns(const Expression& expression, const std::string& pointer, Problems& problems) const {
    if (rows_.empty()) return;
    for (const Reference& reference : expression.references()) {
      if (rows_[0].contains(reference.name)) continue;
      std::vector<std::string> columns;
      for (const auto& item : rows_[0].items()) columns.push_back(item.key());
      problems.push_back({pointer, "column " + std::to_string(reference.column) +
                                       ": the results have no column \"" + reference.name + "\"" +
                                       did_you_mean(reference.name, columns)});
    }
  }

 private:
  std::string key(const Json& from) const {
    Json values = Json::array();
    for (const AxisLabels& axis : axes_) values.push_back(from[axis.name]);
    return values.dump();
  }

  const std::vector<AxisLabels>& axes_;
  const std::vector<Json>& rows_;
  std::map<std::string, std::vector<const Json*>> points_;
};

/// Values of the axes that the metric does not range over.
Json fixed_place(const Claim& claim, const std::vector<AxisLabels>& axes) {
  Json place = Json::object();
  for (const AxisLabels& axis : axes) {
    place[axis.name] = claim.where.contains(axis.name) ? claim.where[axis.name][0] : axis.values.at(0);
  }
  return place;
}

bool in_range(const Claim& claim, double measured) {
  if (std::isnan(measured)) return false;
  const auto slack = [](double limit) { return rounding * std::abs(limit); };
  return (!claim.min || measured >= *claim.min - slack(*claim.min)) &&
         (!claim.max || measured <= *claim.max + slack(*claim.max));
}

}  // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::supported:
      return "supported";
    case Verdict::conditional:
      return "conditional";
    case Verdict::refuted:
      return "refuted";
    case Verdict::out_of_scope:
      break;
  }
  return "out of scope";
}

Judgement judge(const Claim& claim, const std::vector<AxisLabels>& axes, const std::vector<Json>& rows,
                const std::string& file, const std::string& place) {
  Judgement judgement;
  if (!claim.metric) return judgement;
  const Table table(axes, rows);
  Problems problems;
  table.check_columns(*claim.metric, place + "/metric", problems);
  for (const auto& [label, expression] : claim.explanation)
    table.check_columns(expression, place + "/explanation/" + pointer_token(label), problems);
  if (!problems.empty()) throw InputProblems(file, problems);

  judgement.axes = claim.plausible(axes);
  std::size_t size = 1;
  for (const AxisLabels& axis : judgement.axes) size *= axis.values.size();
  std::vector<bool> holds;
  judgement.low = std::numeric_limits<double>::infinity();
  judgement.high = -judgement.low;
  const Json fixed = fixed_place(claim, axes);
  for (std::size_t index = 0; index < size; ++index) {
    JudgedPoint point;
    Json at = fixed;
    std::size_t rest = index;
    for (std::size_t i = judgement.axes.size(); i-- > 0;) {
      const AxisLabels& axis = judgement.axes[i];
      const Json& value = axis.values[rest % axis.values.size()];
      rest /= axis.values.size();
      at[axis.name] = value;
      point.place.insert(point.place.begin(), value);
    }
    const auto lookup = [&](const Reference& reference) { return table.value(reference, at); };
    point.measured = claim.metric->evaluate(lookup);
    if (!std::isfinite(point.measured)) point.measured = std::nan("");  // a division by zero
    point.holds = in_range(claim, point.measured);
    for (const auto& [label, expression] : claim.explanation)
      point.explanation.push_back(expression.evaluate(lookup));
    if (!std::isnan(point.measured)) {
      judgement.low = std::min(judgement.low, point.measured);
      judgement.high = std::max(judgement.high, point.measured);
    }
    judgement.holding += point.holds ? 1 : 0;
    holds.push_back(point.holds);
    judgement.points.push_back(std::move(point));
  }
  if (judgement.low > judgement.high) {
    throw InputProblems(file,
                        Problems{{place + "/metric", "has a value at no point of the plausible range"}});
  }
  judgement.verdict = judgement.holding == size ? Verdict::supported
                      : judgement.holding == 0  ? Verdict::refuted
                                                : Verdict::conditional;
  judgement.straddles = judgement.verdict == Verdict::refuted && claim.min && claim.max &&
                        judgement.low < *claim.min && judgement.high > *claim.max;
  if (judgement.verdict == Verdict::conditional) judgement.conditions = conditions(judgement.axes, holds);
  return judgement;
}

}  // namespace baton::experiment
