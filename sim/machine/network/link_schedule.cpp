#include "sim/machine/network/link_schedule.hpp"

#include <bit>

namespace baton::sim {

LinkSchedule::Slots LinkSchedule::reserve_far(LinkId link, Cycle from, std::uint32_t flits, Cycle now) {
  Row& row = rows_[link];
  const Cycle end = now / bits + words;
  Cycle word = from / bits;
  std::uint64_t early = (std::uint64_t{1} << from % bits) - 1;  // cycles of the first word before `from`
  Slots slots{never, never};
  std::uint64_t taken[words];  // by word, from the first one that has a free cycle
  std::size_t used = 0;
  Cycle start = word;
  for (std::uint32_t missing = flits; missing > 0; ++word, early = 0) {
    if (word >= end) return {never, never};
    std::uint64_t free = ~(busy_in(row.entries[word % words], word) | early) & low;
    if (used == 0) {
      if (free == 0) continue;
      start = word;
      slots.first = word * bits + static_cast<Cycle>(std::countr_zero(free));
    }
    std::uint64_t take = 0;
    for (; free != 0 && missing > 0; free &= free - 1, --missing) take |= free & -free;
    taken[used++] = take;
    slots.last = word * bits + 63 - static_cast<Cycle>(std::countl_zero(take | 1));
  }
  for (std::size_t i = 0; i < used; ++i) {
    const Cycle w = start + i;
    row.entries[w % words] = w << bits | busy_in(row.entries[w % words], w) | taken[i];
  }
  return slots;
}

}  // namespace baton::sim
