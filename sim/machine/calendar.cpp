#include "sim/machine/calendar.hpp"

#include <algorithm>
#include <bit>

namespace baton::sim {

Calendar::Calendar(const sc_core::sc_module_name& name, sc_core::sc_time period)
    : sc_module(name), period_(period) {
  SC_METHOD(on_cycle);
}

std::uint32_t Calendar::add_sleeper(Sleeper& sleeper) {
  sleepers_.push_back(&sleeper);
  if (sleepers_.size() >= large) foresee();
  wake_at_.push_back(never);
  return static_cast<std::uint32_t>(sleepers_.size() - 1);
}

// More and more flights each time; they are free.
void Calendar::grow() {
  const std::size_t size = std::size_t{64} << std::min<std::size_t>(pools_.size(), 16);
  pools_.push_back(std::make_unique<Flight[]>(size));
  for (std::size_t i = size; i-- > 0;) {
    pools_.back()[i].next = free_;
    free_ = &pools_.back()[i];
  }
}

void Calendar::set_wake(std::uint32_t sleeper, Cycle at) {
  assert(at >= now_);
  if (wake_at_[sleeper] == at) return;
  wake_at_[sleeper] = at;  // an earlier entry becomes stale and is passed over
  if (at == never) return;
  if (at - now_ < ring_size) {
    sleeping_[at % ring_size].push_back(sleeper);
    mark(at);
  } else {
    far_.push({at, far_order_++, nullptr, sleeper});
  }
}

void Calendar::set_inspection(Cycle interval, std::function<void()> inspection) {
  inspection_interval_ = interval;
  next_inspection_ = now_ + interval;
  inspection_ = std::move(inspection);
}

void Calendar::each_message(const std::function<void(Cycle, Due, const Message&)>& f) const {
  for (Cycle at = now_; at < now_ + ring_size; ++at)
    for (const Flight* flight = ring_[at % ring_size].head; flight != nullptr; flight = flight->next)
      f(at, flight->due, flight->message);
  for (auto far = far_; !far.empty(); far.pop())
    if (const Flight* flight = far.top().flight) f(far.top().at, flight->due, flight->message);
}

Cycle Calendar::next_busy(Cycle from) const {
  constexpr Cycle words = ring_size / 64;
  const Cycle start = from % ring_size;
  std::uint64_t word = busy_[start / 64] & ~std::uint64_t{0} << (start % 64);
  for (Cycle i = 0; i <= words; ++i) {
    if (word != 0) {
      const Cycle at = (start / 64 + i) % words * 64 + static_cast<Cycle>(std::countr_zero(word));
      return from + (at + ring_size - start) % ring_size;
    }
    word = busy_[(start / 64 + i + 1) % words];
  }
  return far_.empty() ? never : far_.top().at;
}

// Moves to the cycle `to`; what now comes within the ring's reach moves there before anything new can be
// scheduled for those cycles, so that the order of scheduling holds across the two.
void Calendar::advance(Cycle to) {
  now_ = to;
  while (!far_.empty() && far_.top().at - now_ < ring_size) {
    const Far far = far_.top();
    far_.pop();
    if (far.flight != nullptr) {
      link_flight(far.at, *far.flight);
    } else {
      sleeping_[far.at % ring_size].push_back(far.sleeper);
      mark(far.at);
    }
  }
}

// What the next busy cycle and this one will need.
void Calendar::announce() const {
  if (const Cycle next = next_busy(now_ + 1); next < now_ + ring_size) announce(next, 1);
  announce(now_, 0);
}
void Calendar::announce(Cycle at, Cycle ahead) const {
  for (const Flight* flight = ring_[at % ring_size].head; flight != nullptr; flight = flight->next)
    handler_->soon(flight->due, flight->message, flight->receiver, ahead);
  for (const std::uint32_t sleeper : sleeping_[at % ring_size]) sleepers_[sleeper]->soon(ahead);
}

void Calendar::run_cycle() {
  if (foresees_) announce();
  Bucket& bucket = ring_[now_ % ring_size];
  while (Flight* const flight = bucket.head) {
    handler_->due(flight->due, flight->message, flight->receiver);  // may link others behind it
    bucket.head = flight->next;
    flight->next = free_;
    free_ = flight;
  }
  bucket.end = &bucket.head;
  if (auto& list = sleeping_[now_ % ring_size]; !list.empty()) {
    if (list.size() > 1) std::sort(list.begin(), list.end());
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::uint32_t sleeper = list[i];
      if (wake_at_[sleeper] != now_) continue;
      wake_at_[sleeper] = never;
      sleepers_[sleeper]->wake();
    }
    list.clear();
  }
  busy_[now_ % ring_size / 64] &= ~(std::uint64_t{1} << (now_ % 64));
}

Cycle Calendar::reach() const {
  if (!sc_core::sc_pending_activity()) return quantum;
  return std::min(quantum, static_cast<Cycle>(sc_core::sc_time_to_pending_activity() / period_));
}

// Runs ahead of SystemC's time by up to a quantum, as long as no other process is pending before: temporal
// decoupling as in the loosely timed style of TLM-2.0 (IEEE 1666-2011). Nothing in the machine reads
// SystemC's time.
void Calendar::on_cycle() {
  try {
    const Cycle limit = systemc_now_ + reach();
    for (Cycle next = next_busy(now_); next != never; next = next_busy(now_)) {
      if (next > limit) {
        next_trigger(period_ * static_cast<double>(next - systemc_now_));
        systemc_now_ = next;
        return;
      }
      advance(next);
      run_cycle();
      if (now_ >= next_inspection_) {
        next_inspection_ = now_ + inspection_interval_;
        inspection_();
      }
    }
  } catch (...) {
    failure_ = std::current_exception();
    sc_core::sc_stop();
  }
}

void Calendar::run() {
  sc_core::sc_start();
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace baton::sim
