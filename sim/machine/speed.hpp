#pragma once
// Cores of different speed: a slow core's cycles are longer than the machine's by a rational factor.

#include <cmath>

#include "sim/machine/calendar.hpp"
#include "sim/machine/parameters.hpp"

namespace baton::sim {

class Speed {
 public:
  Speed() = default;
  /// The speed of one core.
  Speed(const MachineParameters& machine, NodeId node)
      : thousandths_(node + machine.core.slow_cores >= machine.cores
                         ? static_cast<std::uint64_t>(std::llround(machine.core.slow_factor * 1000))
                         : 1000) {}

  bool slow() const { return thousandths_ != 1000; }
  /// Cycles of the core in cycles of the machine, rounded up.
  Cycle scaled(Cycle cycles) const {
    return thousandths_ == 1000 ? cycles : (cycles * thousandths_ + 999) / 1000;
  }
  /// Cycles of the core that have passed in so many cycles of the machine, rounded down.
  Cycle passed(Cycle cycles) const { return thousandths_ == 1000 ? cycles : cycles * 1000 / thousandths_; }

 private:
  std::uint64_t thousandths_ = 1000;
};

}  // namespace baton::sim
