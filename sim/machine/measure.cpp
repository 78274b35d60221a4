#include "sim/machine/measure.hpp"

#include <algorithm>

#include "sim/machine/recorded_order.hpp"
#include "sim/machine/speed.hpp"

namespace baton::sim {
namespace {

constexpr std::string_view kind_names[access_kinds] = {"load", "store", "rmw"};

struct Sheet {
  std::vector<Measurement> rows;
  void count(std::string name, std::string unit, std::string meaning, std::uint64_t value) {
    rows.push_back({std::move(name), std::move(unit), std::move(meaning), value});
  }
  void real(std::string name, std::string unit, std::string meaning, double value, bool exists = true) {
    Measurement row{std::move(name), std::move(unit), std::move(meaning), {}};
    if (exists) row.value = value;
    rows.push_back(std::move(row));
  }
};

std::uint64_t sum(const std::array<std::uint64_t, access_kinds>& counts) {
  return counts[0] + counts[1] + counts[2];
}

void add_traffic(Sheet& sheet, std::span<const Traffic> traffic, std::span<const KindInfo> kinds,
                 std::uint64_t operations) {
  std::uint64_t messages = 0;
  std::uint64_t received = 0;
  std::uint64_t flits = 0;
  std::uint64_t bytes = 0;
  std::uint64_t hops = 0;
  std::uint64_t byte_hops = 0;
  for (std::uint8_t k = 0; k < kinds.size(); ++k) {
    const Traffic& of_kind = traffic[k];
    messages += of_kind.sent;
    received += of_kind.received;
    flits += of_kind.sent * of_kind.flits;
    bytes += of_kind.sent * of_kind.bytes;
    hops += of_kind.hops;
    byte_hops += of_kind.hops * of_kind.bytes;
  }
  sheet.count("messages", "messages", "coherence messages sent, those between units of one node included",
              messages);
  sheet.count("messages_received", "messages", "coherence messages delivered", received);
  for (std::uint8_t k = 0; k < kinds.size(); ++k)
    sheet.count("messages_" + std::string(kinds[k].name), "messages",
                std::string(kinds[k].name) + " messages sent", traffic[k].sent);
  sheet.real("messages_per_operation", "messages", "messages over operations",
             static_cast<double>(messages) / static_cast<double>(operations), operations != 0);
  sheet.count("flits", "flits", "flits of all messages", flits);
  sheet.count("bytes", "bytes", "bytes of all messages", bytes);
  sheet.count("hops", "hops", "links crossed by all messages", hops);
  sheet.count("byte_hops", "bytes*hops", "bytes of each message times the links that it crosses", byte_hops);
}

void add_latency(Sheet& sheet, const Statistics& statistics, const MachineParameters& machine) {
  const Cycle hit = machine.cache.hit_cycles;
  const Cycle slow_hit = Speed(machine, static_cast<NodeId>(machine.cores - 1)).scaled(hit);
  for (std::size_t k = 0; k < access_kinds; ++k) {
    Histogram latency = statistics.latency[k];
    const std::uint64_t slow = statistics.slow_hits[k];
    if (slow != 0) latency.add(slow_hit, slow);
    if (statistics.hits[k] != slow) latency.add(hit, statistics.hits[k] - slow);
    const bool some = latency.count() != 0;
    const std::string kind(kind_names[k]);
    sheet.real("latency_mean_" + kind, "cycles", "mean latency of a " + kind + ", hits included",
               some ? latency.mean() : 0, some);
    for (const auto& [name, fraction] :
         {std::pair{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99_9", 0.999}}) {
      Measurement row{"latency_" + std::string(name) + "_" + kind,
                      "cycles",
                      std::string(name) + " latency of a " + kind + ", at most 1/64 too high",
                      {}};
      if (some) row.value = latency.percentile(fraction);
      sheet.rows.push_back(std::move(row));
    }
    Measurement row{"latency_max_" + kind, "cycles", "longest latency of a " + kind, {}};
    if (some) row.value = latency.max();
    sheet.rows.push_back(std::move(row));
  }
}

void add_order(Sheet& sheet, const RecordedOrder::Counts& counts) {
  sheet.count("stall_cycles_order", "cycles", "cores waiting for their turn in the recorded order",
              counts.stall_cycles);
  sheet.count("order_accesses", "accesses", "accesses and events that have a recorded order", counts.awaits);
  sheet.count("order_deviations", "accesses", "of these, how many came before their turn", counts.deviations);
  sheet.real("order_displacement_mean", "turns", "mean number of turns that those were too early",
             static_cast<double>(counts.displacement) / static_cast<double>(counts.deviations),
             counts.deviations != 0);
  sheet.count("order_displacement_max", "turns", "most turns that one was too early", counts.most_displaced);
}

}  // namespace

// What is counted anywhere in the machine must be here: tests/experiment/committed_results.cpp asks.
bool is_measurement(std::string_view name) {
  static constexpr std::string_view names =
      " accesses byte_hops bytes context_switches cycles evictions fairness fills flits futex_waits "
      "futex_wakes hits home_wait_cycles hops injected_preemptions invalidations llc_hits llc_misses "
      "memory_reads memory_writes messages migrations misses misses_load misses_rmw misses_store operations "
      "order_accesses order_deviations order_displacement_max order_displacement_mean preemptions "
      "store_forwards straddles thread_count throughput upgrades ";
  static constexpr std::string_view families[] = {"bus_",          "cell_",         "count_",
                                                  "latency_",      "messages_",     "phase_cycles_",
                                                  "stall_cycles_", "thread_cycles", "throughput_"};
  const auto is_of = [&](std::string_view family) { return name.starts_with(family); };
  constexpr std::string_view core = "core_";  // and its number
  const bool is_of_core = is_of(core) && name.find_first_of("0123456789") == core.size();
  return is_of_core || names.find(" " + std::string(name) + " ") != std::string_view::npos ||
         std::ranges::any_of(families, is_of);
}

double fairness_index(const std::vector<double>& shares) {
  double total = 0;
  double squares = 0;
  for (const double share : shares) {
    total += share;
    squares += share * share;
  }
  return total * total / (static_cast<double>(shares.size()) * squares);
}

std::vector<Measurement> measure(const Shared& shared, std::span<const Traffic> traffic,
                                 std::span<const KindInfo> kinds, const std::vector<CellCount>& cells) {
  const Statistics& s = shared.statistics;
  Cycle cycles = 0;
  std::uint64_t operations = 0;
  std::vector<double> rates;
  for (const auto& core : s.cores) {
    cycles = std::max(cycles, core.finished);
    operations += core.operations;
    if (core.finished != 0)
      rates.push_back(static_cast<double>(core.operations) / static_cast<double>(core.finished));
  }
  const double seconds = static_cast<double>(cycles) / static_cast<double>(shared.parameters.clock_hz);

  Sheet sheet;
  sheet.real("throughput", "operations/s", "operations completed per simulated second",
             static_cast<double>(operations) / seconds, cycles != 0);
  sheet.count("cycles", "cycles", "until the last core has completed its last access", cycles);
  sheet.count("operations", "operations", "operations of the workload that were completed", operations);
  sheet.count("accesses", "accesses",
              "accesses to single lines, loads of a spin and from a store buffer included",
              sum(s.hits) + sum(s.misses) + s.store_forwards);
  sheet.count("hits", "accesses", "accesses that needed no message", sum(s.hits));
  sheet.count("misses", "accesses", "accesses that started a transaction", sum(s.misses));
  for (std::size_t k = 0; k < access_kinds; ++k)
    sheet.count("misses_" + std::string(kind_names[k]), "accesses",
                std::string(kind_names[k]) + "s that missed", s.misses[k]);
  sheet.count("upgrades", "accesses", "misses of a write to a line that the cache could read", s.upgrades);
  sheet.count("fills", "accesses", "misses that have been completed", s.fills);
  sheet.count("evictions", "lines", "lines that were replaced", s.evictions);
  sheet.count("invalidations", "lines", "copies that a cache lost to another core's request",
              s.invalidations);
  sheet.count("straddles", "operations", "operations that touch more than one line", s.straddles);
  add_traffic(sheet, traffic, kinds, operations);
  sheet.count("memory_reads", "lines", "lines read from memory (not counted as messages)", s.memory_reads);
  sheet.count("memory_writes", "lines", "lines written to memory (not counted as messages)", s.memory_writes);
  sheet.count("llc_hits", "lines", "lines read that the last-level slice of the home held", s.llc_hits);
  sheet.count("llc_misses", "lines", "lines read that it did not hold", s.llc_misses);
  add_latency(sheet, s, shared.parameters);
  for (std::size_t k = 0; k < access_kinds; ++k)
    sheet.count("stall_cycles_" + std::string(kind_names[k]), "cycles",
                "waiting for transactions of " + std::string(kind_names[k]) + "s, all cores",
                s.stall_cycles[k]);
  sheet.count("stall_cycles_mshr", "cycles",
              "waiting for an MSHR, or for a transaction of the line that is under way, all cores",
              s.stall_cycles_mshr);
  if (shared.parameters.core.consistency == "tso") {
    sheet.count("stall_cycles_store_buffer", "cycles",
                "waiting for stores to leave the store buffer: it is full, a read-modify-write or fence, or "
                "a load of a part; all cores",
                s.stall_cycles_store_buffer);
    sheet.count("store_forwards", "accesses", "loads that got their bytes from a store buffer",
                s.store_forwards);
  }
  if (shared.order != nullptr) add_order(sheet, shared.order->counts);
  sheet.count(
      "home_wait_cycles", "cycles",
      "waiting for the home's service of earlier messages, all homes; not for a line in a transient state",
      s.home_wait_cycles);
  sheet.real("fairness", "1", "Jain's index of the cores' throughputs",
             rates.empty() ? 0 : fairness_index(rates), operations != 0);
  for (const auto& cell : cells)
    sheet.count("cell_" + cell.unit + "_" + cell.state + "_" + cell.event, "steps",
                "steps of the " + cell.unit + " table's cell " + cell.state + ", " + cell.event, cell.times);
  return std::move(sheet.rows);
}

}  // namespace baton::sim
