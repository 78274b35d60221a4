#include "sim/machine/miss_causes.hpp"

#include <algorithm>

#include "sim/machine/monitor.hpp"
#include "sim/machine/statistics.hpp"

namespace baton::sim {
namespace {

std::uint64_t& of(MissCauses::Counts& counts, MissCause cause) {
  return counts[static_cast<std::size_t>(cause)];
}

void remove(std::vector<NodeId>& nodes, NodeId core) {
  const auto found = std::find(nodes.begin(), nodes.end(), core);
  if (found != nodes.end()) nodes.erase(found);
}

bool has_other(const std::vector<NodeId>& nodes, NodeId core) {
  return nodes.size() > 1 || (nodes.size() == 1 && nodes.front() != core);
}

}  // namespace

MissCauses::Line* MissCauses::find_line(LineNumber line) {
  const auto found = lines_.find(line);
  return found == lines_.end() ? nullptr : &found->second;
}

MissCauses::Holder* MissCauses::find(LineNumber line, NodeId core) {
  Line* const found = find_line(line);
  if (found == nullptr) return nullptr;
  const auto holder = found->holders.find(core);
  return holder == found->holders.end() ? nullptr : &holder->second;
}

/// Somebody else who has taken the line since then, or is about to.
bool MissCauses::any_taker(const Line& line, NodeId core, std::uint64_t since) {
  if (has_other(line.asking, core)) return true;
  for (const auto& [other, when] : line.took) {
    if (when <= since) return false;
    if (other != core) return true;
  }
  return false;
}

MissCause MissCauses::cause_of(const Line& line, const Holder& holder, NodeId core, bool writes) const {
  if (!holder.missed) return MissCause::cold;
  if (holder.has == Permission::none) {
    if (holder.gave_up) return MissCause::replaced;
    return any_taker(line, core, holder.lost_copy) ? MissCause::sharing : MissCause::other;
  }
  if (!writes) return MissCause::renewed;
  return has_other(line.copies, core) || holder.lost_write != 0 ? MissCause::sharing : MissCause::other;
}

/// Of a miss that too many can be the reason of, all cores are.
void MissCauses::count_takers(const Line& line, Holder& holder, NodeId core, std::uint64_t since,
                              bool and_sharers) {
  ++holder.sharing;
  std::array<NodeId, most_takers> takers;
  std::size_t count = 0;
  bool too_many = false;
  const auto add = [&](NodeId other) {
    const auto end = takers.begin() + static_cast<std::ptrdiff_t>(count);
    if (other == core || std::find(takers.begin(), end, other) != end) return;
    too_many = too_many || count == takers.size();
    if (!too_many) takers[count++] = other;
  };
  for (auto other = line.asking.begin(); other != line.asking.end() && !too_many; ++other) add(*other);
  for (auto other = line.took.begin(); other != line.took.end() && !too_many; ++other) {
    if (other->second <= since) break;
    add(other->first);
  }
  if (and_sharers)
    for (auto other = line.copies.begin(); other != line.copies.end() && !too_many; ++other) add(*other);
  if (too_many || count == 0 || holder.takers.size() + count > 2 * most_takers) {
    ++holder.unexplained;
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto known = std::find_if(holder.takers.begin(), holder.takers.end(),
                                    [&](const auto& one) { return one.first == takers[i]; });
    if (known != holder.takers.end())
      ++known->second;
    else
      holder.takers.emplace_back(takers[i], 1);
  }
}

void MissCauses::missed(LineNumber number, NodeId core, traces::Kind kind, Counts& counts) {
  ++clock_;
  if (find(number, core) == nullptr) {
    if (room_ == 0) {
      ++of(counts, MissCause::other);
      return;
    }
    --room_;
  }
  Line& line = lines_[number];
  const auto [place, first] = line.holders.try_emplace(core);
  Holder& holder = place->second;
  if (first) {
    holder.unseen = line.written;
    holder.read_to = line.writes;
  }
  const bool writes = !is_load(kind);
  const MissCause cause = cause_of(line, holder, core, writes);
  ++of(counts, cause);
  if (cause == MissCause::sharing) {
    const bool copy = holder.has == Permission::none;
    const bool write = writes && holder.lost_write != 0;
    const std::uint64_t since = copy && write ? std::min(holder.lost_copy, holder.lost_write)
                                : copy        ? holder.lost_copy
                                : write       ? holder.lost_write
                                              : clock_;
    count_takers(line, holder, core, since, !copy);
  }
  if (holder.asked <= holder.took) line.asking.push_back(core);
  holder.missed = true;
  holder.asked = clock_;
  holder.renews = false;
}

void MissCauses::asks_for(LineNumber line, NodeId core, std::uint64_t bytes) {
  if (Holder* holder = find(line, core)) holder->asked_for = bytes;
}

/// What others have written since the core asked last; if the log does not go back so far, anything.
void MissCauses::read_log(const Line& line, Holder& holder, NodeId core) {
  if (line.writes - holder.read_to > log_size) {
    holder.unseen = line.written;
    holder.read_to = line.writes;
  }
  for (; holder.read_to < line.writes; ++holder.read_to) {
    const auto& [writer, bytes] = line.log[holder.read_to % log_size];
    if (writer != core) holder.unseen |= bytes;
  }
}

void MissCauses::performed(LineNumber number, NodeId core, traces::Kind kind) {
  Holder* holder = find(number, core);
  if (holder == nullptr || holder->asked_for == 0) return;
  Line& line = lines_[number];
  read_log(line, *holder, core);
  const std::uint64_t mask = holder->asked_for;
  const float part = 1.0F / static_cast<float>(std::popcount(mask));
  for (std::size_t word = 0; word < line_words; ++word)
    holder->requests[word] += part * static_cast<float>(std::popcount(mask & word_mask(word)));
  const std::uint64_t news = holder->unseen & mask;
  const bool writes = kind == traces::Kind::store || kind == traces::Kind::rmw;
  holder->unseen &= ~mask;
  line.essential += news != 0 ? 1 : 0;
  for (std::uint64_t left = writes ? mask : news; left != 0; left &= left - 1) {
    const NodeId writer = line.writer[static_cast<std::size_t>(std::countr_zero(left))];
    const auto other = writer == core ? line.holders.end() : line.holders.find(writer);
    if (other == line.holders.end()) continue;
    if ((other->second.unused & news) != 0) ++line.essential;  // what it wrote is used now
    other->second.unused &= ~(writes ? mask : news);
  }
  if (!writes) return;
  line.written |= mask;
  for (std::uint64_t left = mask; left != 0; left &= left - 1)
    line.writer[static_cast<std::size_t>(std::countr_zero(left))] = core;
  // One that has been counted is not counted again when it is used.
  holder->unused = news != 0 ? holder->unused & ~mask : holder->unused | mask;
  if (line.log.empty()) line.log.resize(log_size);
  line.log[line.writes++ % log_size] = {core, mask};
}

std::uint64_t MissCauses::essential(LineNumber line) const {
  const auto found = lines_.find(line);
  return found == lines_.end() ? 0 : found->second.essential;
}

std::array<float, line_words> MissCauses::requests(LineNumber line, NodeId core) const {
  const auto found = lines_.find(line);
  if (found == lines_.end()) return {};
  const auto holder = found->second.holders.find(core);
  return holder == found->second.holders.end() ? std::array<float, line_words>{} : holder->second.requests;
}

void MissCauses::asks_again(LineNumber line, NodeId core, Value content) {
  if (Holder* holder = find(line, core)) {
    holder->renews = true;
    holder->content = content;
    holder->since = holder->took;
  }
}

void MissCauses::came(LineNumber line, NodeId core, Value content, Counts& counts) {
  Holder* holder = find(line, core);
  if (holder == nullptr || !holder->renews) return;
  holder->renews = false;
  if (holder->content == content) return;
  // Somebody has written since: without leases this would have been an invalidation.
  --of(counts, MissCause::renewed);
  ++of(counts, MissCause::sharing);
  count_takers(lines_[line], *holder, core, holder->since, false);
}

void MissCauses::took(Line& line, NodeId core, std::uint64_t when) {
  remove(line.asking, core);
  const auto known =
      std::find_if(line.took.begin(), line.took.end(), [core](const auto& one) { return one.first == core; });
  if (known == line.took.end())
    line.took.emplace(line.took.begin(), core, when);
  else
    std::rotate(line.took.begin(), known, known + 1);
  line.took.front().second = when;
}

void MissCauses::permission(LineNumber number, NodeId core, Permission before, Permission after) {
  Holder* holder = before == after ? nullptr : find(number, core);
  if (holder == nullptr) return;
  Line& line = lines_[number];
  ++clock_;
  if ((holder->has == Permission::none) != (after == Permission::none))
    after == Permission::none ? remove(line.copies, core) : line.copies.push_back(core);
  holder->has = after;
  if (after > before) {
    holder->took = clock_;
    holder->gave_up = false;
    if (after == Permission::write) holder->lost_write = 0;
    return took(line, core, clock_);
  }
  if (before == Permission::write) holder->lost_write = clock_;
  if (after == Permission::none) holder->lost_copy = clock_;
}

void MissCauses::passed(LineNumber line, NodeId core) {
  Holder* holder = find(line, core);
  if (holder == nullptr) return;
  // The invalidation may have come at any time since it asked, and before the data.
  holder->lost_copy = holder->asked;
  holder->took = ++clock_;
  holder->gave_up = false;
  took(lines_[line], core, clock_);
}

void MissCauses::gave_up(LineNumber line, NodeId core) {
  Holder* holder = find(line, core);
  if (holder == nullptr) return;
  holder->gave_up = true;
  holder->lost_write = 0;
}

void MissCauses::recalled(LineNumber number) {
  Line* const line = find_line(number);
  if (line == nullptr) return;
  for (const NodeId core : line->copies) {
    Holder& holder = line->holders.at(core);
    holder.gave_up = true;
    holder.lost_write = 0;
  }
}

void MissCauses::forget(LineNumber number) {
  Line* const line = find_line(number);
  if (line == nullptr) return;
  room_ += line->holders.size();
  lines_.erase(number);
}

std::uint64_t MissCauses::most_true(LineNumber number,
                                    const std::function<bool(NodeId, NodeId)>& meets) const {
  const auto line = lines_.find(number);
  if (line == lines_.end()) return 0;
  std::uint64_t sum = 0;
  for (const auto& [core, holder] : line->second.holders) {
    std::uint64_t can_be_true = holder.unexplained;
    for (const auto& [taker, times] : holder.takers)
      if (meets(core, taker)) can_be_true += times;
    sum += std::min(can_be_true, holder.sharing);
  }
  return sum;
}

}  // namespace baton::sim
