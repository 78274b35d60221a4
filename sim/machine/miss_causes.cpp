#include "sim/machine/miss_causes.hpp"

#include <algorithm>

#include "sim/machine/monitor.hpp"

namespace baton::sim {
namespace {

std::uint64_t& of(MissCauses::Counts& counts, MissCause cause) {
  return counts[static_cast<std::size_t>(cause)];
}

/// Somebody else who has taken the line since then.
template <class Holders>
bool any_taker(const Holders& holders, NodeId core, std::uint64_t since) {
  return std::any_of(holders.begin(), holders.end(),
                     [&](const auto& one) { return one.first != core && one.second.takes(since); });
}

}  // namespace

MissCauses::Holder* MissCauses::find(LineNumber line, NodeId core) {
  const auto holders = lines_.find(line);
  if (holders == lines_.end()) return nullptr;
  const auto holder = holders->second.find(core);
  return holder == holders->second.end() ? nullptr : &holder->second;
}

MissCause MissCauses::cause_of(const Holders& holders, const Holder& holder, NodeId core, bool writes) const {
  if (!holder.missed) return MissCause::cold;
  if (holder.has == Permission::none) {
    if (holder.gave_up) return MissCause::replaced;
    return any_taker(holders, core, holder.lost_copy) ? MissCause::sharing : MissCause::other;
  }
  if (!writes) return MissCause::renewed;
  const bool shared = std::any_of(holders.begin(), holders.end(), [&](const auto& one) {
    return one.first != core && one.second.has != Permission::none;
  });
  return shared || holder.lost_write != 0 ? MissCause::sharing : MissCause::other;
}

void MissCauses::count_takers(const Holders& holders, Holder& holder, NodeId core, std::uint64_t since,
                              bool and_sharers) {
  ++holder.sharing;
  bool known = false;
  for (const auto& [other, of_other] : holders) {
    const bool shares = and_sharers && of_other.has != Permission::none;
    if (other == core || (!of_other.takes(since) && !shares)) continue;
    known = true;
    ++holder.takers[other];
  }
  if (!known) ++holder.unexplained;
}

void MissCauses::missed(LineNumber line, NodeId core, traces::Kind kind, Counts& counts) {
  ++clock_;
  if (find(line, core) == nullptr) {
    if (room_ == 0) {
      ++of(counts, MissCause::other);
      return;
    }
    --room_;
  }
  Holders& holders = lines_[line];
  const auto [place, first] = holders.try_emplace(core);
  Holder& holder = place->second;
  if (const auto bytes = bytes_.find(line); first && bytes != bytes_.end())
    holder.unseen = bytes->second.written;
  const bool writes = kind != traces::Kind::load;
  const MissCause cause = cause_of(holders, holder, core, writes);
  ++of(counts, cause);
  if (cause == MissCause::sharing) {
    const bool copy = holder.has == Permission::none;
    const bool write = writes && holder.lost_write != 0;
    const std::uint64_t since = copy && write ? std::min(holder.lost_copy, holder.lost_write)
                                : copy        ? holder.lost_copy
                                : write       ? holder.lost_write
                                              : clock_;
    count_takers(holders, holder, core, since, !copy);
  }
  holder.missed = true;
  holder.asked = clock_;
  holder.renews = false;
}

void MissCauses::asks_for(LineNumber line, NodeId core, std::uint64_t bytes) {
  if (Holder* holder = find(line, core)) holder->asked_for = bytes;
}

void MissCauses::performed(LineNumber line, NodeId core, traces::Kind kind) {
  Holder* holder = find(line, core);
  if (holder == nullptr || holder->asked_for == 0) return;
  Holders& holders = lines_[line];
  Bytes& bytes = bytes_[line];
  const std::uint64_t mask = holder->asked_for;
  const float part = 1.0F / static_cast<float>(std::popcount(mask));
  for (std::size_t word = 0; word < line_words; ++word)
    holder->requests[word] += part * static_cast<float>(std::popcount(mask & word_mask(word)));
  const std::uint64_t news = holder->unseen & mask;
  const bool writes = kind == traces::Kind::store || kind == traces::Kind::rmw;
  holder->unseen &= ~mask;
  bytes.essential += news != 0 ? 1 : 0;
  for (auto& [other, of_other] : holders) {
    if (other == core) continue;
    if ((of_other.unused & news) != 0) ++bytes.essential;  // what it wrote is used now
    of_other.unused &= ~(writes ? mask : news);
    if (writes) of_other.unseen |= mask;
  }
  if (!writes) return;
  bytes.written |= mask;
  // One that has been counted is not counted again when it is used.
  holder->unused = news != 0 ? holder->unused & ~mask : holder->unused | mask;
}

std::uint64_t MissCauses::essential(LineNumber line) const {
  const auto found = bytes_.find(line);
  return found == bytes_.end() ? 0 : found->second.essential;
}

std::array<float, line_words> MissCauses::requests(LineNumber line, NodeId core) const {
  const auto holders = lines_.find(line);
  if (holders == lines_.end()) return {};
  const auto holder = holders->second.find(core);
  return holder == holders->second.end() ? std::array<float, line_words>{} : holder->second.requests;
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

void MissCauses::permission(LineNumber line, NodeId core, Permission before, Permission after) {
  Holder* holder = before == after ? nullptr : find(line, core);
  if (holder == nullptr) return;
  ++clock_;
  holder->has = after;
  if (after > before) {
    holder->took = clock_;
    holder->gave_up = false;
    if (after == Permission::write) holder->lost_write = 0;
    return;
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
}

void MissCauses::gave_up(LineNumber line, NodeId core) {
  Holder* holder = find(line, core);
  if (holder == nullptr) return;
  holder->gave_up = true;
  holder->lost_write = 0;
}

void MissCauses::recalled(LineNumber line) {
  const auto holders = lines_.find(line);
  if (holders == lines_.end()) return;
  for (auto& [core, holder] : holders->second) {
    if (holder.has == Permission::none) continue;
    holder.gave_up = true;
    holder.lost_write = 0;
  }
}

void MissCauses::forget(LineNumber line) {
  const auto holders = lines_.find(line);
  if (holders == lines_.end()) return;
  room_ += holders->second.size();
  lines_.erase(holders);
  bytes_.erase(line);
}

std::uint64_t MissCauses::most_true(LineNumber line, const std::function<bool(NodeId, NodeId)>& meets) const {
  const auto holders = lines_.find(line);
  if (holders == lines_.end()) return 0;
  std::uint64_t sum = 0;
  for (const auto& [core, holder] : holders->second) {
    std::uint64_t can_be_true = holder.unexplained;
    for (const auto& [taker, times] : holder.takers)
      if (meets(core, taker)) can_be_true += times;
    sum += std::min(can_be_true, holder.sharing);
  }
  return sum;
}

}  // namespace baton::sim
