#pragma once
// Which cycles of every link are taken. A packet reserves the cycles of all links of its path when it is
// launched: the first free ones from its arrival at each link on. So an older packet has priority over a
// younger one everywhere (age-based arbitration), gaps that older packets leave are used, and two packets on
// one path never overtake each other, whatever their sizes: the older takes *all* free cycles up to its last
// flit. Reserving cycles ahead of the data is how flit-reservation flow control works (Peh and Dally, HPCA
// 2000); here it saves an event a hop.
//
// Nor does a hop cost anything where nobody is in the way. Each link has a clock of its own, a hop behind
// that of the link before it: a packet takes the same cycle of all links of a leg. A word holds that cycle of
// 32 links with consecutive numbers, and one comparison says whether it is free at all links of the leg.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/machine/calendar.hpp"

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
  /// A packet has at most so many flits: the schedule must be able to hold it beside others.
  static constexpr std::uint32_t max_flits = 128;
  /// Reservations lie before limit(now): less than `window` cycles ahead, and at least window - step.
  static constexpr Cycle window = 256;
  static constexpr Cycle step = 32;
  static Cycle limit(Cycle now) { return now / step * step + window; }

  /// hop_cycles: from a link of a leg to the next one.
  LinkSchedule(std::size_t links, Cycle hop_cycles);

  /// Before reservations at the cycle `now`, which never goes back.
  void advance(Cycle now) {
    if (now >= forgotten_ + 2 * step) forget(now);
  }

  /// A packet on its way. Its head flit may take the next link from cycle `head` on; the tail flit follows
  /// `lag` cycles later, at least flits - 1.
  struct Packet {
    Cycle head;
    Cycle lag;
  };

  /// Takes the links of `path`, so many as `links` in all, for the packet: of each the first `flits` free
  /// cycles from its head on, which is at the next link, and in the end behind the last one, hop_cycles
  /// later. Stops at a link where they do not all lie before `limit`, limit(now); nothing is reserved there.
  /// Returns how many links it has taken. 1 <= flits <= max_flits.
  std::uint32_t take(Packet& packet, std::span<const Leg> path, std::uint32_t links, std::uint32_t flits,
                     Cycle limit) {
    // Packets of one flit are many.
    return flits == 1 ? take<true>(packet, path, links, 1, limit)
                      : take<false>(packet, path, links, flits, limit);
  }

 private:
  using Row = std::uint32_t;  // a bit for each link of a block

  // What a leg is to its block.
  struct alignas(16) Shape {
    std::uint32_t ahead;   // cycles: its first link's clock before the machine's
    std::uint32_t behind;  // cycles: as `ahead`, of a link behind the last one
    Row links;
  };
  // The cycles from `from` to `until` of a link, by its clock, are all taken.
  struct Full {
    Cycle from = 0;
    Cycle until = 0;
  };

  static std::uint32_t shape_number(Leg leg) { return leg.first % Leg::block * 64 + leg.links; }
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

  // Copies of members, since what is written to the schedule could be any member, for all that the compiler
  // knows.
  template <bool single>
  std::uint32_t take(Packet& packet, std::span<const Leg> path, std::uint32_t links,
                     const std::uint32_t flits, const Cycle limit) {
    const Shape* const shapes = shapes_.data();
    Row* const taken = taken_.data();
    const Cycle last_cycle = last_cycle_;
    const std::uint32_t log_cycles = log_cycles_;
    if (packet.head + links * hop_cycles_ + flits > limit) [[unlikely]]
      return take_to_limit(packet, path, flits, limit);
    std::uint32_t done = 0;
    Cycle head = packet.head;
    for (const Leg& leg : path) {
      const Shape& shape = shapes[shape_number(leg)];
      const Cycle at = head + shape.ahead;
      const Cycle place = at & last_cycle;
      Row* const cycles = taken + (std::size_t{leg.first / Leg::block} << log_cycles) + place;
      if ((busy_in<single>(cycles, flits) & shape.links) == 0 && (single || place + flits <= last_cycle))
          [[likely]] {
        take_in<single>(cycles, flits, shape.links);
        head = at - shape.behind;
        done += leg.links;
      } else {
        packet.head = head;
        const std::uint32_t got = take_among_others<single>(packet, leg, flits, limit);
        head = packet.head;
        done += got;
        if (got != leg.links) return done;
        if (head + (links - done) * hop_cycles_ + flits > limit) [[unlikely]]
          return done + take_to_limit(packet, {&leg + 1, path.data() + path.size()}, flits, limit);
      }
    }
    packet.head = head;
    return done;
  }
  template <bool single>
  std::uint32_t take_among_others(Packet& packet, Leg leg, std::uint32_t flits, Cycle limit);
  std::uint32_t take_to_limit(Packet& packet, std::span<const Leg> path, std::uint32_t flits, Cycle limit);
  bool take_late(LinkId link, Cycle& at, Cycle& lag, std::uint32_t flits, Cycle limit);
  void forget(Cycle now);

  Cycle hop_cycles_;
  std::vector<Shape> shapes_;  // by shape_number()
  // A ring of cycles for each block. Those of the past must be clear before they come into the window.
  std::uint32_t log_cycles_;
  Cycle last_cycle_;
  Cycle forgotten_ = 0;
  std::vector<Row> taken_;  // by block and cycle
  std::vector<Full> full_;  // by link: where the search for a free cycle need not look
};

}  // namespace baton::sim
