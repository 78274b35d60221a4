#pragma once
// What a private cache tells: the monitor, the report of lines and the timeline while it runs, a person when
// a run has failed. Belongs to cache.hpp.

#include "sim/machine/cache.hpp"

namespace baton::sim {

// A miss, whose messages are about to be sent.
template <CoherenceProtocol P>
void Cache<P>::note_request(const Mshr& mshr, State before, traces::Kind kind) {
  const LineNumber line = mshr.line_number;
  if (shared_.lines != nullptr) {
    const bool had = common_.permission[index(before)] != Permission::none;
    if (had && !is_load(kind)) shared_.lines->upgraded(line);
    shared_.lines->missed(line, node_, kind);
    if (had && is_load(kind)) shared_.lines->asks_again(line, node_, mshr.line.data);
  }
  if (shared_.timeline != nullptr && !common_.out.empty())
    shared_.timeline->requested(node_, line, P::kinds[common_.out.front().kind].name);
}

template <CoherenceProtocol P>
void Cache<P>::note_transfers() {
  for (const auto& message : common_.out)
    if (message.receiver == Unit::cache && P::kinds[message.kind].carries_data)
      shared_.lines->sent_by_cache(message.line);
}

template <CoherenceProtocol P>
typename P::CacheState Cache<P>::state_of(LineNumber line) const {
  for (const auto& mshr : mshrs_)
    if (mshr.used && mshr.line_number == line) return mshr.line.state;
  const Slot slot = array_.find(line);
  return slot == CacheArray::absent ? State{} : static_cast<State>(array_.state(slot));
}

template <CoherenceProtocol P>
void Cache<P>::impossible(LineNumber line, State state, Event event) const {
  throw RunFailure("protocol error: cache " + std::to_string(node_) + ", line " + std::to_string(line) +
                   ": no row for event " + std::string(name_of(event)) + " in state " +
                   std::string(name_of(state)));
}

}  // namespace baton::sim
