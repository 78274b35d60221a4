#include "sim/machine/network/port_schedule.hpp"

#include <algorithm>
#include <array>

namespace baton::sim {

// The words of the past come again as the future's.
void PortSchedule::forget(std::uint64_t present) {
  for (std::uint64_t word = present - std::min<std::uint64_t>(present - present_, words); word < present;
       ++word)
    std::fill_n(&taken_[word % words * ports_], ports_, 0);
  present_ = present;
}

// As take(), wherever the cycles are.
bool PortSchedule::take_late(std::size_t port, reservation::Packet& packet, std::uint32_t flits,
                             Cycle limit) {
  // A word at a time: which of its cycles.
  std::array<std::uint64_t, words> found{};
  const std::uint64_t first_word = packet.head / 64;
  Cycle first = 0;
  Cycle last = 0;
  std::uint64_t free = ~taken_[word_of(packet.head, port)] & ~std::uint64_t{0} << packet.head % 64;
  std::uint64_t word = 0;
  for (std::uint32_t flit = 0; flit < flits; ++flit) {
    while (free == 0) {
      if ((first_word + ++word) * 64 >= limit) return false;
      free = ~taken_[word_of((first_word + word) * 64, port)];
    }
    last = (first_word + word) * 64 + static_cast<Cycle>(std::countr_zero(free));
    if (flit == 0) first = last;
    found[word] |= free & -free;
    free &= free - 1;
  }
  if (last >= limit) return false;
  for (std::uint64_t i = 0; i <= word; ++i) taken_[word_of((first_word + i) * 64, port)] |= found[i];
  packet.lag = std::max(packet.head + packet.lag, last) - first;
  packet.head = first;
  return true;
}

}  // namespace baton::sim
