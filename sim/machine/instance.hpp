#pragma once
// Which machine a protocol runs on.

#include "sim/machine/machine.hpp"
#include "sim/machine/scripted/scripted_bus.hpp"
#include "sim/machine/scripted/scripted_machine.hpp"
#include "sim/machine/snooping/snoop_machine.hpp"

namespace baton::sim {

template <class P>
std::vector<Measurement> simulate_as(const MachineParameters& machine, const ProtocolChoice& protocol,
                                     traces::Workload& workload, const RunOptions& options) {
  // Named objects: SystemC takes a module for complete when the name that it was given is gone.
  if constexpr (snooping::Protocol<P>) {
    SnoopMachine<P> module("machine", machine, P::table(protocol.options), options);
    return module.run(workload);
  } else {
    Machine<P> module("machine", machine, protocol, P::variant(protocol.options), options);
    return module.run(workload);
  }
}

template <class P>
ScriptResult run_script_as(const Script& script) {
  if constexpr (snooping::Protocol<P>)
    return run_bus_script_of<P>(script);
  else
    return run_script_of<P>(script);
}

}  // namespace baton::sim
