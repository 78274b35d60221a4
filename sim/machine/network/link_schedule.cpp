#include "sim/machine/network/link_schedule.hpp"

#include <bit>

namespace baton::sim {

bool LinkSchedule::reserve_gaps(Row& row, Cycle from, std::uint32_t flits, Cycle now, Slots& slots) {
  std::uint64_t entries[words];
  const Cycle end = now / bits + words;
  const Cycle first = from / bits;
  Cycle word = first;
  std::uint64_t before = (std::uint64_t{1} << from % bits) - 1;  // cycles of the first word that are too early
  std::uint32_t missing = flits;
  slots.first = never;
  for (; missing > 0; ++word, before = 0) {
    if (word >= end) return false;
    const std::uint64_t busy = busy_in(row, word);
    std::uint64_t taken = 0;
    for (std::uint64_t free = ~(busy | before) & 0xFFFFFFFF; free != 0 && missing > 0; free &= free - 1, --missing) {
      const std::uint64_t bit = free & -free;
      taken |= bit;
      slots.last = word * bits + static_cast<Cycle>(std::countr_zero(bit));
      if (slots.first == never) slots.first = slots.last;
    }
    entries[word % words] = word << bits | busy | taken;
  }
  for (Cycle w = first; w < word; ++w) row.entries[w % words] = entries[w % words];
  return true;
}

}  // namespace baton::sim
