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
      route_(topology_->diameter() + 2),
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

void Network::find_route(const Message& message) {
  route_[0] = injection_ + message.source;
  hops_ = topology_->route(message.source, message.destination, &route_[1]);
  route_[hops_ + 1] = ejection_ + message.destination;
}

void Network::launch(const Message& message, Cycle at) {
  find_route(message);
  traffic_[message.kind].hops += hops_;
  switch (medium_) {
    case Medium::links:
      for (std::size_t i = 0; i < hops_ + 2; ++i) links_.prefetch(route_[i]);
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

// Moves on behind a link that carries the packet in the cycles `slots`.
void Network::pass(Packet& packet, const LinkSchedule::Slots& slots) const {
  const Cycle onward = packet.hop == 0       ? 1 + setup_.parameters.router_cycles
                       : packet.hop <= hops_ ? hop_cycles_
                                             : 1;
  packet.head = slots.first + onward;
  packet.tail = std::max(packet.tail, slots.last) + onward;
  ++packet.hop;
}

// Reserves link after link of route_. The head flit moves on as soon as a link has carried it; the packet has arrived when its
// tail flit has.
void Network::travel(Packet packet) {
  const std::uint32_t flits = flits_[packet.message.kind];
  const Cycle now = calendar_.now();
  while (packet.hop < hops_ + 2) {
    const LinkId link = route_[packet.hop];
    LinkSchedule::Slots slots{packet.head, packet.head};
    if (link == free_hop) {
      pass(packet, slots);
      continue;
    }
    if ((!parked_.empty() && must_wait(link, packet.message)) ||
        !links_.reserve(link, packet.head, flits, now, slots))
      return park(link, packet);
    pass(packet, slots);
  }
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

// The window has moved on by a word. Packets leave in order until one still does not fit.
void Network::resume(LinkId link) {
  Parked& waiting = parked_.at(link);  // stays valid while travel() parks packets at other links
  const Cycle now = calendar_.now();
  while (!waiting.empty()) {
    Packet packet = waiting.front();
    LinkSchedule::Slots slots;
    // Reserved here, not in travel(): a packet that does not fit must stay at the head of the queue.
    if (!links_.reserve(link, std::max(packet.head, now), flits_[packet.message.kind], now, slots))
      return calendar_.schedule(next_window(), Due::link, link_token(link));
    waiting.pop_front();
    find_route(packet.message);
    pass(packet, slots);
    travel(packet);
  }
  parked_.erase(link);
}

}  // namespace baton::sim
