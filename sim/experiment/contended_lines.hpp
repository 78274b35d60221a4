#pragma once
// The lines that cost most, as the results have them: what they cost, who touches which bytes, whether the
// sharing is true or false, and, of recordings, which data and code that is.

#include <cstdint>
#include <string>

#include "sim/experiment/config.hpp"
#include "sim/experiment/json.hpp"
#include "sim/machine/contended_lines.hpp"

namespace baton::experiment {

/// A list of objects, the line that costs most first; configs/README.md says what they have. `touches` is
/// what the run has seen; the accesses of streams are read once more, and recordings for their names. Throws
/// traces::InputError.
Json describe_lines(const sim::LineTable& table, sim::LineTouches& touches, const PointConfig& config,
                    std::uint64_t seed);

}  // namespace baton::experiment
