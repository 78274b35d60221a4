#pragma once
// The machine's last transitions, for the report of a failed run: a stuck line is among them, because a stuck
// machine makes no new ones.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "sim/machine/calendar.hpp"

namespace baton::sim {

struct Transition {
  LineNumber line;
  Cycle at;
  NodeId node;
  Unit unit;
  std::uint8_t from;  ///< states and event as numbers of the protocol's enums
  std::uint8_t event;
  std::uint8_t to;
};

class TransitionLog {
 public:
  void add(const Transition& transition) { ring_[count_++ % ring_.size()] = transition; }
  /// Oldest first.
  void each(const std::function<void(const Transition&)>& f) const {
    const std::size_t first = count_ > ring_.size() ? count_ - ring_.size() : 0;
    for (std::size_t i = first; i < count_; ++i) f(ring_[i % ring_.size()]);
  }

 private:
  std::array<Transition, 1024> ring_;
  std::size_t count_ = 0;
};

}  // namespace baton::sim
