#include "protocols/core/check_progress.hpp"

#include <algorithm>

namespace baton::checker {
namespace {

/// States in a row.
class Places {
 public:
  explicit Places(const std::array<std::uint32_t, shards>& sizes) {
    for (std::size_t s = 0; s < shards; ++s) begin_[s + 1] = begin_[s] + sizes[s];
  }
  std::size_t of(StateId state) const { return begin_[shard_of(state)] + number_of(state); }
  std::size_t size() const { return begin_[shards]; }

 private:
  std::array<std::size_t, shards + 1> begin_{};
};

}  // namespace

std::uint64_t IdleGraph::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& list : edges_) sum += list.capacity() * sizeof(Edge);
  return sum;
}

std::optional<IdleGraph::Cycle> IdleGraph::find_cycle(const std::array<std::uint32_t, shards>& sizes) const {
  const Places places(sizes);
  std::vector<std::uint32_t> ways_out(places.size(), 0);      // to states that are left
  std::vector<std::uint64_t> first_in(places.size() + 1, 0);  // of the predecessors, in `from`
  for (const auto& list : edges_)
    for (const Edge& edge : list) {
      ++ways_out[places.of(edge.from)];
      ++first_in[places.of(edge.to) + 1];
    }
  for (std::size_t i = 1; i < first_in.size(); ++i) first_in[i] += first_in[i - 1];
  std::vector<StateId> from(first_in.back());
  {
    std::vector<std::uint64_t> next(first_in.begin(), first_in.end() - 1);
    for (const auto& list : edges_)
      for (const Edge& edge : list) from[next[places.of(edge.to)]++] = edge.from;
  }
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < places.size(); ++i)
    if (ways_out[i] == 0) ends.push_back(i);
  std::size_t taken = 0;
  while (!ends.empty()) {
    const std::size_t end = ends.back();
    ends.pop_back();
    ++taken;
    for (std::uint64_t i = first_in[end]; i < first_in[end + 1]; ++i) {
      const std::size_t before = places.of(from[i]);
      if (--ways_out[before] == 0) ends.push_back(before);
    }
  }
  if (taken == places.size()) return std::nullopt;

  // Every state that is left has a step to another one: walking on must come round.
  constexpr StateId none = 0xFFFFFFFF;
  std::vector<StateId> onward(places.size(), none);
  StateId start = none;
  for (const auto& list : edges_)
    for (const Edge& edge : list) {
      if (ways_out[places.of(edge.from)] == 0 || ways_out[places.of(edge.to)] == 0) continue;
      StateId& to = onward[places.of(edge.from)];
      if (to == none || number_of(edge.to) < number_of(to)) to = edge.to;
      if (start == none || number_of(edge.from) < number_of(start)) start = edge.from;
    }
  std::vector<bool> seen(places.size(), false);
  StateId entry = start;
  while (!seen[places.of(entry)]) {
    seen[places.of(entry)] = true;
    entry = onward[places.of(entry)];
  }
  Cycle cycle{entry, {}};
  do
    cycle.successors.push_back(onward[places.of(cycle.successors.empty() ? entry : cycle.successors.back())]);
  while (cycle.successors.back() != entry);
  return cycle;
}

}  // namespace baton::checker
