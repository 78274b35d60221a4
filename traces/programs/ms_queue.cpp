#include <string>

#include "traces/programs/parts/queue_nodes.hpp"

namespace baton::programs {
namespace {

constexpr auto table = joined(queue_parameters, node_parameters, backoff_parameters);

/// Michael and Scott, "Simple, fast, and practical non-blocking and blocking concurrent queue algorithms",
/// PODC 1996, figure 1. The first node is a dummy: the next one has the next element.
class MsQueue final : public Queue {
 public:
  explicit MsQueue(Setup& setup)
      : backoff_(setup.parameters),
        versions_(setup.parameters.flag("versioned")),
        nodes_(setup, QueueShares(setup.parameters, setup.threads()), versions_),
        head_(setup.memory.object(1, placement_of(setup.parameters, "ends"))),
        tail_(setup.memory.object(1, placement_of(setup.parameters, "ends"))),
        prepare_(setup.phase("prepare")),
        read_(setup.phase("read")),
        link_(setup, "CAS1", "cas1"),
        help_(setup, "CAS2", "cas2"),
        swing_tail_(setup, "CAS3", "cas3"),
        swing_head_(setup, "CAS3", "head"),
        free_(setup.phase("free")),
        stale_(setup.counter("stale_reads")),
        before_cas1_(setup.preemption_point("before_cas1")) {
    const Address dummy = setup.memory.object(QueueNodes::words);
    setup.memory.set(head_, VersionedWords::first(dummy));
    setup.memory.set(tail_, VersionedWords::first(dummy));
  }

  Task<> enqueue(Thread& t, std::uint64_t value) override {
    const Address mine = co_await prepare(t, value);
    Backoff::Delays delays = backoff_.delays();
    for (;;) {
      t.enter(read_);
      const std::uint64_t tail = co_await t.load(tail_);
      const std::uint64_t next = co_await t.load(next_of(tail));
      const std::uint64_t tail_again = co_await t.load(tail_);
      t.leave();
      if (tail_again != tail) {
        t.count(stale_);
      } else if (VersionedWords::node(next) != 0) {
        co_await change(t, help_, tail_, tail, VersionedWords::node(next));
      } else {
        co_await t.preemption_point(before_cas1_);
        if (co_await change(t, link_, next_of(tail), next, mine)) {
          co_await change(t, swing_tail_, tail_, tail, mine);
          co_return;
        }
        co_await t.compute(delays.next(t));
      }
    }
  }

  Task<std::optional<std::uint64_t>> dequeue(Thread& t) override {
    Backoff::Delays delays = backoff_.delays();
    for (;;) {
      t.enter(read_);
      const std::uint64_t head = co_await t.load(head_);
      const std::uint64_t tail = co_await t.load(tail_);
      const Address next = VersionedWords::node(co_await t.load(next_of(head)));
      const std::uint64_t head_again = co_await t.load(head_);
      t.leave();
      if (head_again != head) {
        t.count(stale_);
      } else if (VersionedWords::node(head) != VersionedWords::node(tail)) {
        // Before the change: after it, another thread may dequeue `next` and free it.
        const std::uint64_t value = co_await t.load(QueueNodes::value_in(next));
        if (co_await change(t, swing_head_, head_, head, next)) {
          co_await give_back(t, VersionedWords::node(head));
          co_return value;
        }
        co_await t.compute(delays.next(t));
      } else if (next == 0) {
        co_return std::nullopt;
      } else {
        co_await change(t, help_, tail_, tail, next);
      }
    }
  }

  std::optional<std::string> walk(const Contents& memory, std::uint64_t most,
                                  const Visit& visit) const override {
    Address node = VersionedWords::node(memory.last(head_));
    for (; most != 0; --most) {
      const Address next = VersionedWords::node(memory.last(QueueNodes::next_of(node)));
      if (next == 0) break;
      visit(memory.last(QueueNodes::value_in(next)));
      node = next;
    }
    if (node == VersionedWords::node(memory.last(tail_))) return {};
    return "the tail is not the last node of the queue";
  }

 private:
  struct Step {
    Step(Setup& setup, std::string_view phase_name, const std::string& counters)
        : phase(setup.phase(phase_name)),
          attempts(setup.counter(counters + "_attempts")),
          failures(setup.counter(counters + "_failures")) {}
    PhaseName phase;
    Counter attempts, failures;
  };

  static Address next_of(std::uint64_t word) { return QueueNodes::next_of(VersionedWords::node(word)); }

  // A node that nobody else knows yet, with no next.
  Task<Address> prepare(Thread& t, std::uint64_t value) {
    const auto phase = t.phase(prepare_);
    const Address node = co_await nodes_.take(t);
    co_await t.store(QueueNodes::value_in(node), value);
    // A node that comes again goes on counting: who still knows it from before must fail to link to it.
    std::uint64_t before = 0;
    if (nodes_.reused()) before = co_await t.load(QueueNodes::next_of(node));
    co_await t.store(QueueNodes::next_of(node), versions_.next(before, 0));
    co_return node;
  }

  Task<bool> change(Thread& t, const Step& step, Address word, std::uint64_t from, Address to) {
    const auto phase = t.phase(step.phase);
    t.count(step.attempts);
    const Compared done = co_await t.compare_exchange(word, from, versions_.next(from, to));
    if (!done) t.count(step.failures);
    co_return done.success;
  }

  Task<> give_back(Thread& t, Address node) {
    const auto phase = t.phase(free_);
    co_await nodes_.give(t, node);
  }

  Backoff backoff_;
  VersionedWords versions_;
  QueueNodes nodes_;
  Address head_;  // the dummy
  Address tail_;  // the last node or the one before it
  PhaseName prepare_, read_;
  Step link_, help_, swing_tail_, swing_head_;
  PhaseName free_;
  Counter stale_;  // the word had changed while the thread looked around
  PreemptionPoint before_cas1_;
};

class Description final : public Program {
 public:
  std::string_view name() const override { return "ms_queue"; }
  std::string_view summary() const override {
    return "Threads enqueue and dequeue by the lock-free queue of Michael and Scott: where the time of an "
           "operation goes, and how it fares against a mutex.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  std::vector<ParameterError> check(const ParameterValues& values, std::uint32_t threads) const override {
    return both(check_nodes(values, threads), check_backoff(values));
  }
  std::unique_ptr<Instance> set_up(Setup& setup) const override {
    return std::make_unique<QueueRun>(setup, std::make_unique<MsQueue>(setup));
  }
};

}  // namespace

const Program& program_ms_queue() {
  static const Description description;
  return description;
}

}  // namespace baton::programs
