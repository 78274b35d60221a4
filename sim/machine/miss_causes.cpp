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
  Holder& holder = holders[core];
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
