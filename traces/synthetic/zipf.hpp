#pragma once

#include <cstdint>

#include "traces/synthetic/random.hpp"

namespace baton::traces {

/// Ranks 0 .. n-1 with probability proportional to 1 / (rank + 1)^exponent, by rejection-inversion: W.
/// Hörmann and G. Derflinger, "Rejection-inversion to generate variates from monotone discrete
/// distributions", ACM TOMACS 6(3), 1996. No table, whatever n; fewer than 1.1 draws a rank.
class Zipf {
 public:
  /// n >= 1; exponent > 0.
  Zipf(std::uint64_t n, double exponent);
  std::uint64_t operator()(Random& random) const;

 private:
  double density(double x) const;           // h(x) = x^-exponent
  double integral(double x) const;          // H(x), an antiderivative of h with H(1) = 0
  double integral_inverse(double y) const;  // H^-1

  double n_;
  double exponent_;
  double from_, to_;  // the range of H that is drawn from
  double immediate_;  // a draw whose rank is this near to x needs no comparison
};

}  // namespace baton::traces
