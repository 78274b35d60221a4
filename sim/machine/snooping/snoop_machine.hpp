#pragma once
// The machine of a snooping protocol: cores and caches on an atomic bus.

#include <sstream>

#include "sim/machine/frame.hpp"
#include "sim/machine/measure.hpp"
#include "sim/machine/snooping/snoop_cache.hpp"

namespace baton::sim {

/// The columns of bus counts: totals, and those of each core if they are asked for.
void add_bus_counts(const std::vector<BusCounts>& counts, bool per_core, std::vector<Measurement>& rows);

template <snooping::Protocol P>
class SnoopMachine : public MachineFrame {
 public:
  using C = SnoopCache<P>;

  SnoopMachine(const sc_core::sc_module_name& name, const MachineParameters& parameters,
               const typename C::Table& table, const RunOptions& options)
      : MachineFrame(name, parameters, options), common_(table), bus_("bus", shared_, memory_of(0)) {
    for (std::uint32_t i = 0; i < parameters.cores; ++i) {
      Core& core = add_core();
      caches_.push_back(std::make_unique<C>(("cache_" + std::to_string(i)).c_str(), static_cast<NodeId>(i),
                                            shared_, common_, bus_));
      core.cache.bind(*caches_[i]);
      caches_[i]->core.bind(core);
    }
  }

 private:
  std::vector<Measurement> measured() override {
    common_.hits.add_to(shared_.statistics);
    auto rows = measure(shared_, bus_.traffic(), snooping::kinds, cell_counts());
    std::vector<BusCounts> counts;
    for (const auto& cache : caches_) counts.push_back(cache->counts());
    add_bus_counts(counts, options_.per_core, rows);
    return rows;
  }
  std::uint64_t unfinished() const override { return bus_.waiting(); }
  std::string describe(NodeId core, LineNumber line) const override {
    std::string text = "its cache in " + std::string(name_of(caches_[core]->state_of(line)));
    for (std::size_t i = 0; i < caches_.size(); ++i)
      if (i != core && caches_[i]->state_of(line) != typename C::State{})
        text += ", cache " + std::to_string(i) + " in " + std::string(name_of(caches_[i]->state_of(line)));
    return text;
  }
  std::string describe_flights() const override {
    return "  " + std::to_string(bus_.waiting()) + " requests at the bus\n";
  }
  std::string describe(const Transition& t) const override {
    std::ostringstream text;
    text << "cycle " << t.at << ": cache " << t.node << " " << name_of(static_cast<typename C::State>(t.from))
         << " --" << name_of(static_cast<snooping::Event>(t.event)) << "--> "
         << name_of(static_cast<typename C::State>(t.to));
    return text.str();
  }
  std::vector<CellCount> cell_counts() const {
    std::vector<CellCount> counts;
    if (!options_.cells) return counts;
    for (std::size_t s = 0; s < C::Table::states; ++s)
      for (std::size_t e = 0; e < C::Table::events; ++e)
        if (common_.table.find(static_cast<typename C::State>(s), static_cast<snooping::Event>(e)) >= 0)
          counts.push_back(
              {"cache", std::string(enum_names<typename C::State>[s]),
               std::string(enum_names<snooping::Event>[e]),
               common_.steps[s * C::Table::events + e] + (e < access_kinds ? common_.hits.visits(s, e) : 0)});
    return counts;
  }

  typename C::Common common_;
  Bus bus_;
  std::vector<std::unique_ptr<C>> caches_;
};

}  // namespace baton::sim
