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
      reserve_ahead_(medium_ == Medium::serial ? 0 : 64),
      hop_cycles_(setup.parameters.router_cycles + setup.parameters.link_cycles),
      injection_cycles_(1 + setup.parameters.router_cycles + (medium_ == Medium::ports ? hop_cycles_ : 0)),
      links_(topology_->links(), hop_cycles_),
      ports_(std::size_t{2} * setup.nodes),
      injection_(static_cast<LinkId>(topology_->links())),
      ejection_(injection_ + setup.nodes),
      route_(topology_->most_legs()),
      has_parked_(ejection_ + setup.nodes),
      pending_injections_(std::size_t{setup.nodes} * virtual_networks) {
  for (const auto& kind : setup_.kinds) {
    const std::uint32_t bytes = setup.parameters.control_bytes + (kind.carries_data ? setup.line_bytes : 0);
    const std::uint32_t flits = (bytes + setup.parameters.link_bytes - 1) / setup.parameters.link_bytes;
    traffic_.push_back({0, 0, 0, bytes, flits, kind.network, kind.carries_data});
  }
  calendar_.set_handler(*this);
  for (LinkId link = 0; link < injection_; ++link) {
    const Cycle delay = topology_->delay(link);
    if (delay != 0) delays_.resize(injection_);
    if (!delays_.empty()) delays_[link] = delay;
  }
}

void Network::end_of_elaboration() {
  for (int i = 0; i < caches.size(); ++i) receivers_[0].push_back(caches[i]);
  for (int i = 0; i < homes.size(); ++i) receivers_[1].push_back(homes[i]);
}

void Network::send(const Message& message, Cycle at) {
  Traffic& traffic = traffic_[message.kind];
  ++traffic.sent;
  const auto pending = [&]() -> std::uint32_t& {
    return pending_injections_[std::size_t{message.source} * virtual_networks +
                               static_cast<std::size_t>(traffic.network)];
  };
  if (at > calendar_.now() + reserve_ahead_ || (pending_ != 0 && pending() != 0)) [[unlikely]] {
    ++pending_;
    ++pending();
    calendar_.schedule(at, Due::injection, message);
  } else {
    transmit(message, at);
  }
}

void Network::due(Due due, const Message& message, Receiver* receiver) {
  switch (due) {
    case Due::delivery:
      ++traffic_[message.kind].received;
      return receiver->receive(message);
    case Due::injection: {
      const auto network = static_cast<std::size_t>(traffic_[message.kind].network);
      --pending_;
      --pending_injections_[std::size_t{message.source} * virtual_networks + network];
      return transmit(message, calendar_.now());
    }
    case Due::link:
      return resume(static_cast<LinkId>(message.line));
  }
}

void Network::soon(Due due, const Message& message, const Receiver* receiver, Cycle ahead) const {
  if (due == Due::delivery) receiver->prefetch(message, ahead);
}

inline void Network::deliver(const Message& message, Cycle at) {
  calendar_.schedule(at, Due::delivery, message,
                     receivers_[static_cast<std::size_t>(message.receiver)][message.destination]);
}

void Network::transmit(const Message& message, Cycle at) {
  Traffic& traffic = traffic_[message.kind];
  if (setup_.ideal_transfer) {
    const Cycle cycles = traffic.carries_data ? setup_.transfer_cycles : 0;
    return deliver(message, at + cycles);
  }
  if (message.source == message.destination) return deliver(message, at);
  if (medium_ == Medium::links || medium_ == Medium::ports) {
    find_route(message);
    traffic.hops += medium_ == Medium::links ? hops_ : 1;
    links_.advance(calendar_.now());
    ports_.advance(calendar_.now());
    Packet packet{{at, traffic.flits - 1}, 0};
    if (!parked_.empty() || !delays_.empty()) return travel(message, packet);
    if (cross(message, packet, traffic.flits)) arrive(message, packet);
    return;
  }
  ++traffic.hops;
  if (medium_ == Medium::fixed) return deliver(message, at + setup_.parameters.latency_cycles);
  serial_free_ = std::max(at, serial_free_) + setup_.parameters.router_cycles +
                 setup_.parameters.link_cycles + traffic.flits;
  deliver(message, serial_free_);
}

inline void Network::find_route(const Message& message) {
  if (medium_ == Medium::ports) return;
  legs_ = topology_->route(message.source, message.destination, route_.data());
  hops_ = 0;
  for (const Leg& leg : route()) hops_ += leg.links;
}

LinkId Network::link_at(const Message& message, std::size_t hop) const {
  if (hop == 0) return injection_ + message.source;
  --hop;
  for (const Leg& leg : route()) {
    if (hop < leg.links) return leg.first + static_cast<LinkId>(hop);
    hop -= leg.links;
  }
  return ejection_ + message.destination;
}

// Takes the whole path. False: the packet must wait at a link or port, and is parked there.
inline bool Network::cross(const Message& message, Packet& packet, std::uint32_t flits) {
  const Cycle limit = reservation::limit(calendar_.now());
  if (ports_.take(message.source, packet, flits, limit)) [[likely]] {
    packet.head += injection_cycles_;
    const std::uint32_t crossed = links_.take(packet, route(), hops_, flits, limit);
    packet.hop = 1 + crossed;
    if (crossed == hops_ && ports_.take(setup_.nodes + message.destination, packet, flits, limit)) [[likely]]
      return true;
  }
  park(link_at(message, packet.hop), message, packet);
  return false;
}

// Takes one link or port, of which it is then behind. False: the packet must wait there.
bool Network::take(LinkId link, Packet& packet, std::uint32_t flits, Cycle limit) {
  const Leg here{link, 1};
  if (link >= injection_) {
    if (!ports_.take(port_of(link), packet, flits, limit)) return false;
    if (link < ejection_) packet.head += injection_cycles_;
  } else {
    if (links_.take(packet, {&here, 1}, 1, flits, limit) == 0) return false;
    if (!delays_.empty()) packet.head += delays_[link];
  }
  ++packet.hop;
  return true;
}

// The packet has arrived when its tail flit has.
inline void Network::arrive(const Message& message, const Packet& packet) {
  deliver(message, packet.head + 1 + packet.lag);
}

// Goes on from packet.hop, where others may be waiting or links differ.
void Network::travel(const Message& message, Packet& packet) {
  const std::uint32_t flits = traffic_[message.kind].flits;
  const Cycle limit = reservation::limit(calendar_.now());
  while (packet.hop < hops_ + 2) {
    const LinkId link = link_at(message, packet.hop);
    if (must_wait(link, message) || !take(link, packet, flits, limit)) return park(link, message, packet);
  }
  arrive(message, packet);
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

// At a port all wait behind those that do, but not behind packets that will come when the window has moved
// on. At a link only packets of the same pair of nodes have to stay behind: younger packets of others may
// find a gap earlier. Pairs that share a bit stay behind each other without need.
bool Network::must_wait(LinkId link, const Message& message) const {
  if (!has_parked_[link]) return false;
  const Parked& waiting = parked_.at(link);
  if (link < injection_) return (waiting.pairs & pair_bit(message)) != 0;
  const Cycle limit = reservation::limit(calendar_.now());
  return std::ranges::any_of(waiting.packets,
                             [limit](const ParkedPacket& other) { return other.packet.head < limit; });
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
  const Cycle limit = reservation::limit(now);
  links_.advance(now);
  ports_.advance(now);
  for (std::size_t i = 0; i < packets.size();) {
    auto [message, packet] = packets[i];
    if (link >= injection_ && packet.head >= limit) {
      ++i;  // comes later
      continue;
    }
    find_route(message);
    const std::uint32_t flits = traffic_[message.kind].flits;
    if (packet.head < now) {
      const Cycle tail = std::max(packet.head + packet.lag, now + flits - 1);
      packet = {{now, tail - now}, packet.hop};
    }
    // Taken here, not in travel(): a packet that does not fit must keep its place.
    if (!take(link, packet, flits, limit)) break;
    packets.erase(packets.begin() + static_cast<std::ptrdiff_t>(i));
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
