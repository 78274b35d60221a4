#pragma once
// The parts of `baton check`.

#include <string>
#include <vector>

#include "protocols/core/registry.hpp"
#include "sim/experiment/counterexample_file.hpp"

namespace baton::cli {

/// A protocol under some options.
struct CheckedVariant {
  const ProtocolInfo* protocol;
  OptionValues options;
  bool only_quickly = false;  ///< of several planned systems, only those of the quick plan
};

/// "3 caches, 1 line, queues of 1".
std::string system_name(const CheckParameters& system);

/// The systems that a protocol is checked with unless the user says which. They take seconds; `deep` minutes.
std::vector<CheckParameters> planned_systems(bool deep);

/// Where the results of a check go besides standard output; empty: nowhere.
struct CheckFiles {
  std::string counterexample;  ///< JSON
  std::string chart;           ///< Mermaid
  std::string page;            ///< Markdown
};

/// Checks every variant with every system; prints a line each, and counterexamples. If `is_planned`, takes
/// longer queues where those of a system end in a deadlock, and leaves out systems with too many states; if
/// `demand_all_rows`, every row of every table has to fire in some system and variant. Returns the exit
/// status.
int run_checks(const std::vector<CheckedVariant>& variants, const std::vector<CheckParameters>& systems,
               const std::vector<Mutation>& mutations, bool is_planned, bool demand_all_rows,
               const CheckFiles& files);

/// Spoils every row of every variant's tables in every simple way and says what the checker does not notice.
/// `every`: these are all variants of their protocols, so that what does not survive in one is known.
/// `explained`: a folder with NAME/survivors.md (protocols/README.md says what is in it); empty: none.
/// Returns the exit status: exit_failed if a survivor is not explained, or an explained one does not survive.
int run_mutants(const std::vector<CheckedVariant>& variants, bool every, int threads,
                const std::string& explained, const std::string& page);

/// Where a protocol's survivors are explained.
std::string survivors_file(const std::string& explained, const ProtocolInfo& protocol);

/// Replays a counterexample in the simulator. Returns the exit status.
int replay_counterexample(const std::string& path);

}  // namespace baton::cli
