#include "sim/machine/recorded_order.hpp"

#include <algorithm>

#include "traces/gates.hpp"

namespace baton::sim {

std::uint64_t RecordedOrder::arrive(Counter counter, std::uint64_t value) {
  ++counts.awaits;
  const std::uint64_t reached = this->value(counter);
  std::uint64_t early = reached >= value ? 0 : value - reached;
  if (traces::is_lock(counter)) {  // its value: how many have it
    early = reached;
    if (!obeyed_ || reached == 0) ++counters_[counter].value;
  }
  if (early == 0) return 0;
  if (!obeyed_) {
    ++counts.deviations;
    counts.displacement += early;
    counts.most_displaced = std::max(counts.most_displaced, early);
  }
  return early;
}

void RecordedOrder::wait(Counter counter, std::uint64_t value, Waiter& waiter, std::uint32_t number) {
  counters_[counter].waiting.push_back({value, &waiter, number});
}

/// A lock goes from one to the next, who has waited longest.
void RecordedOrder::release(State& state) {
  if (state.waiting.empty()) {
    state.value -= std::min<std::uint64_t>(state.value, 1);
    return;
  }
  const Waiting next = state.waiting.front();
  state.waiting.erase(state.waiting.begin());
  next.waiter->turn_comes(next.number);
}

void RecordedOrder::advance(Counter counter, std::uint64_t value) {
  State& state = counters_[counter];
  if (traces::is_lock(counter)) return release(state);
  if (traces::is_sum(counter)) value += state.value;
  if (value <= state.value) return;
  state.value = value;
  if (state.waiting.empty()) return;
  // In the order in which they came.
  std::erase_if(state.waiting, [&](const Waiting& waiting) {
    if (waiting.value > value) return false;
    waiting.waiter->turn_comes(waiting.number);
    return true;
  });
}

std::uint64_t RecordedOrder::value(Counter counter) const {
  const auto found = counters_.find(counter);
  return found == counters_.end() ? 0 : found->second.value;
}

}  // namespace baton::sim
