// baton replay

#include <algorithm>
#include <filesystem>

#include "protocols/core/registry.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/execute.hpp"
#include "sim/experiment/json.hpp"
#include "sim/experiment/output_file.hpp"
#include "sim/experiment/workload.hpp"
#include "sim/machine/network/topology.hpp"

namespace baton::cli {
namespace {

namespace po = boost::program_options;
using namespace experiment;

Usage usage() {
  Usage usage;
  usage.synopsis = "baton replay TRACE [OPTIONS]";
  usage.about =
      "Runs a recorded trace on a machine of as many cores as the trace has. Without --protocol it runs both "
      "mesi\n"
      "and ownership, a row each. --set changes any field of the config that the command builds.";
  usage.examples =
      "  baton replay queue.baton\n"
      "  baton replay queue.baton --protocol ownership --set /protocol/reads=snapshot -o queue.json\n"
      "  baton replay queue.baton --cores 2 --threads scheduled\n"
      "  baton replay accesses.txt --cores 16 --order global --set /machine/network/topology=crossbar\n";
  usage.options.add_options()  //
      ("protocol,p", po::value<std::vector<std::string>>()->value_name("NAME")->composing(),
       "a protocol (see baton protocol list); repeatable")  //
      ("cores,n", po::value<std::uint32_t>()->value_name("N"),
       "cores of the machine; default: the trace's, or the next number that fills a mesh")  //
      ("order", po::value<std::string>()->value_name("free|recorded|global"),
       "free: each core runs its own accesses (default); recorded: what a recording has an order of waits "
       "for "
       "its turn; global: one at a time, in the trace's order")  //
      ("threads", po::value<std::string>()->value_name("as_cores|scheduled"),
       "as_cores: each thread has a core (default); scheduled: threads share cores under an operating "
       "system")  //
      ("format", po::value<std::string>()->value_name("NAME"),
       "the trace's format; default: by its name and content")  //
      ("salvage", po::bool_switch(),
       "of a damaged recording: leave out what cannot be read, and say what")  //
      ("output,o", po::value<std::string>()->value_name("FILE"),
       "where the results go; default: standard output");
  add_execution_options(usage.options);
  usage.hidden.add_options()("trace", po::value<std::string>());
  usage.positional.add("trace", 1);
  return usage;
}

// As many as the trace has, and idle ones up to a number that fills the default mesh: 7 -> 8.
std::uint32_t default_cores(const WorkloadChoice& workload) {
  const sim::NetworkParameters network;
  const sim::TopologyInfo& topology = *sim::find_topology(network.topology);
  auto cores = static_cast<std::uint32_t>(trace_cores(workload));
  while (topology.check(network, cores)) ++cores;
  return cores;
}

Json config(const po::variables_map& values) {
  WorkloadChoice workload;
  workload.kind = "trace";
  workload.path = values["trace"].as<std::string>();
  Json document{{"name", "replay-" + std::filesystem::path(workload.path).stem().string()}};
  Json object{{"kind", "trace"}, {"path", workload.path}};
  if (values["salvage"].as<bool>()) object["salvage"] = workload.salvage = true;
  for (const char* key : {"format", "order", "threads"}) {
    if (values.count(key) > 0) object[key] = values[key].as<std::string>();
  }
  workload.format = value_or(values, "format", workload.format);
  document["machine"]["cores"] =
      values.count("cores") > 0 ? values["cores"].as<std::uint32_t>() : default_cores(workload);
  const auto names = value_or<std::vector<std::string>>(values, "protocol", {"mesi", "ownership"});
  document["protocol"]["name"] = names.front();
  // A snooping protocol has no choice: a bus then carries them all.
  if (std::ranges::any_of(names, [](const std::string& name) {
        const ProtocolInfo* protocol = find_protocol(name);
        return protocol != nullptr && protocol->snoops();
      }))
    document["machine"]["network"]["topology"] = "bus";
  document["workload"] = std::move(object);
  if (names.size() > 1) {
    for (const std::string& name : names) {
      document["sweep"]["protocol"]["variants"][name]["protocol"]["name"] = name;
    }
  }
  return document;
}

}  // namespace

int replay_command(const Arguments& arguments) {
  po::variables_map values;
  if (!parse(arguments, usage(), values)) return exit_done;
  if (value_or<std::string>(values, "trace", "").empty()) bad_usage("baton replay", "needs a trace file");
  const Execution execution = execution_options(values, "baton replay");
  const Experiment experiment =
      read_experiment(config(values).dump(), "baton replay", {}, execution.settings);
  std::vector<std::string> inputs;
  add_inputs(experiment, inputs);
  check_files(execution, execution.output, inputs);
  return execute(experiment, execution, execution.output, *keep(experiment, execution, execution.output));
}

}  // namespace baton::cli
