#include "sim/machine/statistics.hpp"

#include <algorithm>
#include <cmath>

namespace baton::sim {

std::uint64_t Histogram::upper_end(std::size_t bucket) {
  if (bucket < 128) return bucket;
  const std::size_t shift = bucket / 64 - 1;
  return ((bucket - 64 * shift + 1) << shift) - 1;
}

std::uint64_t Histogram::percentile(double fraction) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (seen >= wanted) return std::min(upper_end(bucket), max_);
  }
  return max_;
}

}  // namespace baton::sim
