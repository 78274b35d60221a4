#pragma once
// The fields of a config's "machine", "protocol" and "options" objects: names, units, ranges and meanings.

#include <string>
#include <vector>

#include "protocols/core/registry.hpp"
#include "sim/experiment/field.hpp"
#include "sim/machine/parameters.hpp"
#include "sim/machine/simulate.hpp"

namespace baton::experiment {

/// What a config's "options" object says about how a point is run.
struct RunSettings {
  bool check = false;
  bool exact_events = false;
  bool cells = false;
  bool per_core = false;
  bool efficiency = true;   ///< also run each point's one-core baseline, for scaling_efficiency
  std::uint32_t lines = 0;  ///< so many of the lines that cost most are reported
  std::uint64_t watchdog_cycles = 1'000'000;
};

Section describe(sim::MachineParameters& machine);

/// The protocol's own options and transfer_cycles; options that `choice` lacks get their default. "name" is
/// not among the fields: it decides which fields there are.
Section describe(sim::ProtocolChoice& choice, const ProtocolInfo& protocol);

Section describe(RunSettings& settings);

std::vector<std::string> protocol_names();
std::vector<std::string> topology_names();

}  // namespace baton::experiment
