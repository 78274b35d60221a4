#pragma once
// One key for all states that differ only in the names of caches and lines and in the zero of the contents
// (scalarset symmetry: Ip and Dill, Better verification through symmetry, 1996). Caches are sorted by a
// signature that does not depend on names; only those with equal signatures are tried in every order.
//
// A protocol whose tables prefer a node for its number (a directory that drops the lowest of its pointers) is
// not symmetric and says so: Variant::symmetric.

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>

#include "protocols/core/check_store.hpp"
#include "protocols/core/check_world.hpp"

namespace baton::checker {

/// Hashes fields as one cache sees them: itself, the home, nobody, another.
class RoleHash {
 public:
  RoleHash(NodeId self, NodeId home, const Renaming& names) : self_(self), home_(home), names_(names) {}
  void set_line(std::size_t line) { line_ = line; }
  std::uint64_t result() const { return hash_; }
  std::uint64_t role(NodeId node) const {
    return node == no_node ? 3 : node == self_ ? 1 : node == home_ ? 2 : 0;
  }
  void add(std::uint64_t number) { hash_ = mix(hash_ ^ (number + 0x9E3779B97F4A7C15U)); }

  template <class T>
  void operator()(const T& field) {
    if constexpr (std::is_same_v<T, NodeSet>)
      add(field.size() * 2 + (field.contains(self_) ? 1 : 0));
    else if constexpr (std::is_same_v<T, NodeId>)
      add(role(field));
    else if constexpr (std::is_same_v<T, Value>)
      add(names_.value(line_, field));
    else if constexpr (std::is_same_v<T, Tick>)
      until(field);
    else
      add(static_cast<std::uint64_t>(field));
  }

  void numbers(const NodeSet& set) {
    set.for_each([&](NodeId number) { add(number); });
  }
  void until(Tick tick) { add(names_.time.moment(tick)); }
  void version(Tick tick) { add(names_.time.version(tick)); }

 private:
  NodeId self_;
  NodeId home_;
  const Renaming& names_;
  std::size_t line_ = 0;
  std::uint64_t hash_ = 0;
};

/// Makes keys. One a thread.
template <class P>
class KeyMaker {
 public:
  KeyMaker(const Shape& shape, const CheckParameters& parameters, NodeId home, bool symmetric)
      : shape_(shape),
        home_(home),
        symmetric_(parameters.symmetry && symmetric),
        ordered_{P::ordered[0] && !parameters.ignore_order, P::ordered[1] && !parameters.ignore_order,
                 P::ordered[2] && !parameters.ignore_order} {
    names_.values = static_cast<std::uint8_t>(parameters.values);
  }

  /// Replaces `key`. The world is only read.
  void encode(World<P>& world, std::string& key) {
    line_at_ = {0, 1};
    cache_at_ = {0, 1, 2, 3};
    if constexpr (has_logical_time<P>) names_.time = world.time_scale(shape_);
    if (!symmetric_) {
      write(world, key);
      return;
    }
    for (std::size_t l = 0; l < shape_.lines; ++l)
      names_.shift[l] = static_cast<std::uint8_t>((names_.values - world.golden[l]) % names_.values);
    key.clear();
    order_caches(world, key);
    if (shape_.lines == 2) {
      line_at_ = {1, 0};
      order_caches(world, key);
    }
  }

  /// The state as a search goes on from it, under its own names: fields that do not matter have their
  /// defaults.
  World<P> without_dead_fields(World<P>& world) {
    Renaming own;
    own.values = names_.values;
    flight_ = world.flight;
    if constexpr (has_logical_time<P>) {
      own.time = world.time_scale(shape_);
      for (std::size_t i = 0; i < flight_.size(); ++i) flight_.set(i, renamed(flight_[i], own));
    }
    world.encode(shape_, own, {0, 1, 2, 3}, {0, 1}, flight_, key_);
    return World<P>::decode(shape_, key_);
  }

  /// How many states have the same key as this one, which has been decoded from it: all its renamings, those
  /// that are equal counted once.
  std::uint64_t renamings(World<P>& world) {
    if (!symmetric_) return 1;
    if constexpr (has_logical_time<P>) names_.time = world.time_scale(shape_);
    std::set<std::string> all;
    std::array<std::uint64_t, max_caches> signature{};
    if (home_ == 0) signature[0] = 1;
    for (const bool swapped : {false, true}) {
      if (swapped && shape_.lines == 1) continue;
      line_at_ =
          swapped ? std::array<std::size_t, max_lines>{1, 0} : std::array<std::size_t, max_lines>{0, 1};
      names_.line = {static_cast<std::uint8_t>(line_at_[0]), static_cast<std::uint8_t>(line_at_[1])};
      for (names_.shift[0] = 0; names_.shift[0] < names_.values; ++names_.shift[0])
        for (names_.shift[1] = 0; names_.shift[1] < (shape_.lines == 1 ? 1 : names_.values);
             ++names_.shift[1]) {
          cache_at_ = {0, 1, 2, 3};
          do {
            write(world, key_);
            all.insert(key_);
          } while (next_order(signature));
        }
    }
    return all.size();
  }

 private:
  // Leaves the least key in `best`, or what it held if that is less.
  void order_caches(World<P>& world, std::string& best) {
    names_.line[line_at_[0]] = 0;
    names_.line[line_at_[1]] = 1;
    std::array<std::uint64_t, max_caches> signature{};
    for (std::size_t i = 0; i < shape_.caches; ++i) signature[i] = sign(world, i);
    cache_at_ = {0, 1, 2, 3};
    const auto begin = cache_at_.begin();
    const auto end = begin + static_cast<std::ptrdiff_t>(shape_.caches);
    std::sort(begin, end, [&](std::size_t a, std::size_t b) {
      return signature[a] != signature[b] ? signature[a] < signature[b] : a < b;
    });
    do {
      write(world, key_);
      if (best.empty() || key_ < best) best.swap(key_);
    } while (next_order(signature));
  }

  // The next order of caches with equal signatures: an odometer of std::next_permutation.
  bool next_order(const std::array<std::uint64_t, max_caches>& signature) {
    for (std::size_t first = 0; first < shape_.caches;) {
      std::size_t last = first + 1;
      while (last < shape_.caches && signature[cache_at_[last]] == signature[cache_at_[first]]) ++last;
      const auto begin = cache_at_.begin();
      if (std::next_permutation(begin + static_cast<std::ptrdiff_t>(first),
                                begin + static_cast<std::ptrdiff_t>(last)))
        return true;  // those before have just wrapped to their first order
      first = last;
    }
    return false;
  }

  std::uint64_t sign(World<P>& world, std::size_t cache) const {
    if (home_ == cache) return 0;  // the home's neighbour keeps its name
    RoleHash hash(static_cast<NodeId>(cache), home_, names_);
    auto& side = world.caches[cache];
    if constexpr (has_logical_time<P>) hash(side.clock.now);
    for (std::size_t k = 0; k < shape_.lines; ++k) {
      const std::size_t l = line_at_[k];
      hash.set_line(l);
      side.lines[l].code(hash);
      const Pending& pending = side.pending[l];
      hash.add(pending.event == 0 ? names_.value_set(l, pending.seen) : pending.event + 0x100U);
      world.homes[l].code(hash);
    }
    for (std::size_t b = 0; b < side.buffer.size(); ++b) hash.add(names_.line[side.buffer[b]]);
    std::uint64_t messages = 0;
    for (std::size_t i = 0; i < world.flight.size(); ++i) {
      const Message m = unpack<P>(world.flight[i]);
      const auto l = static_cast<std::size_t>(m.line);
      std::uint64_t word = m.kind;
      word = word << 2U | hash.role(m.source);
      word = word << 2U | hash.role(m.destination);
      word = word << 2U | hash.role(m.requestor);
      word = word << 1U | names_.line[l];
      word = word << 8U | static_cast<std::uint8_t>(m.acks);
      word = word << 2U | (P::kinds[m.kind].carries_data ? names_.value(l, m.data) : 0U);
      if constexpr (has_logical_time<P>)
        word = word << 10U | names_.time.version(m.wts) << 5U | names_.time.moment(m.rts);
      messages += mix(word + 1);
    }
    hash.add(messages);
    return hash.result() | 1U;
  }

  void write(World<P>& world, std::string& key) {
    for (std::size_t i = 0; i < shape_.caches; ++i) names_.node[cache_at_[i]] = static_cast<NodeId>(i);
    flight_.clear();
    for (std::size_t i = 0; i < world.flight.size(); ++i) {
      const std::size_t network = network_of(world.flight[i]);
      flight_.add(renamed(world.flight[i], names_), ordered_[network]);
    }
    world.encode(shape_, names_, cache_at_, line_at_, flight_, key);
  }

  static Packed renamed(Packed p, const Renaming& names) {
    Message m = unpack<P>(p);
    const auto l = static_cast<std::size_t>(m.line);
    const auto node = [&](NodeId n) { return n == no_node ? no_node : names.node[n]; };
    m.source = node(m.source);
    m.destination = node(m.destination);
    m.requestor = node(m.requestor);
    m.line = names.line[l];
    if (P::kinds[m.kind].carries_data) m.data = names.value(l, m.data);
    if constexpr (has_logical_time<P>) {
      m.wts = names.time.version(m.wts);
      m.rts = names.time.moment(m.rts);
    }
    return pack(m, static_cast<VirtualNetwork>(network_of(p)));
  }

  Shape shape_;
  NodeId home_;
  bool symmetric_;
  std::array<bool, virtual_networks> ordered_;
  Renaming names_;
  std::array<std::size_t, max_caches> cache_at_{};
  std::array<std::size_t, max_lines> line_at_{};
  Flight flight_;
  std::string key_;
};

}  // namespace baton::checker
