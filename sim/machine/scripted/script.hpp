#pragma once
// Replays what the checker found (protocols/core/counterexample.hpp) on the simulator's own caches and homes,
// watched by the simulator's own monitor: the same steps must lead through the same states to the same fault.

#include <string>

#include "protocols/core/check.hpp"
#include "protocols/core/mutation.hpp"
#include "protocols/core/variant.hpp"

namespace baton::sim {

/// A counterexample with all that is needed to repeat it.
struct Script {
  std::string protocol;
  OptionValues options;
  const Mutation* mutation = nullptr;  ///< of the variant's tables; null: the tables as they are
  CheckParameters system;              ///< caches, lines, values, home_beside_cache
  std::vector<CheckStep> steps;
};

struct ScriptResult {
  std::size_t steps = 0;  ///< taken before the fault or the end
  /// What the monitor or a controller found, or a deadlock behind the last step. Empty: nothing.
  std::string fault;
  /// If the simulator went another way than the script: where, and how. Then nothing follows from the rest.
  std::string divergence;
};

/// One call a process: SystemC elaborates once.
ScriptResult run_script(const Script& script);

}  // namespace baton::sim
