#pragma once
// The shorter way round a ring of places 0 .. size-1, and the virtual channel that a packet has on it.

#include <algorithm>
#include <cstdint>

#include "sim/machine/network/link_schedule.hpp"

namespace baton::sim {

struct RingWay {
  std::uint32_t size;
  std::uint32_t from;
  std::uint32_t hops;
  bool up;  ///< from place p to p + 1, and from the last to 0

  /// Opposite places are as far either way: even ones go up and odd ones down, so that both ways carry the
  /// same.
  static RingWay between(std::uint32_t from, std::uint32_t to, std::uint32_t size) {
    const std::uint32_t ahead = (to + size - from) % size;
    const bool up = 2 * ahead < size || (2 * ahead == size && from % 2 == 0);
    return {size, from, up ? ahead : size - ahead, up};
  }
  /// Writes the way as legs: to the edge between the last place and 0, and from there. The links up begin at
  /// `up_links`, by the place that they leave, those down at `down_links`, the last place first. Returns how
  /// many legs, at most size / 2 / Leg::block + 4.
  std::size_t route(LinkId up_links, LinkId down_links, Leg* legs) const {
    const std::uint32_t first = up ? from : size - 1 - from;
    const std::uint32_t before_edge = std::min(hops, size - first);
    const LinkId links = up ? up_links : down_links;
    const std::size_t used = split(links + first, before_edge, legs);
    return used + split(links, hops - before_edge, legs + used);
  }
  static std::size_t most_legs(std::uint32_t size) { return size / 2 / Leg::block + 4; }
  /// A packet changes from channel 0 to channel 1 where it goes over the edge between the last place and 0
  /// (the dateline of Dally and Seitz 1987). The links of channel 0 lead to the edge and not over it, those
  /// of channel 1 begin there, and half a round never reaches it again: neither has a cycle.
  std::uint32_t channel(std::uint32_t hop) const {
    return (up ? from + hop + 1 >= size : hop >= from) ? 1 : 0;
  }
};

}  // namespace baton::sim
