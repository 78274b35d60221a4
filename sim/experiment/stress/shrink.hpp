#pragma once
// Makes a failing case small, so that a person can follow it.

#include <functional>

#include "sim/experiment/stress/stress_case.hpp"

namespace baton::experiment {

/// Removes accesses (delta debugging: Zeller and Hildebrandt, IEEE TSE 2002), then gaps, then parameters that
/// differ from their defaults, as long as the case still fails. `fails` is asked of every candidate; `stop`
/// ends the search early. The result fails.
StressCase shrink(StressCase failing, const std::function<bool(const StressCase&)>& fails,
                  const std::function<bool()>& stop);

}  // namespace baton::experiment
