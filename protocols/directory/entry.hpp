#pragma once
// What a directory protocol keeps for a line: in a cache, and in a home.

#include <cstdint>

#include "protocols/core/node_set.hpp"
#include "protocols/core/table.hpp"
#include "protocols/core/types.hpp"
#include "protocols/directory/sharers.hpp"

namespace baton::directory {

/// `with_acks`, `with_data`: the states in which these fields matter (the checker's key is nothing else).
template <class State, SetOf<State> with_acks, SetOf<State> with_data>
struct Line {
  State state = State::I;
  std::int16_t acks =
      0;  ///< InvAcks still to come; negative while they overtake the data that announces them
  Value data = 0;

  template <class Codec>
  void code(Codec& codec) {
    codec(state);
    if (with_acks.has(state)) codec(acks);
    if (with_data.has(state)) codec(data);
  }
};

/// `without_data`: the states in which the content is on its way to the home, so that what it has is dead.
template <class State, SetOf<State>... without_data>
struct Entry {
  State state = State::I;
  Named named = Named::sharers;  ///< what `sharers` are
  NodeId owner = no_node;        ///< who answers forwarded requests; not among the sharers
  std::int16_t acks = 0;         ///< answers that a recall still waits for
  Value data = 0;
  NodeSet sharers;

  template <class Codec>
  void code(Codec& codec) {
    codec(state);
    codec(owner);
    codec(named);
    codec(sharers);
    codec(acks);
    if (!(without_data.has(state) || ...)) codec(data);
  }
};

}  // namespace baton::directory
