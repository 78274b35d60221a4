#include "sim/machine/system/futexes.hpp"

#include <algorithm>

namespace baton::sim {

void Futexes::remove(traces::Address word, ThreadNumber thread) {
  const auto found = queues_.find(word);
  auto& queue = found->second;
  // It came a moment ago: near the end.
  const auto place = std::find(queue.rbegin(), queue.rend(), thread);
  queue.erase(std::next(place).base());
  if (queue.empty()) queues_.erase(found);
}

std::optional<Futexes::ThreadNumber> Futexes::take(traces::Address word) {
  const auto found = queues_.find(word);
  if (found == queues_.end()) return {};
  const ThreadNumber first = found->second.front();
  found->second.pop_front();
  if (found->second.empty()) queues_.erase(found);
  return first;
}

}  // namespace baton::sim
