#pragma once
// Snooping caches on a bus, whose accesses and replacements come when a script says so: a step is a tenure,
// and the next one begins when the bus is free again.

#include <memory>
#include <vector>

#include "protocols/core/mutation.hpp"
#include "sim/machine/scripted/script.hpp"
#include "sim/machine/scripted/scripted_core.hpp"
#include "sim/machine/snooping/snoop_cache.hpp"

namespace baton::sim {

template <snooping::Protocol P>
class ScriptedBus : public sc_core::sc_module, private Sleeper {
 public:
  using C = SnoopCache<P>;

  ScriptedBus(const sc_core::sc_module_name& name, const Script& script, const typename C::Table& table)
      : sc_module(name),
        script_(script),
        calendar_("calendar", sc_core::sc_time(500, sc_core::SC_PS)),
        shared_{parameters(script), HomeMap(1, false), calendar_, {}, {}, &monitor_, true},
        common_(table),
        memory_("memory", shared_.parameters),
        bus_("bus", shared_, memory_),
        sleeper_(calendar_.add_sleeper(*this)) {
    for (std::uint32_t i = 0; i < shared_.parameters.cores; ++i) {
      const auto node = static_cast<NodeId>(i);
      cores_.push_back(
          std::make_unique<ScriptedCore>(node, shared_, static_cast<Value>(script.system.values)));
      caches_.push_back(
          std::make_unique<C>(("cache_" + std::to_string(i)).c_str(), node, shared_, common_, bus_));
      caches_[i]->core.bind(*cores_[i]);
    }
  }

  ScriptResult run() {
    calendar_.set_wake(sleeper_, 1);
    try {
      calendar_.run();
    } catch (const RunFailure& failure) {
      result_.fault = failure.what();
    }
    return result_;
  }

 private:
  static constexpr LineNumber line = 0;  // a bus is checked with one

  static MachineParameters parameters(const Script& script) {
    MachineParameters result;
    result.cores = static_cast<std::uint32_t>(script.system.caches);
    return result;
  }

  void wake() override {
    if (is_busy()) return calendar_.set_wake(sleeper_, calendar_.now() + 1);
    if (begun_) {
      compare(script_.steps[result_.steps]);
      if (!result_.divergence.empty()) return;
      ++result_.steps;
    }
    begun_ = result_.steps < script_.steps.size();
    if (begun_)
      take(script_.steps[result_.steps]);
    else if (!probe())
      return;
    calendar_.set_wake(sleeper_, calendar_.now() + 1);
  }

  bool is_busy() const {
    if (bus_.waiting() != 0) return true;
    return std::any_of(cores_.begin(), cores_.end(), [](const auto& core) { return core->waits(); });
  }

  void take(const CheckStep& step) {
    const auto cache = static_cast<std::size_t>(step.cache);
    if (step.kind == CheckStep::Kind::replace) return caches_.at(cache)->replace(line);
    if (step.kind != CheckStep::Kind::access) throw RunFailure("a bus delivers no messages");
    access(cache, step.event == "Load"    ? traces::Kind::load
                  : step.event == "Store" ? traces::Kind::store
                                          : traces::Kind::rmw);
  }

  void access(std::size_t cache, traces::Kind kind) {
    const auto before = caches_.at(cache)->state_of(line);
    if (cores_[cache]->access(*caches_[cache], 0, line, kind) == ScriptedCore::Outcome::hit)
      monitor_.permission(line, static_cast<NodeId>(cache), permission(before),
                          permission(caches_[cache]->state_of(line)), calendar_.now());
  }

  /// Behind the last step: what the checker says of a whole state shows when it is looked at. Every cache
  /// that may read does; then all give the line up, and memory is read. False: it has all been looked at.
  bool probe() {
    const std::size_t at = probed_++;
    if (at < caches_.size()) {
      if (permission(caches_[at]->state_of(line)) != Permission::none) access(at, traces::Kind::load);
      return true;
    }
    if (at > caches_.size()) return false;
    for (const auto& cache : caches_)
      if (cache->state_of(line) != typename C::State{}) cache->replace(line);
    access(0, traces::Kind::load);
    return true;
  }

  void compare(const CheckStep& step) {
    const auto state = name_of(caches_[static_cast<std::size_t>(step.cache)]->state_of(line));
    if (state != step.after)
      result_.divergence = "step " + std::to_string(result_.steps + 1) + ": expected " + step.after +
                           ", the simulator is in " + std::string(state);
  }

  Permission permission(typename C::State state) const { return common_.permission[index(state)]; }

  const Script& script_;
  Calendar calendar_;
  Monitor monitor_;
  Shared shared_;
  typename C::Common common_;
  MemoryController memory_;
  Bus bus_;
  std::uint32_t sleeper_;
  std::vector<std::unique_ptr<ScriptedCore>> cores_;
  std::vector<std::unique_ptr<C>> caches_;
  bool begun_ = false;      // the step at hand
  std::size_t probed_ = 0;  // caches behind the last step
  ScriptResult result_;
};

/// Runs a script on the table that it names.
template <snooping::Protocol P>
ScriptResult run_bus_script_of(const Script& script) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);  // that it has stopped
  const MutableTable<snooping::Context<P>> table = detail::mutated(P::table(script.options), script.mutation);
  ScriptedBus<P> machine("machine", script, table.view());
  return machine.run();
}

}  // namespace baton::sim
