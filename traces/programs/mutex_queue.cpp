#include <string>

#include "traces/programs/parts/lock.hpp"
#include "traces/programs/parts/queue_nodes.hpp"

namespace baton::programs {
namespace {

constexpr std::string_view locks_choices[] = {"one", "two"};

constexpr Parameter own_parameters[] = {
    lock_parameter(LockKind::futex),
    {"locks", Parameter::Type::choice, 0, 0, 1, "", "one lock for the queue, or one for each of its ends",
     locks_choices},
};
constexpr auto table =
    joined(queue_parameters, node_parameters, own_parameters, lock_parameters, backoff_parameters);

/// A linked queue under one lock; or the two-lock queue of Michael and Scott, PODC 1996, figure 2: its first
/// node is a dummy, so that head and tail never change the same node.
class MutexQueue final : public Queue {
 public:
  explicit MutexQueue(Setup& setup)
      : nodes_(setup, QueueShares(setup.parameters, setup.threads()),
               VersionedWords(setup.parameters.flag("versioned"))),
        tail_lock_(make_lock(setup, placement_of(setup.parameters, "ends"))),
        own_head_lock_(setup.parameters.choice("locks") == "two"
                           ? make_lock(setup, placement_of(setup.parameters, "ends"))
                           : nullptr),
        head_lock_(own_head_lock_ ? *own_head_lock_ : *tail_lock_),
        head_(setup.memory.object(1, placement_of(setup.parameters, "ends"))),
        tail_(setup.memory.object(1, placement_of(setup.parameters, "ends"))),
        prepare_(setup.phase("prepare")),
        acquire_(setup.phase("acquire")),
        critical_(setup.phase("critical")),
        release_(setup.phase("release")),
        free_(setup.phase("free")),
        inside_(setup.preemption_point("inside_critical_section")) {
    const Address dummy = setup.memory.object(QueueNodes::words);
    setup.memory.set(head_, dummy);
    setup.memory.set(tail_, dummy);
  }

  Task<> enqueue(Thread& t, std::uint64_t value) override {
    const Address mine = co_await prepare(t, value);
    t.enter(acquire_);
    co_await tail_lock_->acquire(t);
    t.leave();
    t.enter(critical_);
    co_await t.preemption_point(inside_);
    const Address last = co_await t.load(tail_);
    co_await t.store(QueueNodes::next_of(last), mine);
    co_await t.store(tail_, mine);
    t.leave();
    t.enter(release_);
    co_await tail_lock_->release(t);
    t.leave();
  }

  Task<std::optional<std::uint64_t>> dequeue(Thread& t) override {
    t.enter(acquire_);
    co_await head_lock_.acquire(t);
    t.leave();
    t.enter(critical_);
    co_await t.preemption_point(inside_);
    const Address dummy = co_await t.load(head_);
    const Address next = co_await t.load(QueueNodes::next_of(dummy));
    std::optional<std::uint64_t> value;
    if (next != 0) {
      value = co_await t.load(QueueNodes::value_in(next));
      co_await t.store(head_, next);
    }
    t.leave();
    t.enter(release_);
    co_await head_lock_.release(t);
    t.leave();
    if (next != 0) {
      const auto phase = t.phase(free_);
      co_await nodes_.give(t, dummy);
    }
    co_return value;
  }

  std::optional<std::string> walk(const Contents& memory, std::uint64_t most,
                                  const Visit& visit) const override {
    if (!tail_lock_->is_free(memory) || !head_lock_.is_free(memory))
      return "all threads have ended, but a lock is not free";
    Address node = memory.last(head_);
    for (; most != 0; --most) {
      const Address next = memory.last(QueueNodes::next_of(node));
      if (next == 0) break;
      visit(memory.last(QueueNodes::value_in(next)));
      node = next;
    }
    if (node == memory.last(tail_)) return {};
    return "the tail is not the last node of the queue";
  }

 private:
  Task<Address> prepare(Thread& t, std::uint64_t value) {
    const auto phase = t.phase(prepare_);
    const Address node = co_await nodes_.take(t);
    co_await t.store(QueueNodes::value_in(node), value);
    co_await t.store(QueueNodes::next_of(node), 0);
    co_return node;
  }

  QueueNodes nodes_;
  std::unique_ptr<Lock> tail_lock_;
  std::unique_ptr<Lock> own_head_lock_;  // null: one lock
  Lock& head_lock_;
  Address head_;  // the dummy
  Address tail_;  // the last node
  PhaseName prepare_, acquire_, critical_, release_, free_;
  PreemptionPoint inside_;
};

class Description final : public Program {
 public:
  std::string_view name() const override { return "mutex_queue"; }
  std::string_view summary() const override {
    return "Threads enqueue and dequeue under one lock or two, by default a mutex whose losers sleep: what "
           "lock-free queues are compared with.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  std::vector<ParameterError> check(const ParameterValues& values, std::uint32_t threads) const override {
    return both(check_nodes(values, threads), check_backoff(values));
  }
  std::unique_ptr<Instance> set_up(Setup& setup) const override {
    return std::make_unique<QueueRun>(setup, std::make_unique<MutexQueue>(setup));
  }
};

}  // namespace

const Program& program_mutex_queue() {
  static const Description description;
  return description;
}

}  // namespace baton::programs
