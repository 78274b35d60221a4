#include "sim/machine/snooping/snoop_machine.hpp"

namespace baton::sim {
namespace {

struct Column {
  std::string name;
  std::string meaning;
  std::uint64_t (*of)(const BusCounts&);
};

const Column columns[] = {
    {"read_misses", "loads that needed the bus", [](const BusCounts& c) { return c.read_misses; }},
    {"write_misses", "stores and read-modify-writes that needed the bus",
     [](const BusCounts& c) { return c.write_misses; }},
    {"reads", "BusRd asked for", [](const BusCounts& c) { return c.asked[0]; }},
    {"read_exclusives", "BusRdX asked for", [](const BusCounts& c) { return c.asked[1]; }},
    {"upgrades", "BusUpgr asked for", [](const BusCounts& c) { return c.asked[2]; }},
    {"updates", "BusUpd asked for", [](const BusCounts& c) { return c.asked[3]; }},
    {"write_backs", "dirty lines written back when they were replaced",
     [](const BusCounts& c) { return c.asked[4]; }},
    {"flushes", "dirty lines put on the bus for another cache and memory",
     [](const BusCounts& c) { return c.flushes; }},
    {"supplies", "lines put on the bus for another cache alone",
     [](const BusCounts& c) { return c.supplies; }},
    {"cache_to_cache", "lines that came from another cache",
     [](const BusCounts& c) { return c.cache_to_cache; }},
    {"interventions", "lines held exclusively (E or M) until another cache's read",
     [](const BusCounts& c) { return c.interventions; }},
    {"copies_invalidated", "copies lost to another cache's write",
     [](const BusCounts& c) { return c.invalidations; }},
    {"copies_updated", "copies that another cache's write updated",
     [](const BusCounts& c) { return c.updates; }},
    {"memory_transactions", "lines read from memory, written back or flushed",
     [](const BusCounts& c) { return c.memory_transactions; }},
};

}  // namespace

void add_bus_counts(const std::vector<BusCounts>& counts, bool per_core, std::vector<Measurement>& rows) {
  for (const Column& column : columns) {
    std::uint64_t sum = 0;
    for (const BusCounts& cache : counts) sum += column.of(cache);
    rows.push_back({"bus_" + column.name, "1", "snooping caches: " + column.meaning + ", all caches", sum});
  }
  if (!per_core) return;
  for (std::size_t i = 0; i < counts.size(); ++i)
    for (const Column& column : columns)
      rows.push_back({"core_" + std::to_string(i) + "_" + column.name, "1",
                      "core " + std::to_string(i) + ": " + column.meaning, column.of(counts[i])});
}

}  // namespace baton::sim
