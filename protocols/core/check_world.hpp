#pragma once
// One state of the checked system: one or two lines in N caches and their home, the messages in flight, the
// golden values. Also its codecs: a protocol lists the fields of a line and an entry that matter
// (`code(codec)`), and the codecs see from a field's type what it is: NodeId and NodeSet are names of nodes,
// Value is a content, Tick a moment at which a core may yet perform an access, everything else a small
// number. Of logical time, `codec.version(tick)` is a version's tick, and `codec.until(tick)` the end of a
// lease.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "protocols/core/check.hpp"
#include "protocols/core/check_flight.hpp"
#include "protocols/core/check_time.hpp"
#include "protocols/core/node_set.hpp"
#include "protocols/core/types.hpp"
#include "protocols/core/variant.hpp"

namespace baton::checker {

constexpr std::size_t max_caches = max_checked_caches;
constexpr std::size_t max_lines = max_checked_lines;

/// New names for nodes and lines, and what is added to the contents of each line.
struct Renaming {
  std::array<NodeId, 8> node{0, 1, 2, 3, 4, 5, 6, packed_no_node};
  std::array<std::uint8_t, max_lines> line{0, 1};   ///< by old name
  std::array<std::uint8_t, max_lines> shift{0, 0};  ///< by old name of the line
  std::uint8_t values = 2;
  TimeScale time;

  std::uint8_t value(std::size_t of_line, Value v) const {
    return static_cast<std::uint8_t>(v < values ? (v + shift[of_line]) % values : no_content);
  }
  /// A set of values, bit v for v.
  std::uint8_t value_set(std::size_t of_line, std::uint8_t set) const {
    const unsigned s = shift[of_line];
    const unsigned all = (1U << values) - 1U;
    return static_cast<std::uint8_t>((static_cast<unsigned>(set) << s | set >> (values - s)) & all);
  }
};

/// A core's access that its cache has not performed yet.
struct Pending {
  static constexpr std::uint8_t none = 0xFF;
  std::uint8_t event = none;  ///< Load, Store or Rmw, as a number
  std::uint8_t seen = 0;      ///< for a load: bit v is set if v was golden at some moment since its issue
};

/// Stores that wait in a core, by line, the oldest first.
class StoreBuffer {
 public:
  std::size_t size() const { return size_; }
  std::size_t operator[](std::size_t i) const { return lines_ >> i & 1U; }
  bool holds(std::size_t line) const {
    for (std::size_t i = 0; i < size_; ++i)
      if ((*this)[i] == line) return true;
    return false;
  }
  void push(std::size_t line) {
    lines_ = static_cast<std::uint8_t>(lines_ | line << size_);
    ++size_;
  }
  void pop() {
    lines_ = static_cast<std::uint8_t>(lines_ >> 1U);
    --size_;
  }

 private:
  std::uint8_t size_ = 0;
  std::uint8_t lines_ = 0;
};

/// Writes fields as bytes under a renaming. Values and acknowledgement counts are tiny here.
class Writer {
 public:
  Writer(std::string& bytes, const Renaming& names) : bytes_(bytes), names_(names) {}
  void set_line(std::size_t line) { line_ = line; }

  template <class T>
  void operator()(const T& field) {
    if constexpr (std::is_same_v<T, NodeSet>) {
      unsigned mask = 0;
      field.for_each([&](NodeId node) { mask |= 1U << names_.node[node & 7U]; });
      bytes_.push_back(static_cast<char>(mask));
    } else if constexpr (std::is_same_v<T, NodeId>) {
      bytes_.push_back(static_cast<char>(field == no_node ? 0xFF : names_.node[field & 7U]));
    } else if constexpr (std::is_same_v<T, Value>) {
      bytes_.push_back(static_cast<char>(names_.value(line_, field)));
    } else if constexpr (std::is_same_v<T, Tick>) {
      until(field);
    } else {
      bytes_.push_back(static_cast<char>(field));  // negative counts wrap
    }
  }

  /// Of a set that does not name nodes.
  void numbers(const NodeSet& set) {
    unsigned mask = 0;
    set.for_each([&](NodeId number) { mask |= 1U << (number & 7U); });
    bytes_.push_back(static_cast<char>(mask));
  }
  void until(Tick tick) { bytes_.push_back(static_cast<char>(names_.time.moment(tick))); }
  void version(Tick tick) { bytes_.push_back(static_cast<char>(names_.time.version(tick))); }

 private:
  std::string& bytes_;
  const Renaming& names_;
  std::size_t line_ = 0;
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
  void numbers(NodeSet& set) { (*this)(set); }
  void until(Tick& tick) { (*this)(tick); }
  void version(Tick& tick) { (*this)(tick); }
  const char* at() const { return at_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

 private:
  const char* at_;
  const char* end_;
};

/// The size of a world.
struct Shape {
  std::size_t caches = 0;
  std::size_t lines = 1;
  bool has_buffers = false;
};

template <class P>
struct World : TimeOfLines<has_logical_time<P>> {
  struct CacheSide : TimeOfCache<has_logical_time<P>> {
    std::array<typename P::Line, max_lines> lines;
    std::array<Pending, max_lines> pending;
    StoreBuffer buffer;
  };
  std::array<CacheSide, max_caches> caches;
  std::array<typename P::Entry, max_lines> homes;
  std::array<std::uint8_t, max_lines> golden{};  ///< what the last store to each line wrote
  Flight flight;

  static World decode(const Shape& shape, std::string_view bytes) {
    World world;
    Reader read(bytes);
    for (std::size_t i = 0; i < shape.caches; ++i) {
      CacheSide& cache = world.caches[i];
      if constexpr (has_logical_time<P>) read(cache.clock.now);
      for (std::size_t l = 0; l < shape.lines; ++l) {
        cache.lines[l].data = no_content;
        cache.lines[l].code(read);
        read(cache.pending[l].event);
        if (cache.pending[l].event == 0) read(cache.pending[l].seen);
      }
      if (shape.has_buffers) {
        std::uint8_t code = 0;
        read(code);
        for (; code > 1; code = static_cast<std::uint8_t>(code >> 1U)) cache.buffer.push(code & 1U);
      }
    }
    for (std::size_t l = 0; l < shape.lines; ++l) {
      world.homes[l].data = no_content;
      world.homes[l].code(read);
      read(world.golden[l]);
      if constexpr (has_logical_time<P>) world.read_versions(l, read);
    }
    world.flight.assign(read.at(), read.left() / sizeof(Packed));
    return world;
  }

  /// Appends nothing to what `bytes` held before: replaces it. `cache_at` and `line_at` have the old names in
  /// the order of the new ones.
  void encode(const Shape& shape, const Renaming& names, const std::array<std::size_t, max_caches>& cache_at,
              const std::array<std::size_t, max_lines>& line_at, const Flight& renamed, std::string& bytes) {
    bytes.clear();
    Writer write(bytes, names);
    for (std::size_t i = 0; i < shape.caches; ++i) {
      CacheSide& cache = caches[cache_at[i]];
      if constexpr (has_logical_time<P>) write(cache.clock.now);
      for (std::size_t k = 0; k < shape.lines; ++k) {
        const std::size_t l = line_at[k];
        write.set_line(l);
        cache.lines[l].code(write);
        bytes.push_back(static_cast<char>(cache.pending[l].event));
        if (cache.pending[l].event == 0)
          bytes.push_back(static_cast<char>(names.value_set(l, cache.pending[l].seen)));
      }
      if (shape.has_buffers) {
        unsigned code = 1;  // a one, then the lines, the youngest in the highest place
        for (std::size_t b = cache.buffer.size(); b-- > 0;) code = code << 1U | names.line[cache.buffer[b]];
        bytes.push_back(static_cast<char>(code));
      }
    }
    for (std::size_t k = 0; k < shape.lines; ++k) {
      const std::size_t l = line_at[k];
      write.set_line(l);
      homes[l].code(write);
      bytes.push_back(static_cast<char>(names.value(l, golden[l])));
      if constexpr (has_logical_time<P>) write_versions(l, names, bytes);
    }
    bytes.append(reinterpret_cast<const char*>(renamed.data()), renamed.size() * sizeof(Packed));
  }

  /// The oldest moment at which an access may yet be performed.
  Tick oldest_moment(const Shape& shape) {
    TimeLook look(~Tick{0});
    for (std::size_t i = 0; i < shape.caches; ++i) {
      look(caches[i].clock.now);
      for (std::size_t l = 0; l < shape.lines; ++l) caches[i].lines[l].code(look);
    }
    return look.base();
  }
  /// Time's normal form.
  TimeScale time_scale(const Shape& shape) {
    TimeLook look(~Tick{0});
    for (std::size_t l = 0; l < shape.lines; ++l) {
      homes[l].code(look);
      for (std::size_t i = 0; i < shape.caches; ++i) caches[i].lines[l].code(look);
    }
    for (std::size_t i = 0; i < flight.size(); ++i) look.version(unpack<P>(flight[i]).wts);
    TimeScale scale;
    scale.begin(oldest_moment(shape));
    look.each_version([&](Tick version) { scale.add_version(version); });
    return scale;
  }

  void read_versions(std::size_t line, Reader& read) {
    auto& all = this->versions[line];
    std::uint8_t size = 0;
    read(size);
    for (all.clear(); size > 0; --size) {
      Versions::Version version{};
      read(version.since);
      read(version.content);
      all.add(version);
    }
    Tick last_load = 0;
    read(last_load);
    all.note_load(last_load);
  }
  /// Those that can still be read. When the first of them began does not matter if it is old.
  void write_versions(std::size_t line, const Renaming& names, std::string& bytes) const {
    const auto& all = this->versions[line];
    const std::size_t first = all.first_from(names.time.base());
    bytes.push_back(static_cast<char>(all.size() - first));
    for (std::size_t i = first; i < all.size(); ++i) {
      bytes.push_back(static_cast<char>(names.time.moment(all[i].since)));
      bytes.push_back(static_cast<char>(names.value(line, all[i].content)));
    }
    bytes.push_back(static_cast<char>(names.time.moment(all.last_load())));
  }

  /// Nothing is under way that would have to end.
  bool is_quiet(const Shape& shape) const {
    if (flight.size() != 0) return false;
    for (std::size_t l = 0; l < shape.lines; ++l) {
      if (!is_stable(homes[l].state)) return false;
      for (std::size_t i = 0; i < shape.caches; ++i)
        if (!is_stable(caches[i].lines[l].state) || caches[i].pending[l].event != Pending::none ||
            caches[i].buffer.size() != 0)
          return false;
    }
    return true;
  }
};

}  // namespace baton::checker
