#pragma once
// Caches and a home whose messages arrive when a script says so: one step a cycle.

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "protocols/core/check_time.hpp"
#include "sim/machine/cache.hpp"
#include "sim/machine/far_accesses.hpp"
#include "sim/machine/home.hpp"
#include "sim/machine/scripted/script.hpp"
#include "sim/machine/scripted/scripted_core.hpp"

namespace baton::sim {

template <CoherenceProtocol P>
class ScriptedMachine : public sc_core::sc_module, public Sender, private Sleeper {
 public:
  ScriptedMachine(const sc_core::sc_module_name& name, const Script& script, const Variant<P>& variant)
      : sc_module(name),
        script_(script),
        caches_count_(static_cast<std::uint32_t>(script.system.caches)),
        home_node_(script.system.home_beside_cache ? 0 : static_cast<NodeId>(caches_count_)),
        // Lines home, home + nodes, home + 2 nodes, ... all have the same home.
        nodes_(caches_count_ + 1),
        calendar_("calendar", sc_core::sc_time(500, sc_core::SC_PS)),
        shared_{parameters(caches_count_), HomeMap(nodes_, false), calendar_, {}, {}, &monitor_, true},
        caches_common_(variant),
        home_common_(variant),
        memory_("memory", shared_.parameters),
        home_("home", home_node_, shared_, memory_, home_common_),
        sleeper_(calendar_.add_sleeper(*this)) {
    if constexpr (has_logical_time<P>) monitor_.order_by_logical_time(false);
    home_common_.far = &far_;
    home_.network.bind(*this);
    for (std::uint32_t i = 0; i < caches_count_; ++i) {
      const auto node = static_cast<NodeId>(i);
      cores_.push_back(
          std::make_unique<ScriptedCore>(node, shared_, static_cast<Value>(script.system.values)));
      caches_.push_back(
          std::make_unique<Cache<P>>(("cache_" + std::to_string(i)).c_str(), node, shared_, caches_common_));
      caches_[i]->core.bind(*cores_[i]);
      caches_[i]->network.bind(*this);
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

  void send(const Message& message, Cycle) override {
    if (message.receiver == Unit::home ? message.destination != home_node_
                                       : message.destination >= caches_count_)
      throw RunFailure(std::string(P::kinds[message.kind].name) + " is sent to nobody");
    if (flight_.size() == most_messages)
      throw RunFailure("more than " + std::to_string(most_messages) + " messages in flight");
    flight_.push_back(message);
  }

 private:
  static constexpr std::size_t most_messages = 40;  // as in the checker

  static MachineParameters parameters(std::uint32_t caches) {
    MachineParameters result;
    result.cores = caches;
    return result;
  }
  LineNumber number_of(int line) const { return home_node_ + static_cast<LineNumber>(line) * nodes_; }

  void wake() override {
    if (result_.steps == script_.steps.size()) {
      drain();
      return;
    }
    const CheckStep& step = script_.steps[result_.steps];
    take(step);
    if (result_.divergence.empty()) compare(step);
    if (!result_.divergence.empty()) return;
    ++result_.steps;
    calendar_.set_wake(sleeper_, calendar_.now() + 1);
  }

  void take(const CheckStep& step) {
    const LineNumber line = number_of(step.line);
    switch (step.kind) {
      case CheckStep::Kind::buffer:
        return;  // the core keeps it to itself
      case CheckStep::Kind::replace:
        return cache(step).replace(line);
      case CheckStep::Kind::access: {
        const auto kind = step.event == "Load"    ? traces::Kind::load
                          : step.event == "Store" ? traces::Kind::store
                                                  : traces::Kind::rmw;
        auto& core = *cores_.at(static_cast<std::size_t>(step.cache));
        const auto before = cache(step).state_of(line);
        cache(step).predict(step.event == "RmwFar");
        if constexpr (has_logical_time<P>)
          if (step.ticks) tick(cache(step));
        switch (core.access(cache(step), static_cast<Ticket>(step.line), line, kind)) {
          case ScriptedCore::Outcome::miss:
            return;
          case ScriptedCore::Outcome::hit:  // a hit tells the monitor nothing: it may only change E to M
            return monitor_.permission(line, static_cast<NodeId>(step.cache), permission(before),
                                       permission(cache(step).state_of(line)), calendar_.now());
          case ScriptedCore::Outcome::refused:
            throw RunFailure("cache " + std::to_string(step.cache) +
                             " refuses the access: a second transaction for the line");
        }
        return;
      }
      case CheckStep::Kind::deliver:
        return deliver(step);
      case CheckStep::Kind::recall:
        return home_.recall(line);
    }
  }

  static void tick(CacheFront& cache) {
    Tick clock = 0;
    cache.synchronize(clock);
    cache.synchronize(++clock);
  }

  void deliver(const CheckStep& step) {
    const CheckMessage& wanted = step.message;
    const auto found = std::ranges::find_if(flight_, [&](const Message& m) {
      return P::kinds[m.kind].name == wanted.kind && m.line == number_of(wanted.line) &&
             m.source == wanted.source && m.destination == wanted.destination &&
             (m.receiver == Unit::home) == wanted.to_home &&
             (m.requestor == no_node ? -1 : int{m.requestor}) == wanted.requestor && m.acks == wanted.acks &&
             (!wanted.carries_data || !wanted.has_content || m.data == wanted.data);
    });
    if (found == flight_.end()) {
      diverge("no such message is in flight: " + wanted.kind);
      return;
    }
    const Message message = *found;
    flight_.erase(found);
    receive(message);
  }

  void receive(const Message& message) {
    if (message.receiver == Unit::home)
      home_.receive(message);
    else
      caches_[message.destination]->receive(message);
  }

  /// The controller's state against the checker's.
  void compare(const CheckStep& step) {
    std::string_view state;
    if (step.cache >= 0)
      state = name_of(cache(step).state_of(number_of(step.line)));
    else if (const auto* entry = home_.entry(number_of(step.line)))
      state = name_of(entry->state);
    if (state != step.after)
      diverge("expected " + step.after + ", the simulator is in " + std::string(state));
  }

  /// Behind the last step: everything that is in flight arrives. Whoever still waits, waits for ever.
  void drain() {
    for (std::size_t arrived = 0; !flight_.empty(); ++arrived) {
      if (arrived == 10'000) throw RunFailure("messages without end");
      const Message message = flight_.front();
      flight_.erase(flight_.begin());
      receive(message);
    }
    std::string waiting;
    for (std::size_t i = 0; i < caches_.size(); ++i) {
      for (int line = 0; line < script_.system.lines; ++line)
        if (const auto state = caches_[i]->state_of(number_of(line)); !is_stable(state))
          waiting += ", cache " + std::to_string(i) + " in " + std::string(name_of(state));
      if (cores_[i]->waits()) waiting += ", core " + std::to_string(i) + " waits";
    }
    home_.each_stalled([&](const Message& m) {
      waiting += ", " + std::string(P::kinds[m.kind].name) + " stalled at the home";
    });
    for (int line = 0; line < script_.system.lines; ++line)
      if (const auto* entry = home_.entry(number_of(line)); entry != nullptr && !is_stable(entry->state))
        waiting += ", home in " + std::string(name_of(entry->state));
    if (!waiting.empty()) throw RunFailure("deadlock: no message is left" + waiting);
  }

  Permission permission(typename P::CacheState state) const {
    return caches_common_.permission[index(state)];
  }
  void diverge(const std::string& how) {
    result_.divergence = "step " + std::to_string(result_.steps + 1) + ": " + how;
  }
  Cache<P>& cache(const CheckStep& step) { return *caches_.at(static_cast<std::size_t>(step.cache)); }

  const Script& script_;
  std::uint32_t caches_count_;
  NodeId home_node_;
  std::uint32_t nodes_;
  Calendar calendar_;
  Monitor monitor_;
  Shared shared_;
  typename Cache<P>::Common caches_common_;
  typename Home<P>::Common home_common_;
  MemoryController memory_;
  Home<P> home_;
  std::uint32_t sleeper_;
  std::vector<std::unique_ptr<ScriptedCore>> cores_;
  std::vector<std::unique_ptr<Cache<P>>> caches_;
  FarAccesses<P> far_{caches_};
  std::vector<Message> flight_;
  ScriptResult result_;
};

/// Runs a script on the tables it names.
template <CoherenceProtocol P>
ScriptResult run_script_of(const Script& script) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);  // that it has stopped
  Variant<P> right = P::variant(script.options);
  if constexpr (has_logical_time<P>) {  // as checked: the script says when a clock goes on by itself
    right.lease = checker::checked_lease(script.system.clock_window);
    right.self_increment = ~std::uint32_t{0};
  }
  std::optional<MutatedVariant<P>> wrong;
  if (script.mutation != nullptr) wrong.emplace(right, *script.mutation);
  ScriptedMachine<P> machine("machine", script, wrong ? wrong->variant() : right);
  return machine.run();
}

}  // namespace baton::sim
