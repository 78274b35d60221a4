#pragma once
// The machine: SystemC modules built from parameters, and a run of a workload on it.

#include <sstream>

#include "sim/machine/cache.hpp"
#include "sim/machine/far_accesses.hpp"
#include "sim/machine/frame.hpp"
#include "sim/machine/home.hpp"
#include "sim/machine/measure.hpp"
#include "sim/machine/network/jitter.hpp"

namespace baton::sim {

template <CoherenceProtocol P>
class Machine : public MachineFrame {
 public:
  Machine(const sc_core::sc_module_name& name, const MachineParameters& parameters,
          const ProtocolChoice& protocol, const Variant<P>& variant, const RunOptions& options);

  Cache<P>& cache(NodeId node) { return *caches_[node]; }
  Home<P>& home(NodeId node) { return *homes_[node]; }

 private:
  std::vector<Measurement> measured() override;
  std::uint64_t unfinished() const override;
  Cycle longest_stale() const override;
  std::string describe(NodeId core, LineNumber line) const override;
  std::string describe_flights() const override;
  std::string describe(const Transition& transition) const override;
  std::string describe(const Message& message) const;
  std::vector<CellCount> cell_counts() const;

  Variant<P> variant_;
  typename Cache<P>::Common caches_common_;
  typename Home<P>::Common homes_common_;
  std::unique_ptr<Network> network_;
  std::optional<JitteredSenders> jittered_;
  std::vector<std::unique_ptr<Cache<P>>> caches_;
  FarAccesses<P> far_{caches_};
  std::vector<std::unique_ptr<Home<P>>> homes_;
};

template <CoherenceProtocol P>
Machine<P>::Machine(const sc_core::sc_module_name& name, const MachineParameters& parameters,
                    const ProtocolChoice& protocol, const Variant<P>& variant, const RunOptions& options)
    : MachineFrame(name, parameters, options),
      variant_(variant),
      caches_common_(variant),
      homes_common_(variant) {
  shared_.predicts_atomics = variant.predicts_atomics;
  homes_common_.far = &far_;
  homes_common_.seed = options.seed;
  if constexpr (has_logical_time<P>) {
    shared_.exact_events = true;  // whether an access hits depends on the accesses before
    monitor_.order_by_logical_time(parameters.core.consistency == "sc" &&
                                   parameters.core.outstanding_loads == 1);
  }
  network_ = std::make_unique<Network>(
      "network", calendar_,
      NetworkSetup{parameters.network, parameters.cores, parameters.cache.line_bytes, P::kinds,
                   variant.ideal_transfer, protocol.transfer_cycles});
  if (parameters.network.jitter_cycles != 0 || parameters.home.jitter_cycles != 0) {
    std::array<bool, virtual_networks> ordered{};
    std::copy(std::begin(P::ordered), std::end(P::ordered), ordered.begin());
    jittered_.emplace(*network_, Jitter(P::kinds, ordered, parameters.cores, options.seed),
                      parameters.network.jitter_cycles, parameters.home.jitter_cycles);
  }
  for (std::uint32_t i = 0; i < parameters.cores; ++i) {
    const auto node = static_cast<NodeId>(i);
    const std::string n = std::to_string(i);
    Core& core = add_core();
    caches_.push_back(std::make_unique<Cache<P>>(("cache_" + n).c_str(), node, shared_, caches_common_));
    homes_.push_back(
        std::make_unique<Home<P>>(("home_" + n).c_str(), node, shared_, memory_of(i), homes_common_));
    core.cache.bind(*caches_[i]);
    caches_[i]->core.bind(core);
    caches_[i]->network.bind(jittered_ ? static_cast<Sender&>(jittered_->caches) : *network_);
    homes_[i]->network.bind(jittered_ ? static_cast<Sender&>(jittered_->homes) : *network_);
    network_->caches.bind(*caches_[i]);
    network_->homes.bind(*homes_[i]);
  }
}

template <CoherenceProtocol P>
std::vector<Measurement> Machine<P>::measured() {
  caches_common_.hits.add_to(shared_.statistics);
  return measure(shared_, network_->traffic(), P::kinds, cell_counts());
}

// Until the clock of the slowest core has passed a lease by loads of a spin alone, twice: it may have to take
// a lock behind that.
template <CoherenceProtocol P>
Cycle Machine<P>::longest_stale() const {
  if constexpr (!has_logical_time<P>) return 0;
  const MachineParameters& machine = shared_.parameters;
  const Speed slowest(machine, static_cast<NodeId>(machine.cores - 1));
  const Cycle spin = slowest.scaled(machine.core.pause_cycles) + slowest.scaled(machine.cache.hit_cycles);
  return 2 * (Cycle{variant_.lease} + 1) * variant_.self_increment * spin;
}

template <CoherenceProtocol P>
std::uint64_t Machine<P>::unfinished() const {
  std::uint64_t transient = 0;
  for (const auto& cache : caches_) cache->each_transient([&](LineNumber, auto, Cycle) { ++transient; });
  for (const auto& home : homes_) home->each_stalled([&](const Message&) { ++transient; });
  return transient;
}

template <CoherenceProtocol P>
std::string Machine<P>::describe(NodeId core, LineNumber line) const {
  std::ostringstream text;
  const NodeId node = shared_.home.of(line);
  text << "its cache in " << name_of(caches_[core]->state_of(line)) << ", home " << node;
  const auto* entry = homes_[node]->entry(line);
  if (entry == nullptr) {
    text << " has no entry";
    return text.str();
  }
  text << " in " << name_of(entry->state);
  if constexpr (requires { entry->owner; })
    if (entry->owner < caches_.size())
      text << ", owner " << entry->owner << " (its cache in "
           << name_of(caches_[entry->owner]->state_of(line)) << ")";
  if constexpr (requires { entry->sharers; }) text << ", " << entry->sharers.size() << " sharers";
  return text.str();
}

template <CoherenceProtocol P>
std::string Machine<P>::describe(const Transition& t) const {
  std::ostringstream text;
  text << "cycle " << t.at << ": ";
  if (t.unit == Unit::cache)
    text << "cache " << t.node << " " << name_of(static_cast<typename P::CacheState>(t.from)) << " --"
         << name_of(static_cast<typename P::CacheEvent>(t.event)) << "--> "
         << name_of(static_cast<typename P::CacheState>(t.to));
  else
    text << "home " << t.node << " " << name_of(static_cast<typename P::HomeState>(t.from)) << " --"
         << name_of(static_cast<typename P::HomeEvent>(t.event)) << "--> "
         << name_of(static_cast<typename P::HomeState>(t.to));
  return text.str();
}

template <CoherenceProtocol P>
std::string Machine<P>::describe(const Message& m) const {
  std::ostringstream text;
  text << P::kinds[m.kind].name << " for line " << m.line << " from node " << m.source << " to "
       << (m.receiver == Unit::cache ? "cache " : "home ") << m.destination << ", requestor " << m.requestor;
  return text.str();
}

template <CoherenceProtocol P>
std::string Machine<P>::describe_flights() const {
  std::ostringstream text;
  int shown = 0;
  calendar_.each_message([&](Cycle at, Due due, const Message& message) {
    if (due == Due::link || ++shown > most_reported) return;
    text << "  in flight until cycle " << at << ": " << describe(message) << "\n";
  });
  if (shown > most_reported) text << "  and " << shown - most_reported << " more messages in flight\n";
  for (const auto& home : homes_)
    home->each_stalled([&](const Message& m) { text << "  stalled at its home: " << describe(m) << "\n"; });
  return text.str();
}

template <CoherenceProtocol P>
std::vector<CellCount> Machine<P>::cell_counts() const {
  std::vector<CellCount> counts;
  using C = Cache<P>;
  using H = Home<P>;
  if (!options_.cells) return counts;
  for (std::size_t s = 0; s < enum_count<typename C::State>; ++s)
    for (std::size_t e = 0; e < enum_count<typename C::Event>; ++e)
      if (variant_.cache.find(static_cast<typename C::State>(s), static_cast<typename C::Event>(e)) >= 0)
        counts.push_back({"cache", std::string(enum_names<typename C::State>[s]),
                          std::string(enum_names<typename C::Event>[e]),
                          caches_common_.steps[s * enum_count<typename C::Event> + e] +
                              (e < access_kinds ? caches_common_.hits.visits(s, e) : 0)});
  for (std::size_t s = 0; s < enum_count<typename H::State>; ++s)
    for (std::size_t e = 0; e < enum_count<typename H::Event>; ++e)
      if (variant_.home.find(static_cast<typename H::State>(s), static_cast<typename H::Event>(e)) >= 0)
        counts.push_back({"home", std::string(enum_names<typename H::State>[s]),
                          std::string(enum_names<typename H::Event>[e]),
                          homes_common_.steps[s * enum_count<typename H::Event> + e]});
  return counts;
}

}  // namespace baton::sim
