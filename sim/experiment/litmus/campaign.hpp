#pragma once
// Litmus tests on many machines: every protocol, topology and consistency that is asked for, each run with
// its own timing. What was seen is compared with what the memory model allows.

#include <functional>
#include <set>

#include "sim/experiment/problem.hpp"
#include "sim/machine/litmus/driver.hpp"
#include "traces/litmus/model.hpp"

namespace baton::experiment {

struct LitmusCampaign {
  struct Protocol {
    std::string label;
    sim::ProtocolChoice choice;
  };
  std::vector<litmus::Test> tests;
  std::vector<Protocol> protocols;
  std::vector<std::string> topologies;
  std::vector<std::string> consistencies;  ///< "sc", "tso"
  std::uint64_t runs = 10'000;             ///< of each test under each consistency, over all machines
  std::uint64_t seed = 1;
  int jobs = 1;
  bool check = true;  ///< the machine's monitor watches every access

  std::function<bool()> stop = {};                                  ///< asked now and then; true ends it
  std::function<void(std::uint64_t, std::uint64_t)> progress = {};  ///< runs done, of all
};

/// One test under one consistency.
struct LitmusResult {
  const litmus::Test* test = nullptr;
  std::string consistency;
  std::set<litmus::Outcome> allowed;  ///< by the model
  sim::LitmusCounts seen;             ///< those that the filter lets pass
  std::uint64_t runs = 0;             ///< all
  std::uint64_t filtered = 0;         ///< runs whose outcome the filter leaves out
  /// Outcomes that the model does not allow, each with a machine that showed it and the command's --seed.
  std::map<litmus::Outcome, std::string> forbidden;
};

struct LitmusOutcome {
  std::vector<LitmusResult> results;  ///< by test, then consistency
  std::vector<std::string> failures;  ///< of simulations: the machine, and the report
  bool interrupted = false;
};

/// Runs it in child processes, `jobs` at once. The same campaign has the same outcome, whatever `jobs`.
/// Throws InputProblems for a test that fits no machine, traces::InputError as allowed_outcomes().
LitmusOutcome run_litmus(const LitmusCampaign& campaign);

}  // namespace baton::experiment
