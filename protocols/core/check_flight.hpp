#pragma once
// The messages in flight of a checked state, in few bits and in a normal form.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "protocols/core/context.hpp"
#include "protocols/core/describe.hpp"
#include "protocols/core/types.hpp"

namespace baton::checker {

/// A message in 32 bits, ordered by virtual network, then source, then destination: its channel. Ticks are
/// those of a normal form (check_time.hpp); a message with a version has no acknowledgements to announce.
using Packed = std::uint32_t;

constexpr NodeId packed_no_node = 7;
constexpr std::int16_t most_acks = 31;
constexpr Tick most_packed_ticks = 31;

inline Packed pack(const Message& m, VirtualNetwork network) {
  const auto node = [](NodeId n) { return static_cast<Packed>(n == no_node ? packed_no_node : n); };
  Packed p = static_cast<Packed>(network);
  p = p << 3U | node(m.source);
  p = p << 3U | node(m.destination);
  p = p << 1U | static_cast<Packed>(m.receiver);
  p = p << 1U | static_cast<Packed>(m.line);
  p = p << 6U | m.kind;
  p = p << 3U | node(m.requestor);
  p = p << 5U | m.rts;
  p = p << 5U | (static_cast<Packed>(m.acks) | m.wts);
  return p << 3U | static_cast<Packed>(m.data);
}

template <class P>
Message unpack(Packed p) {
  const auto take = [&p](unsigned bits) {
    const Packed field = p & ((1U << bits) - 1U);
    p >>= bits;
    return field;
  };
  const auto node = [](Packed n) { return n == packed_no_node ? no_node : static_cast<NodeId>(n); };
  Message m;
  m.data = take(3);
  const Packed number = take(5);
  if constexpr (has_logical_time<P>)
    m.wts = number;
  else
    m.acks = static_cast<std::int16_t>(number);
  m.rts = take(5);
  m.requestor = node(take(3));
  m.kind = static_cast<std::uint8_t>(take(6));
  m.line = take(1);
  m.receiver = static_cast<Unit>(take(1));
  m.destination = node(take(3));
  m.source = node(take(3));
  return m;
}

/// Network, source and destination: what an ordered network keeps in order.
inline Packed channel_of(Packed p) {
  return p >> 24U;
}
inline std::size_t network_of(Packed p) {
  return p >> 30U;
}
/// Network, destination and unit: the queue in which the message waits.
inline Packed queue_of(Packed p) {
  return (p >> 30U) << 4U | (p >> 23U & 0xFU);
}
constexpr Packed unit_of_queue = 0xF;  ///< the bits of a queue that say where it is

/// The messages in flight: sorted, but within the channel of an ordered network by age.
class Flight {
 public:
  static constexpr std::size_t capacity = 40;

  std::size_t size() const { return size_; }
  Packed operator[](std::size_t i) const { return messages_[i]; }
  const Packed* data() const { return messages_.data(); }

  /// Of the same channel.
  void set(std::size_t i, Packed p) { messages_[i] = p; }
  /// False if there is no room: the protocol lets messages pile up.
  bool add(Packed p, bool ordered) {
    if (size_ == capacity) return false;
    const auto begin = messages_.begin();
    const auto end = begin + static_cast<std::ptrdiff_t>(size_);
    const auto at = ordered
                        ? std::upper_bound(begin, end, p,
                                           [](Packed a, Packed b) { return channel_of(a) < channel_of(b); })
                        : std::upper_bound(begin, end, p);
    std::copy_backward(at, end, end + 1);
    *at = p;
    ++size_;
    return true;
  }
  void remove(std::size_t i) {
    std::copy(messages_.begin() + static_cast<std::ptrdiff_t>(i) + 1,
              messages_.begin() + static_cast<std::ptrdiff_t>(size_),
              messages_.begin() + static_cast<std::ptrdiff_t>(i));
    --size_;
  }
  void clear() { size_ = 0; }
  void assign(const char* bytes, std::size_t count) {
    std::memcpy(messages_.data(), bytes, count * sizeof(Packed));
    size_ = count;
  }

  Flight() = default;
  Flight(const Flight& other) : size_(other.size_) { copy(other); }
  Flight& operator=(const Flight& other) {
    size_ = other.size_;
    copy(other);
    return *this;
  }

 private:
  void copy(const Flight& other) {  // only what is in use: states are copied for every step
    std::memcpy(messages_.data(), other.messages_.data(), size_ * sizeof(Packed));
  }

  std::array<Packed, capacity> messages_;
  std::size_t size_ = 0;
};

}  // namespace baton::checker
