#pragma once
// The machine's time. One SystemC method runs all that happens in a cycle, and goes on to the next busy one:
// the kernel is asked once a quantum, not once an event.
//
// Within a cycle the order is fixed, and so is every result: first the messages, in the order in which they
// were scheduled (one may schedule another for the same cycle), then the sleepers (cores) by rising number. A
// sleeper may schedule nothing for the cycle in which it runs: what a core does takes at least a cycle.

#include <cassert>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <queue>
#include <systemc>
#include <vector>

#include "protocols/core/types.hpp"

namespace baton::sim {

using Cycle = std::uint64_t;
inline constexpr Cycle never = ~Cycle{0};

/// What is due when a message's time comes.
enum class Due : std::uint8_t {
  delivery,   ///< it has arrived
  injection,  ///< its sender hands it to the network now
  link        ///< a link with parked packets has free cycles again; `message.line` is the link
};

class Receiver;  // of messages; see network.hpp

class MessageHandler {
 public:
  /// `receiver`: as it was scheduled.
  virtual void due(Due due, const Message& message, Receiver* receiver) = 0;
  /// It will be due in the next busy cycle (ahead = 1), then in this one (0): a hint, without effect on
  /// results. Not all that is due is announced.
  virtual void soon(Due, const Message&, const Receiver*, Cycle /*ahead*/) const {}

 protected:
  ~MessageHandler() = default;
};

class Sleeper {
 public:
  virtual void wake() = 0;
  /// As MessageHandler::soon.
  virtual void soon(Cycle /*ahead*/) const {}

 protected:
  ~Sleeper() = default;
};

class Calendar : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Calendar);
  Calendar(const sc_core::sc_module_name& name, sc_core::sc_time period);

  Cycle now() const { return now_; }

  /// What events touch no longer fits the host's caches, and is spread over the machine: from now on handlers
  /// and sleepers are told of events some time before, since waiting for memory at each would take longer
  /// than the work. Without need it would only cost.
  void foresee() { foresees_ = true; }

  void set_handler(MessageHandler& handler) { handler_ = &handler; }
  /// Sleepers are numbered in the order of their registration.
  std::uint32_t add_sleeper(Sleeper& sleeper);

  /// at >= now(), and > now() from a sleeper.
  void schedule(Cycle at, Due due, const Message& message, Receiver* receiver = nullptr) {
    assert(at >= now_);
    if (free_ == nullptr) grow();
    Flight& flight = *free_;
    free_ = flight.next;
    flight.message = message;
    flight.next = nullptr;
    flight.receiver = receiver;
    flight.due = due;
    if (at - now_ < ring_size) [[likely]]
      link_flight(at, flight);
    else
      far_.push({at, far_order_++, &flight, 0});
  }
  /// Replaces the sleeper's earlier wake-up; `never` cancels it. As schedule() otherwise.
  void set_wake(std::uint32_t sleeper, Cycle at);
  /// never: none is set.
  Cycle wake_of(std::uint32_t sleeper) const { return wake_at_[sleeper]; }

  /// Calls f for every message that is scheduled, for a failure's report.
  void each_message(const std::function<void(Cycle, Due, const Message&)>& f) const;

  /// Called every `interval` cycles at least while the machine runs, between two cycles.
  void set_inspection(Cycle interval, std::function<void()> inspection);

  /// Runs until nothing is scheduled. Rethrows what a handler or a sleeper threw. Once a process.
  void run();

 private:
  static constexpr Cycle ring_size = 2048;  // covers nearly all latencies; later events wait in a heap
  static constexpr Cycle quantum = 1000;
  static constexpr std::size_t large = 200;  // sleepers: such a machine does not fit the host's caches

  struct Flight {
    Message message;
    Flight* next;
    Receiver* receiver;
    Due due;
  };
  struct Bucket {
    Flight* head = nullptr;
    Flight** end = &head;  // where the next one is linked
  };
  struct Far {
    Cycle at;
    std::uint64_t order;
    Flight* flight;  // null: a sleeper
    std::uint32_t sleeper;
    bool operator>(const Far& other) const { return at != other.at ? at > other.at : order > other.order; }
  };

  void on_cycle();
  Cycle reach() const;
  void run_cycle();
  void announce() const;
  void announce(Cycle at, Cycle ahead) const;
  Cycle next_busy(Cycle from) const;
  void advance(Cycle to);
  void grow();
  void link_flight(Cycle at, Flight& flight) {
    Bucket& bucket = ring_[at % ring_size];
    *bucket.end = &flight;
    bucket.end = &flight.next;
    mark(at);
  }
  void mark(Cycle at) { busy_[at % ring_size / 64] |= std::uint64_t{1} << (at % 64); }

  sc_core::sc_time period_;
  Cycle now_ = 0;
  bool foresees_ = false;
  Cycle systemc_now_ = 0;  // SystemC's time when the method runs
  MessageHandler* handler_ = nullptr;
  std::vector<Sleeper*> sleepers_;
  std::vector<Cycle> wake_at_;

  std::vector<std::unique_ptr<Flight[]>> pools_;  // flights never move
  Flight* free_ = nullptr;
  std::vector<Bucket> ring_{ring_size};
  std::vector<std::vector<std::uint32_t>> sleeping_{ring_size};
  std::vector<std::uint64_t> busy_ = std::vector<std::uint64_t>(ring_size / 64);
  std::priority_queue<Far, std::vector<Far>, std::greater<>> far_;
  std::uint64_t far_order_ = 0;

  Cycle inspection_interval_ = never;
  Cycle next_inspection_ = never;
  std::function<void()> inspection_;
  std::exception_ptr failure_;
};

}  // namespace baton::sim
