#pragma once
// Random numbers that are the same on every machine and with every standard library: <random>'s distributions
// are not (the standard leaves their algorithms open). Integer arithmetic only.

#include <bit>
#include <cmath>
#include <cstdint>

namespace baton::traces {

/// Sebastiano Vigna's splitmix64: a bijective mixer, used to make independent seeds from small numbers.
constexpr std::uint64_t splitmix64(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

/// A seed for the part `index` of something seeded with `seed`.
constexpr std::uint64_t derived_seed(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t state = splitmix64(seed) ^ index;
  return splitmix64(state);
}

/// xoshiro256** 1.0 (Blackman and Vigna 2018), seeded by splitmix64 as its authors advise.
class Random {
 public:
  /// Cores with the same seed get independent sequences.
  Random(std::uint64_t seed, std::uint64_t core) {
    std::uint64_t state = derived_seed(seed, core);
    for (std::uint64_t& word : s_) word = splitmix64(state);
  }

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(s_[1] * 5, 7) * 9;
    const std::uint64_t t = s_[1] << 17;
    s_[2] ^= s_[0];
    s_[3] ^= s_[1];
    s_[1] ^= s_[2];
    s_[0] ^= s_[3];
    s_[2] ^= t;
    s_[3] = std::rotl(s_[3], 45);
    return result;
  }

  /// Uniform in [0, n), 1 <= n <= 2^32: the product's high half (Lemire 2019 without its rejection, whose
  /// bias, below 2^-32, no simulation can see).
  std::uint64_t below(std::uint64_t n) { return ((next() >> 32) * n) >> 32; }

  /// Uniform in [0, 1), a multiple of 2^-53.
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
  std::uint64_t s_[4];
};

/// An event of fixed probability (0 never, 1 always) by one integer comparison.
class Chance {
 public:
  explicit Chance(double probability)
      : threshold_(static_cast<std::uint64_t>(std::ceil(probability * 0x1p53))) {}
  bool operator()(Random& random) const { return holds(random.next()); }
  /// The same of a number drawn by the caller, who may compare one number with several nested thresholds.
  bool holds(std::uint64_t drawn) const { return (drawn >> 11) < threshold_; }

 private:
  std::uint64_t threshold_;
};

}  // namespace baton::traces
