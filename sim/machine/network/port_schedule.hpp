#pragma once
// Which cycles of every injection and ejection port are taken: see reservation.hpp. A port is often busy for
// a few cycles. A word holds 64 cycles of one port: no branch is taken to find the first free one, and the
// host has nothing to guess.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "sim/machine/network/reservation.hpp"

namespace baton::sim {

class PortSchedule {
 public:
  explicit PortSchedule(std::size_t ports) : ports_(ports), taken_(words * ports) {}

  /// Before reservations at the cycle `now`, which never goes back.
  void advance(Cycle now) {
    if (now / 64 != present_) forget(now / 64);
  }

  /// Takes the port for the packet: the first `flits` free cycles from its head on, which is then where it
  /// is. False if they do not all lie before `limit`, limit(now): nothing is reserved.
  bool take(std::size_t port, reservation::Packet& packet, std::uint32_t flits, Cycle limit) {
    const Cycle from = packet.head;
    const auto skipped = static_cast<std::uint32_t>(from % 64);
    std::uint64_t& word = taken_[word_of(from, port)];
    const std::uint64_t free = ~word >> skipped;  // of the rest of the word
    const auto wait = static_cast<std::uint32_t>(std::countr_zero(free));
    const std::uint64_t train = trains[flits] << wait % 64;
    if (skipped + wait + flits > 64 || (train & ~free) != 0 || from + wait + flits > limit) [[unlikely]]
      return take_late(port, packet, flits, limit);
    word |= train << skipped;
    packet.head = from + wait;
    packet.lag = std::max<Cycle>(packet.lag, wait + flits - 1) - wait;
    return true;
  }

 private:
  static constexpr std::size_t words = 8;                     // a ring
  static_assert(words * 64 >= reservation::window + 2 * 64);  // the word of now, and where a search stops

  // The cycles of so many flits; none where they are more than a word has room for.
  static constexpr auto trains = [] {
    std::array<std::uint64_t, reservation::max_flits + 1> all{};
    for (std::uint32_t flits = 1; flits <= 64; ++flits) all[flits] = ~std::uint64_t{0} >> (64 - flits);
    return all;
  }();

  std::size_t word_of(Cycle at, std::size_t port) const { return at / 64 % words * ports_ + port; }
  bool take_late(std::size_t port, reservation::Packet& packet, std::uint32_t flits, Cycle limit);
  void forget(std::uint64_t present);

  std::size_t ports_;
  std::uint64_t present_ = 0;         // the word of now; those before are clear
  std::vector<std::uint64_t> taken_;  // by word and port
};

}  // namespace baton::sim
