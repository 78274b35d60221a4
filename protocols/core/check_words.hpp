#pragma once
// A step and a state of the checked system in words, for counterexamples. Belongs to check_model.hpp.

#include "protocols/core/check_model.hpp"

namespace baton::checker {

template <CoherenceProtocol P>
CheckStep Model<P>::describe(const World<P>& world, const Step& step, const World<P>& next) const {
  CheckStep text;
  text.kind = step.kind;
  text.line = static_cast<int>(step.line);
  const std::string cause = describe_cause(world, step, text);
  const bool is_home = text.cache < 0;
  const auto cache = static_cast<std::size_t>(is_home ? 0 : text.cache);
  const auto state_in = [&](const World<P>& w) {
    return is_home ? name_of(w.homes[step.line].state) : name_of(w.caches[cache].lines[step.line].state);
  };
  text.before = state_in(world);
  text.after = state_in(next);
  if (step.kind == CheckStep::Kind::buffer) {
    text.text = "core " + std::to_string(text.cache) + ": a store to line " + std::to_string(step.line) +
                " enters the store buffer";
    return text;
  }
  std::string who = is_home ? "home" : "cache " + std::to_string(cache);
  if (shape_.lines > 1) who += ", line " + std::to_string(step.line);
  text.text = describe_change(who, text.before, text.after) + cause;
  for (const Message& message : out_) {
    text.sends.push_back(plain(message));
    text.text += "; sends " + describe_message<P>(message);
  }
  if constexpr (has_time)
    if (!is_home) text.text += describe_time(world, next, cache, step.line);
  if (next.golden[step.line] != world.golden[step.line])
    text.text += "; stores " + std::to_string(next.golden[step.line]);
  return text;
}

// " on Inv from cache 1": what the step is about. Fills the event, and the cache or the message.
template <CoherenceProtocol P>
std::string Model<P>::describe_cause(const World<P>& world, const Step& step, CheckStep& text) const {
  if (step.kind == CheckStep::Kind::recall) {
    if constexpr (has_recalls) text.event = name_of(P::classify_recall(world.homes[step.line]));
    return " on " + text.event;
  }
  if (step.kind == CheckStep::Kind::deliver) {
    const Message message = unpack<P>(world.flight[step.number]);
    text.message = plain(message);
    if (message.receiver == Unit::home) {
      text.event = name_of(P::classify(world.homes[step.line], message));
    } else {
      text.cache = message.destination;
      text.event = name_of(P::classify(world.caches[message.destination].lines[step.line], message));
    }
    return " on " + describe_message<P>(message);
  }
  text.cache = static_cast<int>(step.number);
  text.event = name_of(step.event);
  text.ticks = step.ticks;
  return " on " + text.event + (step.ticks ? ", behind a tick of its clock" : "");
}

template <CoherenceProtocol P>
std::string Model<P>::describe_world(const World<P>& world) const {
  std::string text;
  for (std::size_t l = 0; l < shape_.lines; ++l) {
    if (shape_.lines > 1) text += (l == 0 ? "line " : "; line ") + std::to_string(l) + ": ";
    text += "home " + std::string(name_of(world.homes[l].state));
    for (std::size_t i = 0; i < shape_.caches; ++i)
      text += ", cache " + std::to_string(i) + " " + std::string(name_of(world.caches[i].lines[l].state));
  }
  for (std::size_t i = 0; i < world.flight.size(); ++i)
    text += ", in flight " + describe_message<P>(unpack<P>(world.flight[i]));
  return text;
}

template <CoherenceProtocol P>
std::string Model<P>::class_of(const World<P>& world) const {
  std::string text;
  for (std::size_t l = 0; l < shape_.lines; ++l) {
    std::vector<std::size_t> states;
    for (std::size_t i = 0; i < shape_.caches; ++i) states.push_back(index(world.caches[i].lines[l].state));
    std::sort(states.begin(), states.end());
    text += (l == 0 ? "" : " | ") + std::string(name_of(world.homes[l].state)) + ":";
    for (const std::size_t s : states) text += " " + std::string(enum_names<typename P::CacheState>[s]);
  }
  return text;
}

// Of a step at a cache: "; its clock says 13; version 12 until 14".
template <CoherenceProtocol P>
std::string Model<P>::describe_time(const World<P>& world, const World<P>& next, std::size_t cache,
                                    std::size_t line) {
  std::string text;
  const Tick now = next.caches[cache].clock.now;
  const auto& copy = next.caches[cache].lines[line];
  if (now != world.caches[cache].clock.now) text += "; its clock says " + std::to_string(now);
  if (copy.rts != world.caches[cache].lines[line].rts && copy.state != P::CacheState::I)
    text += "; version " + std::to_string(copy.wts) + " until " + std::to_string(copy.rts);
  return text;
}

template <CoherenceProtocol P>
CheckMessage Model<P>::plain(const Message& m) {
  const KindInfo& kind = P::kinds[m.kind];
  return {std::string(kind.name),
          static_cast<int>(m.line),
          m.source,
          m.destination,
          m.receiver == Unit::home,
          m.requestor == no_node ? -1 : m.requestor,
          m.acks,
          kind.carries_data ? m.data : 0,
          kind.carries_data,
          kind.carries_data && m.data != no_content};
}

}  // namespace baton::checker
