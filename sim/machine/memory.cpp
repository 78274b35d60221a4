#include "sim/machine/memory.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>

namespace baton::sim {

MemoryController::MemoryController(const sc_core::sc_module_name& name, const MachineParameters& parameters)
    : sc_module(name),
      latency_(static_cast<double>(parameters.memory.latency_ps) * static_cast<double>(parameters.clock_hz) /
               1e12),
      line_(static_cast<double>(parameters.cache.line_bytes) * static_cast<double>(parameters.clock_hz) /
            static_cast<double>(parameters.memory.bandwidth_bytes_per_s)) {}

double MemoryController::start(Cycle at, Cycle now) {
  while (!busy_.empty() && busy_.front().end <= static_cast<double>(now)) busy_.pop_front();
  auto begin = static_cast<double>(at);
  auto next = busy_.begin();
  for (; next != busy_.end() && next->begin < begin + line_; ++next) begin = std::max(begin, next->end);
  if (next != busy_.begin() && std::prev(next)->end == begin)
    std::prev(next)->end += line_;
  else
    busy_.insert(next, {begin, begin + line_});
  return begin;
}

Cycle MemoryController::read(Cycle at, Cycle now) {
  return static_cast<Cycle>(std::ceil(start(at, now) + latency_));
}

LlcSlice::LlcSlice(const MachineParameters& parameters)
    : ways_(parameters.home.llc_ways),
      homes_(parameters.cores),
      hashed_(parameters.home.interleave == "hash"),
      shift_(no_shift),
      index_(parameters.home.llc_slice_bytes / parameters.cache.line_bytes / ways_),
      parts_((ways_ + 15) / 16) {
  if (std::has_single_bit(homes_) && std::has_single_bit(index_.size()))
    shift_ = static_cast<std::uint32_t>(std::countr_zero(homes_));
}

LlcSlice::Result LlcSlice::access(LineNumber line, std::uint32_t id, bool dirty) {
  if (index_.empty()) return {false, dirty};
  std::uint32_t& place = index_[set_of(line)];
  if (place == 0) {
    ways_of_sets_.resize(ways_of_sets_.size() + parts_);
    place = static_cast<std::uint32_t>(ways_of_sets_.size() / parts_);
  }
  auto* const set = reinterpret_cast<std::uint32_t*>(&ways_of_sets_[std::size_t{place - 1} * parts_]);
  const std::uint32_t tag = (id + 1) * 2;
  std::uint32_t way = 0;
  while (way < ways_ - 1 && (set[way] & ~1U) != tag && set[way] != 0) ++way;
  Result result{(set[way] & ~1U) == tag, false};
  std::uint32_t entry = tag;
  if (result.hit)
    entry = set[way];
  else
    result.wrote_back = (set[way] & 1U) != 0;
  std::copy_backward(set, set + way, set + way + 1);
  set[0] = entry | (dirty ? 1U : 0U);
  return result;
}

}  // namespace baton::sim
