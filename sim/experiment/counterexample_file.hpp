#pragma once
// A counterexample of the checker as a JSON file, with all that is needed to replay it.

#include <optional>
#include <string>
#include <string_view>

#include "protocols/core/check.hpp"
#include "protocols/core/mutation.hpp"
#include "protocols/core/variant.hpp"

namespace baton::experiment {

struct Counterexample {
  std::string protocol;
  OptionValues options;              ///< of all the protocol's options
  std::optional<Mutation> mutation;  ///< of the tables, if they were spoilt on purpose
  CheckParameters system;            ///< caches, lines, values, ways, store_buffer, queue, home_beside_cache
  std::string violation;
  std::size_t cycle_begin = 0;  ///< as in CheckResult
  std::vector<CheckStep> steps;
};

/// The whole text of the file.
std::string write_counterexample(const Counterexample& counterexample);

/// Reads the text of the file `file`. Throws InputProblems, with all faults, if it is none, or if the
/// protocol or the mutation is not one of this program's.
Counterexample read_counterexample(std::string_view text, std::string_view file);

}  // namespace baton::experiment
