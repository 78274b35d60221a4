#pragma once
// Who waits on which word: the kernel's futex queues, in order of arrival.

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

#include "traces/operation.hpp"

namespace baton::sim {

class Futexes {
 public:
  using ThreadNumber = std::uint32_t;

  void add(traces::Address word, ThreadNumber thread) { queues_[word].push_back(thread); }
  /// The thread has not slept after all; it must be in the queue.
  void remove(traces::Address word, ThreadNumber thread);
  /// Takes the one that came first.
  std::optional<ThreadNumber> take(traces::Address word);

 private:
  std::unordered_map<traces::Address, std::deque<ThreadNumber>> queues_;
};

}  // namespace baton::sim
