#pragma once
// Cycles among the steps that serve nobody.

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "protocols/core/check_store.hpp"

namespace baton::checker {

/// From a state to one that a step without service leads to.
struct Edge {
  StateId from;
  StateId to;
};

class IdleGraph {
 public:
  /// Different shards may be used by different threads.
  void add(Edge edge) { edges_[shard_of(edge.to)].push_back(edge); }
  std::uint64_t bytes() const;

  struct Cycle {
    StateId entry;                    ///< on the cycle
    std::vector<StateId> successors;  ///< of the entry, round the cycle; the last is the entry
  };
  /// A cycle, if there is one: takes away states without a step to a state that is left, as often as possible
  /// (Kahn, Topological sorting of large networks, CACM 1962, from the end).
  std::optional<Cycle> find_cycle(const std::array<std::uint32_t, shards>& sizes) const;

 private:
  std::array<std::vector<Edge>, shards> edges_;  ///< by the shard of `to`
};

}  // namespace baton::checker
