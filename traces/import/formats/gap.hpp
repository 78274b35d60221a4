#pragma once
// What formats of one core's accesses share.

#include <algorithm>
#include <cstdint>
#include <limits>

#include "traces/import/format.hpp"

namespace baton::traces {

/// Other work since the last access; it stops at the longest that an access can have.
class Gap {
 public:
  void add(std::uint64_t cycles) { cycles_ = std::min(cycles_ + std::min(cycles, longest), longest); }
  std::uint32_t take() {
    const auto cycles = static_cast<std::uint32_t>(cycles_);
    cycles_ = 0;
    return cycles;
  }

 private:
  static constexpr std::uint64_t longest = std::numeric_limits<std::uint32_t>::max();
  std::uint64_t cycles_ = 0;
};

/// An access of unrecorded size ends with its aligned 8-byte word: so one access is never made two.
constexpr std::uint16_t unrecorded_size(Address address) {
  return static_cast<std::uint16_t>(8 - (address & 7));
}

}  // namespace baton::traces
