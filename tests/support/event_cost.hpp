#pragma once
// What one event costs: the difference between a run with it and the same run without it.

#include "tests/support/simulate.hpp"
#include "tests/support/workloads.hpp"

namespace baton::test {

class EventCost {
 public:
  /// Long enough for all that a prefix leaves in flight.
  static constexpr std::uint32_t drain_cycles = 5000;

  EventCost(const MachineParameters& machine, const ProtocolChoice& protocol, const Script& prefix,
            Script event)
      : with_(run_machine(machine, protocol, Script(prefix).then(event.after(drain_cycles)), checked())),
        without_(run_machine(machine, protocol, Script(prefix), checked())) {}

  std::uint64_t operator[](const std::string& name) const { return with_[name] - without_[name]; }
  /// From the first access of the event to the completion of the last one.
  std::uint64_t cycles() const { return (*this)["cycles"] - drain_cycles; }

 private:
  static RunOptions checked() {
    RunOptions options;
    options.check = true;
    return options;
  }
  Result with_;
  Result without_;
};

}  // namespace baton::test
