#include "traces/synthetic/zipf.hpp"

#include <algorithm>
#include <cmath>

namespace baton::traces {
namespace {

// (e^x - 1)/x and log(1+x)/x, continued to x = 0, so that exponent 1 needs no case of its own.
double expm1_over(double x) {
  return std::abs(x) > 1e-8 ? std::expm1(x) / x : 1 + x / 2;
}
double log1p_over(double x) {
  return std::abs(x) > 1e-8 ? std::log1p(x) / x : 1 - x / 2;
}

}  // namespace

double Zipf::density(double x) const {
  return std::exp(-exponent_ * std::log(x));
}

double Zipf::integral(double x) const {
  const double log_x = std::log(x);
  return expm1_over((1 - exponent_) * log_x) * log_x;
}

double Zipf::integral_inverse(double y) const {
  // Rounding may carry the argument below -1, where the logarithm has no value.
  const double t = std::max(y * (1 - exponent_), -1.0);
  return std::exp(log1p_over(t) * y);
}

Zipf::Zipf(std::uint64_t n, double exponent) : n_(static_cast<double>(n)), exponent_(exponent) {
  from_ = integral(n_ + 0.5);
  to_ = integral(1.5) - 1;
  immediate_ = 2 - integral_inverse(integral(2.5) - density(2));
}

std::uint64_t Zipf::operator()(Random& random) const {
  while (true) {
    const double u = from_ + random.unit() * (to_ - from_);
    const double x = integral_inverse(u);
    const double k = std::clamp(std::floor(x + 0.5), 1.0, n_);
    if (k - x <= immediate_ || u >= integral(k + 0.5) - density(k)) return static_cast<std::uint64_t>(k) - 1;
  }
}

}  // namespace baton::traces
