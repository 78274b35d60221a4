#pragma once
// Which cycles of every link are taken. A packet reserves the cycles of all links of its path when it is launched: the
// first free ones from its arrival at each link on. So an older packet has priority over a younger one
// everywhere (age-based arbitration), gaps that older packets leave are used, and two packets on one path never
// overtake each other, whatever their sizes: the older takes *all* free cycles up to its last flit. Reserving cycles
// ahead of the data is how flit-reservation flow control works (Peh and Dally, HPCA 2000); here it saves an event a hop.

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

  explicit LinkSchedule(std::size_t links) : rows_(links) {}

  /// Reserves the first `flits` free cycles of a link from `from` >= now on. False, and nothing reserved, if they do
  /// not all lie within the schedule's window, about 400 cycles from now. 1 <= flits <= max_flits.
  bool reserve(LinkId link, Cycle from, std::uint32_t flits, Cycle now, Slots& slots) {
    Row& row = rows_[link];
    forget_past(row, now / 64);
    const Cycle word = from / 64;
    const auto bit = static_cast<unsigned>(from % 64);
    if (word >= row.first_word + words) return false;
    // Mostly the link is free when the packet comes.
    if (bit + flits <= 64) {
      const std::uint64_t wanted = (flits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << flits) - 1) << bit;
      if ((row.busy[word % words] & wanted) == 0) {
        row.busy[word % words] |= wanted;
        slots = {from, from + flits - 1};
        return true;
      }
    }
    return reserve_gaps(row, from, flits, slots);
  }

  void prefetch(LinkId link) const { __builtin_prefetch(&rows_[link], 1); }

 private:
  static constexpr Cycle words = 7;
  // One host cache line a link.
  struct alignas(64) Row {
    Cycle first_word = 0;            // the window is [first_word * 64, (first_word + words) * 64)
    std::uint64_t busy[words] = {};  // bit b of busy[w % words] is cycle 64 w + b
  };

  static void forget_past(Row& row, Cycle now_word) {
    if (row.first_word == now_word) return;
    for (Cycle i = 0; i < words && row.first_word + i < now_word; ++i) row.busy[(row.first_word + i) % words] = 0;
    row.first_word = now_word;
  }

  static bool reserve_gaps(Row& row, Cycle from, std::uint32_t flits, Slots& slots);

  std::vector<Row> rows_;
};

}  // namespace baton::sim
