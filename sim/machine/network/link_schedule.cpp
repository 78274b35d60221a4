#include "sim/machine/network/link_schedule.hpp"

namespace baton::sim {

// Time has come to `word`: clears the words of the past.
void LinkSchedule::forget(Cycle word) {
  for (Cycle past = word - std::min(word - word_, words); past < word; ++past)
    std::fill_n(taken_.begin() + static_cast<std::ptrdiff_t>(past % words * links_), links_, 0);
  word_ = word;
}

// The same for a packet that does not find its cycles one after the other in one word; `first` is `never` if
// they do not lie before the limit.
LinkSchedule::Slots LinkSchedule::take_far(LinkId link, Cycle from, std::uint32_t flits, Cycle limit) {
  Cycle word = from / bits;
  std::uint64_t late = ~std::uint64_t{0} << from % bits;
  while (word * bits < limit && (~taken_in(link, word) & late) == 0) {
    ++word;
    late = ~std::uint64_t{0};
  }
  Slots slots{never, never};
  std::uint64_t wanted[words];
  std::size_t used = 0;
  for (std::uint32_t missing = flits; missing > 0; ++used, late = ~std::uint64_t{0}) {
    const Cycle start = (word + used) * bits;
    if (start >= limit) return {never, never};
    const Cycle room = limit - start;  // a whole word, except the last
    const std::uint64_t early = room < bits ? (std::uint64_t{1} << room) - 1 : ~std::uint64_t{0};
    std::uint64_t free = ~taken_in(link, word + used) & late & early;
    if (used == 0) {
      if (free == 0) return {never, never};
      slots.first = start + place(free);
    }
    std::uint64_t take = 0;
    for (; free != 0 && missing > 0; free &= free - 1, --missing) take |= free & -free;
    wanted[used] = take;
    slots.last = start + bits - 1 - static_cast<Cycle>(std::countl_zero(take | 1));
  }
  for (; used > 0; --used) taken_in(link, word + used - 1) |= wanted[used - 1];
  return slots;
}

}  // namespace baton::sim
