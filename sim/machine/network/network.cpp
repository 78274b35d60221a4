#include "sim/machine/network/network.hpp"

#include <algorithm>

#include "sim/machine/shared.hpp"

namespace baton::sim {

Network::Network(const sc_core::sc_module_name& name, Calendar& calendar, const NetworkSetup& setup)
    : sc_module(name),
      calendar_(calendar),
      setup_(setup),
      topology_(find_topology(setup.parameters.topology)->make(setup.parameters, setup.nodes)),
      medium_(topology_->medium()),
      hop_cycles_(setup.parameters.router_cycles + setup.parameters.link_cycles),
      links_(topology_->links() + std::size_t{2} * setup.nodes),
      injection_(static_cast<LinkId>(topology_->links())),
      ejection_(injection_ + setup.nodes),
      has_parked_(ejection_ + setup.nodes),
      pending_injections_(std::size_t{setup.nodes} * virtual_networks),
      traffic_(setup.kinds.size()) {
  for (const auto& kind : setup_.kinds) {
    const std::uint32_t bytes = setup.parameters.control_bytes + (kind.carries_data ? setup.line_bytes : 0);
    bytes_.push_back(bytes);
    flits_.push_back((bytes + setup.parameters.link_bytes - 1) / setup.parameters.link_bytes);
  }
  calendar_.set_handler(*this);
}

void Network::end_of_elaboration() {
  for (int i = 0; i < caches.size(); ++i) receivers_[0].push_back(caches[i]);
  for (int i = 0; i < homes.size(); ++i) receivers_[1].push_back(homes[i]);
}

void Network::send(const Message& message, Cycle at) {
  ++traffic_[message.kind].sent;
  const auto network = static_cast<std::size_t>(setup_.kinds[message.kind].network);
  std::uint32_t& pending = pending_injections_[std::size_t{message.source} * virtual_networks + network];
  const Cycle ahead = medium_ == Medium::serial ? 0 : reserve_ahead;
  if (at > calendar_.now() + ahead || pending != 0) {
    ++pending;
    calendar_.schedule(at, Due::injection, message);
  } else {
    transmit(message, at);
  }
}

void Network::due(Due due, const Message& message) {
  switch (due) {
    case Due::delivery:
      return deliver(message);
    case Due::injection: {
      const auto network = static_cast<std::size_t>(setup_.kinds[message.kind].network);
      --pending_injections_[std::size_t{message.source} * virtual_networks + network];
      return transmit(message, calendar_.now());
    }
    case Due::link:
      return resume(static_cast<LinkId>(message.line));
  }
}

void Network::soon(Due due, const Message& message, Cycle ahead) const {
  if (due != Due::delivery) return;
  const Receiver* receiver = receivers_[static_cast<std::size_t>(message.receiver)][message.destination];
  if (ahead > 1)
    receiver->prefetch();
  else
    receiver->prefetch(message);
}

void Network::deliver(const Message& message) {
  ++traffic_[message.kind].received;
  receivers_[static_cast<std::size_t>(message.receiver)][message.destination]->receive(message);
}

void Network::transmit(const Message& message, Cycle at) {
  if (setup_.ideal_transfer) {
    const Cycle cycles = setup_.kinds[message.kind].carries_data ? setup_.transfer_cycles : 0;
    calendar_.schedule(at + cycles, Due::delivery, message);
  } else if (message.source == message.destination) {
    calendar_.schedule(at, Due::delivery, message);
  } else {
    launch(message, at);
  }
}

// Sets runs_; returns the number of hops.
std::uint32_t Network::find_route(const Message& message) {
  run_count_ = topology_->route(message.source, message.destination, runs_.data());
  std::uint32_t hops = 0;
  for (std::size_t i = 0; i < run_count_; ++i) hops += runs_[i].count;
  return hops;
}

void Network::launch(const Message& message, Cycle at) {
  traffic_[message.kind].hops += find_route(message);
  switch (medium_) {
    case Medium::links:
      return travel(message, {{at, flits_[message.kind] - 1}, 0});
    case Medium::serial: {
      const Cycle start = std::max(at, serial_free_);
      serial_free_ =
          start + setup_.parameters.router_cycles + setup_.parameters.link_cycles + flits_[message.kind];
      return calendar_.schedule(serial_free_, Due::delivery, message);
    }
    case Medium::fixed:
      return calendar_.schedule(at + setup_.parameters.latency_cycles, Due::delivery, message);
  }
}

// Takes the links of a run. False: the packet must wait at one of them, and is parked there.
inline bool Network::cross(const Message& message, Packet& packet, Run run, Cycle onward, Cycle limit) {
  std::uint32_t count = run.count;
  if (!parked_.empty()) {
    count = 0;
    while (count < run.count && !must_wait(run.at(count), message)) ++count;
  }
  const std::uint32_t done =
      links_.take(packet, run.first, run.step, count, flits_[message.kind], onward, limit);
  packet.hop += done;
  if (done == run.count) return true;
  park(run.at(done), message, packet);
  return false;
}

// Takes link after link of the route in runs_, from packet.hop on. The packet has arrived when its tail flit
// has.
void Network::travel(const Message& message, Packet packet) {
  const Cycle now = calendar_.now();
  const Cycle limit = LinkSchedule::limit(now);
  links_.advance(now);
  if (packet.hop == 0 && !cross(message, packet, {injection_ + message.source, 0, 1},
                                1 + setup_.parameters.router_cycles, limit))
    return;
  std::uint32_t hop = 1;
  for (std::size_t i = 0; i < run_count_; ++i) {
    Run run = runs_[i];
    const std::uint32_t end = hop + run.count;
    if (packet.hop >= end) {  // behind the packet
    } else if (run.first == free_hop) {
      packet.head += hop_cycles_ * run.count;
      packet.hop = end;
    } else {
      run.first = run.at(packet.hop - hop);
      run.count = end - packet.hop;
      if (!cross(message, packet, run, hop_cycles_, limit)) return;
    }
    hop = end;
  }
  if (packet.hop == hop && !cross(message, packet, {ejection_ + message.destination, 0, 1}, 1, limit)) return;
  calendar_.schedule(packet.head + packet.lag, Due::delivery, message);
}

namespace {

Message link_token(LinkId link) {
  Message token;
  token.line = link;
  return token;
}

std::uint64_t pair_bit(const Message& message) {
  return std::uint64_t{1} << (mix(std::uint64_t{message.source} << 16 | message.destination) % 64);
}

}  // namespace

// Ports are first come, first served. At a link only packets of the same pair of nodes have to stay behind:
// younger packets of others may find a gap earlier. Pairs that share a bit stay behind each other without
// need.
bool Network::must_wait(LinkId link, const Message& message) const {
  if (!has_parked_[link]) return false;
  return link >= injection_ || (parked_.at(link).pairs & pair_bit(message)) != 0;
}

void Network::park(LinkId link, const Message& message, Packet packet) {
  Parked& waiting = parked_[link];
  waiting.packets.push_back({message, packet});
  waiting.pairs |= pair_bit(message);
  has_parked_[link] = true;
  if (waiting.packets.size() == 1) calendar_.schedule(next_window(), Due::link, link_token(link));
}

// The window has moved on. Packets leave in order until one still does not fit.
void Network::resume(LinkId link) {
  Parked& waiting = parked_.at(link);  // stays valid while travel() parks packets at other links
  auto& packets = waiting.packets;
  const Cycle now = calendar_.now();
  links_.advance(now);
  while (!packets.empty()) {
    auto [message, packet] = packets.front();
    const std::uint32_t hops = find_route(message);
    const Cycle onward = packet.hop == 0      ? 1 + setup_.parameters.router_cycles
                         : packet.hop <= hops ? hop_cycles_
                                              : 1;
    if (packet.head < now)
      packet = {{now, packet.head + packet.lag > now ? packet.head + packet.lag - now : 0}, packet.hop};
    // Taken here, not in travel(): a packet that does not fit must stay at the head of the queue.
    if (links_.take(packet, link, 0, 1, flits_[message.kind], onward, LinkSchedule::limit(now)) == 0) break;
    ++packet.hop;
    packets.pop_front();
    travel(message, packet);
  }
  if (packets.empty()) {
    parked_.erase(link);
    has_parked_[link] = false;
    return;
  }
  waiting.pairs = 0;
  for (const auto& parked : packets) waiting.pairs |= pair_bit(parked.message);
  calendar_.schedule(next_window(), Due::link, link_token(link));
}

}  // namespace baton::sim
