#pragma once
// The rules by which packets reserve links and ports, a link and a cycle at a time: what the schedules must
// agree with.

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "sim/machine/network/link_schedule.hpp"

namespace baton::test {

class Ledger {
 public:
  explicit Ledger(sim::Cycle hop_cycles) : hop_cycles_(hop_cycles) {}

  std::uint32_t take(sim::reservation::Packet& packet, const std::vector<sim::Leg>& path, std::uint32_t flits,
                     sim::Cycle limit) {
    std::uint32_t links = 0;
    for (const sim::Leg& leg : path)
      for (sim::LinkId link = leg.first; link < leg.first + leg.links; ++link, ++links) {
        std::vector<sim::Cycle> found;
        for (sim::Cycle at = packet.head; found.size() < flits && at < limit; ++at)
          if (taken_[link].count(at) == 0) found.push_back(at);
        if (found.size() < flits) return links;
        taken_[link].insert(found.begin(), found.end());
        packet.lag = std::max(packet.head + packet.lag, found.back()) - found.front();
        packet.head = found.front() + hop_cycles_;
      }
    return links;
  }

 private:
  sim::Cycle hop_cycles_;
  std::map<sim::LinkId, std::set<sim::Cycle>> taken_;
};

}  // namespace baton::test
