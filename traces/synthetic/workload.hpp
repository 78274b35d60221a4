#pragma once
// Workloads made of patterns, for one machine and seed.

#include <vector>

#include "traces/synthetic/pattern.hpp"

namespace baton::traces {

/// A part of a mix.
struct MixPart {
  const Pattern* pattern = nullptr;  ///< not null, not value-dependent
  ParameterValues values;
  double weight = 1;  ///< > 0; a part is drawn with probability weight / sum of weights
};

/// A stream of operations, each drawn from one part; as many as the largest operations_per_core of the parts
/// says. An operation of several accesses is not interleaved with others. Part i has the region context.base
/// + i * region_bytes, and a seed of its own. Throws std::invalid_argument if there is no part, a weight is
/// not above 0 or a part is value-dependent.
std::unique_ptr<OperationStream> make_mix(const std::vector<MixPart>& parts, const PatternContext& context);

/// One pattern, or a mix, on every core. Values must be in range and pass Pattern::check().
class SyntheticWorkload final : public Workload {
 public:
  /// cores: 1 .. 65536; line_bytes: as PatternContext.
  SyntheticWorkload(const Pattern& pattern, ParameterValues values, int cores, std::uint64_t seed,
                    std::uint32_t line_bytes);
  /// Throws as make_mix does.
  SyntheticWorkload(std::vector<MixPart> parts, int cores, std::uint64_t seed, std::uint32_t line_bytes);

  int cores() const override { return context_.cores; }
  std::unique_ptr<OperationStream> stream(int core) override;

 private:
  std::vector<MixPart> parts_;  ///< one, when it is not a mix
  bool mix_;
  PatternContext context_;
};

}  // namespace baton::traces
