#include "sim/machine/cache_array.hpp"

#include <cstdlib>
#include <new>

namespace baton::sim {
namespace {

std::uint64_t sets_in(const CacheParameters& parameters) {
  return parameters.size_bytes / parameters.line_bytes / parameters.ways;
}

std::uint64_t* allocate(std::size_t words) {
  auto* p = static_cast<std::uint64_t*>(std::aligned_alloc(64, words * sizeof(std::uint64_t)));
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

Replacement policy_of(const CacheParameters& parameters) {
  return parameters.replacement == "tree_plru" ? Replacement::tree_plru : Replacement::lru;
}

}  // namespace

CacheSets::CacheSets(std::uint64_t* words, const CacheParameters& parameters)
    : words_(words),
      set_mask_(static_cast<std::uint32_t>(sets_in(parameters) - 1)),
      ways_(parameters.ways),
      byte_words_((ways_ + 7) / 8),
      stride_(stride_of(ways_)),
      policy_(policy_of(parameters)) {
  for (std::uint32_t number = 0; number <= set_mask_; ++number) {
    std::uint64_t* const base = set(number);
    for (std::uint32_t i = 0; i < stride_; ++i) base[i] = 0;
    for (std::uint32_t way = 0; way < 8 * byte_words_; ++way)  // 127: no way, and never the oldest
      bytes(base + byte_words_)[way] = static_cast<std::uint8_t>(way < ways_ ? way : 127);
    for (std::uint32_t way = 0; way < ways_; ++way) set_line({base, way}, no_line);
  }
}

// Every node on the way from the leaf to the root points away from it.
void CacheSets::touch_tree(Place place) const {
  std::uint64_t& nodes = tree(place.set);
  for (std::uint32_t node = ways_ + place.way; node > 1; node /= 2) {
    const std::uint64_t bit = std::uint64_t{1} << (node / 2);
    if (node % 2 == 0)
      nodes |= bit;
    else
      nodes &= ~bit;
  }
}

std::uint32_t CacheSets::tree_choice(const std::uint64_t* set) const {
  const std::uint64_t nodes = set[3 * byte_words_];
  std::uint32_t node = 1;
  while (node < ways_) node = 2 * node + static_cast<std::uint32_t>(nodes >> node & 1U);
  return node - ways_;
}

void CacheArray::Free::operator()(std::uint64_t* p) const {
  std::free(p);
}

CacheArray::CacheArray(const CacheParameters& parameters)
    : ways_(parameters.ways),
      policy_(policy_of(parameters)),
      words_(allocate(sets_in(parameters) * CacheSets::stride_of(ways_))),
      sets_(words_.get(), parameters) {}

}  // namespace baton::sim
