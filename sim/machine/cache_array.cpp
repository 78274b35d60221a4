#include "sim/machine/cache_array.hpp"

#include <cstdlib>
#include <new>

namespace baton::sim {

void CacheArray::Free::operator()(std::uint64_t* p) const {
  std::free(p);
}

CacheArray::CacheArray(const CacheParameters& parameters)
    : ways_(parameters.ways),
      policy_(parameters.replacement == "tree_plru" ? Replacement::tree_plru : Replacement::lru) {
  const std::uint64_t sets = parameters.size_bytes / parameters.line_bytes / ways_;
  set_mask_ = static_cast<std::uint32_t>(sets - 1);
  byte_words_ = (ways_ + 7) / 8;
  ranks_ = byte_words_;
  states_ = 2 * byte_words_;
  tree_ = 3 * byte_words_;
  tags_ = tree_ + 1;
  stride_ = (tags_ + ways_ + 7) / 8 * 8;  // whole host cache lines
  contents_ = std::make_unique<Value[]>(sets * ways_);
  words_.reset(static_cast<std::uint64_t*>(std::aligned_alloc(64, sets * stride_ * sizeof(std::uint64_t))));
  if (!words_) throw std::bad_alloc();
  for (std::uint32_t set = 0; set < sets; ++set) {
    for (std::uint32_t i = 0; i < stride_; ++i) words(set)[i] = 0;
    for (std::uint32_t i = 0; i < 8 * byte_words_; ++i)
      bytes(set, ranks_)[i] = static_cast<std::uint8_t>(i < ways_ ? i : 127);
    for (std::uint32_t way = 0; way < ways_; ++way) clear(slot_of(set, way));
  }
}

// Every node on the way from the leaf to the root points away from it.
void CacheArray::touch_tree(Slot slot) {
  std::uint64_t& tree = words(set(slot))[tree_];
  for (std::uint32_t node = ways_ + way(slot); node > 1; node /= 2) {
    const std::uint64_t bit = std::uint64_t{1} << (node / 2);
    if (node % 2 == 0)
      tree |= bit;
    else
      tree &= ~bit;
  }
}

CacheArray::Slot CacheArray::tree_choice(std::uint32_t set) const {
  const std::uint64_t tree = words(set)[tree_];
  std::uint32_t node = 1;
  while (node < ways_) node = 2 * node + static_cast<std::uint32_t>(tree >> node & 1U);
  return slot_of(set, node - ways_);
}

}  // namespace baton::sim
