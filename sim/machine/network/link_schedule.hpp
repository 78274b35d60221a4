#pragma once
// Which cycles of every link are taken. A packet reserves the cycles of all links of its path when it is
// launched: the first free ones from its arrival at each link on. So an older packet has priority over a
// younger one everywhere (age-based arbitration), gaps that older packets leave are used, and two packets on
// one path never overtake each other, whatever their sizes: the older takes *all* free cycles up to its last
// flit. Reserving cycles ahead of the data is how flit-reservation flow control works (Peh and Dally, HPCA
// 2000); here it saves an event a hop.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/machine/calendar.hpp"

namespace baton::sim {

using LinkId = std::uint32_t;

class LinkSchedule {
 public:
  /// A packet has at most so many flits: the schedule must be able to hold it beside others.
  static constexpr std::uint32_t max_flits = 128;
  /// Reservations lie before limit(now): less than `window` cycles ahead, and at least window - step.
  static constexpr Cycle window = 256;
  static constexpr Cycle step = 32;
  static Cycle limit(Cycle now) { return now / step * step + window; }

  explicit LinkSchedule(std::size_t links) : links_(links), taken_(words * links) {}

  /// Before reservations at the cycle `now`, which never goes back.
  void advance(Cycle now) {
    if (now / bits != word_) forget(now / bits);
  }

  /// A packet on its way. Its head flit may take the next link from cycle `head` on; the tail flit follows
  /// `lag` cycles later.
  struct Packet {
    Cycle head;
    Cycle lag;
  };

  /// Takes the links of `path` for the packet: of each the first `flits` free cycles from its head on, which
  /// is at the next link `onward` cycles later. Stops at a link where they do not all lie before `limit`,
  /// limit(now); nothing is reserved there. Returns how many links it has taken. 1 <= flits <= max_flits.
  std::size_t take(Packet& packet, std::span<const LinkId> path, std::uint32_t flits, Cycle onward,
                   Cycle limit) {
    return flits == 1 ? take<true>(packet, path, 1, onward, limit)
                      : take<false>(packet, path, flits, onward, limit);
  }

 private:
  static constexpr Cycle bits = 64;
  // A ring of words of 64 cycles. Those behind the window are of the past and must be clear before they come
  // into it.
  static constexpr Cycle words = 8;
  static_assert((words - 1) * bits >= window + bits);

  struct Slots {
    Cycle first;  // cycle of the head flit
    Cycle last;   // cycle of the tail flit
  };

  // The word of 64 cycles in which a packet's head is.
  struct Head {
    Cycle start;          // first cycle of the word
    std::uint64_t* word;  // link 0's; null if it reaches beyond the limit
    std::uint64_t bit;
  };
  Head head_at(Cycle at, Cycle limit) {
    const Cycle start = at / bits * bits;
    return {start, start + bits <= limit ? taken_.data() + at / bits % words * links_ : nullptr,
            std::uint64_t{1} << at % bits};
  }

  // Packets of one flit are many, and have no tail.
  template <bool single>
  std::size_t take(Packet& packet, std::span<const LinkId> path, std::uint32_t flits, Cycle onward,
                   Cycle limit) {
    const Cycle shift = std::min(onward, bits - 1);
    // The bits of a packet whose head is at bit 0, if it fits.
    const std::uint64_t train = flits < bits ? (std::uint64_t{1} << flits) - 1 : 0;
    const std::uint64_t starts = flits < bits ? std::uint64_t{1} << (bits - flits) : 0;
    Cycle lag = packet.lag;
    Head head = head_at(packet.head, limit);
    const LinkId* link = path.data();
    const LinkId* const end = link + path.size();
    for (; link != end; ++link) {
      // That the word changes is foreseen wrongly once or twice a path; in return the host reads the links
      // ahead, whatever happens at each.
      if (head.word != nullptr) [[likely]] {
        // Without branches on where the link is free: conflicts are frequent and random. Added to the taken
        // bits, the head's bit runs up through those that follow it and comes to rest in the first free one.
        const std::uint64_t taken = head.word[*link];
        const std::uint64_t first = (taken + head.bit) & ~taken;
        // Nearly always the cycles behind it are free, too, and the tail follows without gaps.
        const std::uint64_t all = single ? first : first * train;
        if (single ? first != 0 : first - 1 < starts && (taken & all) == 0 && lag == flits - 1) [[likely]] {
          head.word[*link] = taken | all;
          head.bit = first << shift;
          if (head.bit == 0 || shift != onward) head = head_at(head.start + place(first) + onward, limit);
          continue;
        }
      }
      const Cycle from = head.start + place(head.bit);
      const Slots slots = take_far(*link, from, flits, limit);
      if (slots.first == never) break;
      lag = std::max(from + lag, slots.last) - slots.first;
      head = head_at(slots.first + onward, limit);
    }
    packet = {head.start + place(head.bit), lag};
    return static_cast<std::size_t>(link - path.data());
  }

  static Cycle place(std::uint64_t bit) { return static_cast<Cycle>(__builtin_ctzll(bit)); }  // bit != 0
  std::uint64_t& taken_in(LinkId link, Cycle word) { return taken_[word % words * links_ + link]; }
  void forget(Cycle word);
  Slots take_far(LinkId link, Cycle from, std::uint32_t flits, Cycle limit);

  std::size_t links_;
  Cycle word_ = 0;  // of now
  // A bit for each taken cycle, by word and link: links with neighbouring numbers share host cache lines.
  std::vector<std::uint64_t> taken_;
};

}  // namespace baton::sim
