#include <string>

#include "traces/programs/parts/queue_load.hpp"

namespace baton::programs {
namespace {

constexpr Parameter own_parameters[] = {
    placement_parameter("placement", "how the slots lie in lines"),
    placement_parameter("ends", "how head and tail lie in lines"),
    padding_parameter(),
};
constexpr auto table = joined(queue_parameters, own_parameters);

/// A bounded array of slots, each with a number that says whose turn it is: Vyukov, "Bounded MPMC queue"
/// (1024cores.net), with places given out by fetch-and-add as in max0x7ba/atomic_queue's optimist queues and
/// folly's MPMCQueue. An operation that has its place waits for the slot: nothing is tried twice, but a
/// thread that has a place and stops holds up the one behind it in the same slot.
///
/// The turn of a slot in its round r: 2r while it is free for the enqueue, 2r + 1 while it holds the element.
class ArrayQueue final : public Queue {
 public:
  explicit ArrayQueue(Setup& setup)
      : yields_(yields_when_waiting(setup.parameters)),
        head_(setup.memory.object(1, placement_of(setup.parameters, "ends"))),
        tail_(setup.memory.object(1, placement_of(setup.parameters, "ends"))),
        slots_(setup.memory.array(queue_capacity(setup.parameters), slot_words,
                                  placement_of(setup.parameters, "placement"))),
        reserve_(setup.phase("reserve")),
        wait_(setup.phase("wait")),
        transfer_(setup.phase("transfer")),
        waits_(setup.counter("slot_waits")),
        after_reserve_(setup.preemption_point("after_reserve")) {}

  Task<> enqueue(Thread& t, std::uint64_t value) override {
    const std::uint64_t place = co_await reserve(t, tail_);
    const Address slot = slots_[place % slots_.size];
    const std::uint64_t turn = place / slots_.size * 2;
    co_await wait_for(t, turn_of(slot), turn);
    const auto phase = t.phase(transfer_);
    co_await t.store(value_in(slot), value);
    co_await t.store(turn_of(slot), turn + 1);
  }

  Task<std::optional<std::uint64_t>> dequeue(Thread& t) override {
    const std::uint64_t place = co_await reserve(t, head_);
    const Address slot = slots_[place % slots_.size];
    const std::uint64_t turn = place / slots_.size * 2 + 1;
    co_await wait_for(t, turn_of(slot), turn);
    const auto phase = t.phase(transfer_);
    const std::uint64_t value = co_await t.load(value_in(slot));
    co_await t.store(turn_of(slot), turn + 1);
    co_return value;
  }

  std::optional<std::string> walk(const Contents& memory, std::uint64_t most,
                                  const Visit& visit) const override {
    const std::uint64_t head = memory.last(head_), tail = memory.last(tail_);
    if (head > tail || tail - head > slots_.size)
      return "the queue's places go from " + std::to_string(head) + " to " + std::to_string(tail);
    for (std::uint64_t place = head; place != tail && most != 0; ++place, --most) {
      const Address slot = slots_[place % slots_.size];
      if (memory.last(turn_of(slot)) != place / slots_.size * 2 + 1)
        return "the slot of place " + std::to_string(place) + " has turn " +
               std::to_string(memory.last(turn_of(slot))) + ", which says that it holds no element";
      visit(memory.last(value_in(slot)));
    }
    return {};
  }

 private:
  static constexpr std::uint64_t slot_words = 2;
  static Address turn_of(Address slot) { return slot; }
  static Address value_in(Address slot) { return slot + word_bytes; }

  Task<std::uint64_t> reserve(Thread& t, Address end) {
    t.enter(reserve_);
    const std::uint64_t place = co_await t.fetch_add(end, 1);
    t.leave();
    co_await t.preemption_point(after_reserve_);
    co_return place;
  }

  Task<> wait_for(Thread& t, Address turn, std::uint64_t wanted) {
    const auto phase = t.phase(wait_);
    if (co_await t.load(turn) == wanted) co_return;
    t.count(waits_);
    if (!yields_) {
      co_await t.spin_until(turn, wanted);
      co_return;
    }
    do {
      co_await t.yield();
    } while (co_await t.load(turn) != wanted);
  }

  bool yields_;
  Address head_;  // the next place to dequeue from
  Address tail_;  // the next place to enqueue to
  Array slots_;
  PhaseName reserve_, wait_, transfer_;
  Counter waits_;
  PreemptionPoint after_reserve_;
};

class Description final : public Program {
 public:
  std::string_view name() const override { return "array_queue"; }
  std::string_view summary() const override {
    return "Threads enqueue and dequeue by a bounded array whose places are given out by fetch-and-add, so "
           "that no attempt fails: the contrast to queues by compare-and-swap.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  std::vector<ParameterError> check(const ParameterValues& values, std::uint32_t threads) const override {
    return both(check_padding(values), check_queue(values, threads, true));
  }
  std::unique_ptr<Instance> set_up(Setup& setup) const override {
    return std::make_unique<QueueRun>(setup, std::make_unique<ArrayQueue>(setup));
  }
};

}  // namespace

const Program& program_array_queue() {
  static const Description description;
  return description;
}

}  // namespace baton::programs
