#pragma once
// Which lines have an entry in a home's directory of bounded size (a sparse directory: Gupta, Weber, Mowry,
// ICPP 1990): sets of up to 8 ways, the least recently used gives way. Also the requests that wait until one
// has. The entries themselves stay where they are (directory.hpp): they hold what memory contains, too.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "sim/machine/shared.hpp"

namespace baton::sim {

class SparseDirectory {
 public:
  static constexpr std::uint32_t max_ways = 8;

  /// `entries` >= 1: 1 .. 8, or a multiple of 8. `homes` interleave the lines.
  SparseDirectory(std::uint32_t entries, std::uint32_t homes)
      : ways_(std::min(entries, max_ways)), homes_(homes), sets_(entries / ways_) {
    for (auto& set : sets_) set.ways.reserve(ways_);
  }

  /// True if the line has an entry, which is then the most recently used one of its set.
  bool touch(LineNumber line) {
    auto& ways = set_of(line).ways;
    const auto found = std::find(ways.begin(), ways.end(), line);
    std::rotate(ways.begin(), found, found == ways.end() ? found : found + 1);
    return found != ways.end();
  }
  /// Gives the line an entry if its set has a free one.
  bool add(LineNumber line) {
    auto& ways = set_of(line).ways;
    if (ways.size() == ways_) return false;
    ways.insert(ways.begin(), line);
    return true;
  }
  void remove(LineNumber line) { std::erase(set_of(line).ways, line); }

  /// The line of the set that `line` is in whose entry gives way: the least recently used one of which
  /// `can_be_recalled` holds.
  template <class F>
  std::optional<LineNumber> victim(LineNumber line, F&& can_be_recalled) const {
    const auto& ways = set_of(line).ways;
    const auto found = std::find_if(ways.rbegin(), ways.rend(), can_be_recalled);
    if (found == ways.rend()) return std::nullopt;
    return *found;
  }

  void wait(const Message& request) { set_of(request.line).waiting.push_back(request); }
  /// The requests that wait for an entry in the line's set, in their order; they no longer wait.
  std::deque<Message> take_waiting(LineNumber line) { return std::exchange(set_of(line).waiting, {}); }
  /// Entries of the line's set that are being recalled, and requests that wait for one.
  std::uint32_t& recalls(LineNumber line) { return set_of(line).recalls; }
  std::size_t waiting(LineNumber line) const { return set_of(line).waiting.size(); }
  template <class F>
  void each_waiting(F f) const {
    for (const auto& set : sets_)
      for (const auto& message : set.waiting) f(message);
  }

 private:
  struct Set {
    std::vector<LineNumber> ways;  // the most recently used first
    std::deque<Message> waiting;
    std::uint32_t recalls = 0;
  };
  const Set& set_of(LineNumber line) const { return sets_[mix(line / homes_) % sets_.size()]; }
  Set& set_of(LineNumber line) { return sets_[mix(line / homes_) % sets_.size()]; }

  std::size_t ways_;
  std::uint32_t homes_;
  std::vector<Set> sets_;
};

}  // namespace baton::sim
