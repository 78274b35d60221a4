#pragma once
// A config: what an experiment runs. Read with every check that can be made before anything runs.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/experiment/claims/claim.hpp"
#include "sim/experiment/hardware/measurement.hpp"
#include "sim/experiment/hardware/preset.hpp"
#include "sim/experiment/json.hpp"
#include "sim/experiment/machine_fields.hpp"
#include "sim/experiment/workload.hpp"
#include "sim/machine/parameters.hpp"

namespace baton::experiment {

/// Everything that decides what one simulation point measures, besides its seed.
struct PointConfig {
  sim::MachineParameters machine;
  sim::ProtocolChoice protocol;
  WorkloadChoice workload;
  RunSettings options;
};

/// One row of the results to be.
struct Point {
  std::vector<Json> labels;  ///< one an axis, in the experiment's order
  PointConfig config;
  std::uint64_t seed = 1;
};

/// `--set /machine/cores=16`, applied before the sweep.
struct Setting {
  std::string pointer;
  std::string value;  ///< JSON, or else taken as a string
};

struct Experiment {
  std::string name;
  std::vector<std::string> axes;   ///< in the config's order; the last varies fastest, then the seed
  std::vector<Point> points;       ///< in the order of rows; none if the claim is out of scope
  std::vector<AxisLabels> labels;  ///< the axes with their values
  std::optional<Claim> claim;      ///< what the experiment tests, if it does
  std::optional<HardwareMeasurement> measurement;  ///< what it is compared with, if it is
  Preset preset;                                   ///< empty if the config names none
  Json effective;  ///< the config with every field, canonical; reading it gives the same experiment
};

/// Splits "/pointer=value". Throws InputProblems.
Setting parse_setting(std::string_view argument);

/// Reads and checks the config in `text`. `file` names it in errors; trace paths are relative to `folder`,
/// those given by a setting to the working directory. Throws InputProblems with all that is wrong.
Experiment read_experiment(std::string_view text, const std::string& file,
                           const std::filesystem::path& folder, std::span<const Setting> settings);

/// Reads the file at `path`. Throws InputProblems, also if it cannot be read.
Experiment load_experiment(const std::string& path, std::span<const Setting> settings);

/// One point's config without sweep and seeds. Fields at fault keep their defaults.
PointConfig read_point(const Json& document, Problems& problems);

/// Canonical: every field, in order.
Json write_point(const PointConfig& config);

}  // namespace baton::experiment
