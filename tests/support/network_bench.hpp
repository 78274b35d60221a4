#pragma once
// A network alone: a Calendar, a Network, and receivers that only note what arrives. One run a process (see
// child.hpp).

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "sim/machine/network/network.hpp"

namespace baton::test {

using sim::Cycle;

enum TestKind : std::uint8_t { control, data, forwarded, forwarded_data, request };
inline constexpr KindInfo test_kinds[] = {{"Control", VirtualNetwork::response, false},
                                          {"Data", VirtualNetwork::response, true},
                                          {"Forward", VirtualNetwork::forward, false},
                                          {"ForwardData", VirtualNetwork::forward, true},
                                          {"Request", VirtualNetwork::request, false}};

class NetworkBench : private sim::Sleeper {
 public:
  struct Arrival {
    Cycle at;
    Message message;
  };

  explicit NetworkBench(const sim::NetworkParameters& parameters, std::uint32_t nodes,
                        std::uint32_t line_bytes = 64)
      : calendar("calendar", sc_core::sc_time(1, sc_core::SC_NS)),
        network("network", calendar, {parameters, nodes, line_bytes, test_kinds, false, 1}),
        sleeper_(calendar.add_sleeper(*this)) {
    for (std::uint32_t i = 0; i < nodes; ++i) {
      network.caches.bind(sinks_.emplace_back(*this));
      network.homes.bind(sinks_.emplace_back(*this));
    }
  }

  static Message message(std::uint32_t from, std::uint32_t to, TestKind kind, std::uint64_t number = 0) {
    Message m;
    m.line = number;
    m.source = static_cast<NodeId>(from);
    m.destination = static_cast<NodeId>(to);
    m.receiver = Unit::cache;
    m.kind = kind;
    return m;
  }

  /// Sends the message in the cycle `at` >= 1.
  void send(Cycle at, const Message& message) { sends_.push_back({at, message}); }
  /// Instead of send(): called in every cycle from 1 to `cycles`, it may call network.send(message, cycle).
  void each_cycle(Cycle cycles, std::function<void(Cycle)> f) {
    cycles_ = cycles;
    each_cycle_ = std::move(f);
  }

  void run() {
    std::stable_sort(sends_.begin(), sends_.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    if (each_cycle_ || !sends_.empty()) calendar.set_wake(sleeper_, each_cycle_ ? 0 : sends_.front().at - 1);
    calendar.run();
  }

  sim::Calendar calendar;
  sim::Network network;
  std::vector<Arrival> arrivals;

 private:
  struct Sink : sim::Receiver {
    explicit Sink(NetworkBench& b) : bench(b) {}
    void receive(const Message& m) override { bench.arrivals.push_back({bench.calendar.now(), m}); }
    NetworkBench& bench;
  };

  // A sleeper may schedule nothing for its own cycle, so it wakes one earlier.
  void wake() override {
    const Cycle at = calendar.now() + 1;
    if (each_cycle_) {
      each_cycle_(at);
      if (at < cycles_) calendar.set_wake(sleeper_, at);
      return;
    }
    while (next_ < sends_.size() && sends_[next_].at == at) network.send(sends_[next_++].message, at);
    if (next_ < sends_.size()) calendar.set_wake(sleeper_, sends_[next_].at - 1);
  }

  std::uint32_t sleeper_;
  std::deque<Sink> sinks_;
  std::vector<Arrival> sends_;
  std::size_t next_ = 0;
  Cycle cycles_ = 0;
  std::function<void(Cycle)> each_cycle_;
};

}  // namespace baton::test
