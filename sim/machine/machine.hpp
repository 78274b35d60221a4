#pragma once
// The machine: SystemC modules built from parameters, and a run of a workload on it.

#include <algorithm>
#include <functional>
#include <sstream>

#include "sim/machine/cache.hpp"
#include "sim/machine/home.hpp"
#include "sim/machine/measure.hpp"
#include "sim/machine/network/jitter.hpp"
#include "sim/machine/order.hpp"
#include "sim/machine/system/system.hpp"

namespace baton::sim {

inline sc_core::sc_time clock_period(std::uint64_t clock_hz) {
  return sc_core::sc_time(1e12 / static_cast<double>(clock_hz), sc_core::SC_PS);
}

template <CoherenceProtocol P>
class Machine : public sc_core::sc_module {
 public:
  Machine(const sc_core::sc_module_name& name, const MachineParameters& parameters,
          const ProtocolChoice& protocol, const Variant<P>& variant, const RunOptions& options);

  /// Runs the workload to its end, once. Throws RunFailure.
  std::vector<Measurement> run(traces::Workload& workload);

  Cache<P>& cache(NodeId node) { return *caches_[node]; }
  Home<P>& home(NodeId node) { return *homes_[node]; }
  const Shared& shared() const { return shared_; }

 private:
  void load(traces::Workload& workload);
  bool all_finished() const;
  void inspect() const;
  void check_end() const;
  std::string report(const std::string& what) const;
  std::string describe(LineNumber line) const;
  std::string describe(const Transition& transition) const;
  std::string describe(const Message& message) const;
  std::vector<CellCount> cell_counts() const;

  RunOptions options_;
  Variant<P> variant_;
  Calendar calendar_;
  Monitor monitor_;
  Shared shared_;
  typename Cache<P>::Common caches_common_;
  typename Home<P>::Common homes_common_;
  std::unique_ptr<Network> network_;
  std::optional<JitteredSenders> jittered_;
  std::vector<std::unique_ptr<MemoryController>> memories_;
  std::vector<std::unique_ptr<Core>> cores_;
  std::vector<std::unique_ptr<Cache<P>>> caches_;
  std::vector<std::unique_ptr<Home<P>>> homes_;
  std::unique_ptr<OrderedReplay> replay_;
  std::unique_ptr<System> system_;
  std::unique_ptr<Driver> driver_;
};

template <CoherenceProtocol P>
Machine<P>::Machine(const sc_core::sc_module_name& name, const MachineParameters& parameters,
                    const ProtocolChoice& protocol, const Variant<P>& variant, const RunOptions& options)
    : sc_module(name),
      options_(options),
      variant_(variant),
      calendar_("calendar", clock_period(parameters.clock_hz)),
      shared_{parameters,
              HomeMap(parameters.cores, parameters.home.interleave == "hash"),
              calendar_,
              {},
              {},
              options.check ? &monitor_ : nullptr,
              options.exact_events},
      caches_common_(variant),
      homes_common_(variant) {
  shared_.statistics.cores.resize(parameters.cores);
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
  const std::uint32_t controllers =
      parameters.memory.controllers != 0 ? parameters.memory.controllers : (parameters.cores + 15) / 16;
  for (std::uint32_t i = 0; i < controllers; ++i)
    memories_.push_back(
        std::make_unique<MemoryController>(("memory_" + std::to_string(i)).c_str(), parameters));
  for (std::uint32_t i = 0; i < parameters.cores; ++i) {
    const auto node = static_cast<NodeId>(i);
    const std::string n = std::to_string(i);
    cores_.push_back(std::make_unique<Core>(("core_" + n).c_str(), node, shared_));
    caches_.push_back(std::make_unique<Cache<P>>(("cache_" + n).c_str(), node, shared_, caches_common_));
    homes_.push_back(std::make_unique<Home<P>>(("home_" + n).c_str(), node, shared_,
                                               *memories_[std::size_t{i} * controllers / parameters.cores],
                                               homes_common_));
    cores_[i]->cache.bind(*caches_[i]);
    caches_[i]->core.bind(*cores_[i]);
    caches_[i]->network.bind(jittered_ ? static_cast<Sender&>(jittered_->caches) : *network_);
    homes_[i]->network.bind(jittered_ ? static_cast<Sender&>(jittered_->homes) : *network_);
    network_->caches.bind(*caches_[i]);
    network_->homes.bind(*homes_[i]);
  }
}

template <CoherenceProtocol P>
void Machine<P>::load(traces::Workload& workload) {
  std::vector<Core*> cores;
  for (auto& core : cores_) cores.push_back(core.get());
  if (options_.driver) {
    driver_ = options_.driver(cores, shared_);
    return;
  }
  if (const auto* program = workload.program()) {
    system_ = std::make_unique<System>(*program, cores, shared_, options_);
    return;
  }
  if (auto ordered = workload.ordered()) {
    replay_ = std::make_unique<OrderedReplay>(std::move(ordered), std::move(cores), calendar_);
    return;
  }
  for (std::uint32_t i = 0; i < cores_.size(); ++i) {
    const bool runs = static_cast<int>(i) < workload.cores() && (i == 0 || !options_.first_core_only);
    cores_[i]->set_stream(runs ? workload.stream(static_cast<int>(i)) : nullptr);
  }
}

template <CoherenceProtocol P>
std::vector<Measurement> Machine<P>::run(traces::Workload& workload) {
  calendar_.set_inspection(std::max<Cycle>(options_.watchdog_cycles / 2, 1), [this] { inspect(); });
  try {
    load(workload);
    calendar_.run();
  } catch (const RunFailure& failure) {
    throw RunFailure(report(failure.what()));
  } catch (const programs::ProgramFailure& failure) {
    throw RunFailure(report(failure.what()));
  }
  check_end();
  if (system_) system_->check();
  for (const auto& state : caches_common_.hits.visits)
    for (std::size_t event = 0; event < access_kinds; ++event) shared_.statistics.hits[event] += state[event];
  auto rows = measure(shared_, *network_, P::kinds, cell_counts());
  if (system_) {
    system_->add_measurements(rows);
    if (options_.profile != nullptr) *options_.profile = system_->folded_profile();
  }
  return rows;
}

template <CoherenceProtocol P>
bool Machine<P>::all_finished() const {
  if (replay_) return replay_->finished();
  if (driver_) return driver_->finished();
  if (system_) return system_->finished();
  return std::all_of(cores_.begin(), cores_.end(), [](const auto& core) { return core->finished(); });
}

// The watchdog: nobody has made progress for long, and all have waited for others all the time.
template <CoherenceProtocol P>
void Machine<P>::inspect() const {
  const Cycle now = calendar_.now();
  const auto is_long_ago = [&](Cycle since) { return since + options_.watchdog_cycles < now; };
  if (!is_long_ago(shared_.statistics.last_progress) || all_finished()) return;
  if (system_) {
    if (system_->progresses(options_.watchdog_cycles)) return;
    throw RunFailure("no access has completed for " + std::to_string(now - shared_.statistics.last_progress) +
                     " cycles");
  }
  for (const auto& core : cores_) {
    const auto waiting = core->waiting();
    const bool idle =
        !waiting && (core->finished() || replay_ || driver_);  // all cores but those that act are idle
    if (!idle && (!waiting || !is_long_ago(waiting->since))) return;
  }
  throw RunFailure("no access has completed for " + std::to_string(now - shared_.statistics.last_progress) +
                   " cycles");
}

template <CoherenceProtocol P>
void Machine<P>::check_end() const {
  if (!all_finished()) throw RunFailure(report("deadlock: cores wait, and nothing is scheduled"));
  std::uint64_t transient = 0;
  for (const auto& cache : caches_) cache->each_transient([&](LineNumber, auto, Cycle) { ++transient; });
  for (const auto& home : homes_) home->each_stalled([&](const Message&) { ++transient; });
  if (transient != 0) throw RunFailure(report("the run has ended with transactions that nobody completes"));
}

template <CoherenceProtocol P>
std::string Machine<P>::describe(LineNumber line) const {
  std::ostringstream text;
  const NodeId node = shared_.home.of(line);
  text << "home " << node;
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

// What is wrong, who waits for whom, what is in flight, and how the oldest stuck line got there.
template <CoherenceProtocol P>
std::string Machine<P>::report(const std::string& what) const {
  constexpr int most = 32;
  std::ostringstream text;
  text << what << "\nat cycle " << calendar_.now() << "\n";
  std::optional<Core::Waiting> oldest;
  int shown = 0;
  for (std::size_t i = 0; i < cores_.size(); ++i) {
    const auto waiting = cores_[i]->waiting();
    if (!waiting) continue;
    if (!oldest || waiting->since < oldest->since) oldest = waiting;
    if (++shown > most) continue;
    text << "  core " << i << " waits since cycle " << waiting->since << " for a " << name_of(waiting->kind)
         << " of line " << waiting->line << ": its cache in " << name_of(caches_[i]->state_of(waiting->line))
         << ", " << describe(waiting->line) << "\n";
  }
  if (shown > most) text << "  and " << shown - most << " more cores wait\n";
  if (system_) text << system_->report();
  shown = 0;
  calendar_.each_message([&](Cycle at, Due due, const Message& message) {
    if (due == Due::link || ++shown > most) return;
    text << "  in flight until cycle " << at << ": " << describe(message) << "\n";
  });
  if (shown > most) text << "  and " << shown - most << " more messages in flight\n";
  for (const auto& home : homes_)
    home->each_stalled([&](const Message& m) { text << "  stalled at its home: " << describe(m) << "\n"; });
  if (oldest) {
    text << "last transitions of line " << oldest->line << ":\n";
    shared_.log.each([&](const Transition& t) {
      if (t.line == oldest->line) text << "  " << describe(t) << "\n";
    });
  }
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
                              (e < access_kinds ? caches_common_.hits.visits[s][e] : 0)});
  for (std::size_t s = 0; s < enum_count<typename H::State>; ++s)
    for (std::size_t e = 0; e < enum_count<typename H::Event>; ++e)
      if (variant_.home.find(static_cast<typename H::State>(s), static_cast<typename H::Event>(e)) >= 0)
        counts.push_back({"home", std::string(enum_names<typename H::State>[s]),
                          std::string(enum_names<typename H::Event>[e]),
                          homes_common_.steps[s * enum_count<typename H::Event> + e]});
  return counts;
}

}  // namespace baton::sim
