#pragma once
// The places that a config can have, to check `--set` and the paths of sweeps.

#include <string>
#include <vector>

#include "sim/experiment/problem.hpp"

namespace baton::experiment {

/// Every place of a config, "*" for a token that can be anything (an axis, a label, an index).
const std::vector<std::string>& known_pointers();

/// Adds a problem at `place` if `pointer` is malformed or can be no place in a config.
void check_pointer(const std::string& pointer, const std::string& place, Problems& problems);

}  // namespace baton::experiment
