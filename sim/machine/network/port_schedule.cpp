#include "sim/machine/network/port_schedule.hpp"

#include <algorithm>
#include <array>

namespace baton::sim {

// The words of the past come again as the future's.
void PortSchedule::forget(std::uint64_t present) {
  for (std::uint64_t word = std::max(present_, present - std::min<std::uint64_t>(present, words));
       word < present; ++word)
    std::fill_n(&taken_[word % words * ports_], ports_, 0);
  present_ = present;
}

// As take(), wherever the cycles are.
bool PortSchedule::take_late(std::size_t port, reservation::Packet& packet, std::uint32_t flits,
                             Cycle limit) {
  // A word at a time: which of its cycles.
  std::array<std::uint64_t, words> found{};
  const std::uint64_t first_word = packet.head / 64;
  Cycle first = never;
  Cycle last = 0;
  std::uint32_t missing = flits;
  std::uint64_t free = ~taken_[word_of(packet.head, port)] & ~std::uint64_t{0} << packet.head % 64;
  for (std::uint64_t word = 0; missing > 0;) {
    if (free == 0) {
      if ((first_word + ++word) * 64 >= limit) return false;
      free = ~taken_[word_of((first_word + word) * 64, port)];
      continue;
    }
    const std::uint64_t lowest = free & -free;
    found[word] |= lowest;
    free ^= lowest;
    last = (first_word + word) * 64 + static_cast<Cycle>(std::countr_zero(lowest));
    first = std::min(first, last);
    --missing;
  }
  if (last >= limit) return false;
  for (std::uint64_t word = 0; word <= last / 64 - first_word; ++word)
    taken_[word_of((first_word + word) * 64, port)] |= found[word];
  packet.lag = std::max(packet.head + packet.lag, last) - first;
  packet.head = first;
  return true;
}

}  // namespace baton::sim
