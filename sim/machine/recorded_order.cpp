#include "sim/machine/recorded_order.hpp"

#include <algorithm>

namespace baton::sim {

std::uint64_t RecordedOrder::arrive(Counter counter, std::uint64_t value) {
  ++counts.awaits;
  const std::uint64_t reached = this->value(counter);
  if (reached >= value) return 0;
  const std::uint64_t early = value - reached;
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

void RecordedOrder::advance(Counter counter, std::uint64_t value) {
  State& state = counters_[counter];
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
