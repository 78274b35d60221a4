#include "sim/machine/network/link_schedule.hpp"

#include <array>

namespace baton::sim {
namespace {

using Row = std::uint32_t;
// So many cycles take_soon() looks at, at most.
constexpr std::uint32_t most_ahead = 32;
constexpr auto one_bit = [] {
  std::array<Row, most_ahead> bits{};
  for (std::uint32_t i = 0; i < most_ahead; ++i) bits[i] = std::uint32_t{1} << i;
  return bits;
}();

// Which of the next cycles of a link are free, a bit each.
template <std::uint32_t look>
Row free_cycles(const Row* cycles, std::uint32_t place) {
  Row free = 0;
  for (std::uint32_t i = 0; i < look; ++i) free |= one_bit[i] & ((cycles[i] >> place & 1) - 1);
  return free;
}

}  // namespace

LinkSchedule::LinkSchedule(std::size_t links, Cycle hop_cycles)
    : hop_cycles_(hop_cycles),
      log_cycles_(static_cast<std::uint32_t>(
          std::bit_width(reservation::window + 2 * reservation::step + Leg::block * hop_cycles))),
      last_cycle_((Cycle{1} << log_cycles_) - 1),
      // Behind the end: what a packet looks at that does not fit before it.
      taken_(((links + Leg::block - 1) / Leg::block << log_cycles_) + reservation::max_flits),
      full_(links) {}

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

// Takes the first free cycles of the first link that is wanted from `at` on, if they are among the next ones,
// as take_late(); and the same cycles of those behind it where these are the first free ones, too. Returns
// the links that it has taken: none if the cycles do not lie before the limit of the first one.
template <bool single>
inline LinkSchedule::Row LinkSchedule::take_soon(Row* cycles, Row wanted, Cycle& at, Cycle& lag,
                                                 std::uint32_t flits, Limits limits) {
  if ((at & last_cycle_) + most_ahead > last_cycle_) return 0;
  Row* const here = cycles + (at & last_cycle_);
  const auto place = static_cast<std::uint32_t>(std::countr_zero(wanted));
  const Row first = wanted & -wanted;
  if constexpr (single) {
    Row free = free_cycles<8>(here, place);
    if (free == 0) [[unlikely]]
      free = free_cycles<most_ahead>(here, place);
    const auto wait = static_cast<std::uint32_t>(std::countr_zero(free));
    if (free == 0 || at + wait >= limits.first) return 0;
    here[wait] |= first;
    at += wait;
    lag = std::max<Cycle>(lag, wait) - wait;
    return first;
  }
  const Row free = free_cycles<most_ahead>(here, place);
  Row found = 0;
  Row left = free;
  for (std::uint32_t i = 0; i < flits; ++i) {
    if (left == 0) return 0;
    found |= left & -left;
    left &= left - 1;
  }
  const auto wait = static_cast<std::uint32_t>(std::countr_zero(found));
  const auto last = static_cast<std::uint32_t>(std::bit_width(found)) - 1;
  if (at + last >= limits.first) return 0;
  Row links = first;
  if (at + last < limits.all) {
    // Links of which the cycles from the first to the last flit are free where they are at the first link.
    Row alike = wanted;
    for (std::uint32_t i = wait; i <= last; ++i) alike &= here[i] ^ -(free >> i & 1);
    const Row others = wanted & ~alike;
    links = wanted & ((others & -others) - 1);
  }
  for (; found != 0; found &= found - 1) here[std::countr_zero(found)] |= links;
  at += wait;
  lag = std::max<Cycle>(lag, last) - wait;
  return links;
}

// Takes a leg's links as take() does, where they may be taken when the packet comes, or beyond the limit.
template <bool single>
std::uint32_t LinkSchedule::take_among_others(Packet& packet, Leg leg, std::uint32_t flits, Cycle limit) {
  const Shape shape = shape_of(leg, hop_cycles_);
  Row* const cycles = cycles_of(leg.first);
  const LinkId block = leg.first / Leg::block * Leg::block;
  const Cycle last_cycle = last_cycle_;
  Row wanted = shape.links;
  Cycle arrived = packet.head + shape.ahead;  // at the first link that is wanted
  Cycle at = arrived;
  while (wanted != 0) {
    if (at + flits <= limit + shape.behind && (at & last_cycle) + flits <= last_cycle) {
      // Those before the first link that is not free.
      Row* const here = cycles + (at & last_cycle);
      const Row busy = busy_in<single>(here, flits) & wanted;
      const Row free = wanted & ((busy & -busy) - 1);
      take_in<single>(here, flits, free);
      wanted ^= free;
      if (wanted == 0) break;
      if (free != 0) arrived = at;
    }
    const auto place = static_cast<std::uint32_t>(std::countr_zero(wanted));
    const Cycle ahead = (Leg::block - place) * hop_cycles_;
    const Limits limits{limit + ahead, limit + shape.behind + hop_cycles_};
    Row taken = take_soon<single>(cycles, wanted, at, packet.lag, flits, limits);
    if (taken == 0) {
      if (!take_late(block + place, at, packet.lag, flits, limits.first)) {
        packet.head = arrived - ahead;
        return block + place - leg.first;
      }
      taken = wanted & -wanted;
    }
    arrived = at;
    wanted ^= taken;
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
  std::array<Cycle, reservation::max_flits> found;
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
