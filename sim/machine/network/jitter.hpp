#pragma once
// Random delays of messages before they enter the network, to try orders that a regular machine never shows.
// Messages of an ordered virtual network between a pair of nodes stay in order; all others may overtake each
// other. A machine without jitter has none of this: its units are bound to the network itself.

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>

#include "sim/machine/network/network.hpp"
#include "traces/synthetic/random.hpp"

namespace baton::sim {

class Jitter {
 public:
  Jitter(std::span<const KindInfo> kinds, const std::array<bool, virtual_networks>& ordered,
         std::uint32_t nodes, std::uint64_t seed)
      : kinds_(kinds), ordered_(ordered), nodes_(nodes), random_(seed, jitter_stream) {}

  /// When a message that is ready at the cycle `at` is sent: 0 .. `most` cycles later, or after those that it
  /// has to stay behind.
  Cycle delayed(const Message& message, Cycle at, std::uint32_t most) {
    const Cycle drawn = at + random_.below(std::uint64_t{most} + 1);
    const auto network = static_cast<std::size_t>(kinds_[message.kind].network);
    if (!ordered_[network]) return drawn;
    Cycle& last =
        last_[(std::uint64_t{message.source} * nodes_ + message.destination) * virtual_networks + network];
    return last = std::max(last, drawn);
  }

 private:
  static constexpr std::uint64_t jitter_stream = 0x6A6974746572;  // any number that no core's index is

  std::span<const KindInfo> kinds_;
  std::array<bool, virtual_networks> ordered_;
  std::uint32_t nodes_;
  traces::Random random_;
  // By pair and virtual network: when its last message was sent. Few pairs of a large machine ever talk. Only
  // looked up, so that the order of a hash map shows nowhere.
  std::unordered_map<std::uint64_t, Cycle> last_;
};

/// What a unit sees of the network behind jitter of at most so many cycles.
class JitteredSender final : public Sender {
 public:
  JitteredSender(Sender& network, Jitter& jitter, std::uint32_t most_cycles)
      : network_(network), jitter_(jitter), most_cycles_(most_cycles) {}
  void send(const Message& message, Cycle at) override {
    network_.send(message, jitter_.delayed(message, at, most_cycles_));
  }

 private:
  Sender& network_;
  Jitter& jitter_;
  std::uint32_t most_cycles_;
};

/// The senders of a machine with jitter: what homes send is late by the network's jitter and their own.
struct JitteredSenders {
  JitteredSenders(Sender& network, const Jitter& drawn, std::uint32_t network_cycles,
                  std::uint32_t home_cycles)
      : jitter(drawn),
        caches(network, jitter, network_cycles),
        homes(network, jitter, network_cycles + home_cycles) {}
  JitteredSenders(const JitteredSenders&) = delete;
  JitteredSenders& operator=(const JitteredSenders&) = delete;

  Jitter jitter;
  JitteredSender caches;
  JitteredSender homes;
};

}  // namespace baton::sim
