#pragma once
// An atomic bus: one transaction at a time, seen by all caches, served in the order of the requests. Memory
// is at the bus. A tenure changes all caches at once, in the cycle of its grant; the bus is free, and the
// access that wanted it complete, when the last flit has gone over:
//
//   request: router + link cycles + its flits; look-up: hit_cycles; line from a cache: its flits; line from
//   memory: home latency, then the last-level cache's or memory's time, then its flits; each line written
//   back: its flits.

#include <deque>
#include <vector>

#include "protocols/core/snooping/tenure.hpp"
#include "sim/machine/directory.hpp"
#include "sim/machine/memory.hpp"
#include "sim/machine/network/network.hpp"
#include "sim/machine/snooping/bus_counts.hpp"

namespace baton::sim {

/// What the bus needs of a cache, whatever its protocol.
class BusClient {
 public:
  /// Serves the oldest request of this line, if it still needs the bus: changes this cache, the others and
  /// memory (Bus::content), and tells the bus what goes over it (Bus::move).
  virtual void granted(LineNumber line) = 0;
  /// The tenure is over.
  virtual void served(LineNumber line) = 0;

 protected:
  ~BusClient() = default;
};

class Bus : public sc_core::sc_module, private MessageHandler {
 public:
  Bus(const sc_core::sc_module_name& name, Shared& shared, MemoryController& memory);

  /// Clients are numbered in the order of their registration.
  void add(BusClient& client) { clients_.push_back(&client); }
  /// The client wants the bus for this line, from the cycle `at` >= now on.
  void ask(NodeId client, LineNumber line, Cycle at);

  /// What memory holds.
  Value& content(LineNumber line) { return contents_.find_or_add(line).entry->value; }
  /// While a request is being granted: this goes over the bus next.
  void move(snooping::Kind kind, LineNumber line);

  std::span<const Traffic> traffic() const { return traffic_; }
  std::size_t waiting() const { return queue_.size() + (busy_ ? 1 : 0); }

 private:
  struct Request {
    NodeId client;
    LineNumber line;
  };
  struct Content {
    Value value = 0;
  };

  void due(Due due, const Message& message, Receiver*) override;
  void grant();
  Cycle read_memory(LineNumber line, Cycle at);
  void write_memory(LineNumber line, Cycle at);

  Shared& shared_;
  MemoryController& memory_;
  LlcSlice llc_;
  Directory<Content> contents_;
  std::vector<BusClient*> clients_;
  std::deque<Request> queue_;
  bool busy_ = false;
  Cycle end_ = 0;                 // of the tenure that is being granted
  std::vector<Traffic> traffic_;  // by kind
};

}  // namespace baton::sim
