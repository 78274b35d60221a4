#include "sim/machine/contended_lines.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace baton::sim {
namespace {

auto cost(const LineTable::Row& row) {
  return std::tuple(row.counts.stall_cycles, row.counts.invalidations, row.counts.deviations, ~row.line);
}
bool costs_more(const LineTable::Row& a, const LineTable::Row& b) {
  return cost(a) > cost(b);
}

}  // namespace

void LineTable::came_early(LineNumber line, std::uint64_t turns) {
  LineCounts& counts = of(line);
  ++counts.deviations;
  counts.most_displaced = std::max(counts.most_displaced, turns);
}

LineCounts& LineTable::add(LineNumber line) {
  if (lines_.size() == most_) {
    // The dearer half stays: each line that is dropped has been paid for by one that came.
    std::vector<Row> rows = all();
    const auto cold = rows.begin() + static_cast<std::ptrdiff_t>(most_ / 2);
    std::nth_element(rows.begin(), cold, rows.end(), costs_more);
    for (auto row = cold; row != rows.end(); ++row) {
      dropped_stall_cycles_ += row->counts.stall_cycles;
      causes_.forget(row->line);
    }
    rows.erase(cold, rows.end());
    lines_.clear();
    for (const Row& row : rows) lines_.emplace(row.line, row.counts);
  }
  return lines_[line];
}

std::vector<LineTable::Row> LineTable::all() const {
  std::vector<Row> rows;
  rows.reserve(lines_.size());
  for (const auto& [line, counts] : lines_) rows.push_back({line, counts});
  return rows;
}

std::vector<LineTable::Row> LineTable::costliest(std::size_t count) const {
  std::vector<Row> rows = all();
  const auto end = rows.begin() + static_cast<std::ptrdiff_t>(std::min(count, rows.size()));
  std::partial_sort(rows.begin(), end, rows.end(), costs_more);
  rows.erase(end, rows.end());
  return rows;
}

namespace {

std::uint64_t mask_of(std::uint32_t low, std::uint32_t high) {
  return (~std::uint64_t{0} >> (63 - high)) & (~std::uint64_t{0} << low);
}

}  // namespace

BytesOfLine bytes_within(const traces::Operation& operation, LineNumber line, std::uint32_t line_bytes) {
  const traces::Address begin = line * line_bytes;
  const std::uint64_t size = std::max<std::uint64_t>(operation.size, 1);
  const std::uint64_t first = std::max(operation.address, begin) - begin;
  const std::uint64_t behind = std::min<std::uint64_t>(operation.address - begin + size, line_bytes);
  return {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(behind - first)};
}

std::uint64_t bytes_touched(const traces::Operation& operation, LineNumber line, std::uint32_t line_bytes) {
  const std::uint32_t granule = std::max(line_bytes / 64, 1U);
  const auto [first, size] = bytes_within(operation, line, line_bytes);
  return mask_of(first / granule, (first + size - 1) / granule);
}

LineTouches::LineTouches(std::uint32_t line_bytes, std::size_t most)
    : granule_(std::max(line_bytes / 64, 1U)), room_(most) {}

void LineTouches::add(LineNumber line, std::uint32_t core, traces::Kind kind, std::uint32_t first,
                      std::uint32_t size) {
  if (full_ && lines_.find(line) == lines_.end()) return;
  auto& cores = lines_[line];
  auto found = cores.find(core);
  if (found == cores.end()) {
    if (room_ == 0) {
      full_ = true;
      return;
    }
    --room_;
    found = cores.emplace(core, CoreTouches{}).first;
  }
  CoreTouches& touches = found->second;
  const std::uint32_t low = first / granule_;
  const std::uint32_t high = (first + size - 1) / granule_;
  const std::uint64_t mask = mask_of(low, high);
  ++touches.accesses[access_kind(kind)];
  if (kind != traces::Kind::store) touches.read |= mask;
  if (kind == traces::Kind::spin) touches.spun |= mask;
  const bool writes = kind == traces::Kind::store || kind == traces::Kind::rmw;
  if (writes) touches.written |= mask;
  const double part = 1.0 / (high - low + 1);
  for (std::uint32_t bit = low; bit <= high; ++bit) {
    touches.weight[bit] += part;
    if (writes) touches.stores[bit] += part;
  }
}

const std::map<std::uint32_t, CoreTouches>* LineTouches::of(LineNumber line) const {
  const auto found = lines_.find(line);
  return found == lines_.end() || found->second.empty() ? nullptr : &found->second;
}

int owner_of(const std::map<std::uint32_t, CoreTouches>& touches, std::uint32_t bit) {
  const auto writes = [bit](const CoreTouches& one) { return (one.written >> bit & 1U) != 0; };
  const bool written =
      std::any_of(touches.begin(), touches.end(), [&](const auto& one) { return writes(one.second); });
  int owner = -1;
  double most = 0;
  for (const auto& [core, of_core] : touches) {
    if (of_core.weight[bit] <= most || (written && !writes(of_core))) continue;
    most = of_core.weight[bit];
    owner = static_cast<int>(core);
  }
  return owner;
}

double most_true_sharing(const std::map<std::uint32_t, CoreTouches>& touches) {
  double sum = 0;
  for (std::uint32_t bit = 0; bit < 64; ++bit) {
    const int owner = owner_of(touches, bit);
    double others = 0;
    double stores = 0;
    double cores = 0;
    for (const auto& [core, of_core] : touches) {
      if (static_cast<int>(core) != owner) others += of_core.weight[bit];
      if ((of_core.spun >> bit & 1U) != 0) others = std::numeric_limits<double>::infinity();
      stores += of_core.stores[bit];
      cores += of_core.weight[bit] > 0 ? 1 : 0;
    }
    sum += std::min(2 * others, stores * cores);
  }
  return sum;
}

double most_essential(LineNumber line, const LineCounts& counts, const MissCauses& causes,
                      const std::map<std::uint32_t, CoreTouches>& touches) {
  double sum = static_cast<double>(causes.essential(line));
  for (const auto& [core, of_core] : touches) {
    const auto requests = causes.requests(line, static_cast<NodeId>(core));
    for (std::size_t word = 0; word < line_words; ++word) {
      std::uint64_t shared = 0;
      double cores = 1;
      for (const auto& [other, of_other] : touches) {
        if (other == core) continue;
        const std::uint64_t both =
            (of_core.written & (of_other.read | of_other.written)) | (of_other.written & of_core.read);
        shared |= both & word_mask(word);
        cores += (both & word_mask(word)) != 0 ? 1 : 0;
      }
      if (shared == 0) continue;
      // A core that waits reads every update, and is seen once.
      if (counts.updates != 0 && (of_core.spun & shared) != 0) return std::numeric_limits<double>::infinity();
      double hits = -static_cast<double>(requests[word]);
      for (std::size_t bit = 8 * word; bit < 8 * word + 8; ++bit) hits += of_core.weight[bit];
      sum += std::max(hits, 0.0) * (1 + cores);
    }
  }
  return sum;
}

std::uint64_t true_misses(LineNumber line, const LineCounts& counts, const MissCauses& causes,
                          const std::map<std::uint32_t, CoreTouches>& touches) {
  const auto meets = [&](NodeId a, NodeId b) {
    const auto of_a = touches.find(a);
    const auto of_b = touches.find(b);
    if (of_a == touches.end() || of_b == touches.end()) return true;  // not seen: nobody knows
    const CoreTouches& one = of_a->second;
    const CoreTouches& two = of_b->second;
    return (one.written & (two.read | two.written)) != 0 || (two.written & one.read) != 0;
  };
  const std::uint64_t sharing = counts.causes[static_cast<std::size_t>(MissCause::sharing)];
  const double by_bytes = std::min(most_true_sharing(touches), most_essential(line, counts, causes, touches));
  const auto most = static_cast<double>(sharing);
  return std::min(causes.most_true(line, meets),
                  static_cast<std::uint64_t>(std::clamp(std::ceil(by_bytes - 1e-3), 0.0, most)));
}

Sharing sharing_of(const std::map<std::uint32_t, CoreTouches>& touches, const LineCounts& counts,
                   std::uint64_t can_be_true) {
  if (touches.size() < 2) return Sharing::none;
  const bool written =
      std::any_of(touches.begin(), touches.end(), [](const auto& one) { return one.second.written != 0; });
  if (!written) return Sharing::read_only;
  const auto of = [&](MissCause cause) { return counts.causes[static_cast<std::size_t>(cause)]; };
  const std::uint64_t sharing = of(MissCause::sharing);
  const std::uint64_t most = *std::max_element(counts.causes.begin(), counts.causes.end());
  if (sharing == most && sharing != 0)
    return 2 * can_be_true < sharing ? Sharing::false_sharing : Sharing::true_sharing;
  if (of(MissCause::replaced) == most) return Sharing::capacity;
  if (of(MissCause::renewed) == most) return Sharing::renewal;
  return of(MissCause::cold) == most ? Sharing::cold : Sharing::other;
}

}  // namespace baton::sim
