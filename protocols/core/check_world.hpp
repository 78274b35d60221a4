#pragma once
// One state of the checked system: a line in N caches and its home, the messages in flight, the golden value.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "protocols/core/check.hpp"
#include "protocols/core/node_set.hpp"
#include "protocols/core/types.hpp"
#include "protocols/core/variant.hpp"

namespace baton::checker {

/// A message in 24 bits, ordered by virtual network, then source, then destination: its channel.
using Packed = std::uint32_t;

constexpr NodeId packed_no_node = 7;

inline Packed pack(const Message& m, VirtualNetwork network) {
  const auto node = [](NodeId n) { return static_cast<Packed>(n == no_node ? packed_no_node : n); };
  Packed p = static_cast<Packed>(network);
  p = p << 3U | node(m.source);
  p = p << 3U | node(m.destination);
  p = p << 1U | static_cast<Packed>(m.receiver);
  p = p << 5U | m.kind;
  p = p << 3U | node(m.requestor);
  p = p << 5U | static_cast<Packed>(m.acks);
  return p << 2U | static_cast<Packed>(m.data);
}

inline Message unpack(Packed p) {
  const auto take = [&p](unsigned bits) {
    const Packed field = p & ((1U << bits) - 1U);
    p >>= bits;
    return field;
  };
  const auto node = [](Packed n) { return n == packed_no_node ? no_node : static_cast<NodeId>(n); };
  Message m;
  m.data = take(2);
  m.acks = static_cast<std::int16_t>(take(5));
  m.requestor = node(take(3));
  m.kind = static_cast<std::uint8_t>(take(5));
  m.receiver = static_cast<Unit>(take(1));
  m.destination = node(take(3));
  m.source = node(take(3));
  return m;
}

inline Packed channel_of(Packed p) {
  return p >> 16U;
}
inline std::size_t network_of(Packed p) {
  return p >> 22U;
}

/// The messages in flight in a normal form: sorted, but within the channel of an ordered network by age.
class Flight {
 public:
  static constexpr std::size_t capacity = 40;

  std::size_t size() const { return size_; }
  Packed operator[](std::size_t i) const { return messages_[i]; }
  const Packed* data() const { return messages_.data(); }

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

/// A core's access that its cache has not performed yet.
struct Pending {
  static constexpr std::uint8_t none = 0xFF;
  std::uint8_t event = none;  ///< Load, Store or Rmw, as a number
  std::uint8_t seen =
      0;  ///< for a load: bit v is set if v was the golden value at some moment since its issue
};

/// Writes fields as bytes. Node numbers, values and acknowledgement counts are tiny here.
class Writer {
 public:
  explicit Writer(std::string& bytes) : bytes_(bytes) {}
  template <class T>
  void operator()(const T& field) {
    if constexpr (std::is_same_v<T, NodeSet>) {
      unsigned mask = 0;
      field.for_each([&](NodeId node) { mask |= 1U << (node & 7U); });
      bytes_.push_back(static_cast<char>(mask));
    } else {
      bytes_.push_back(static_cast<char>(field));  // no_node becomes 0xFF, negative counts wrap
    }
  }

 private:
  std::string& bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}
  template <class T>
  void operator()(T& field) {
    const char c = *at_++;
    const auto byte = static_cast<unsigned char>(c);
    if constexpr (std::is_same_v<T, NodeSet>) {
      for (NodeId node = 0; node < 8; ++node)
        if ((byte >> node & 1U) != 0) field.insert(node);
    } else if constexpr (std::is_same_v<T, NodeId>) {
      field = byte == 0xFF ? no_node : byte;
    } else if constexpr (std::is_enum_v<T> || std::is_unsigned_v<T>) {
      field = static_cast<T>(byte);
    } else {
      field = static_cast<signed char>(c);
    }
  }
  const char* at() const { return at_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

 private:
  const char* at_;
  const char* end_;
};

template <class P>
struct World {
  std::array<typename P::Line, max_checked_caches> lines;
  std::array<Pending, max_checked_caches> pending;
  typename P::Entry home;
  std::uint8_t golden = 0;  ///< what the last store wrote
  Flight flight;

  void encode(std::size_t caches, std::string& bytes) {
    bytes.clear();
    Writer write(bytes);
    for (std::size_t i = 0; i < caches; ++i) {
      lines[i].code(write);
      write(pending[i].event);
      if (pending[i].event == 0) write(pending[i].seen);
    }
    home.code(write);
    write(golden);
    bytes.append(reinterpret_cast<const char*>(flight.data()), flight.size() * sizeof(Packed));
  }

  static World decode(std::size_t caches, std::string_view bytes) {
    World world;
    Reader read(bytes);
    for (std::size_t i = 0; i < caches; ++i) {
      world.lines[i].code(read);
      read(world.pending[i].event);
      if (world.pending[i].event == 0) read(world.pending[i].seen);
    }
    world.home.code(read);
    read(world.golden);
    world.flight.assign(read.at(), read.left() / sizeof(Packed));
    return world;
  }

  /// Nothing is under way that would have to end.
  bool is_quiet(std::size_t caches) const {
    bool quiet = flight.size() == 0 && is_stable(home.state);
    for (std::size_t i = 0; i < caches; ++i)
      quiet = quiet && is_stable(lines[i].state) && pending[i].event == Pending::none;
    return quiet;
  }
};

}  // namespace baton::checker
