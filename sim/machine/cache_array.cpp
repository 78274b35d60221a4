#include "sim/machine/cache_array.hpp"

namespace baton::sim {

CacheArray::CacheArray(const CacheParameters& parameters) : ways_(parameters.ways) {
  const std::uint64_t lines = parameters.size_bytes / parameters.line_bytes;
  const std::uint64_t sets = lines / ways_;
  set_mask_ = static_cast<std::uint32_t>(sets - 1);
  policy_ = parameters.replacement == "tree_plru" ? Replacement::tree_plru : Replacement::lru;
  tags_.resize(lines);
  states_.resize(lines);
  data_.resize(lines);
  if (policy_ == Replacement::tree_plru) {
    trees_.resize(sets);
  } else {
    ranks_.resize(lines);
    for (std::uint64_t slot = 0; slot < lines; ++slot) ranks_[slot] = static_cast<std::uint8_t>(slot % ways_);
  }
}

// Every node on the way from the leaf to the root points away from it.
void CacheArray::touch_tree(Slot slot) {
  std::uint64_t& tree = trees_[at(slot) / ways_];
  for (std::size_t node = ways_ + at(slot) % ways_; node > 1; node /= 2) {
    const std::uint64_t bit = std::uint64_t{1} << (node / 2);
    if (node % 2 == 0)
      tree |= bit;
    else
      tree &= ~bit;
  }
}

CacheArray::Slot CacheArray::tree_choice(Slot base) const {
  const std::uint64_t tree = trees_[at(base) / ways_];
  std::size_t node = 1;
  while (node < ways_) node = 2 * node + (tree >> node & 1U);
  return base + static_cast<Slot>(node - ways_);
}

}  // namespace baton::sim
