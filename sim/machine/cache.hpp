#pragma once
// The private cache: steps the protocol's cache table. Stable lines live in the array, where only state and
// content matter; a line in a transient state has an MSHR with all that the protocol keeps for it.
//
// A line gets its place when its transaction ends (allocation on fill); the victim's eviction then takes over
// the MSHR, so that `mshrs` bounds misses and evictions together.

#include <memory>
#include <optional>
#include <string>

#include "protocols/core/variant.hpp"
#include "sim/machine/cache_front.hpp"
#include "sim/machine/cache_time.hpp"
#include "sim/machine/far_predictor.hpp"
#include "sim/machine/network/network.hpp"
#include "sim/machine/shared.hpp"
#include "sim/machine/simulate.hpp"
#include "sim/machine/speed.hpp"
#include "sim/machine/timeline.hpp"

namespace baton::sim {

template <CoherenceProtocol P>
class Cache : public sc_core::sc_module, public Receiver, public CacheFront, private PendingAccess {
 public:
  using State = typename P::CacheState;
  using Event = typename P::CacheEvent;
  /// What all caches of a machine have in common: together in few host cache lines, however many caches there
  /// are.
  struct Common {
    explicit Common(const Variant<P>& variant);

    Variant<P> variant;
    std::array<bool, enum_count<State>> stable{};
    std::array<Permission, enum_count<State>> permission{};
    std::vector<Message> out;  // of the step at hand
    AllHits hits;
    std::array<std::uint64_t, enum_count<State> * enum_count<Event>> steps{};  ///< by cell
  };

  Cache(const sc_core::sc_module_name& name, NodeId node, Shared& shared, Common& common);

  bool request(LineNumber line, traces::Kind kind, Ticket ticket) override;
  void receive(const Message& message) override;
  void prefetch(const Message& message, Cycle ahead) const override;

  /// Evicts a line that is present, in a stable state: for scripts, which choose every step.
  void replace(LineNumber line);
  /// The predictor's choice for the read-modify-writes to come, for scripts.
  void predict(bool is_far) {
    if (predictor_) predictor_->force(is_far);
  }
  /// The home performs the read-modify-write that waits here for the line; returns the content afterwards.
  Value perform_far(LineNumber line, Value content);
  void synchronize(Tick& clock) override {
    if constexpr (has_time) clock = time_.clock.now = std::max(time_.clock.now, clock);
  }

  /// The line's state, for reports and checks.
  State state_of(LineNumber line) const;
  /// Calls f(line, state, the time of the request) for every line in a transient state.
  template <class F>
  void each_transient(F f) const {
    for (const auto& mshr : mshrs_)
      if (mshr.used) f(mshr.line_number, mshr.line.state, mshr.since);
  }

 private:
  struct Mshr {
    bool used = false;
    bool accesses = false;  // a core's access waits for it (else: an eviction)
    LineNumber line_number = 0;
    Slot slot = CacheArray::absent;
    Ticket ticket = 0;
    Cycle since = 0;
    typename P::Line line;
    std::vector<Message> stalled;
  };

  void end_of_elaboration() override {
    sender_ = network.operator->();
    core_ = core.operator->();
  }

  Mshr* find_mshr(LineNumber line);
  Mshr& take_mshr(LineNumber line);
  void read(Slot slot, typename P::Line& line);
  void handle(const Message& message);
  bool waits_behind(const Mshr& mshr, const Message& message) const;
  StepResult run(typename P::Line& line, Event event, const Message& message, Mshr* mshr);
  void settle(Mshr& mshr, State before, bool by_message = true);
  static constexpr bool has_time = has_logical_time<P>;
  using Stamp = typename CacheTime<has_time>::Stamp;

  bool hit_in_time(LineNumber line, traces::Kind kind, Hit& done) override;
  void place(LineNumber number, State state, Value data, Stamp stamp);
  void evict(Slot slot);
  void store(Slot slot, State state, Value data, Stamp stamp) {
    if (state == State{}) return array_.clear(slot);
    array_.set_state(slot, static_cast<std::uint8_t>(state));
    array_.data(slot) = data;
    set_stamp(slot, stamp);
  }
  void store(Slot slot, const typename P::Line& line) { store(slot, line.state, line.data, Stamp::of(line)); }
  void set_stamp(Slot slot, Stamp stamp) {
    if constexpr (has_time) time_.stamps[static_cast<std::size_t>(slot)] = stamp;
  }
  CacheContext<P> context_of(typename P::Line& line, const Message& message, PendingAccess& access) {
    CacheContext<P> context{line, message, access, common_.out, node_, shared_.home.of(message.line)};
    if constexpr (has_time) {
      context.clock = &time_.clock;
      context.lease = common_.variant.lease;
    }
    return context;
  }
  bool evictable(Slot slot) const;
  void flush();
  void note_permission(LineNumber line, State before, State after) {
    if (shared_.monitor != nullptr || shared_.is_watched())
      shared_.tell_permission(line, node_, common_.permission[index(before)],
                              common_.permission[index(after)]);
  }
  void note_request(const Mshr& mshr, State before, traces::Kind kind);
  void note_transfers();
  [[noreturn]] void impossible(LineNumber line, State state, Event event) const;

  Value perform(Value content) override {
    require_access();
    held_ = true;
    completed_ = performing_->ticket;
    tell_moment();
    return core_->perform(performing_->ticket, content);
  }
  void tell_moment() {
    if constexpr (has_time)
      if (shared_.monitor != nullptr) shared_.monitor->set_moment(time_.clock.at);
  }
  void perform_snapshot(Value content) override {
    require_access();
    completed_ = performing_->ticket;
    core_->perform_snapshot(performing_->ticket, content);
  }
  void performed_at_home() override { completed_ = performing_->ticket; }

  Event event_of(LineNumber line, State state, traces::Kind kind);

  // A wrong table may perform when no core waits.
  void require_access() const {
    if (performing_ == nullptr || !performing_->accesses || completed_)
      throw RunFailure("protocol error: cache " + std::to_string(node_) +
                       " performs an access that no core waits for");
  }

  // What every message needs stands first.
  CorePort* core_ = nullptr;
  Shared& shared_;
  Common& common_;
  NodeId node_;
  std::uint32_t used_ = 0;      // MSHRs
  std::uint32_t mshr_end_ = 0;  // behind the last one in use
  std::vector<Mshr> mshrs_;
  Sender* sender_ = nullptr;
  Cycle lookup_cycles_;
  Mshr* performing_ = nullptr;
  std::optional<Ticket> completed_;
  bool held_ = false;  // in the step at hand a miss has been performed on a copy of the cache's own
  bool refused_ = false;
  std::unique_ptr<FarPredictor> predictor_;  // none: the table alone decides
  [[no_unique_address]] CacheTime<has_time> time_;

 public:
  sc_core::sc_port<Sender> network;  // behind what every message needs
  sc_core::sc_port<CorePort> core;
};

template <CoherenceProtocol P>
Cache<P>::Common::Common(const Variant<P>& v) : variant(v) {
  for (std::size_t s = 0; s < enum_count<State>; ++s) {
    const auto state = static_cast<State>(s);
    stable[s] = is_stable(state);
    permission[s] = is_writable(variant, state)   ? Permission::write
                    : is_readable(variant, state) ? Permission::read
                                                  : Permission::none;
    for (std::size_t e = 0; e < access_kinds; ++e) {
      const auto event = static_cast<Event>(e);
      if (!variant.cache.is_hit(state, event)) continue;
      const auto& row = variant.cache.rows()[static_cast<std::size_t>(variant.cache.find(state, event))];
      hits.set_after(s, e, static_cast<std::uint8_t>(row.outcome == Outcome::moves ? index(row.next) : s));
    }
  }
}

template <CoherenceProtocol P>
Cache<P>::Cache(const sc_core::sc_module_name& name, NodeId node, Shared& shared, Common& common)
    : sc_module(name),
      CacheFront(shared.parameters.cache,
                 Speed(shared.parameters, node).slow() ? common.hits.slow : common.hits.usual),
      shared_(shared),
      common_(common),
      node_(node),
      mshrs_(shared.parameters.cache.mshrs +
             1),  // one more: while a fill hands its MSHR to the victim's eviction
      lookup_cycles_(shared.parameters.cache.hit_cycles),
      predictor_(common.variant.predicts_atomics ? std::make_unique<FarPredictor>() : nullptr),
      time_(shared.parameters.cache) {
  has_logical_time_ = has_time;
}

template <CoherenceProtocol P>
typename Cache<P>::Mshr* Cache<P>::find_mshr(LineNumber line) {
  for (std::size_t i = 0; i < mshr_end_; ++i)
    if (mshrs_[i].line_number == line && mshrs_[i].used) return &mshrs_[i];
  return nullptr;
}

template <CoherenceProtocol P>
typename Cache<P>::Mshr& Cache<P>::take_mshr(LineNumber line) {
  for (auto& mshr : mshrs_)
    if (!mshr.used) {
      mshr_end_ = std::max(mshr_end_, static_cast<std::uint32_t>(&mshr - mshrs_.data()) + 1);
      mshr.used = true;
      mshr.accesses = false;
      mshr.line_number = line;
      mshr.slot = CacheArray::absent;
      mshr.since = shared_.calendar.now();
      ++used_;
      return mshr;
    }
  throw RunFailure("cache " + std::to_string(node_) + " has no MSHR left");
}

// A line in a stable state.
template <CoherenceProtocol P>
void Cache<P>::read(Slot slot, typename P::Line& line) {
  if (slot == CacheArray::absent) return;
  line.state = static_cast<State>(array_.state(slot));
  line.data = array_.data(slot);
  if constexpr (has_time) {
    const Stamp stamp = time_.stamps[static_cast<std::size_t>(slot)];
    line.wts = stamp.wts;
    line.rts = stamp.rts;
  }
}

// The table's own row performs, on the ticks; the content is left to the core.
template <CoherenceProtocol P>
bool Cache<P>::hit_in_time(LineNumber number, traces::Kind kind, Hit& done) {
  if constexpr (has_time) {
    struct Ticks final : PendingAccess {
      Value perform(Value content) override { return content; }
      void perform_snapshot(Value) override {}
      void performed_at_home() override {}
    } ticks;
    constexpr Tick last_moment = ~Tick{0} - 1'000'000;
    if (++time_.accesses >= common_.variant.self_increment) {
      time_.accesses = 0;
      ++time_.clock.now;
    }
    if (time_.clock.now > last_moment)
      throw RunFailure("the logical time of core " + std::to_string(node_) +
                       " has passed the end of its 32 bits: shorter leases, or a shorter run");
    const auto place = array_.sets().find(number);
    const Slot slot = array_.find(number);
    if (slot == CacheArray::absent) return false;
    typename P::Line line;
    read(slot, line);
    const State before = line.state;
    const auto event = static_cast<Event>(access_kind(kind));
    if (P::classify_access(line, time_.clock, event) != event || !common_.variant.cache.is_hit(before, event))
      return false;
    Message none;
    none.line = number;
    auto context = context_of(line, none, ticks);
    step(common_.variant.cache, line.state, event, context);
    store(slot, line);
    ++hits_.visits[index(before)][access_kind(kind)];
    done = {place, static_cast<std::uint8_t>(access_kind(kind)), static_cast<std::uint8_t>(before),
            array_.sets().touch(place)};
    tell_moment();
    return true;
  }
  return false;
}

template <CoherenceProtocol P>
bool Cache<P>::request(LineNumber number, traces::Kind kind, Ticket ticket) {
  // A line in a transient state refuses every access that is not a hit (its cells stall).
  if (used_ >= mshrs_.size() - 1 || find_mshr(number) != nullptr) {
    refused_ = true;
    return false;
  }
  const Slot slot = array_.find(number);
  Mshr& mshr = take_mshr(number);
  mshr.accesses = true;
  mshr.slot = slot;
  mshr.ticket = ticket;
  mshr.line = {};
  read(slot, mshr.line);
  const State before = mshr.line.state;
  auto& statistics = shared_.statistics;
  ++statistics.misses[access_kind(kind)];
  const bool is_renewal = has_time && is_load(kind);
  if (common_.permission[index(before)] != Permission::none && !is_renewal) ++statistics.upgrades;
  Message none;
  none.line = number;
  Event event_of_core = event_of(number, before, kind);
  if constexpr (has_time) event_of_core = P::classify_access(mshr.line, time_.clock, event_of_core);
  if (run(mshr.line, event_of_core, none, &mshr) != StepResult::done)
    throw RunFailure("cache " + std::to_string(node_) + ": " + std::string(name_of(event_of_core)) +
                     " stalls in " + std::string(name_of(before)) + ", a stable state");
  if (shared_.is_watched()) note_request(mshr, before, kind);
  if constexpr (has_time)
    if (is_renewal && slot != CacheArray::absent) {
      // Loads may be under way for every line of a set: what waits for one holds no place in any protocol.
      array_.clear(slot);
      mshr.slot = CacheArray::absent;
    }
  settle(mshr, before, !has_time);
  flush();
  return true;
}

template <CoherenceProtocol P>
typename P::CacheEvent Cache<P>::event_of(LineNumber line, State state, traces::Kind kind) {
  const auto event = static_cast<Event>(access_kind(kind));
  if constexpr (requires { Event::RmwFar; })
    if (predictor_ && event == Event::Rmw && common_.variant.cache.find(state, Event::RmwFar) >= 0 &&
        predictor_->is_far(line))
      return Event::RmwFar;
  return event;
}

template <CoherenceProtocol P>
Value Cache<P>::perform_far(LineNumber line, Value content) {
  const Mshr* mshr = find_mshr(line);
  if (mshr == nullptr || !mshr->accesses)
    throw RunFailure("the home performs an access of cache " + std::to_string(node_) +
                     " that nobody waits for");
  if (shared_.monitor != nullptr) shared_.monitor->performs_at_home(line, node_, shared_.calendar.now());
  if (shared_.lines != nullptr) shared_.lines->passed(line, node_);
  return core_->perform(mshr->ticket, content);
}

}  // namespace baton::sim

#include "sim/machine/cache_reports.hpp"
#include "sim/machine/cache_steps.hpp"
