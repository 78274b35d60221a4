#include "sim/machine/network/link_schedule.hpp"

#include <bit>

namespace baton::sim {

bool LinkSchedule::reserve_gaps(Row& row, Cycle from, std::uint32_t flits, Slots& slots) {
  std::uint64_t taken[words];  // by word of the window, from the first one of the packet
  const Cycle first = from / 64;
  const Cycle count = row.first_word + words - first;
  slots.first = never;
  std::uint32_t missing = flits;
  Cycle used = 0;
  for (; used < count && missing > 0; ++used) {
    const Cycle word = first + used;
    std::uint64_t free = ~row.busy[word % words];
    if (used == 0) free &= ~std::uint64_t{0} << (from % 64);
    taken[used] = 0;
    for (; free != 0 && missing > 0; free &= free - 1, --missing) {
      const std::uint64_t bit = free & -free;
      taken[used] |= bit;
      slots.last = word * 64 + static_cast<Cycle>(std::countr_zero(bit));
      if (slots.first == never) slots.first = slots.last;
    }
  }
  if (missing > 0) return false;
  for (Cycle i = 0; i < used; ++i) row.busy[(first + i) % words] |= taken[i];
  return true;
}

}  // namespace baton::sim
