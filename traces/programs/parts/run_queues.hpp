#pragma once
// Queues of runnable tasks, in three designs.
//
// Linux: a task that becomes runnable is put into a core's queue (try_to_wake_up() in kernel/sched/core.c),
// and a core that switches picks the next one of its own (pick_next_task()), each under that queue's
// rq->lock. Wake-ups from other cores may go through a list without a lock, which the queue's core empties
// (ttwu_queue_wakelist()). A core without tasks takes some from another's queue, under that one's lock.
//
// Modelled: who moves which task between which queues, with the accesses that this needs, first in first out.
// Not modelled: priorities, fairness (a red-black tree orders Linux's queue), the choice of a core for a
// wake-up, interrupts, and the switch of address spaces.

#include <bit>
#include <deque>

#include "traces/programs/parts/inventory.hpp"
#include "traces/programs/parts/lock.hpp"

namespace baton::programs {

inline constexpr Parameter run_queue_parameters[] = {
    {"tasks_per_core", Parameter::Type::integer, 4, 1, 10'000, "", "runnable tasks, for each thread"},
    {"remote_wakes", Parameter::Type::real, 0.25, 0, 1, "",
     "share of tasks that are woken on another core than that on which they ran; no source, swept by "
     "configs/systems_sensitivity.json"},
    {"schedule_cycles", Parameter::Type::integer, 200, 0, 1e6, "cycles",
     "work of each pick and of each wake-up besides the queue's accesses; under the lock, where there is "
     "one; no "
     "source, swept by configs/systems_sensitivity.json"},
    {"ring_slots", Parameter::Type::integer, 256, 2, 65536, "tasks",
     "that a core's lock-free ring holds; more go to its inbox (256: Go's runtime)"},
};

struct RunQueueNames {
  explicit RunQueueNames(Setup& setup)
      : pick(setup.phase("pick")),
        wake(setup.phase("wake")),
        lock(setup.phase("queue_lock")),
        steal(setup.phase("queue_steal")),
        empty(setup.counter("empty_picks")),
        steals(setup.counter("queue_steals")),
        remote(setup.counter("remote_wakes")),
        cas_attempts(setup.counter("queue_cas_attempts")),
        cas_failures(setup.counter("queue_cas_failures")),
        backoff(setup.parameters) {}
  PhaseName pick, wake, lock, steal;
  Counter empty;   ///< no queue had a task
  Counter steals;  ///< tasks came from another core's queue
  Counter remote;  ///< tasks were woken on another core
  Counter cas_attempts, cas_failures;
  Backoff backoff;  ///< of compare-and-swap loops
};

class RunQueues {
 public:
  RunQueues(Setup& setup, const Blocks& tasks)
      : tasks_(tasks), names_(setup), cycles_(setup.parameters.integer("schedule_cycles")) {}
  RunQueues(const RunQueues&) = delete;
  RunQueues& operator=(const RunQueues&) = delete;
  virtual ~RunQueues() = default;

  /// The next task for the thread's core; waits until there is one. Throws ProgramFailure if nobody has one.
  Task<Block> next(Thread& t) {
    for (int fruitless = 0; fruitless < most_fruitless;) {
      const Block task = co_await pick(t);
      if (task != 0) {
        ++in_hands_;
        co_return task;
      }
      fruitless = in_hands_ == 0 ? fruitless + 1 : 0;
      co_await t.pause();
      co_await t.yield();
    }
    throw ProgramFailure("thread " + std::to_string(t.index()) +
                         " finds no task in any queue, and nobody runs one: tasks have been lost");
  }
  /// Makes a task that next() has given runnable on the core of thread `core`.
  Task<> wake(Thread& t, Block task, std::uint64_t core) {
    const auto phase = t.phase(names_.wake);
    if (core != t.index()) t.count(names_.remote);
    co_await put(t, task, core);
    --in_hands_;
  }
  /// Before the run: task i + 1 is on core i mod cores.
  virtual void fill(Setup& setup) = 0;
  virtual void add_to(Inventory& inventory, const Contents& memory) const = 0;

 protected:
  /// 0: there is none.
  virtual Task<Block> pick(Thread& t) = 0;
  virtual Task<> put(Thread& t, Block task, std::uint64_t core) = 0;

  const Blocks& tasks_;  // their first words link them; the second ones count how often they ran
  RunQueueNames names_;
  std::uint64_t cycles_;

 private:
  // A thread may be kept from its core while it has a task half out of a queue: for so many picks of others,
  // with a yield between two, it is not.
  static constexpr int most_fruitless = 100'000;

  std::uint64_t in_hands_ = 0;  // tasks that threads have; only to notice that tasks have been lost
};

/// One list under a lock.
class LockedRunQueue {
 public:
  LockedRunQueue(Setup& setup, const Blocks& tasks, const RunQueueNames& names, LockKind kind,
                 std::uint64_t cycles)
      : tasks_(&tasks),
        names_(&names),
        cycles_(cycles),
        lock_(make_lock(setup, kind)),
        head_(setup.memory.object(2)) {}

  /// Without the lock: a glance at whether there is anything.
  Task<bool> seems_empty(Thread& t) {
    const Block head = co_await t.load(head_);
    co_return head == 0;
  }

  Task<Block> pop(Thread& t) {
    co_await acquire(t);
    const Block task = co_await t.load(head_);
    if (task != 0) {
      const Block next = co_await t.load(tasks_->link(task));
      co_await t.store(head_, next);
      if (next == 0) co_await t.store(tail(), 0);
    }
    co_await lock_->release(t);
    co_return task;
  }

  Task<> push(Thread& t, Block task) {
    co_await t.store(tasks_->link(task), 0);
    co_await acquire(t);
    const Block last = co_await t.load(tail());
    co_await t.store(last == 0 ? head_ : tasks_->link(last), task);
    co_await t.store(tail(), task);
    co_await lock_->release(t);
  }

  /// Before the run: behind what is there, `last` (0: nothing).
  void fill(Setup& setup, Block last, Block task) {
    setup.memory.set(last == 0 ? head_ : tasks_->link(last), task);
    setup.memory.set(tail(), task);
  }
  void add_to(Inventory& inventory, const Contents& memory) const {
    inventory.found_list(memory, *tasks_, memory.last(head_), {}, "a run queue");
    inventory.check(lock_->is_free(memory), "a run queue's lock is still taken");
  }

 private:
  Address tail() const { return head_ + word_bytes; }
  Task<> acquire(Thread& t) {
    t.enter(names_->lock);
    co_await lock_->acquire(t);
    t.leave();
    co_await t.compute(cycles_);
  }

  const Blocks* tasks_;
  const RunQueueNames* names_;
  std::uint64_t cycles_;
  std::unique_ptr<Lock> lock_;
  Address head_;  // the tail is the next word
};

/// Queues with a lock each: one for all cores, or one for each core, which picks from the next ones when its
/// own is empty.
class LockedRunQueues final : public RunQueues {
 public:
  LockedRunQueues(Setup& setup, const Blocks& tasks, LockKind kind, std::uint64_t queues)
      : RunQueues(setup, tasks) {
    for (std::uint64_t i = 0; i < queues; ++i) queues_.emplace_back(setup, tasks, names_, kind, cycles_);
  }

  void fill(Setup& setup) override {
    std::vector<Block> last(queues_.size());
    for (Block task = 1; task <= tasks_.count(); ++task) {
      const std::uint64_t queue = (task - 1) % setup.threads() % queues_.size();
      queues_[queue].fill(setup, last[queue], task);
      last[queue] = task;
    }
  }
  void add_to(Inventory& inventory, const Contents& memory) const override {
    for (const LockedRunQueue& queue : queues_) queue.add_to(inventory, memory);
  }

 private:
  Task<Block> pick(Thread& t) override {
    const auto phase = t.phase(names_.pick);
    Block task = co_await home(t.index()).pop(t);
    if (task == 0 && queues_.size() > 1) task = co_await steal(t);
    if (task == 0) t.count(names_.empty);
    co_return task;
  }

  Task<> put(Thread& t, Block task, std::uint64_t core) override { co_await home(core).push(t, task); }

  LockedRunQueue& home(std::uint64_t core) { return queues_[core % queues_.size()]; }

  Task<Block> steal(Thread& t) {
    const auto phase = t.phase(names_.steal);
    for (std::uint64_t i = 1; i < queues_.size(); ++i) {
      LockedRunQueue& victim = home(t.index() + i);
      if (co_await victim.seems_empty(t)) continue;
      const Block task = co_await victim.pop(t);
      if (task == 0) continue;
      t.count(names_.steals);
      co_return task;
    }
    co_return 0;
  }

  std::deque<LockedRunQueue> queues_;
};

}  // namespace baton::programs
