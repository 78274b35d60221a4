#pragma once
// Logical time in checked states: its normal form, and which content of a line is current when.
//
// A protocol with logical time copies ticks, takes the later of two, adds the lease or one, and compares. So
// states whose ticks differ by a constant behave alike, and a search goes on from those whose oldest clock
// says `first_moment`. Ticks before that clock need not be kept:
// - An expired lease (the end of a copy's, or what the home promised) only says "no later than now": 0.
// - A version's tick is only compared with those of other copies for equality, and loses to every clock
//   where the later of the two is taken. So the ticks of old versions are numbered in their order, the
//   newest just below first_moment. 0 is no version.
// Clocks may be arbitrarily far apart, though. The search leaves out steps behind which two clocks are more
// than CheckParameters::clock_window ticks apart, and takes leases that are one tick shorter instead of the
// option's (a writer that jumps behind a new lease then just stays in the window): rows are the same for all.
// What it proves holds for runs in which no core falls behind further; a core may let its clock go on at any
// access.

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>

#include "protocols/core/check.hpp"
#include "protocols/core/check_flight.hpp"

namespace baton::checker {

constexpr Tick first_moment = 12;
constexpr Tick checked_lease(int clock_window) {
  return static_cast<Tick>(clock_window - 1);
}
static_assert(first_moment + max_clock_window + 2 * checked_lease(max_clock_window) + 2 <= most_packed_ticks);

class TimeScale {
 public:
  /// Ticks before `base` are old; versions are added next.
  void begin(Tick base) {
    base_ = base;
    size_ = 0;
  }
  void add_version(Tick version) {
    const auto end = old_.begin() + static_cast<std::ptrdiff_t>(size_);
    if (version == 0 || version >= base_ || std::find(old_.begin(), end, version) != end) return;
    if (size_ == old_.size()) throw std::logic_error("more old versions than the checker has numbers for");
    old_[size_++] = version;
    std::sort(old_.begin(), end + 1);
  }

  Tick moment(Tick t) const { return t < base_ ? 0 : t - base_ + first_moment; }
  Tick version(Tick t) const {
    if (t == 0 || t >= base_) return t == 0 ? 0 : moment(t);
    const auto end = old_.begin() + static_cast<std::ptrdiff_t>(size_);
    return first_moment - static_cast<Tick>(end - std::find(old_.begin(), end, t));
  }
  Tick base() const { return base_; }

 private:
  Tick base_ = first_moment;
  std::array<Tick, first_moment - 1> old_{};
  std::size_t size_ = 0;
};

/// A codec that only looks: at the oldest moment that matters, and at the versions.
class TimeLook {
 public:
  explicit TimeLook(Tick base) : base_(base) {}
  template <class T>
  void operator()(const T& field) {
    if constexpr (std::is_same_v<T, Tick>) base_ = std::min(base_, field);
  }
  template <class T>
  void numbers(const T&) {}
  void until(const Tick&) {}
  void version(const Tick& tick) { versions_[std::min(size_++, versions_.size() - 1)] = tick; }

  Tick base() const { return base_; }
  template <class F>
  void each_version(F f) const {
    for (std::size_t i = 0; i < size_; ++i) f(versions_[i]);
  }

 private:
  Tick base_;
  std::array<Tick, 32> versions_{};
  std::size_t size_ = 0;
};

/// The contents of a line in logical time: each is current from its tick to before the next one's.
class Versions {
 public:
  struct Version {
    Tick since;
    std::uint8_t content;
  };

  std::size_t size() const { return size_; }
  const Version& operator[](std::size_t i) const { return all_[i]; }
  const Version& last() const { return all_[size_ - 1]; }
  std::uint8_t at(Tick moment) const {
    std::size_t i = size_ - 1;
    while (i > 0 && all_[i].since > moment) --i;
    return all_[i].content;
  }
  void add(Version version) {
    if (size_ == all_.size()) throw std::logic_error("more versions than the checker has room for");
    all_[size_++] = version;
  }
  void clear() { size_ = 0; }
  /// A load has been performed at this moment: no store may come before it any more.
  void note_load(Tick moment) { last_load_ = std::max(last_load_, moment); }
  Tick last_load() const { return last_load_; }
  /// The first that can still be read when no clock is before `base`.
  std::size_t first_from(Tick base) const {
    std::size_t i = size_ - 1;
    while (i > 0 && all_[i].since > base) --i;
    return i;
  }

 private:
  std::array<Version, 20> all_{{{1, 0}}};  // what memory begins with
  std::size_t size_ = 1;
  Tick last_load_ = 0;
};

/// What a state has besides, if its protocol has logical time.
template <bool>
struct TimeOfCache {};
template <>
struct TimeOfCache<true> {
  Clock clock;
};
template <bool>
struct TimeOfLines {};
template <>
struct TimeOfLines<true> {
  std::array<Versions, 2> versions;
};

}  // namespace baton::checker
