#pragma once
// Sweeps: axes that multiply. An axis puts values at a place of the config, or merges labelled patches into
// it.

#include <string>
#include <string_view>
#include <vector>

#include "sim/experiment/json.hpp"
#include "sim/experiment/problem.hpp"

namespace baton::experiment {

struct AxisValue {
  Json label;   ///< a number or a string, as rows show it
  Json change;  ///< the value to put at the axis's pointer, or the merge patch (RFC 7396)
};

struct Axis {
  std::string name;
  std::string pointer;  ///< of {"path", "values"}; empty for variants
  std::vector<AxisValue> values;
};

/// Values of an axis of the sweep, in the sweep's order.
struct AxisLabels {
  std::string name;
  std::vector<Json> values;
};

/// Is it a measured column of the results? No axis can be called so. Programs name columns, too
/// (operations_enqueue): those that begin with "operations_" are not known here.
bool is_column(std::string_view name);

/// The axes of a config's "sweep" object.
std::vector<Axis> read_axes(const Json& sweep, Problems& problems);

/// Merges `patch` into `document`. Where the patch names another protocol, pattern, program or kind of
/// workload, the old one's keys that the new one does not have are dropped: {"protocol": {"name":
/// "ownership"}} over MESI with its "directory" is ownership with its defaults, not an error.
void apply_patch(Json& document, const Json& patch);

/// Puts `value` at `pointer`, in place of what is there, making objects on the way; with apply_patch()'s rule
/// for names. Throws Json::exception where the way leads through a list that is too short or a value that is
/// no container.
void set_at(Json& document, const std::string& pointer, const Json& value);

/// Applies one of the axis's values. Throws as set_at().
void apply(Json& document, const Axis& axis, const AxisValue& value);

}  // namespace baton::experiment
