#pragma once
// Where on a grid something holds, in few words.

#include <string>
#include <vector>

#include "sim/experiment/claims/claim.hpp"

namespace baton::experiment {

/// "at cores >= 256 and directory = broadcast; or ...", "everywhere but at ...". `holds` has one entry a
/// point of the grid that the axes span, the last axis fastest. At least one point holds and at least one
/// does not.
std::string conditions(const std::vector<AxisLabels>& axes, const std::vector<bool>& holds);

}  // namespace baton::experiment
