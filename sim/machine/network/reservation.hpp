#pragma once
// What the schedules of links and of ports have in common. A packet reserves the cycles of all links of its
// path when its sending is decided: the first free ones from its head's arrival at each link on. So a packet
// has priority everywhere over those decided after it (nearly age-based arbitration), gaps that earlier
// packets leave are used, and two packets on one path never overtake each other, whatever their sizes: as
// many free cycles as it has flits, from the head on, are taken, and its last flit is behind all of them.
// Where a packet has been torn apart (lag >= flits) these cycles are earlier than its flits. Reserving
// cycles ahead of the data is how flit-reservation flow control works (Peh and Dally, HPCA 2000); here it
// saves an event a hop.

#include <cstdint>

#include "sim/machine/calendar.hpp"

namespace baton::sim::reservation {

/// A packet has at most so many flits: a schedule must be able to hold it beside others.
inline constexpr std::uint32_t max_flits = 128;
/// Reservations lie before limit(now): less than `window` cycles ahead, and at least window - step.
inline constexpr Cycle window = 256;
inline constexpr Cycle step = 32;
constexpr Cycle limit(Cycle now) {
  return now / step * step + window;
}

/// A packet on its way. Its head flit may take the next link or port from cycle `head` on; the tail flit
/// follows `lag` cycles later, at least flits - 1.
struct Packet {
  Cycle head;
  Cycle lag;
};

}  // namespace baton::sim::reservation
