#pragma once
// Which cycles of every link are taken. A packet reserves the cycles of all links of its path when it is launched: the
// first free ones from its arrival at each link on. So an older packet has priority over a younger one
// everywhere (age-based arbitration), gaps that older packets leave are used, and two packets on one path never
// overtake each other, whatever their sizes: the older takes *all* free cycles up to its last flit. Reserving cycles
// ahead of the data is how flit-reservation flow control works (Peh and Dally, HPCA 2000); here it saves an event a hop.

#include <bit>
#include <cstdint>
#include <vector>

#include "sim/machine/calendar.hpp"

namespace baton::sim {

using LinkId = std::uint32_t;

class LinkSchedule {
 public:
  struct Slots {
    Cycle first = 0;  ///< cycle of the head flit
    Cycle last = 0;   ///< cycle of the tail flit
  };
  /// A packet has at most so many flits: the schedule must be able to hold it beside others.
  static constexpr std::uint32_t max_flits = 256;

  explicit LinkSchedule(std::size_t links) : rows_(links), first_word_(links) {}

  /// Reserves the first `flits` free cycles of a link from `from` >= now on. False, and nothing reserved, if they do
  /// not all lie within the schedule's window, about 450 cycles from now.
  bool reserve(LinkId link, Cycle from, std::uint32_t flits, Cycle now, Slots& slots) {
    Row& row = rows_[link];
    const Cycle end_word = forget_past(row, link, now) + words;
    Cycle word = from / 64;
    if (word >= end_word) return false;
    std::uint64_t free = ~row.busy[word % words] & ~std::uint64_t{0} << (from % 64);
    if (flits == 1 && free != 0) {
      const auto bit = static_cast<unsigned>(std::countr_zero(free));
      row.busy[word % words] |= std::uint64_t{1} << bit;
      slots.first = slots.last = word * 64 + bit;
      return true;
    }
    return reserve_many(row, word, free, flits, end_word, slots);
  }

 private:
  static constexpr Cycle words = 8;
  struct alignas(64) Row {
    std::uint64_t busy[words] = {};
  };

  // Clears the words that lie before `now` and returns the first word of the window.
  Cycle forget_past(Row& row, LinkId link, Cycle now) {
    const Cycle now_word = now / 64;
    Cycle first = first_word_[link];
    if (first == now_word) return now_word;
    for (Cycle i = 0; i < words && first < now_word; ++i) row.busy[first++ % words] = 0;
    first_word_[link] = now_word;
    return now_word;
  }

  static bool reserve_many(Row& row, Cycle word, std::uint64_t free, std::uint32_t flits, Cycle end_word,
                           Slots& slots) {
    Cycle at = word;
    std::uint64_t mask = free;
    auto missing = static_cast<int>(flits);
    while (std::popcount(mask) < missing) {
      missing -= std::popcount(mask);
      if (++at >= end_word) return false;
      mask = ~row.busy[at % words];
    }
    slots.first = never;
    missing = static_cast<int>(flits);
    for (mask = free; missing > 0; mask = ~row.busy[++word % words]) {
      for (; mask != 0 && missing > 0; mask &= mask - 1, --missing) {
        const auto bit = static_cast<unsigned>(std::countr_zero(mask));
        row.busy[word % words] |= std::uint64_t{1} << bit;
        slots.last = word * 64 + bit;
        if (slots.first == never) slots.first = slots.last;
      }
      if (missing == 0) break;
    }
    return true;
  }

  std::vector<Row> rows_;
  std::vector<Cycle> first_word_;
};

}  // namespace baton::sim
