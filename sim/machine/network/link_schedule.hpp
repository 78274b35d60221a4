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

  /// Takes `count` links, numbered `step` apart, for the packet: of each the first `flits` free cycles from
  /// its head on, which is at the next link `onward` cycles later. Stops at a link where they do not all lie
  /// before `limit`, limit(now); nothing is reserved there. Returns how many links it has taken. 1 <= flits
  /// <= max_flits.
  std::uint32_t take(Packet& packet, LinkId link, std::int32_t step, std::uint32_t count, std::uint32_t flits,
                     Cycle onward, Cycle limit) {
    const std::size_t links = links_;
    std::uint64_t* const table = taken_.data();
    // The word in which the packet's head is, and the head's bit in it. That the word changes is foreseen
    // wrongly once or twice a route; in return the host reads the links ahead, whatever happens at each.
    Cycle start = packet.head / bits * bits;
    std::uint64_t* taken = table + packet.head / bits % words * links;
    std::uint64_t head = std::uint64_t{1} << packet.head % bits;
    Cycle lag = packet.lag;
    std::uint32_t done = 0;
    for (; done < count; ++done, link += static_cast<LinkId>(step)) {
      // Without branches on what is free: conflicts are frequent and random. Added to the taken bits, a bit
      // runs up through those that follow it and comes to rest in the first free one.
      const std::uint64_t busy = taken[link];
      const std::uint64_t first = (busy + head) & ~busy;
      std::uint64_t last = first;
      std::uint64_t wanted = first;
      for (std::uint32_t i = 1; i < flits; ++i) {
        last = (busy + (last << 1)) & ~busy;
        wanted |= last;
      }
      Cycle next = 0;  // where the head is next if not in this word
      if (last != 0 && start + bits <= limit) [[likely]] {
        taken[link] = busy | wanted;
        if (flits > 1) lag = std::max(place(head) + lag, place(last)) - place(first);
        head = onward < bits ? first << onward : 0;
        if (head != 0) continue;
        next = start + place(first) + onward;
      } else {
        const Slots slots = take_far(link, start + place(head), flits, limit);
        if (slots.first == never) break;
        lag = std::max(start + place(head) + lag, slots.last) - slots.first;
        next = slots.first + onward;
      }
      start = next / bits * bits;
      taken = table + next / bits % words * links;
      head = std::uint64_t{1} << next % bits;
    }
    packet = {start + place(head), lag};
    return done;
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

  static Cycle place(std::uint64_t bit) { return static_cast<Cycle>(std::countr_zero(bit)); }
  std::uint64_t& taken_in(LinkId link, Cycle word) { return taken_[word % words * links_ + link]; }
  void forget(Cycle word);
  Slots take_far(LinkId link, Cycle from, std::uint32_t flits, Cycle limit);

  std::size_t links_;
  Cycle word_ = 0;  // of now
  // A bit for each taken cycle, by word and link: links with neighbouring numbers share host cache lines.
  std::vector<std::uint64_t> taken_;
};

}  // namespace baton::sim
