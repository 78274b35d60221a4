#include "sim/machine/simulate.hpp"

#include <bit>

#include "protocols/core/registry.hpp"
#include "sim/machine/network/topology.hpp"
#include "sim/machine/system/core_list.hpp"

namespace baton::sim {

#define BATON_PROTOCOL(NAME)                                                                \
  std::vector<Measurement> simulate_##NAME(const MachineParameters&, const ProtocolChoice&, \
                                           traces::Workload&, const RunOptions&);
#include "protocol_list.inc"
#undef BATON_PROTOCOL

std::vector<Measurement> simulate(const MachineParameters& machine, const ProtocolChoice& protocol,
                                  traces::Workload& workload, const RunOptions& options) {
#define BATON_PROTOCOL(NAME) \
  if (protocol.name == #NAME) return simulate_##NAME(machine, protocol, workload, options);
#include "protocol_list.inc"
#undef BATON_PROTOCOL
  throw RunFailure("unknown protocol " + protocol.name);
}

namespace {

class NoWorkload final : public traces::Workload {
 public:
  int cores() const override { return 0; }
  std::unique_ptr<traces::OperationStream> stream(int) override { return nullptr; }
};

}  // namespace

std::vector<Measurement> simulate_driver(const MachineParameters& machine, const ProtocolChoice& protocol,
                                         const RunOptions& options) {
  NoWorkload nothing;
  return simulate(machine, protocol, nothing, options);
}

std::vector<ParameterError> check_parameters(const MachineParameters& machine,
                                             const ProtocolChoice& protocol) {
  std::vector<ParameterError> errors;
  const auto error = [&](std::string pointer, std::string message) {
    errors.push_back({std::move(pointer), std::move(message)});
  };
  const CacheParameters& cache = machine.cache;
  const std::uint64_t set_bytes = std::uint64_t{cache.ways} * cache.line_bytes;
  if (!std::has_single_bit(cache.line_bytes))  // of the size nothing is to be said before the line is right
    error("/cache/line",
          std::to_string(cache.line_bytes) + " bytes a line; allowed: a power of two from 8 to 4096");
  else if (cache.size_bytes < set_bytes)
    error("/cache/ways", std::to_string(cache.ways) + " ways of " + std::to_string(cache.line_bytes) +
                             "-byte lines do not fit into " + std::to_string(cache.size_bytes) +
                             " bytes; allowed: at most " +
                             std::to_string(cache.size_bytes / cache.line_bytes));
  else if (cache.size_bytes % set_bytes != 0 || !std::has_single_bit(cache.size_bytes / set_bytes))
    error("/cache/size", std::to_string(cache.size_bytes) + " bytes are no power of two of sets of " +
                             std::to_string(set_bytes) + " bytes (ways times line)");
  if (cache.replacement == "tree_plru" && !std::has_single_bit(cache.ways))
    error("/cache/ways", std::to_string(cache.ways) + " ways; allowed with tree_plru: a power of two");
  // A store's upgrade holds its line's place while a load's line comes.
  if (machine.core.consistency == "tso" && cache.ways < 2)
    error("/cache/ways", "1 way; allowed with consistency tso: at least 2");
  if (machine.core.slow_cores > machine.cores)
    error("/core/slow_cores", std::to_string(machine.core.slow_cores) + " slow cores of " +
                                  std::to_string(machine.cores) + "; allowed: at most all");
  if (!machine.system.pin.empty() && parse_core_list(machine.system.pin, machine.cores).empty())
    error("/system/pin", "\"" + machine.system.pin +
                             "\" is no list of cores; allowed: numbers and ranges from 0 to " +
                             std::to_string(machine.cores - 1) + ", like \"0-2,5\"");
  if (machine.memory.controllers > machine.cores)
    error("/memory/controllers", std::to_string(machine.memory.controllers) + " controllers on " +
                                     std::to_string(machine.cores) + " cores; allowed: at most one a core");
  if (machine.home.llc_slice_bytes != 0 &&
      machine.home.llc_slice_bytes < std::uint64_t{machine.home.llc_ways} * cache.line_bytes)
    error("/home/llc_slice", std::to_string(machine.home.llc_slice_bytes) + " bytes hold no set of " +
                                 std::to_string(machine.home.llc_ways) +
                                 " lines; allowed: 0 (none) or at least " +
                                 std::to_string(std::uint64_t{machine.home.llc_ways} * cache.line_bytes));
  const std::uint32_t flits =
      (cache.line_bytes + machine.network.control_bytes + machine.network.link_bytes - 1) /
      machine.network.link_bytes;
  if (flits > reservation::max_flits)
    error("/network/link_bytes", "a line takes " + std::to_string(flits) + " flits; allowed: at most " +
                                     std::to_string(reservation::max_flits));
  if (const TopologyInfo* topology = find_topology(machine.network.topology))
    if (const auto wrong = topology->check(machine.network, machine.cores))
      error(wrong->pointer, wrong->message);
  if (const ProtocolInfo* info = find_protocol(protocol.name)) {
    if (protocol.transfer_cycles != 1 && !info->ideal_transfer(protocol.options))
      error("/protocol/transfer_cycles",
            "only a protocol whose lines move ideally has it (\"transfer\": \"ideal\")");
    if (info->snoops() && machine.network.topology != "bus")
      error("/network/topology", "\"" + machine.network.topology + "\" is no bus, and " + protocol.name +
                                     " snoops; allowed: \"bus\"");
  }
  return errors;
}

}  // namespace baton::sim
