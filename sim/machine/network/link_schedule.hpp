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
  /// Reservations reach less than so many cycles ahead.
  static constexpr Cycle window = 256;
  /// A packet has at most so many flits: the schedule must be able to hold it beside others.
  static constexpr std::uint32_t max_flits = 128;

  explicit LinkSchedule(std::size_t links) : rows_(links) {}

  /// Reserves the first `flits` free cycles of a link from `from` >= now on. False, and nothing reserved, if they do
  /// not all lie within the window. 1 <= flits <= max_flits.
  bool reserve(LinkId link, Cycle from, std::uint32_t flits, Cycle now, Slots& slots) {
    const Cycle word = from / bits;
    const auto bit = static_cast<unsigned>(from % bits);
    Row& row = rows_[link];
    // Mostly the link is free when the packet comes.
    if (bit + flits <= bits && word < now / bits + words) {
      const std::uint64_t busy = busy_in(row, word);
      const std::uint64_t wanted = ((std::uint64_t{1} << flits) - 1) << bit;
      if ((busy & wanted) == 0) {
        row.entries[word % words] = word << bits | busy | wanted;
        slots = {from, from + flits - 1};
        return true;
      }
    }
    return reserve_gaps(row, from, flits, now, slots);
  }

 private:
  static constexpr Cycle bits = 32;
  static constexpr Cycle words = window / bits;
  // One host cache line a link. An entry names the 32 cycles that it speaks of in its upper half (cycle / 32, modulo
  // 2^32) and has a bit for each taken one in its lower half; an entry of other cycles is of the past: all are free.
  struct alignas(64) Row {
    std::uint64_t entries[words] = {};
  };

  static std::uint64_t busy_in(const Row& row, Cycle word) {
    const std::uint64_t entry = row.entries[word % words];
    return entry >> bits == (word & 0xFFFFFFFF) ? entry & 0xFFFFFFFF : 0;
  }
  static bool reserve_gaps(Row& row, Cycle from, std::uint32_t flits, Cycle now, Slots& slots);

  std::vector<Row> rows_;
};

}  // namespace baton::sim
