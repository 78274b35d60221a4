#include "sim/experiment/machine_fields.hpp"

namespace baton::experiment {
namespace {

constexpr double kib = 1024;
constexpr double gib = kib * kib * kib;

Section describe(sim::CoreParameters& core) {
  return {"core",
          "a core",
          {
              one_of("consistency", core.consistency, {"sc", "tso"},
                     "memory consistency: sequential (sc), or total store order with a store buffer (tso)"),
              count("store_buffer", core.store_buffer, 1, 4096, "tso only: entries of the store buffer"),
              count("outstanding_loads", core.outstanding_loads, 1, 64,
                    "loads that may miss at once; 1 blocks at each; more only for streams that do not depend "
                    "on values"),
              count("slow_cores", core.slow_cores, 0, 4096,
                    "so many of the cores, those with the highest numbers, are slow"),
              real("slow_factor", core.slow_factor, 1, 4,
                   "a slow core's work, gaps and hits take so many times as long; to thousandths"),
              count("pause_cycles", core.pause_cycles, 0, 1'000'000,
                    "a program's pause, also between the loads of its spins"),
          },
          {}};
}

Section describe(sim::CacheParameters& cache) {
  return {"cache",
          "each core's private cache",
          {
              size("size", cache.size_bytes, 64, gib, "capacity: ways × line × a power of two of sets"),
              count("ways", cache.ways, 1, 64, "associativity; a power of two for tree_plru"),
              size("line", cache.line_bytes, 8, 4096, "line size, a power of two"),
              count("hit_cycles", cache.hit_cycles, 1, 1000, "look-up, and answer to a forwarded request"),
              count("mshrs", cache.mshrs, 1, 1024, "misses and evictions in flight"),
              one_of("replacement", cache.replacement, {"lru", "tree_plru"}, "which line a fill replaces"),
          },
          {}};
}

Section describe(sim::HomeParameters& home) {
  return {
      "home",
      "a home node; one in each tile",
      {
          count("latency_cycles", home.latency_cycles, 1, 100'000,
                "from a request's service to the messages that it causes (pipelined)"),
          count("occupancy_cycles", home.occupancy_cycles, 0, 100'000,
                "from one request's service to the next one's"),
          size("llc_slice", home.llc_slice_bytes, 0, gib,
               "memory-side slice of the last-level cache in a home; 0: none"),
          count("llc_ways", home.llc_ways, 1, 64, "associativity of the slice"),
          count("llc_cycles", home.llc_cycles, 0, 100'000,
                "added to latency_cycles when a line's data come from the slice"),
          one_of("arbitration", home.arbitration, {"first_come", "random"},
                 "which request to a line is served next; has no effect where transfers are ideal, and on "
                 "snooping protocols"),
          count("arbitration_cycles", home.arbitration_cycles, 1, 100'000,
                "random only: between two requests to one line that are served; about the time of a "
                "transfer lets requests gather"),
          count("jitter_cycles", home.jitter_cycles, 0, 1'000'000,
                "what it sends is late by up to so many cycles more, at random; not of snooping protocols"),
          one_of("interleave", home.interleave, {"hash", "modulo"}, "which home a line has"),
      },
      {}};
}

Section describe(sim::MemoryParameters& memory) {
  return {"memory",
          "the memory controllers",
          {
              count("controllers", memory.controllers, 0, 4096,
                    "memory controllers, spread evenly over the tiles, at most one a core; 0: one for every "
                    "16 tiles"),
              quantity("latency", Type::time, memory.latency_ps, 0, 1e12, "of an access, without queueing"),
              quantity("bandwidth", Type::bandwidth, memory.bandwidth_bytes_per_s, 1e6, 1e15,
                       "of one controller"),
          },
          {}};
}

Section describe(sim::NetworkParameters& network) {
  return {"network",
          "the interconnect",
          {
              one_of("topology", network.topology, topology_names(), "how tiles are linked"),
              count("router_cycles", network.router_cycles, 0, 1000, "of a flit through a router"),
              count("link_cycles", network.link_cycles, 1, 1000, "of a flit over a link"),
              count("link_bytes", network.link_bytes, 1, 4096, "a flit: what a link carries in a cycle"),
              count("columns", network.columns, 0, 4096,
                    "of a mesh or torus; 0: as square as the number of cores allows"),
              count("clusters", network.clusters, 1, 4096,
                    "topology clusters only: so many clusters (sockets) of consecutive cores"),
              count("bridge_cycles", network.bridge_cycles, 0, 1000,
                    "topology clusters only: of a flit between two clusters, beyond link_cycles; no source, "
                    "swept by "
                    "configs/topologies.json"),
              count("latency_cycles", network.latency_cycles, 1, 1'000'000,
                    "topology ideal only: of any message between any two nodes"),
              count("jitter_cycles", network.jitter_cycles, 0, 1'000'000,
                    "every message is late by up to so many cycles, at random; order that a protocol's "
                    "virtual networks promise is kept; not of snooping protocols, whose bus has one order"),
              count("control_bytes", network.control_bytes, 1, 4096,
                    "of a message without data; one with data has a line more"),
          },
          {}};
}

Section describe(sim::SystemParameters& system) {
  Field pin = text(
      "pin", system.pin,
      "cores on which threads are pinned, thread i on the i-th of the list and again from its start when "
      "it ends: \"0-5,7\"; without it, placement and steal say where they run");
  pin.optional = true;
  return {
      "system",
      "the operating system under a program's threads",
      {
          one_of("placement", system.placement, {"round_robin", "blocks"},
                 "where threads begin when they are more than cores: thread i on core i modulo cores, or "
                 "consecutive threads on each core"),
          pin,
          flag(
              "steal", system.steal,
              "idle cores take waiting threads of others, and woken threads go to idle cores; false: threads "
              "are pinned to where they begin"),
          quantity("time_slice", Type::time, system.time_slice_ps, 1, 1e12,
                   "after which a thread loses its core, if others wait for it"),
          quantity("context_switch", Type::time, system.context_switch_ps, 0, 1e12,
                   "from one thread, or none, to another"),
          quantity("system_call", Type::time, system.system_call_ps, 0, 1e12,
                   "of each futex_wait, futex_wake, sleep and yield"),
          quantity("wake", Type::time, system.wake_ps, 0, 1e12,
                   "of a futex_wake, for each thread that it wakes"),
          quantity("wake_latency", Type::time, system.wake_latency_ps, 0, 1e12,
                   "from a futex_wake until the woken thread is in a run queue"),
      },
      {}};
}

template <class Strings>
std::vector<std::string> to_strings(const Strings& views) {
  return {views.begin(), views.end()};
}

}  // namespace

Section describe(sim::MachineParameters& machine) {
  return {"machine",
          "the simulated machine",
          {
              count("cores", machine.cores, 1, 4096, "cores; each tile has a core, its cache and a home"),
              quantity("clock", Type::frequency, machine.clock_hz, 1e6, 1e11,
                       "of cores, caches, homes and network"),
          },
          {describe(machine.core), describe(machine.cache), describe(machine.home), describe(machine.memory),
           describe(machine.network), describe(machine.system)}};
}

Section describe(sim::ProtocolChoice& choice, const ProtocolInfo& protocol) {
  Section section{"protocol", std::string(protocol.summary()), {}, {}};
  for (const ProtocolOption& option : protocol.options()) {
    std::string& value =
        choice.options.try_emplace(std::string(option.name), std::string(option.values.front()))
            .first->second;
    section.fields.push_back(
        one_of(std::string(option.name), value, to_strings(option.values), std::string(option.meaning)));
  }
  section.fields.push_back(count("transfer_cycles", choice.transfer_cycles, 1, 1'000'000,
                                 "a transfer's duration where the protocol's options make transfers ideal"));
  return section;
}

Section describe(RunSettings& settings) {
  Field lines =
      count("lines", settings.lines, 0, 10'000,
            "report so many of the lines that cost most: transfers, stalls, who touches which bytes, "
            "true or false sharing (`baton lines`); 0: none");
  lines.optional = true;
  return {"options",
          "how points are run",
          {
              flag("check", settings.check,
                   "follow every access and message with golden memory and the single-writer rule (slower)"),
              flag("exact_events", settings.exact_events,
                   "one event an access instead of streaming through hits: the same result, slower"),
              flag("cells", settings.cells,
                   "also a column for each cell of the protocol's tables: how often it was used"),
              flag("per_core", settings.per_core,
                   "also columns for each core, of snooping protocols: bus reads, write-backs, …"),
              flag("efficiency", settings.efficiency,
                   "run each point's one-core baseline too, which scaling_efficiency needs; default false "
                   "for traces"),
              lines,
              count("watchdog_cycles", settings.watchdog_cycles, 1, 1e15,
                    "a run in which no access completes for so long has failed"),
          },
          {}};
}

std::vector<std::string> protocol_names() {
  std::vector<std::string> names;
  for (const ProtocolInfo* protocol : all_protocols()) names.emplace_back(protocol->name());
  return names;
}

std::vector<std::string> topology_names() {
  return {
#define BATON_TOPOLOGY(name) #name,
#include "topology_list.inc"
#undef BATON_TOPOLOGY
  };
}

}  // namespace baton::experiment
