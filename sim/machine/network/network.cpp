#include "sim/machine/network/network.hpp"

#include <algorithm>

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
      return travel({message, at, at, 0});
    case Medium::serial: {
      const Cycle start = std::max(at, serial_free_);
      serial_free_ = start + setup_.parameters.router_cycles + setup_.parameters.link_cycles + flits_[message.kind];
      return calendar_.schedule(serial_free_, Due::delivery, message);
    }
    case Medium::fixed:
      return calendar_.schedule(at + setup_.parameters.latency_cycles, Due::delivery, message);
  }
}

// Takes a link for the packet, whose head flit moves on as soon as the link has carried it. False: the packet must wait.
bool Network::take(Packet& packet, LinkId link, std::uint32_t flits, Cycle onward, Cycle now) {
  LinkSchedule::Slots slots;
  if (!links_.reserve(link, packet.head, flits, now, slots)) return false;
  packet.head = slots.first + onward;
  packet.tail = std::max(packet.tail, slots.last) + onward;
  ++packet.hop;
  return true;
}

// Takes link after link of the route in runs_, from packet.hop on. The packet has arrived when its tail flit has.
void Network::travel(Packet packet) {
  const std::uint32_t flits = flits_[packet.message.kind];
  const Cycle now = calendar_.now();
  const bool some_parked = !parked_.empty();
  const auto goes_on = [&](LinkId link, Cycle onward) {
    if ((!some_parked || !must_wait(link, packet.message)) && take(packet, link, flits, onward, now)) return true;
    park(link, packet);
    return false;
  };
  if (packet.hop == 0 && !goes_on(injection_ + packet.message.source, 1 + setup_.parameters.router_cycles)) return;
  std::uint32_t hop = 1;
  for (std::size_t i = 0; i < run_count_; ++i) {
    const Run& run = runs_[i];
    if (packet.hop >= hop + run.count) {  // behind the packet
      hop += run.count;
      continue;
    }
    if (run.first == free_hop) {
      packet.head += hop_cycles_ * run.count;
      packet.tail += hop_cycles_ * run.count;
      packet.hop += run.count;
    } else {
      auto link = static_cast<LinkId>(run.first + static_cast<std::int64_t>(packet.hop - hop) * run.step);
      for (const std::uint32_t end = hop + run.count; packet.hop < end; link += static_cast<LinkId>(run.step))
        if (!goes_on(link, hop_cycles_)) return;
    }
    hop += run.count;
  }
  if (packet.hop == hop && !goes_on(ejection_ + packet.message.destination, 1)) return;
  calendar_.schedule(packet.tail, Due::delivery, packet.message);
}

// Only packets of the same pair of nodes have to stay behind: younger packets of others may find a gap earlier.
bool Network::must_wait(LinkId link, const Message& message) const {
  const auto found = parked_.find(link);
  if (found == parked_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](const Packet& p) {
    return p.message.source == message.source && p.message.destination == message.destination;
  });
}

namespace {

Message link_token(LinkId link) {
  Message token;
  token.line = link;
  return token;
}

}  // namespace

void Network::park(LinkId link, const Packet& packet) {
  Parked& waiting = parked_[link];
  waiting.push_back(packet);
  if (waiting.size() == 1) calendar_.schedule(next_window(), Due::link, link_token(link));
}

// The window has moved on. Packets leave in order until one still does not fit.
void Network::resume(LinkId link) {
  Parked& waiting = parked_.at(link);  // stays valid while travel() parks packets at other links
  const Cycle now = calendar_.now();
  while (!waiting.empty()) {
    Packet packet = waiting.front();
    const std::uint32_t hops = find_route(packet.message);
    const Cycle onward = packet.hop == 0      ? 1 + setup_.parameters.router_cycles
                         : packet.hop <= hops ? hop_cycles_
                                              : 1;
    packet.head = std::max(packet.head, now);
    // Taken here, not in travel(): a packet that does not fit must stay at the head of the queue.
    if (!take(packet, link, flits_[packet.message.kind], onward, now))
      return calendar_.schedule(next_window(), Due::link, link_token(link));
    waiting.pop_front();
    travel(packet);
  }
  parked_.erase(link);
}

}  // namespace baton::sim
