#pragma once
// One tenure of the bus: serves an event of one cache to its end. The simulator and the checker share it.

#include <array>
#include <cstddef>

#include "protocols/core/snooping/snooping.hpp"

namespace baton::snooping {

template <Protocol P>
class Tenure {
 public:
  using State = typename P::CacheState;
  using CacheLine = typename P::Line;

  /// A read, then an update (Dragon's write miss).
  static constexpr std::size_t most_transactions = 2;

  /// What went over the bus, in order.
  struct Transaction {
    Kind kind;
    bool supplied;  ///< the line came from a cache
    bool flushed;   ///< memory took it
  };
  /// Why it could not be served.
  struct Fault {
    bool missing = false;  ///< no row: `cache` in `state` on `event`; else the access is never performed
    NodeId cache = no_node;
    State state{};
    Event event{};
  };

  explicit Tenure(const TableView<Context<P>>& table) : table_(table) {}

  /// Presents the event until it has been performed. `others(f)` calls f(cache, line) for every other cache
  /// that may have the line; `note(cache, before, event, after)` is told of every step. False: see fault().
  template <class Others, class Note>
  bool serve(NodeId self, CacheLine& line, Event event, PendingAccess& access, Value& memory, Others&& others,
             Note&& note) {
    count_ = 0;
    while (true) {
      Bus bus;
      bus.data = memory;
      const int row = table_.find(line.state, event);
      if (!step(self, line, event, access, bus, note)) return false;
      if (!bus.asked) return true;
      if (count_ == most_transactions) {
        fault_ = {};
        return false;
      }
      if (is_snooped(bus.kind)) {
        bool fine = true;
        others([&](NodeId other, CacheLine& theirs) {
          fine = fine && step(other, theirs, event_of(bus.kind), access, bus, note);
        });
        if (!fine) return false;
      }
      if (bus.flushed) memory = bus.data;
      transactions_[count_++] = {bus.kind, bus.supplied, bus.flushed};
      if (is_snooped(bus.kind) && !step(self, line, end_of(bus), access, bus, note)) return false;
      if (event == Event::Replace || table_.rows()[static_cast<std::size_t>(row)].has(Effect::performs))
        return true;
    }
  }

  std::span<const Transaction> transactions() const { return {transactions_.data(), count_}; }
  const Fault& fault() const { return fault_; }

 private:
  template <class Note>
  bool step(NodeId cache, CacheLine& line, Event event, PendingAccess& access, Bus& bus, Note& note) {
    const State before = line.state;
    Context<P> context{line, access, bus};
    if (baton::step(table_, line.state, event, context) != StepResult::done) {
      fault_ = {true, cache, before, event};
      return false;
    }
    if (line.state == State::I) line = {};
    note(cache, before, event, line.state);
    return true;
  }

  TableView<Context<P>> table_;
  std::array<Transaction, most_transactions> transactions_{};
  std::size_t count_ = 0;
  Fault fault_;
};

}  // namespace baton::snooping
