#pragma once
// The outcomes that a memory model allows, by trying every interleaving on an abstract machine. Sequential
// consistency: one memory, one access at a time (Lamport 1979). TSO: a queue of stores for each thread, as in
// Owens, Sarkar, Sewell, "A Better x86 Memory Model: x86-TSO" (TPHOLs 2009); a locked instruction and a fence
// wait until their thread's queue is empty.

#include <set>

#include "traces/litmus/test.hpp"

namespace baton::litmus {

enum class Model : std::uint8_t { sc, tso };

/// All outcomes, whether the filter holds or not. Throws traces::InputError for a test with more than
/// `most_states` states.
std::set<Outcome> allowed_outcomes(const Test& test, Model model, std::size_t most_states = 20'000'000);

}  // namespace baton::litmus
