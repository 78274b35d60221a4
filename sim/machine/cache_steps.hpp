#pragma once
// What a private cache does when a message comes or a line must go: steps of the table, and what follows from
// them for the array, the MSHRs and the core. Belongs to cache.hpp.

#include "sim/machine/cache.hpp"

namespace baton::sim {

template <CoherenceProtocol P>
void Cache<P>::receive(const Message& message) {
  core_->before_message(message.line);
  handle(message);
}

template <CoherenceProtocol P>
void Cache<P>::prefetch(const Message& message, Cycle ahead) const {
  if (ahead == 1) {
    array_.prefetch(message.line);
    prefetch_range(mshrs_.data(), mshrs_.data() + 1);
    core_->prefetch(ahead);
  } else {
    core_->prefetch(ahead);
  }
}

// A message of an ordered virtual network stays behind one of the same sender that is stalled.
template <CoherenceProtocol P>
bool Cache<P>::waits_behind(const Mshr& mshr, const Message& message) const {
  const VirtualNetwork network = P::kinds[message.kind].network;
  if (!P::ordered[static_cast<std::size_t>(network)]) return false;
  for (const auto& earlier : mshr.stalled)
    if (earlier.source == message.source && P::kinds[earlier.kind].network == network) return true;
  return false;
}

template <CoherenceProtocol P>
void Cache<P>::handle(const Message& message) {
  if (Mshr* mshr = find_mshr(message.line)) {
    if (!mshr->stalled.empty() && waits_behind(*mshr, message)) {
      mshr->stalled.push_back(message);
      return;
    }
    const State before = mshr->line.state;
    if (run(mshr->line, P::classify(mshr->line, message), message, mshr) == StepResult::stalled) {
      mshr->stalled.push_back(message);
      return;
    }
    if (mshr->line.state != before) {
      const std::vector<Message> stalled = std::exchange(mshr->stalled, {});
      settle(*mshr, before);
      flush();
      for (const auto& earlier : stalled) receive(earlier);
    } else {
      flush();
    }
    return;
  }
  const Slot slot = array_.find(message.line);
  typename P::Line line;
  read(slot, line);
  const State before = line.state;
  if (run(line, P::classify(line, message), message, nullptr) == StepResult::stalled)
    throw RunFailure("cache " + std::to_string(node_) + ": a message stalls in " +
                     std::string(name_of(before)) + ", a stable state");
  if (!common_.stable[index(line.state)]) {
    Mshr& mshr = take_mshr(message.line);
    mshr.slot = slot;
    mshr.line = line;
    if (slot != CacheArray::absent) store(slot, line);
  } else if (slot != CacheArray::absent) {
    store(slot, line);
  }
  if (predictor_ && common_.permission[index(before)] == Permission::write &&
      common_.permission[index(line.state)] != Permission::write)
    predictor_->lost(message.line, line.data);
  if (common_.permission[index(before)] != Permission::none &&
      common_.permission[index(line.state)] == Permission::none)
    shared_.count_invalidation(message.line);
  note_permission(message.line, before, line.state);
  core_->changed(message.line);
  flush();
}

// One step of the table, with counting and logging.
template <CoherenceProtocol P>
StepResult Cache<P>::run(typename P::Line& line, Event event, const Message& message, Mshr* mshr) {
  performing_ = mshr;
  const State before = line.state;
  CacheContext<P> context = context_of(line, message, *this);
  const StepResult result = step(common_.variant.cache, line.state, event, context, common_.steps.data());
  if (result == StepResult::impossible) impossible(message.line, before, event);
  if (result == StepResult::done)
    shared_.log.add({message.line, shared_.calendar.now(), node_, Unit::cache,
                     static_cast<std::uint8_t>(before), static_cast<std::uint8_t>(event),
                     static_cast<std::uint8_t>(line.state)});
  return result;
}

// After a step of a line with an MSHR: the array follows; a transaction that has ended gives its MSHR back.
template <CoherenceProtocol P>
void Cache<P>::settle(Mshr& mshr, State before, bool by_message) {
  const State after = mshr.line.state;
  const LineNumber number = mshr.line_number;
  // Only messages take copies away: an access or an eviction of its own gives a copy up on purpose. A copy
  // that comes and is passed on in one step is lost like any other.
  const bool passed_on = std::exchange(held_, false);
  const bool had = passed_on || common_.permission[index(before)] != Permission::none;
  if (had && common_.permission[index(after)] == Permission::none && mshr.accesses && by_message)
    shared_.count_invalidation(number);
  if (passed_on && shared_.lines != nullptr && common_.permission[index(after)] == Permission::none)
    shared_.lines->passed(number, node_);
  note_permission(number, before, after);
  if (!common_.stable[index(after)]) {
    if (mshr.slot != CacheArray::absent) store(mshr.slot, mshr.line);
    if (!completed_) return;
    // The access is done, and the line is given up at once: what follows is an eviction.
    mshr.accesses = false;
    ++shared_.statistics.fills;
    core_->completed(*std::exchange(completed_, std::nullopt));
    return;
  }
  const bool accessed = mshr.accesses;
  const Slot slot = mshr.slot;
  const Value data = mshr.line.data;
  const Stamp stamp = Stamp::of(mshr.line);
  mshr.used = false;  // from here on it may be another line's: a victim's
  --used_;
  while (mshr_end_ > 0 && !mshrs_[mshr_end_ - 1].used) --mshr_end_;
  if (slot != CacheArray::absent) {
    store(slot, after, data, stamp);
    array_.touch(slot);
  } else if (after != State{}) {
    place(number, after, data, stamp);
  }
  if (accessed) ++shared_.statistics.fills;
  if constexpr (has_time)
    if (accessed && shared_.lines != nullptr) shared_.lines->came(number, node_, data);
  if (predictor_ && common_.permission[index(after)] == Permission::write) predictor_->filled(number, data);
  core_->changed(number);
  if (completed_) {
    const Ticket ticket = *completed_;
    completed_.reset();
    core_->completed(ticket);
  }
  if (refused_) {
    refused_ = false;
    core_->retry();
  }
}

template <CoherenceProtocol P>
void Cache<P>::place(LineNumber number, State state, Value data, Stamp stamp) {
  const Slot slot = array_.place_for(number, [this](Slot candidate) { return evictable(candidate); });
  if (slot == CacheArray::absent)
    throw RunFailure("cache " + std::to_string(node_) + ": every line of a set is in a transient state");
  if (array_.state(slot) != 0) evict(slot);
  array_.place(slot, number, static_cast<std::uint8_t>(state));
  array_.data(slot) = data;
  set_stamp(slot, stamp);
  array_.touch(slot);
}

template <CoherenceProtocol P>
bool Cache<P>::evictable(Slot slot) const {
  return common_.stable[array_.state(slot)];
}

template <CoherenceProtocol P>
void Cache<P>::evict(Slot slot) {
  const LineNumber number = array_.line(slot);
  typename P::Line line;
  read(slot, line);
  const State before = line.state;
  array_.clear(slot);
  Message none;
  none.line = number;
  if (run(line, Event::Replace, none, nullptr) != StepResult::done)
    throw RunFailure("cache " + std::to_string(node_) + ": Replace stalls in " +
                     std::string(name_of(before)));
  ++shared_.statistics.evictions;
  note_permission(number, before, line.state);
  if (shared_.lines != nullptr) shared_.lines->gave_up(number, node_);
  core_->changed(number);
  if (line.state == State{}) return;
  if (common_.stable[index(line.state)])
    throw RunFailure("protocol error: cache " + std::to_string(node_) +
                     ": a line that is replaced stays in " + std::string(name_of(line.state)));
  take_mshr(number).line = line;
}

template <CoherenceProtocol P>
void Cache<P>::replace(LineNumber line) {
  const Slot slot = array_.find(line);
  if (slot == CacheArray::absent || !evictable(slot) || find_mshr(line) != nullptr)
    throw RunFailure("cache " + std::to_string(node_) + " has no line " + std::to_string(line) +
                     " to replace");
  evict(slot);
  flush();
}

template <CoherenceProtocol P>
void Cache<P>::flush() {
  const Cycle at = shared_.calendar.now() + lookup_cycles_;
  for (const auto& message : common_.out) sender_->send(message, at);
  if (shared_.lines != nullptr) note_transfers();
  common_.out.clear();
}

}  // namespace baton::sim
