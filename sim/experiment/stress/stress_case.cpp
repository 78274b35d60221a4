#include "sim/experiment/stress/stress_case.hpp"

#include <cstdio>
#include <initializer_list>

#include "sim/machine/network/topology.hpp"
#include "traces/synthetic/random.hpp"

namespace baton::experiment {
namespace {

using traces::Random;

constexpr std::uint32_t line_bytes = 64;
constexpr std::uint32_t total_accesses = 3000;

/// Random choices, short to write.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed, 0) {}

  std::uint32_t from(std::uint32_t least, std::uint32_t most) {
    return least + static_cast<std::uint32_t>(random_.below(most - least + 1));
  }
  template <class T>
  T one_of(std::initializer_list<T> values) {
    return values.begin()[random_.below(values.size())];
  }
  bool chance(double probability) { return random_.unit() < probability; }
  double unit() { return random_.unit(); }

 private:
  Random random_;
};

// Few cores reach odd states soonest; many reach what depends on the number.
std::uint32_t random_cores(Dice& dice) {
  const std::uint32_t kind = dice.from(0, 99);
  if (kind < 90) return dice.one_of({2U, 3U, 4U, 4U, 6U, 8U, 12U, 16U});
  if (kind < 98) return dice.one_of({32U, 64U, 100U});
  return dice.one_of({256U, 1024U});
}

Json random_core(Dice& dice, std::uint32_t cores) {
  Json core{{"outstanding_loads", dice.one_of({1U, 1U, 2U, 4U})}};
  if (dice.chance(0.4)) {
    core["consistency"] = "tso";
    core["store_buffer"] = dice.one_of({1U, 2U, 8U});
  }
  if (dice.chance(0.2)) {
    core["slow_cores"] = dice.from(0, cores);
    core["slow_factor"] = dice.one_of({1.5, 2.0, 3.7});
  }
  return core;
}

Json random_cache(Dice& dice, bool tso) {
  const std::uint32_t ways = tso ? dice.one_of({2U, 2U, 3U, 4U}) : dice.one_of({1U, 1U, 2U, 3U, 4U});
  const bool tree = ways != 3 && dice.chance(0.3);
  return {{"ways", ways},
          {"size", dice.one_of({1U, 1U, 2U, 4U}) * ways * line_bytes},
          {"line", line_bytes},
          {"hit_cycles", dice.from(1, 4)},
          {"mshrs", dice.from(1, 4)},
          {"replacement", tree ? "tree_plru" : "lru"}};
}

Json random_home(Dice& dice) {
  Json home{{"latency_cycles", dice.one_of({1U, 2U, 6U, 30U})},
            {"occupancy_cycles", dice.one_of({0U, 1U, 7U})},
            {"llc_slice", dice.one_of({0U, 64U, 256U})},
            {"llc_ways", 1},
            {"llc_cycles", dice.from(0, 12)},
            {"interleave", dice.one_of({"hash", "modulo"})}};
  if (dice.chance(0.3)) home["jitter_cycles"] = dice.one_of({1U, 10U, 100U});
  if (dice.chance(0.25)) {
    home["arbitration"] = "random";
    home["arbitration_cycles"] = dice.one_of({1U, 10U, 60U});
  }
  return home;
}

// `snoops`: a protocol that needs the bus.
Json random_network(Dice& dice, std::uint32_t cores, bool snoops) {
  while (true) {
    sim::NetworkParameters network;
    const auto topologies = sim::all_topologies();
    const sim::TopologyInfo& topology =
        *topologies[dice.from(0, static_cast<std::uint32_t>(topologies.size()) - 1)];
    network.clusters = dice.one_of({1U, 2U, 3U, 4U});
    if (topology.check(network, cores) || (snoops && topology.name != "bus")) continue;
    return {{"topology", std::string(topology.name)},
            {"clusters", network.clusters},
            {"bridge_cycles", dice.one_of({0U, 20U, 300U})},
            {"router_cycles", dice.from(0, 4)},
            {"link_cycles", dice.from(1, 4)},
            {"link_bytes", dice.one_of({1U, 8U, 16U, 72U})},
            {"jitter_cycles", dice.one_of({0U, 0U, 1U, 10U, 100U})},
            {"latency_cycles", dice.one_of({1U, 10U, 47U})}};
  }
}

std::vector<traces::OrderedOperation> random_accesses(Dice& dice, std::uint32_t cores) {
  const std::uint32_t hot = dice.one_of({1U, 1U, 2U, 3U, 6U});
  const std::uint32_t all = hot + dice.one_of({0U, 2U, 8U, 40U});
  const double to_hot = dice.one_of({0.5, 0.8, 0.95});
  const double reads = dice.one_of({0.1, 0.4, 0.7, 0.95});
  const double rmws = dice.one_of({0.0, 0.2, 1.0});  // of what is no read
  const double straddles = dice.one_of({0.0, 0.0, 0.1});
  const double idle = dice.one_of({0.0, 0.1, 0.6});
  const std::uint32_t longest_gap = dice.one_of({3U, 40U, 400U});
  std::vector<traces::OrderedOperation> accesses;
  const std::uint32_t of_each = std::max(4U, total_accesses / cores);
  for (std::uint32_t i = 0; i < of_each; ++i)
    for (std::uint32_t core = 0; core < cores; ++core) {
      const std::uint64_t line = dice.chance(to_hot) ? dice.from(0, hot - 1) : dice.from(0, all - 1);
      const bool straddle = dice.chance(straddles);
      traces::Operation operation;
      operation.address = line * line_bytes + (straddle ? line_bytes - 4 : 8 * dice.from(0, 7));
      operation.kind = dice.chance(reads)  ? traces::Kind::load
                       : dice.chance(rmws) ? traces::Kind::rmw
                                           : traces::Kind::store;
      operation.gap_cycles = dice.chance(idle) ? dice.from(0, longest_gap) : 0;
      accesses.push_back({operation, core});
    }
  return accesses;
}

}  // namespace

StressCase random_stress_case(const ProtocolInfo& protocol, const OptionValues& options, std::uint64_t seed,
                              std::uint32_t cores) {
  Dice dice(seed);
  if (cores == 0) cores = random_cores(dice);
  StressCase made;
  made.name = std::string(protocol.name());
  Json chosen{{"name", std::string(protocol.name())}};
  for (const auto& [option, value] : options) {
    chosen[option] = value;
    made.name += "-" + value;
  }
  made.name += "-" + std::to_string(seed);
  made.compares = dice.chance(0.25);
  const Json core = random_core(dice, cores);
  made.config = {{"machine",
                  {{"cores", cores},
                   {"core", core},
                   {"cache", random_cache(dice, core.contains("consistency"))},
                   {"home", random_home(dice)},
                   {"memory", {{"latency", dice.one_of({"0ns", "20ns", "200ns"})}}},
                   {"network", random_network(dice, cores, protocol.snoops())}}},
                 {"protocol", chosen},
                 {"options", {{"check", !made.compares}, {"efficiency", false}}}};
  made.accesses = random_accesses(dice, cores);
  return made;
}

std::string trace_text(const StressCase& stress_case) {
  constexpr char ops[] = {'r', 'w', 'm'};
  std::string text;
  char line[64];
  for (const auto& [operation, core] : stress_case.accesses) {
    std::snprintf(
        line, sizeof line, "%u %c %llx %u %u\n", core, ops[static_cast<std::size_t>(operation.kind)],
        static_cast<unsigned long long>(operation.address), unsigned{operation.size}, operation.gap_cycles);
    text += line;
  }
  return text;
}

Json replay_config(const StressCase& stress_case, const std::string& path) {
  Json config{{"name", stress_case.name}};
  config.update(stress_case.config);
  config["workload"] = {{"kind", "trace"}, {"path", path}, {"format", "text"}};
  return config;
}

PointConfig replay_point(const StressCase& stress_case, const std::string& path) {
  Json document = replay_config(stress_case, path);
  document.erase("name");
  Problems problems;
  PointConfig point = read_point(document, problems);
  if (!problems.empty()) throw InputProblems(stress_case.name, problems);
  return point;
}

}  // namespace baton::experiment
