#include "sim/machine/network/link_schedule.hpp"

#include <array>

namespace baton::sim {

LinkSchedule::LinkSchedule(std::size_t links, Cycle hop_cycles)
    : hop_cycles_(hop_cycles),
      log_cycles_(static_cast<std::uint32_t>(std::bit_width(window + 2 * step + Leg::block * hop_cycles))),
      last_cycle_((Cycle{1} << log_cycles_) - 1),
      // Behind the end: what a packet looks at that does not fit before it.
      taken_(((links + Leg::block - 1) / Leg::block << log_cycles_) + max_flits),
      full_(links) {
  const auto ahead = [&](std::uint32_t place) {
    return static_cast<std::uint32_t>((Leg::block - place) * hop_cycles);
  };
  shapes_.resize(shape_number({Leg::block - 1, 63}) + 1);
  for (std::uint32_t place = 0; place < Leg::block; ++place)
    for (std::uint32_t count = 0; place + count <= Leg::block; ++count)
      shapes_[shape_number({place, count})] = {ahead(place), ahead(place + count),
                                               static_cast<Row>(((std::uint64_t{1} << count) - 1) << place)};
}

// Clears the cycles of the past, by all clocks: the last of them is the machine's.
void LinkSchedule::forget(Cycle now) {
  const Cycle size = last_cycle_ + 1;
  const Cycle past = std::min(now - forgotten_, size);
  const Cycle first = (now - past) & last_cycle_;
  const Cycle to_end = std::min(past, size - first);
  for (Cycle row = 0; row + size <= taken_.size(); row += size) {
    std::fill_n(&taken_[row + first], to_end, 0);
    std::fill_n(&taken_[row], past - to_end, 0);
  }
  forgotten_ = now;
}

// Takes the links of a path as take() does, where they may be beyond the limit.
std::uint32_t LinkSchedule::take_to_limit(Packet& packet, std::span<const Leg> path, std::uint32_t flits,
                                          Cycle limit) {
  std::uint32_t done = 0;
  for (const Leg& leg : path) {
    const std::uint32_t got = take_among_others<false>(packet, leg, flits, limit);
    done += got;
    if (got != leg.links) break;
  }
  return done;
}

// Takes a leg's links as take() does, where they may be taken when the packet comes, or beyond the limit.
template <bool single>
std::uint32_t LinkSchedule::take_among_others(Packet& packet, Leg leg, std::uint32_t flits, Cycle limit) {
  constexpr Cycle short_wait = 16;
  const Shape& shape = shapes_[shape_number(leg)];
  Row* const cycles = cycles_of(leg.first);
  const LinkId block = leg.first / Leg::block * Leg::block;
  const Cycle last_cycle = last_cycle_;
  Row wanted = shape.links;
  Cycle arrived = packet.head + shape.ahead;  // at the first link that is wanted
  Cycle at = arrived;
  while (wanted != 0) {
    if (at + flits <= limit + shape.behind) {
      // Those before the first link that is not free.
      Row busy = cycles[at & last_cycle];
      if constexpr (!single)
        for (std::uint32_t flit = 1; flit < flits; ++flit) busy |= cycles[(at + flit) & last_cycle];
      busy &= wanted;
      const Row free = wanted & ((busy & -busy) - 1);
      cycles[at & last_cycle] |= free;
      if constexpr (!single)
        for (std::uint32_t flit = 1; flit < flits; ++flit) cycles[(at + flit) & last_cycle] |= free;
      wanted ^= free;
      if (wanted == 0) break;
      if (free != 0) arrived = at;
      if constexpr (single) {
        const Row next = wanted & -wanted;
        const Cycle last = at + short_wait;
        do ++at;
        while (at != last && (cycles[at & last_cycle] & next) != 0);
        if (at != last) continue;
      }
    }
    const LinkId next = block + static_cast<LinkId>(std::countr_zero(wanted));
    const Cycle ahead = shapes_[shape_number({next, 0})].ahead;
    if (!take_late(next, at, packet.lag, flits, limit + ahead)) {
      packet.head = arrived - ahead;
      return next - leg.first;
    }
    arrived = at;
    wanted &= wanted - 1;
  }
  packet.head = at - shape.behind;
  return leg.links;
}
template std::uint32_t LinkSchedule::take_among_others<true>(Packet&, Leg, std::uint32_t, Cycle);

// Takes the first free cycles of one link from `at` on, wherever they are; `at` becomes the head's. False if
// they do not all lie before the limit: nothing has changed. All times are of the link's clock.
bool LinkSchedule::take_late(LinkId link, Cycle& at, Cycle& lag, std::uint32_t flits, Cycle limit) {
  const Row bit = Row{1} << link % Leg::block;
  Row* const cycles = cycles_of(link);
  Full& full = full_[link];
  const bool known = full.from <= at && at < full.until;
  std::array<Cycle, max_flits> found;
  std::uint32_t missing = flits;
  for (Cycle cycle = known ? full.until : at; missing > 0; ++cycle) {
    if (cycle >= limit) return false;
    if ((cycles[cycle & last_cycle_] & bit) == 0) found[flits - missing--] = cycle;
  }
  for (std::uint32_t flit = 0; flit < flits; ++flit) cycles[found[flit] & last_cycle_] |= bit;
  const Cycle last = found[flits - 1];
  full = {known ? full.from : at, last + 1};
  lag = std::max(at + lag, last) - found[0];
  at = found[0];
  return true;
}

}  // namespace baton::sim
