#pragma once
// The interconnect: takes messages, decides when each arrives, hands it over, counts everything.
//
// Latency without contention over h hops of F flits: 1 (injection port) + (h+1) router_cycles + h link_cycles
// + F (ejection port). Messages between units of one node take no time and no hop, but count. Messages
// between a pair of nodes never overtake each other on an ordered virtual network.

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "sim/machine/network/port_schedule.hpp"
#include "sim/machine/network/topology.hpp"

namespace baton::sim {

/// A unit that messages are delivered to. What every message needs of it stands first in the derived class,
/// in few host cache lines.
class alignas(64) Receiver : public virtual sc_core::sc_interface {
 public:
  virtual void receive(const Message& message) = 0;
  /// As MessageHandler::soon: brings what the object refers to, then what that refers to, into the host's
  /// caches.
  virtual void prefetch(const Message&, Cycle /*ahead*/) const {}
};

/// What units see of the network.
class Sender : public virtual sc_core::sc_interface {
 public:
  /// Sends a message at the cycle `at` >= now. Messages of one ordered virtual network between a pair of
  /// nodes must be sent in the order of their times.
  virtual void send(const Message& message, Cycle at) = 0;
};

/// What one kind of message is to the network, and its traffic so far.
struct Traffic {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t hops = 0;
  std::uint32_t bytes = 0;  ///< of one message
  std::uint32_t flits = 0;  ///< of one message
  VirtualNetwork network{};
  bool carries_data = false;
};

struct NetworkSetup {
  NetworkParameters parameters;
  std::uint32_t nodes = 1;
  std::uint32_t line_bytes = 64;
  std::span<const KindInfo> kinds;
  bool ideal_transfer = false;  ///< the topology is bypassed: data take transfer_cycles, all else no time
  std::uint32_t transfer_cycles = 1;
};

class Network : public sc_core::sc_module, public Sender, private MessageHandler {
 public:
  sc_core::sc_port<Receiver, 0> caches;  ///< bound in the order of the nodes
  sc_core::sc_port<Receiver, 0> homes;

  Network(const sc_core::sc_module_name& name, Calendar& calendar, const NetworkSetup& setup);

  void send(const Message& message, Cycle at) override;

  std::span<const Traffic> traffic() const { return traffic_; }

 private:
  // How far a packet has come.
  struct Packet : reservation::Packet {
    std::size_t hop;  // the next one of its path: the injection port, links, the ejection port
  };
  // Packets that wait at a link because its window is full.
  struct ParkedPacket {
    Message message;
    Packet packet;
  };
  struct Parked {
    std::deque<ParkedPacket> packets;
    std::uint64_t pairs = 0;  // a bit for each pair of nodes that waits here; see pair_bit()
  };

  void end_of_elaboration() override;
  void due(Due due, const Message& message, Receiver* receiver) override;
  void soon(Due due, const Message& message, const Receiver* receiver, Cycle ahead) const override;
  void deliver(const Message& message, Cycle at);
  void transmit(const Message& message, Cycle at);
  bool cross(const Message& message, Packet& packet, std::uint32_t flits);
  bool take(LinkId link, Packet& packet, std::uint32_t flits, Cycle limit);
  void arrive(const Message& message, const Packet& packet);
  LinkId link_at(const Message& message, std::size_t hop) const;
  std::span<const Leg> route() const { return {route_.data(), legs_}; }
  std::size_t port_of(LinkId link) const { return link - injection_; }
  void travel(const Message& message, Packet& packet);
  void park(LinkId link, const Message& message, Packet packet);
  bool must_wait(LinkId link, const Message& message) const;
  void resume(LinkId link);
  void find_route(const Message& message);
  Cycle next_window() const { return (calendar_.now() / reservation::step + 1) * reservation::step; }

  Calendar& calendar_;
  NetworkSetup setup_;
  std::unique_ptr<Topology> topology_;
  Medium medium_;
  // Sends further ahead than this go through an event, so that reservations are made nearly in the order of
  // time.
  Cycle reserve_ahead_;
  Cycle hop_cycles_;
  std::vector<Cycle> delays_;  // beyond a hop, by link; empty if no link has any
  Cycle injection_cycles_;     // from the injection port to the first link, or to the ejection port
  LinkSchedule links_;
  PortSchedule ports_;
  // Ports have numbers behind the links': the injection ports, then the ejection ports, by node.
  LinkId injection_;
  LinkId ejection_;
  Cycle serial_free_ = 0;
  // Of the packet at hand: its legs, and how many links they have.
  std::vector<Leg> route_;
  std::size_t legs_ = 0;
  std::uint32_t hops_ = 0;
  std::unordered_map<LinkId, Parked> parked_;
  std::vector<bool> has_parked_;                   // by link and port
  std::uint64_t pending_ = 0;                      // injections
  std::vector<std::uint32_t> pending_injections_;  // by source and virtual network

  std::vector<Receiver*> receivers_[2];
  std::vector<Traffic> traffic_;  // by kind
};

}  // namespace baton::sim
