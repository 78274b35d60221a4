#include "sim/machine/cache_front.hpp"

namespace baton::sim {
namespace {

// So many accesses before its turn, the set that an access goes to is brought into the host's nearest cache.
constexpr std::ptrdiff_t prefetch_distance = 8;

}  // namespace

CacheFront::Streak CacheFront::hit_ahead(std::span<const traces::Operation> operations, std::size_t most,
                                         std::uint64_t ready, std::uint64_t hit_cycles, bool only_loads,
                                         HitAhead* done) {
  return array_.sets().is_usual() ? hit_ahead<true>(operations, most, ready, hit_cycles, only_loads, done)
                                  : hit_ahead<false>(operations, most, ready, hit_cycles, only_loads, done);
}

template <bool usual>
CacheFront::Streak CacheFront::hit_ahead(std::span<const traces::Operation> operations, std::size_t most,
                                         std::uint64_t ready, std::uint64_t hit_cycles, bool only_loads,
                                         HitAhead* done) {
  // Copies, which stay in registers.
  const CacheSets sets = array_.sets();
  Hits& hits = hits_;
  const auto line_shift = std::countr_zero(line_bytes_);
  const std::uint64_t line_bytes = line_bytes_;
  const traces::Operation* operation = operations.data();
  const traces::Operation* const last = operation + operations.size();
  const traces::Operation* const end = operation + std::min(most, operations.size());
  std::uint32_t completes = 0;
  for (; operation != end; ++operation, ++done) {
    if (last - operation > prefetch_distance)
      sets.prefetch<usual>(operation[prefetch_distance].address >> line_shift);
    if ((operation->address & (line_bytes - 1)) + operation->size > line_bytes) break;
    if (only_loads && operation->kind != traces::Kind::load) break;
    const auto event = static_cast<std::size_t>(operation->kind);
    Hit found;
    if (!hit<usual>(sets, hits, operation->address >> line_shift, event, found)) break;
    *done = {found.recency, static_cast<std::uint8_t>(found.place.way), found.event, found.state};
    ready += operation->gap_cycles + hit_cycles;
    completes += operation->completes ? 1 : 0;
  }
  return {ready, static_cast<std::uint32_t>(operation - operations.data()), completes};
}

}  // namespace baton::sim
