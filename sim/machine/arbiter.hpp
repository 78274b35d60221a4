#pragma once
// Random arbitration at a home: which of the requests that wait for one line is served next. Without it
// requests are served in the order of their arrival, which makes the owners of a contended line a fair queue.
// Real machines are less orderly: requests that find a line busy are retried or wait in buffers that know no
// age. Here a line's requests are served at least `interval` cycles apart, and of those that wait a random
// one.

#include <functional>
#include <optional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "sim/machine/calendar.hpp"
#include "traces/synthetic/random.hpp"

namespace baton::sim {

class Arbiter {
 public:
  /// interval >= 1. Each `home` of a machine has an arbiter of its own.
  Arbiter(Cycle interval, std::uint64_t seed, NodeId home)
      : interval_(interval), random_(seed, arbitration_stream + home) {}

  /// Whether the request may be served now. Else it waits.
  bool admit(const Message& request, Cycle now) {
    Line& line = lines_[request.line];
    if (line.waiting.empty() && line.free <= now) {
      line.free = now + interval_;
      return true;
    }
    if (line.waiting.empty()) due_.emplace(line.free, request.line);
    line.waiting.push_back(request);
    return false;
  }

  /// When a request that waits may be served; never: none waits.
  Cycle next() const { return due_.empty() ? never : due_.top().first; }

  /// One that may be served now, no longer waiting.
  std::optional<Message> take(Cycle now) {
    if (next() > now) return {};
    Line& line = lines_[due_.top().second];
    due_.pop();
    std::swap(line.waiting[random_.below(line.waiting.size())], line.waiting.back());
    const Message chosen = line.waiting.back();
    line.waiting.pop_back();
    line.free = now + interval_;
    if (!line.waiting.empty()) due_.emplace(line.free, chosen.line);
    return chosen;
  }

  /// Calls f(message) for all that wait.
  template <class F>
  void each_waiting(F f) const {
    for (const auto& [number, line] : lines_)
      for (const auto& message : line.waiting) f(message);
  }

 private:
  static constexpr std::uint64_t arbitration_stream = 0x617262697465;  // beyond all that cores' indices are
  struct Line {
    Cycle free = 0;  // when the next request may be served
    std::vector<Message> waiting;
  };
  using Due = std::pair<Cycle, LineNumber>;  // by time, then by line: the order never depends on the host

  Cycle interval_;
  traces::Random random_;
  std::unordered_map<LineNumber, Line> lines_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;  // each line with waiting requests, once
};

}  // namespace baton::sim
