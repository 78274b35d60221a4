#pragma once
// A random test of a machine: few hot lines, tiny caches, odd parameters, every access checked by the
// monitor. A case is an experiment and its trace, so that `baton run` repeats it.

#include <cstdint>
#include <string>
#include <vector>

#include "protocols/core/registry.hpp"
#include "sim/experiment/config.hpp"
#include "traces/operation.hpp"

namespace baton::experiment {

struct StressCase {
  std::string name;  ///< "mesi-17"
  Json config;       ///< one point, without the path of its trace
  bool compares =
      false;  ///< unchecked, but once with exact_events and once without: both must measure the same
  std::vector<traces::OrderedOperation> accesses;  ///< each core's in order
};

/// The case of a seed: the same for the same arguments. cores: 0 chooses 2 to 1024, mostly few; else so many.
StressCase random_stress_case(const ProtocolInfo& protocol, const OptionValues& options, std::uint64_t seed,
                              std::uint32_t cores);

/// The accesses in the text format (traces/import).
std::string trace_text(const StressCase& stress_case);

/// The config of an experiment that replays the trace at `path`.
Json replay_config(const StressCase& stress_case, const std::string& path);

/// The point of that experiment. Throws InputProblems if the config is no valid one.
PointConfig replay_point(const StressCase& stress_case, const std::string& path);

}  // namespace baton::experiment
