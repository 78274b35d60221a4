#pragma once
// Runs random cases, several at once, each in processes of its own, until the time is over.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/experiment/stress/stress_case.hpp"
#include "sim/experiment/task.hpp"

namespace baton::experiment {

/// A protocol under given options.
struct StressSubject {
  const ProtocolInfo* protocol;
  OptionValues options;
};

struct StressTally {
  std::uint64_t cases = 0;
  std::uint64_t accesses = 0;
  std::uint64_t messages = 0;  ///< of the cases that did not fail
};

struct StressFailure {
  std::size_t subject;
  StressCase failing;
  std::string report;
};

struct StressPlan {
  std::vector<StressSubject> subjects;  ///< take turns; one that has failed is left out from then on
  std::uint64_t first_seed = 1;
  std::uint32_t cores = 0;  ///< 0: random
  int jobs = 1;
  std::string folder;  ///< where the traces of running cases are kept meanwhile
};

struct StressOutcome {
  std::vector<StressTally> tallies;  ///< of each subject
  std::vector<StressFailure> failures;
};

/// `stop` is asked about ten times a second, after `progress`. The calling process must have a single thread.
StressOutcome stress(const StressPlan& plan, const std::function<void(const StressOutcome&)>& progress,
                     const std::function<bool()>& stop);

/// The names of the columns in which a run and the same with exact_events differ, those that only one of them
/// has included; "" if none. Columns are found by name: no two of a run have the same.
std::string difference(std::span<const sim::Measurement> fast, std::span<const sim::Measurement> exact);

/// Runs one case to its end. Why it failed, or nothing. `folder` as in StressPlan. Throws InputProblems for a
/// config that is no valid one.
std::optional<std::string> failure_of(const StressCase& stress_case, const std::string& folder);

}  // namespace baton::experiment
