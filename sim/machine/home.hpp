#pragma once
// The home node: directory entries, the order of requests to each line, a last-level slice and a memory port.
//
// Requests are served in the order of their arrival: one starts every occupancy_cycles, and what it sends
// leaves latency_cycles after its start. The entry changes on arrival: nobody can see it before the messages
// do.

#include <deque>
#include <memory>
#include <unordered_map>

#include "protocols/core/variant.hpp"
#include "sim/machine/arbiter.hpp"
#include "sim/machine/directory.hpp"
#include "sim/machine/memory.hpp"
#include "sim/machine/network/network.hpp"
#include "sim/machine/simulate.hpp"
#include "sim/machine/sparse.hpp"

namespace baton::sim {

template <CoherenceProtocol P>
class Home : public sc_core::sc_module, public Receiver, private Sleeper {
 public:
  using State = typename P::HomeState;
  using Event = typename P::HomeEvent;
  using Counters = std::array<std::uint64_t, enum_count<State> * enum_count<Event>>;

  /// What all homes of a machine have in common.
  struct Common {
    explicit Common(const Variant<P>& v) : variant(v) {}

    Variant<P> variant;
    std::vector<Message> out;  // of the step at hand
    Counters steps{};          ///< by cell
    FarAccess* far = nullptr;  ///< for the accesses that homes perform
    std::uint64_t seed = 1;    ///< of random arbitration
  };

  Home(const sc_core::sc_module_name& name, NodeId node, Shared& shared, MemoryController& memory,
       Common& common);

  void receive(const Message& message) override;
  void prefetch(const Message& message, Cycle ahead) const override {
    if (ahead == 1) {
      entries_.prefetch_index(message.line);
      slice_.prefetch_index(message.line);
    } else {
      entries_.prefetch_entry(message.line);
      slice_.prefetch_set(message.line);
    }
  }

  /// Recalls the copies of the line, for scripts: else a directory without room does.
  void recall(LineNumber line);

  /// nullptr if no request for the line has come yet.
  const typename P::Entry* entry(LineNumber line) const { return entries_.find(line).entry; }
  /// Calls f(message) for every request that waits for its line to leave a transient state.
  template <class F>
  void each_stalled(F f) const {
    for (const auto& [line, queue] : stalled_)
      for (const auto& message : queue) f(message);
    if (arbiter_) arbiter_->each_waiting(f);
    if (sparse_) sparse_->each_waiting(f);
  }

 private:
  void end_of_elaboration() override { sender_ = network.operator->(); }
  using Entries = Directory<typename P::Entry>;
  using Id = typename Entries::Id;

  void wake() override;
  void handle(const Message& message);
  using Entry = typename P::Entry;  // entries never move
  StepResult serve(const Message& message, Id id, Entry& entry, Event event);
  StepResult serve(const Message& message, Id id, Entry& entry) {
    return serve(message, id, entry, P::classify(entry, message));
  }
  bool has_entry(const Message& message, const Entry& entry);
  bool recall_for(LineNumber line);
  void make_room(LineNumber line, const Entry& entry);
  static bool is_result(const Message& message) {
    if constexpr (requires { P::Kind::Result; })
      return message.kind == static_cast<std::uint8_t>(P::Kind::Result);
    return false;
  }
  /// `at_hand`: the line's data have just come.
  void send(Id id, Cycle start, bool at_hand);
  Cycle data_ready(LineNumber line, Id id, Cycle start);
  void store_data(LineNumber line, Id id, Cycle start);

  static constexpr std::size_t large = 20'000;  // entries of all homes: 2 MB, with the slices' sets

  // What every message needs stands first.
  Shared& shared_;
  Common& common_;
  std::unique_ptr<Arbiter> arbiter_;         // none: first come, first served
  std::unique_ptr<SparseDirectory> sparse_;  // none: entries without limit
  Cycle free_ = 0;
  bool stalls_ = false;  // requests wait in stalled_
  NodeId node_;
  Entries entries_;
  Sender* sender_ = nullptr;
  Cycle latency_;
  Cycle occupancy_;
  MemoryController& memory_;
  LlcSlice slice_;
  std::unordered_map<LineNumber, std::deque<Message>> stalled_;
  std::uint32_t sleeper_ = 0;

 public:
  sc_core::sc_port<Sender> network;  // behind what every message needs
};

template <CoherenceProtocol P>
Home<P>::Home(const sc_core::sc_module_name& name, NodeId node, Shared& shared, MemoryController& memory,
              Common& common)
    : sc_module(name),
      shared_(shared),
      common_(common),
      node_(node),
      latency_(common.variant.ideal_transfer ? 0 : shared.parameters.home.latency_cycles),
      occupancy_(common.variant.ideal_transfer ? 0 : shared.parameters.home.occupancy_cycles),
      memory_(memory),
      slice_(shared.parameters) {
  if (common.variant.entries != 0)
    sparse_ = std::make_unique<SparseDirectory>(common.variant.entries, shared.parameters.cores);
  if (shared.parameters.home.arbitration != "random" || common.variant.ideal_transfer) return;
  arbiter_ = std::make_unique<Arbiter>(shared.parameters.home.arbitration_cycles, common.seed, node);
  sleeper_ = shared.calendar.add_sleeper(*this);
}

template <CoherenceProtocol P>
void Home<P>::receive(const Message& message) {
  if (arbiter_ && P::kinds[message.kind].network == VirtualNetwork::request &&
      !arbiter_->admit(message, shared_.calendar.now()))
    return shared_.calendar.set_wake(sleeper_, arbiter_->next());
  handle(message);
}

// Requests that waited for the arbiter may be served now.
template <CoherenceProtocol P>
void Home<P>::wake() {
  while (const auto request = arbiter_->take(shared_.calendar.now())) handle(*request);
  shared_.calendar.set_wake(sleeper_, arbiter_->next());
}

template <CoherenceProtocol P>
void Home<P>::handle(const Message& message) {
  const auto found = entries_.find_or_add(message.line);
  const Id id = found.id;
  Entry& entry = *found.entry;
  const State before = entry.state;
  if (sparse_ && !has_entry(message, entry)) return;
  if (serve(message, id, entry) == StepResult::stalled) {
    stalled_[message.line].push_back(message);
    stalls_ = true;
    return;
  }
  if (entry.state == before) return;
  if (sparse_) make_room(message.line, entry);
  if (!stalls_) return;
  // The line has left the state in which requests stalled: they are served now, in their order.
  const auto waiting = stalled_.find(message.line);
  if (waiting == stalled_.end()) return;
  auto& queue = waiting->second;
  while (!queue.empty()) {
    const bool waits_elsewhere = sparse_ && !has_entry(queue.front(), entry);
    if (!waits_elsewhere && serve(queue.front(), id, entry) == StepResult::stalled) break;
    queue.pop_front();
  }
  if (queue.empty()) stalled_.erase(waiting);
  stalls_ = !stalled_.empty();
  if (sparse_) make_room(message.line, entry);
}

// A sparse directory: whether the message finds what it needs, an entry for its line or none. Else it waits
// until another line's copies are recalled.
template <CoherenceProtocol P>
bool Home<P>::has_entry(const Message& message, const Entry& entry) {
  if (sparse_->touch(message.line) || entry.state != State{}) return true;
  const int found = common_.variant.home.find(State{}, P::classify(entry, message));
  if (found < 0) return true;  // a protocol error, reported as such
  const auto& row = common_.variant.home.rows()[static_cast<std::size_t>(found)];
  if (row.outcome != Outcome::moves || sparse_->add(message.line)) return true;
  const bool is_room_coming = sparse_->recalls(message.line) > sparse_->waiting(message.line);
  if (!is_room_coming && recall_for(message.line) && sparse_->add(message.line)) return true;
  sparse_->wait(message);
  return false;
}

// Recalls the copies of another line in the set. True if there were none, so that its entry is free at once.
template <CoherenceProtocol P>
bool Home<P>::recall_for(LineNumber line) {
  if constexpr (requires(const typename P::Entry& entry) { P::classify_recall(entry); }) {
    const auto event = [&](LineNumber other) { return P::classify_recall(*entries_.find(other).entry); };
    const auto victim = sparse_->victim(line, [&](LineNumber other) {
      return common_.variant.home.find(entries_.find(other).entry->state, event(other)) >= 0;
    });
    if (!victim) return false;
    recall(*victim);
    if (entries_.find(*victim).entry->state == State{}) {
      sparse_->remove(*victim);
      return true;
    }
    ++sparse_->recalls(line);
  }
  return false;
}

template <CoherenceProtocol P>
void Home<P>::recall(LineNumber line) {
  if constexpr (requires(const typename P::Entry& entry) { P::classify_recall(entry); }) {
    Message message;
    message.line = line;
    message.requestor = no_node;
    if (shared_.lines != nullptr) shared_.lines->recalled(line);
    const auto found = entries_.find_or_add(line);
    serve(message, found.id, *found.entry, P::classify_recall(*found.entry));
  }
}

// The line's entry has changed its state: it may be free for another line now, or could be recalled. Requests
// that wait for an entry come before those that wait for this line.
template <CoherenceProtocol P>
void Home<P>::make_room(LineNumber line, const Entry& entry) {
  auto& recalls = sparse_->recalls(line);
  if (entry.state == State{}) {
    sparse_->remove(line);
    if (recalls > 0) --recalls;
  } else if (sparse_->waiting(line) <= recalls) {
    return;
  }
  for (const auto& request : sparse_->take_waiting(line)) handle(request);
}

template <CoherenceProtocol P>
StepResult Home<P>::serve(const Message& message, Id id, Entry& entry, Event event) {
  const State before = entry.state;
  HomeContext<P> context{entry,
                         message,
                         common_.out,
                         node_,
                         static_cast<NodeId>(shared_.parameters.cores),
                         common_.variant.format,
                         common_.far,
                         common_.variant.lease};
  const StepResult result = step(common_.variant.home, entry.state, event, context, common_.steps.data());
  if (result == StepResult::stalled) return result;
  if (result == StepResult::impossible)
    throw RunFailure("protocol error: home " + std::to_string(node_) + ", line " +
                     std::to_string(message.line) + ": no row for event " + std::string(name_of(event)) +
                     " in state " + std::string(name_of(before)));
  const Cycle now = shared_.calendar.now();
  shared_.log.add({message.line, now, node_, Unit::home, static_cast<std::uint8_t>(before),
                   static_cast<std::uint8_t>(event), static_cast<std::uint8_t>(entry.state)});
  const Cycle start = std::max(now, free_);
  shared_.statistics.home_wait_cycles += start - now;
  free_ = start + occupancy_;
  // Data that come too late (of a cache that is no longer the owner) are dropped.
  if (context.writes_memory) store_data(message.line, id, start);
  send(id, start, context.writes_memory);
  return result;
}

template <CoherenceProtocol P>
void Home<P>::send(Id id, Cycle start, bool at_hand) {
  for (const auto& message : common_.out) {
    const bool far = is_result(message);  // the home has read and written the line
    const bool data = P::kinds[message.kind].carries_data || far;
    const bool reads = far || (data && !at_hand);
    sender_->send(message, (reads ? data_ready(message.line, id, start) : start) + latency_);
    if (far) store_data(message.line, id, start);
    if (data && !far && shared_.lines != nullptr && message.receiver == Unit::cache)
      shared_.lines->sent_by_home(message.line);
  }
  common_.out.clear();
}

template <CoherenceProtocol P>
Cycle Home<P>::data_ready(LineNumber line, Id id, Cycle start) {
  auto& statistics = shared_.statistics;
  const auto result = slice_.read(line, id);
  if (result.wrote_back) {
    ++statistics.memory_writes;
    memory_.write(start, shared_.calendar.now());
  }
  if (result.hit) {
    ++statistics.llc_hits;
    return common_.variant.ideal_transfer ? start : start + shared_.parameters.home.llc_cycles;
  }
  ++statistics.llc_misses;
  if (entries_.size() * shared_.parameters.cores >= large) shared_.calendar.foresee();
  ++statistics.memory_reads;
  return memory_.read(start, shared_.calendar.now());
}

template <CoherenceProtocol P>
void Home<P>::store_data(LineNumber line, Id id, Cycle start) {
  const auto result = slice_.write(line, id);
  if (!result.wrote_back) return;
  ++shared_.statistics.memory_writes;
  memory_.write(start, shared_.calendar.now());
}

}  // namespace baton::sim
