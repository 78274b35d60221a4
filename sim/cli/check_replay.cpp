// baton check --replay: a counterexample of the checker in the simulator.

#include <cstdio>

#include "sim/cli/check.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/protocol_options.hpp"
#include "sim/experiment/input_file.hpp"
#include "sim/machine/scripted/script.hpp"

namespace baton::cli {
int replay_counterexample(const std::string& path) {
  const experiment::Counterexample example =
      experiment::read_counterexample(experiment::read_whole(path, "a counterexample"), path);
  const ProtocolInfo& protocol = *find_protocol(example.protocol);
  std::printf("%s, %s\n", variant_name(protocol, example.options).c_str(),
              system_name(example.system).c_str());
  if (example.mutation)
    std::printf("with a changed row: %s: %s\n", example.mutation->row_text.c_str(),
                example.mutation->text.c_str());
  std::printf("the checker:   %s\n", example.violation.c_str());
  std::fflush(stdout);
  const sim::ScriptResult result =
      sim::run_script({example.protocol, example.options, example.mutation ? &*example.mutation : nullptr,
                       example.system, example.steps});
  for (std::size_t i = 0; i < example.steps.size() && i <= result.steps; ++i)
    std::printf("    %s\n", example.steps[i].text.c_str());
  if (!result.divergence.empty()) {
    std::printf("the simulator goes another way: %s\n", result.divergence.c_str());
    return exit_failed;
  }
  if (result.fault.empty()) {
    std::printf("the simulator: no fault after %zu steps\n", result.steps);
    // What may no longer be used the checker forgets; a simulator's array keeps what it held.
    if (example.violation.find("content none") != std::string::npos)
      std::printf(
          "  \"none\" is what the checker has forgotten, as nobody may use it; the simulator has kept\n"
          "  the old content, which is right by chance\n");
    return exit_done;
  }
  std::printf("the simulator: %s\n", result.fault.c_str());
  return exit_failed;
}

}  // namespace baton::cli
