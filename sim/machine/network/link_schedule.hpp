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
    Cycle first;  ///< cycle of the head flit
    Cycle last;   ///< cycle of the tail flit
  };
  /// Reservations reach less than so many cycles ahead.
  static constexpr Cycle window = 256;
  /// A packet has at most so many flits: the schedule must be able to hold it beside others.
  static constexpr std::uint32_t max_flits = 128;

  explicit LinkSchedule(std::size_t links) : rows_(links) {}

  /// Reserves the `flits` cycles from `from` >= now on if that is easily done: within the window, all free, and within one
  /// word. The common case, inline. 1 <= flits <= max_flits.
  bool reserve_at(LinkId link, Cycle from, std::uint32_t flits, Cycle now) {
    const Cycle word = from / bits;
    const std::uint64_t wanted = flits < bits ? ((std::uint64_t{1} << flits) - 1) << from % bits : ~std::uint64_t{0};
    if (wanted >> bits != 0 || word >= now / bits + words) return false;
    std::uint64_t& entry = rows_[link].entries[word % words];
    const std::uint64_t same = entry ^ word << bits;  // the busy cycles, if the entry speaks of this word
    const std::uint64_t busy = same >> bits == 0 ? same : 0;
    if ((busy & wanted) != 0) return false;
    entry = word << bits | busy | wanted;
    return true;
  }

  /// Reserves the first `flits` free cycles of a link from `from` >= now on. If they do not all lie within the window, nothing
  /// is reserved and `first` is `never`.
  Slots reserve(LinkId link, Cycle from, std::uint32_t flits, Cycle now);

 private:
  static constexpr Cycle bits = 32;
  static constexpr std::uint64_t low = 0xFFFFFFFF;
  static constexpr Cycle words = window / bits;
  // One host cache line a link. An entry names the 32 cycles that it speaks of in its upper half (cycle / 32, modulo
  // 2^32) and has a bit for each taken one in its lower half; an entry of other cycles is of the past: all are free.
  struct alignas(64) Row {
    std::uint64_t entries[words] = {};
  };

  static std::uint64_t busy_in(const Row& row, Cycle word) {
    const std::uint64_t entry = row.entries[word % words];
    return entry >> bits == (word & low) ? entry & low : 0;
  }

  std::vector<Row> rows_;
};

}  // namespace baton::sim
