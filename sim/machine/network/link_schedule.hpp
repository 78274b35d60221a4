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
    Cycle first;  ///< cycle of the head flit
    Cycle last;   ///< cycle of the tail flit
  };
  /// Reservations reach less than so many cycles ahead.
  static constexpr Cycle window = 256;
  /// A packet has at most so many flits: the schedule must be able to hold it beside others.
  static constexpr std::uint32_t max_flits = 128;

  explicit LinkSchedule(std::size_t links) : rows_(links) {}

  /// Reserves the first `flits` free cycles of a link from `from` >= now on. If they do not all lie within the window, nothing
  /// is reserved and `first` is `never`. 1 <= flits <= max_flits.
  Slots reserve(LinkId link, Cycle from, std::uint32_t flits, Cycle now) {
    const Cycle word = from / bits;
    Row& row = rows_[link];
    if (word + 1 < now / bits + words && flits <= bits) {
      std::uint64_t& entry = row.entries[word % words];
      std::uint64_t& next = row.entries[(word + 1) % words];
      const std::uint64_t busy = busy_in(entry, word) | busy_in(next, word + 1) << bits;
      std::uint64_t wanted = ((std::uint64_t{1} << flits) - 1) << from % bits;
      Slots slots{from, from + flits - 1};
      // Mostly the link is free when the packet comes. If not, the next free cycles are found without branches.
      if ((busy & wanted) != 0) {
        const std::uint64_t early = (std::uint64_t{1} << from % bits) - 1;
        std::uint64_t free = ~(busy | early);
        wanted = 0;
        for (std::uint32_t i = 0; i < flits; ++i, free &= free - 1) wanted |= free & -free;
        if (std::popcount(wanted) != static_cast<int>(flits)) return reserve_far(link, from, flits, now);
        slots = {word * bits + static_cast<Cycle>(std::countr_zero(wanted)),
                 word * bits + 63 - static_cast<Cycle>(std::countl_zero(wanted))};
      }
      entry = word << bits | ((busy | wanted) & low);
      next = (word + 1) << bits | (busy | wanted) >> bits;
      return slots;
    }
    return reserve_far(link, from, flits, now);
  }

 private:
  static constexpr Cycle bits = 32;
  static constexpr std::uint64_t low = 0xFFFFFFFF;
  static constexpr Cycle words = window / bits;
  // One host cache line a link. An entry names the 32 cycles that it speaks of in its upper half (cycle / 32, modulo
  // 2^32) and has a bit for each taken one in its lower half; an entry of other cycles is of the past: all are free.
  struct alignas(64) Row {
    std::uint64_t entries[words] = {};
  };

  static std::uint64_t busy_in(std::uint64_t entry, Cycle word) {
    const std::uint64_t same = entry ^ word << bits;  // the taken cycles, if the entry speaks of this word
    return same >> bits == 0 ? same : 0;
  }
  Slots reserve_far(LinkId link, Cycle from, std::uint32_t flits, Cycle now);

  std::vector<Row> rows_;
};

}  // namespace baton::sim
