#pragma once
// Small machines of many kinds, and workloads for them, for tests that want variety rather than one figure.

#include <stdexcept>

#include "tests/support/simulate.hpp"
#include "tests/support/workloads.hpp"
#include "traces/synthetic/random.hpp"
#include "traces/synthetic/workload.hpp"

namespace baton::test {

/// A cache of so many sets of so many 64-byte lines.
inline void set_cache(MachineParameters& machine, std::uint32_t sets, std::uint32_t ways) {
  machine.cache.ways = ways;
  machine.cache.size_bytes = std::uint64_t{64} * sets * ways;
}

struct Setting {
  std::string_view name;
  double value;
};

/// A pattern with some parameters set; what the pattern does not have is left out.
inline traces::SyntheticWorkload synthetic(const traces::Pattern& pattern, int cores, std::uint64_t seed,
                                           const std::vector<Setting>& settings) {
  traces::ParameterValues values(pattern.parameters());
  for (const auto& setting : settings)
    for (const auto& parameter : pattern.parameters())
      if (parameter.name == setting.name) values.set(setting.name, setting.value);
  const auto errors = pattern.check(values, cores);
  if (!errors.empty()) throw std::logic_error(std::string(pattern.name()) + ": " + errors.front().message);
  return {pattern, std::move(values), cores, seed, 64};
}

/// All kinds of access, to a few hot lines and some more, some of them over the end of a line, some after
/// long work.
struct Mixture {
  std::uint32_t cores = 4;
  std::uint64_t seed = 1;
  std::size_t operations = 100;  ///< of each core
  std::uint64_t hot = 2;         ///< lines that half of the accesses go to
  std::uint64_t lines = 16;
  std::uint32_t most_gap = 0;
  double straddle = 0;  ///< how many cross the end of their line
  double long_gap = 0;  ///< how many come after 1000 .. 5000 cycles: beyond the calendar's ring
  double writes = 0.5;

  Programs programs() const {
    std::vector<std::vector<Operation>> all(cores);
    for (std::uint32_t core = 0; core < cores; ++core) {
      traces::Random random(seed, core);
      for (std::size_t i = 0; i < operations; ++i) all[core].push_back(draw(random));
    }
    return Programs(std::move(all));
  }

 private:
  Operation draw(traces::Random& random) const {
    const std::uint64_t line = random.below(random.below(2) == 0 ? hot : lines);
    const Kind kind = random.unit() >= writes ? Kind::load : random.below(2) == 0 ? Kind::store : Kind::rmw;
    auto operation = access(kind, line, static_cast<std::uint32_t>(random.below(most_gap + 1)));
    if (random.unit() < straddle) {
      operation.address += 60;
      operation.size = random.below(4) == 0 ? 200 : 8;  // two lines, or four
    }
    if (random.unit() < long_gap)
      operation.gap_cycles = static_cast<std::uint32_t>(1000 + random.below(4000));
    operation.completes = random.below(8) != 0;
    return operation;
  }
};

}  // namespace baton::test
