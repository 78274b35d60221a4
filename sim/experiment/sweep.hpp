#pragma once
// Sweeps: axes that multiply. An axis puts values at a place of the config, or merges labelled patches into it.

#include <string>
#include <vector>

#include "sim/experiment/json.hpp"
#include "sim/experiment/problem.hpp"

namespace baton::experiment {

struct AxisValue {
  Json label;  ///< a number or a string, as rows show it
  Json patch;  ///< RFC 7396
};

struct Axis {
  std::string name;
  std::string pointer;  ///< of {"path", "values"}; empty for variants
  std::vector<AxisValue> values;
};

/// The axes of a config's "sweep" object.
std::vector<Axis> read_axes(const Json& sweep, Problems& problems);

/// Merges `patch` into `document`. Where the patch names another protocol, pattern or kind of workload, the old one's
/// keys that the new one does not have are dropped: {"protocol": {"name": "ownership"}} over MESI with its
/// "directory" is ownership with its defaults, not an error.
void apply_patch(Json& document, const Json& patch);

/// The patch that puts `value` at `pointer`.
Json patch_at(const std::string& pointer, const Json& value);

}  // namespace baton::experiment
