#pragma once
// Which cycles of every link are taken: see reservation.hpp.
//
// A hop costs nothing where nobody is in the way. Each link has a clock of its own, a hop behind that of the
// link before it: a packet takes the same cycle of all links of a leg. A word holds that cycle of 32 links
// with consecutive numbers, and one comparison says whether it is free at all links of the leg.

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/machine/network/reservation.hpp"

namespace baton::sim {

using LinkId = std::uint32_t;

/// Links with consecutive numbers, which a packet takes one after the other. May have none; lies within a
/// block: the numbers from a multiple of `block` to the next one.
struct Leg {
  static constexpr std::uint32_t block = 32;
  LinkId first;
  std::uint32_t links;
};

/// Writes links with consecutive numbers as legs: at most links / Leg::block + 2. Returns how many.
inline std::size_t split(LinkId first, std::uint32_t links, Leg* legs) {
  std::size_t count = 0;
  while (links > 0) {
    const std::uint32_t here = std::min(links, Leg::block - first % Leg::block);
    legs[count++] = {first, here};
    first += here;
    links -= here;
  }
  return count;
}

class LinkSchedule {
 public:
  using Packet = reservation::Packet;

  /// hop_cycles: from a link of a leg to the next one.
  LinkSchedule(std::size_t links, Cycle hop_cycles);

  /// Before reservations at the cycle `now`, which never goes back.
  void advance(Cycle now) {
    if (now >= forgotten_ + 2 * reservation::step) forget(now);
  }

  /// Takes the links of `path`, so many as `links` in all, for the packet: of each the first `flits` free
  /// cycles from its head on, which is at the next link, and in the end behind the last one, hop_cycles
  /// later. Stops at a link where they do not all lie before `limit`, limit(now); nothing is reserved there.
  /// Returns how many links it has taken. 1 <= flits <= max_flits.
  std::uint32_t take(Packet& packet, std::span<const Leg> path, std::uint32_t links, std::uint32_t flits,
                     Cycle limit) {
    if (packet.head + links * hop_cycles_ + flits > limit) [[unlikely]]
      return take_to_limit(packet, path, flits, limit);
    // Packets of one flit are many.
    return flits == 1 ? take<true>(packet, path, links, 1, limit)
                      : take<false>(packet, path, links, flits, limit);
  }

 private:
  using Row = std::uint32_t;  // a bit for each link of a block

  // What a leg is to its block.
  struct Shape {
    Cycle ahead;   // its first link's clock before the machine's
    Cycle behind;  // as `ahead`, of a link behind the last one
    Row links;
  };
  // The cycles from `from` to `until` of a link, by its clock, are all taken.
  struct Full {
    Cycle from = 0;
    Cycle until = 0;
  };

  static Shape shape_of(Leg leg, Cycle hop_cycles) {
    const std::uint32_t place = leg.first % Leg::block;
    return {(Leg::block - place) * hop_cycles, (Leg::block - place - leg.links) * hop_cycles,
            static_cast<Row>(((std::uint64_t{1} << leg.links) - 1) << place)};
  }
  Row* cycles_of(LinkId link) { return &taken_[std::size_t{link / Leg::block} << log_cycles_]; }

  // The links that are taken in one of these cycles; and more of them.
  template <bool single>
  static Row busy_in(const Row* cycles, std::uint32_t count) {
    Row busy = *cycles;
    if constexpr (!single)
      for (std::uint32_t i = 1; i < count; ++i) busy |= cycles[i];
    return busy;
  }
  template <bool single>
  static void take_in(Row* cycles, std::uint32_t count, Row links) {
    *cycles |= links;
    if constexpr (!single)
      for (std::uint32_t i = 1; i < count; ++i) cycles[i] |= links;
  }

  // Where the path's end is before the limit if nobody is in the way. Copies of members, since what is
  // written to the schedule could be any member, for all that the compiler knows.
  template <bool single>
  std::uint32_t take(Packet& packet, std::span<const Leg> path, std::uint32_t links,
                     const std::uint32_t flits, const Cycle limit) {
    const Cycle hop_cycles = hop_cycles_;
    Row* const taken = taken_.data();
    const Cycle last_cycle = last_cycle_;
    const std::uint32_t log_cycles = log_cycles_;
    std::uint32_t left = links;
    Cycle head = packet.head;
    for (const Leg& leg : path) {
      const Shape shape = shape_of(leg, hop_cycles);
      const Cycle at = head + shape.ahead;
      const Cycle place = at & last_cycle;
      Row* const cycles = taken + (std::size_t{leg.first / Leg::block} << log_cycles) + place;
      if ((busy_in<single>(cycles, flits) & shape.links) == 0 && (single || place + flits <= last_cycle))
          [[likely]] {
        take_in<single>(cycles, flits, shape.links);
        head = at - shape.behind;
        left -= leg.links;
      } else {
        packet.head = head;
        const std::uint32_t got = take_among_others<single>(packet, leg, flits, limit);
        head = packet.head;
        left -= got;
        if (got != leg.links) return links - left;
        if (head + left * hop_cycles_ + flits > limit) [[unlikely]]
          return links - left + take_to_limit(packet, {&leg + 1, path.data() + path.size()}, flits, limit);
      }
    }
    packet.head = head;
    return links - left;
  }

  template <bool single>
  [[gnu::noinline]] std::uint32_t take_among_others(Packet& packet, Leg leg, std::uint32_t flits,
                                                    Cycle limit);
  // Of reservations, by the links' clocks: at the first link of those that are wanted, and at all of them.
  struct Limits {
    Cycle first;
    Cycle all;
  };
  template <bool single>
  Row take_soon(Row* cycles, Row wanted, Cycle& at, Cycle& lag, std::uint32_t flits, Limits limits);
  std::uint32_t take_to_limit(Packet& packet, std::span<const Leg> path, std::uint32_t flits, Cycle limit);
  bool take_late(LinkId link, Cycle& at, Cycle& lag, std::uint32_t flits, Cycle limit);
  void forget(Cycle now);

  Cycle hop_cycles_;
  // A ring of cycles for each block. Those of the past must be clear before they come into the window.
  std::uint32_t log_cycles_;
  Cycle last_cycle_;
  Cycle forgotten_ = 0;
  std::vector<Row> taken_;  // by block and cycle
  std::vector<Full> full_;  // by link: where the search for a free cycle need not look
};

}  // namespace baton::sim
