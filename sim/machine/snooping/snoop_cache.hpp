#pragma once
// The private cache of a snooping protocol. All of its states are stable: what waits are requests for the
// bus. The line that a request brings enters the cache when the tenure ends; its place is made free when the
// tenure begins.

#include <algorithm>
#include <string>
#include <utility>

#include "sim/machine/cache_front.hpp"
#include "sim/machine/shared.hpp"
#include "sim/machine/simulate.hpp"
#include "sim/machine/snooping/bus.hpp"
#include "sim/machine/timeline.hpp"

namespace baton::sim {

template <snooping::Protocol P>
class SnoopCache : public sc_core::sc_module, public CacheFront, public BusClient, private PendingAccess {
 public:
  using State = typename P::CacheState;
  using Event = snooping::Event;
  using Line = typename P::Line;
  using Table = TableView<snooping::Context<P>>;

  /// What all caches of a machine have in common.
  struct Common {
    explicit Common(const Table& table);

    Table table;
    std::array<Permission, enum_count<State>> permission{};
    AllHits hits;
    std::array<std::uint64_t, Table::states * Table::events> steps{};  ///< by cell
    std::vector<bool> supplies, flushes;  ///< by row: a line for the cache that asks; for memory, too
    std::vector<SnoopCache*> all;         ///< by node
  };

  sc_core::sc_port<CorePort> core;

  SnoopCache(const sc_core::sc_module_name& name, NodeId node, Shared& shared, Common& common, Bus& bus);

  bool request(LineNumber line, traces::Kind kind, Ticket ticket) override;
  void granted(LineNumber line) override;
  void served(LineNumber line) override;

  /// Evicts a line that is present: for scripts, which choose every step.
  void replace(LineNumber line);

  State state_of(LineNumber line) const;
  const BusCounts& counts() const { return counts_; }

 private:
  /// An access that waits for the bus, or has it.
  struct Request {
    LineNumber number;
    traces::Kind kind;
    Ticket ticket;
    Line line;              // to be placed when the tenure ends
    bool incoming = false;  // the line is not in the cache yet
  };

  void end_of_elaboration() override { core_ = core.operator->(); }
  Request& find(LineNumber line);
  void make_room(LineNumber line);
  void evict(Slot slot);
  void serve(LineNumber number, Line& line, Event event);
  template <class Step>
  void snooped(LineNumber number, Step& step);
  void count_move(const typename snooping::Tenure<P>::Transaction& transaction, LineNumber number);
  void count_step(LineNumber number, State before, Event event, State after, bool supplies);
  void log(LineNumber number, State before, Event event, State after);
  void note_permission(LineNumber line, State before, State after) {
    if (shared_.monitor != nullptr || shared_.is_watched())
      shared_.tell_permission(line, node_, common_.permission[index(before)],
                              common_.permission[index(after)]);
  }
  Line read(Slot slot) {
    if (slot == CacheArray::absent) return {};
    return {static_cast<State>(array_.state(slot)), array_.data(slot)};
  }
  void write(Slot slot, const Line& line) {
    if (line.state == State{}) return array_.clear(slot);
    array_.set_state(slot, static_cast<std::uint8_t>(line.state));
    array_.data(slot) = line.data;
  }
  bool may_read(State state) const { return common_.permission[index(state)] != Permission::none; }

  Value perform(Value content) override {
    ++times_performed_;
    return core_->perform(performing_, content);
  }
  void perform_snapshot(Value content) override { core_->perform_snapshot(performing_, content); }
  void performed_at_home() override {}  // there is none

  NodeId node_;
  Shared& shared_;
  Common& common_;
  Bus& bus_;
  CorePort* core_ = nullptr;
  std::vector<Request> requests_;
  Ticket performing_ = 0;
  int times_performed_ = 0;  // in the tenure at hand
  bool refused_ = false;
  BusCounts counts_;
};

template <snooping::Protocol P>
SnoopCache<P>::Common::Common(const Table& t) : table(t) {
  for (const auto& row : table.rows()) {
    const auto does = [&row](const auto& action) {
      return std::any_of(row.actions.begin(), row.actions.begin() + static_cast<std::ptrdiff_t>(row.size),
                         [&](const auto& a) { return a.name == action.name; });
    };
    using Actions = snooping::Actions<P>;
    flushes.push_back(does(Actions::flush));
    supplies.push_back(flushes.back() || does(Actions::supply));
  }
  for (std::size_t s = 0; s < enum_count<State>; ++s) {
    const auto state = static_cast<State>(s);
    permission[s] = snooping::may_write<P>(table, state)  ? Permission::write
                    : snooping::may_read<P>(table, state) ? Permission::read
                                                          : Permission::none;
    for (std::size_t e = 0; e < access_kinds; ++e) {
      const auto event = static_cast<Event>(e);
      if (!table.is_hit(state, event)) continue;
      const auto& row = table.rows()[static_cast<std::size_t>(table.find(state, event))];
      hits.set_after(s, e, static_cast<std::uint8_t>(row.outcome == Outcome::moves ? index(row.next) : s));
    }
  }
}

template <snooping::Protocol P>
SnoopCache<P>::SnoopCache(const sc_core::sc_module_name& name, NodeId node, Shared& shared, Common& common,
                          Bus& bus)
    : sc_module(name),
      CacheFront(shared.parameters.cache,
                 Speed(shared.parameters, node).slow() ? common.hits.slow : common.hits.usual),
      node_(node),
      shared_(shared),
      common_(common),
      bus_(bus) {
  common.all.push_back(this);
  bus.add(*this);
}

template <snooping::Protocol P>
bool SnoopCache<P>::request(LineNumber number, traces::Kind kind, Ticket ticket) {
  const bool waits =
      std::any_of(requests_.begin(), requests_.end(), [&](const Request& r) { return r.number == number; });
  if (waits || requests_.size() >= shared_.parameters.cache.mshrs) {
    refused_ = true;
    return false;
  }
  ++shared_.statistics.misses[access_kind(kind)];
  ++(access_kind(kind) == 0 ? counts_.read_misses : counts_.write_misses);
  const bool upgrade = may_read(state_of(number));
  if (upgrade) ++shared_.statistics.upgrades;
  if (shared_.lines != nullptr) {
    if (upgrade) shared_.lines->upgraded(number);
    shared_.lines->missed(number, node_, kind);
  }
  requests_.push_back({number, kind, ticket, {}, false});
  bus_.ask(node_, number, shared_.calendar.now() + shared_.parameters.cache.hit_cycles);
  return true;
}

template <snooping::Protocol P>
typename SnoopCache<P>::Request& SnoopCache<P>::find(LineNumber line) {
  return *std::find_if(requests_.begin(), requests_.end(),
                       [&](const Request& request) { return request.number == line; });
}

template <snooping::Protocol P>
void SnoopCache<P>::granted(LineNumber number) {
  core_->before_message(number);
  Request& request = find(number);
  performing_ = request.ticket;
  const Slot slot = array_.find(number);
  if (slot == CacheArray::absent) make_room(number);
  Line line = read(slot);
  times_performed_ = 0;
  serve(number, line, static_cast<Event>(access_kind(request.kind)));
  if (times_performed_ != 1)
    throw RunFailure("protocol error: cache " + std::to_string(node_) + ", line " + std::to_string(number) +
                     ": the access is not performed once");
  request.incoming = slot == CacheArray::absent;
  request.line = line;
  if (!request.incoming) write(slot, line);
}

// The policy's victim leaves; one that is dirty goes over the bus first.
template <snooping::Protocol P>
void SnoopCache<P>::make_room(LineNumber line) {
  const Slot slot = array_.place_for(line, [](Slot) { return true; });
  if (array_.state(slot) != 0) evict(slot);
}

template <snooping::Protocol P>
void SnoopCache<P>::evict(Slot slot) {
  const LineNumber number = array_.line(slot);
  Line victim = read(slot);
  array_.clear(slot);
  serve(number, victim, Event::Replace);
  if (victim.state != State{})
    throw RunFailure("protocol error: cache " + std::to_string(node_) +
                     ": a line that is replaced stays in " + std::string(name_of(victim.state)));
  ++shared_.statistics.evictions;
  if (shared_.lines != nullptr) shared_.lines->gave_up(number, node_);
  core_->changed(number);
}

template <snooping::Protocol P>
void SnoopCache<P>::replace(LineNumber line) {
  const Slot slot = array_.find(line);
  if (slot == CacheArray::absent)
    throw RunFailure("cache " + std::to_string(node_) + " has no line " + std::to_string(line) +
                     " to replace");
  evict(slot);
}

// A whole tenure, or the part of one that writes a victim back.
template <snooping::Protocol P>
void SnoopCache<P>::serve(LineNumber number, Line& line, Event event) {
  snooping::Tenure<P> tenure(common_.table);
  const State before = line.state;
  // Of several caches that have a clean line, and would all supply it, the first one does.
  bool supplied = false;
  const auto others = [&](auto&& step) {
    supplied = false;
    for (SnoopCache* other : common_.all)
      if (other != this) other->snooped(number, step);
  };
  const auto note = [&](NodeId who, State from, Event on, State to) {
    SnoopCache& cache = *common_.all[who];
    const bool supplies = common_.supplies[static_cast<std::size_t>(common_.table.find(from, on))];
    cache.count_step(number, from, on, to, supplies && !supplied);
    supplied = supplied || supplies;
    cache.log(number, from, on, to);
  };
  if (!tenure.serve(node_, line, event, *this, bus_.content(number), others, note)) {
    const auto& fault = tenure.fault();
    throw RunFailure("protocol error: cache " + std::to_string(fault.missing ? fault.cache : node_) +
                     ", line " + std::to_string(number) + ": " +
                     (fault.missing ? "no row for event " + std::string(name_of(fault.event)) + " in state " +
                                          std::string(name_of(fault.state))
                                    : "the access is never performed"));
  }
  for (const auto& transaction : tenure.transactions()) {
    count_move(transaction, number);
    if (shared_.lines != nullptr && transaction.kind == snooping::Kind::BusUpd && may_read(before))
      shared_.lines->updated(number);
  }
  note_permission(number, before, line.state);
}

// A transaction of another cache.
template <snooping::Protocol P>
template <class Step>
void SnoopCache<P>::snooped(LineNumber number, Step& step) {
  const Slot slot = array_.find(number);
  if (slot == CacheArray::absent) return;
  core_->before_message(number);
  Line line = read(slot);
  const State before = line.state;
  step(node_, line);
  write(slot, line);
  note_permission(number, before, line.state);
  core_->changed(number);
}

// The transaction, then the line that it moves.
template <snooping::Protocol P>
void SnoopCache<P>::count_move(const typename snooping::Tenure<P>::Transaction& transaction,
                               LineNumber number) {
  using snooping::Kind;
  ++counts_.asked[index(transaction.kind)];
  bus_.move(transaction.kind, number);
  if (shared_.timeline != nullptr && transaction.kind != Kind::BusWB)
    shared_.timeline->requested(node_, number, snooping::kinds[index(transaction.kind)].name);
  if (transaction.kind == Kind::BusWB) ++counts_.memory_transactions;
  if (!snooping::wants_data(transaction.kind)) return;
  if (shared_.lines != nullptr)
    transaction.supplied ? shared_.lines->sent_by_cache(number) : shared_.lines->sent_by_home(number);
  if (!transaction.supplied) {
    ++counts_.memory_transactions;
    return bus_.move(Kind::Data, number);
  }
  ++counts_.cache_to_cache;
  bus_.move(transaction.flushed ? Kind::Flush : Kind::Supply, number);
}

template <snooping::Protocol P>
void SnoopCache<P>::count_step(LineNumber number, State before, Event event, State after, bool supplies) {
  ++common_.steps[index(before) * Table::events + index(event)];
  if (event < Event::BusRd) return;
  const auto row = static_cast<std::size_t>(common_.table.find(before, event));
  if (common_.flushes[row]) {
    ++counts_.flushes;
    ++counts_.memory_transactions;
  } else if (supplies) {
    ++counts_.supplies;
  }
  const auto alone = [&](State state) { return common_.permission[index(state)] == Permission::write; };
  if (event == Event::BusRd && alone(before) && !alone(after)) ++counts_.interventions;
  if (event == Event::BusUpd) ++counts_.updates;
  if (may_read(before) && !may_read(after)) {
    ++counts_.invalidations;
    shared_.count_invalidation(number);
  }
}

template <snooping::Protocol P>
void SnoopCache<P>::log(LineNumber number, State before, Event event, State after) {
  shared_.log.add({number, shared_.calendar.now(), node_, Unit::cache, static_cast<std::uint8_t>(before),
                   static_cast<std::uint8_t>(event), static_cast<std::uint8_t>(after)});
}

template <snooping::Protocol P>
void SnoopCache<P>::served(LineNumber number) {
  core_->before_message(number);
  const Request request = find(number);
  std::erase_if(requests_, [&](const Request& r) { return r.number == number; });
  Slot slot = array_.find(number);
  if (request.incoming) {
    slot = array_.place_for(number, [](Slot) { return false; });  // make_room() has emptied one
    array_.place(slot, number, static_cast<std::uint8_t>(request.line.state));
    array_.data(slot) = request.line.data;
  }
  array_.touch(slot);
  ++shared_.statistics.fills;
  core_->changed(number);
  core_->completed(request.ticket);
  if (!std::exchange(refused_, false)) return;
  core_->retry();
}

template <snooping::Protocol P>
typename SnoopCache<P>::State SnoopCache<P>::state_of(LineNumber line) const {
  const Slot slot = array_.find(line);
  return slot == CacheArray::absent ? State{} : static_cast<State>(array_.state(slot));
}

}  // namespace baton::sim
