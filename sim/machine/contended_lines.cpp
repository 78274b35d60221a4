#include "sim/machine/contended_lines.hpp"

#include <algorithm>
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
    for (auto row = cold; row != rows.end(); ++row) dropped_stall_cycles_ += row->counts.stall_cycles;
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
  const std::uint64_t mask = (~std::uint64_t{0} >> (63 - high)) & (~std::uint64_t{0} << low);
  ++touches.accesses[access_kind(kind)];
  if (kind != traces::Kind::store) touches.read |= mask;
  if (kind == traces::Kind::store || kind == traces::Kind::rmw) touches.written |= mask;
}

const std::map<std::uint32_t, CoreTouches>* LineTouches::of(LineNumber line) const {
  const auto found = lines_.find(line);
  return found == lines_.end() || found->second.empty() ? nullptr : &found->second;
}

Sharing sharing_of(const std::map<std::uint32_t, CoreTouches>& touches) {
  if (touches.size() < 2) return Sharing::none;
  std::uint64_t once = 0;   // bytes that some core touches
  std::uint64_t again = 0;  // and another, too
  std::uint64_t written = 0;
  for (const auto& [core, of_core] : touches) {
    const std::uint64_t touched = of_core.read | of_core.written;
    again |= once & touched;
    once |= touched;
    written |= of_core.written;
  }
  if (written == 0) return Sharing::read_only;
  return (written & again) != 0 ? Sharing::true_sharing : Sharing::false_sharing;
}

}  // namespace baton::sim
