#pragma once
// Run queues without locks. Each core has a ring that it alone puts tasks into, at the tail, and from which
// it and others take them at the head, by compare-and-swap; who has nothing takes half of another's: the
// queues of Go's runtime (runqput(), runqget(), runqgrab() in src/runtime/proc.go), which continue the work
// stealing of R. Blumofe and C. Leiserson, "Scheduling Multithreaded Computations by Work Stealing", JACM
// 46(5), 1999. Unlike the deque of D. Chase and Y. Lev, "Dynamic Circular Work-Stealing Deque", SPAA 2005,
// whose owner takes what it put in last, it is first in first out, as tasks that take turns need it. Heads
// and tails only grow, so there is no ABA.
//
// Others' wake-ups go to the core's inbox, a stack that is emptied whole by one exchange, as in Linux's list
// of pending wake-ups (llist_add(), llist_del_all()); here whoever steals may empty it, too.

#include "traces/programs/parts/run_queues.hpp"

namespace baton::programs {

class StealingRunQueues final : public RunQueues {
 public:
  StealingRunQueues(Setup& setup, const Blocks& tasks)
      : RunQueues(setup, tasks), slots_(setup.parameters.integer("ring_slots")) {
    for (std::uint32_t i = 0; i < setup.threads(); ++i)
      queues_.push_back({setup.memory.object(2), setup.memory.object(slots_), setup.memory.object()});
  }

  void fill(Setup& setup) override {
    std::vector<std::uint64_t> put(queues_.size());
    for (Block task = 1; task <= tasks_.count(); ++task) {
      const std::uint64_t core = (task - 1) % queues_.size();
      Queue& queue = queues_[core];
      if (put[core] < slots_) {
        setup.memory.set(slot(queue, put[core]), task);
        setup.memory.set(tail(queue), ++put[core]);
      } else {
        setup.memory.set(tasks_.link(task), queue.first_in_inbox);
        setup.memory.set(queue.inbox, task);
        queue.first_in_inbox = task;
      }
    }
  }
  void add_to(Inventory& inventory, const Contents& memory) const override {
    for (const Queue& queue : queues_) {
      inventory.found_list(memory, tasks_, memory.last(queue.inbox), {}, "an inbox");
      const std::uint64_t end = memory.last(tail(queue));
      for (std::uint64_t i = memory.last(queue.head); i < end; ++i)
        if (!inventory.found(memory.last(slot(queue, i)), "a ring")) break;
    }
  }

 private:
  struct Queue {
    Address head;  // how many tasks have been taken; the next word is the tail, how many have been put in
    Address ring;
    Address inbox;
    Block first_in_inbox = 0;  // while it is filled before the run
  };
  static Address tail(const Queue& queue) { return queue.head + word_bytes; }
  Address slot(const Queue& queue, std::uint64_t position) const {
    return queue.ring + position % slots_ * word_bytes;
  }

  Task<Block> pick(Thread& t) override {
    const auto phase = t.phase(names_.pick);
    co_await t.compute(cycles_);
    Queue& own = queues_[t.index()];
    Block task = co_await take_one(t, own);
    if (task == 0) task = co_await empty_inbox(t, own);
    if (task == 0) task = co_await steal(t);
    if (task == 0) t.count(names_.empty);
    co_return task;
  }

  Task<> put(Thread& t, Block task, std::uint64_t core) override {
    co_await t.compute(cycles_);
    if (core == t.index())
      co_await put_own(t, task);
    else
      co_await drop(t, queues_[core], task);
  }

  Task<Block> take_one(Thread& t, const Queue& queue) {
    Backoff::Delays delays = names_.backoff.delays();
    for (;;) {
      const std::uint64_t head = co_await t.load(queue.head);
      const std::uint64_t end = co_await t.load(tail(queue));
      if (head >= end) co_return 0;
      const Block task = co_await t.load(slot(queue, head));
      const bool taken = co_await swap(t, delays, queue.head, head, head + 1);
      if (taken) co_return task;
    }
  }

  // Into the thread's own ring; what finds no room goes to the inbox.
  Task<> put_own(Thread& t, Block task) {
    const Queue& own = queues_[t.index()];
    const std::uint64_t head = co_await t.load(own.head);
    const std::uint64_t end = co_await t.load(tail(own));
    if (end - head >= slots_) {
      co_await drop(t, own, task);
      co_return;
    }
    co_await t.store(slot(own, end), task);
    co_await t.store(tail(own), end + 1);
  }

  Task<> drop(Thread& t, const Queue& queue, Block task) {
    Backoff::Delays delays = names_.backoff.delays();
    for (;;) {
      const Block first = co_await t.load(queue.inbox);
      co_await t.store(tasks_.link(task), first);
      const bool done = co_await swap(t, delays, queue.inbox, first, task);
      if (done) co_return;
    }
  }

  // One of the inbox's tasks; the others go to the thread's own ring, in the order in which they came.
  Task<Block> empty_inbox(Thread& t, const Queue& queue) {
    const Block seen = co_await t.load(queue.inbox);
    if (seen == 0) co_return 0;
    std::vector<Block> all;
    Block next = co_await t.exchange(queue.inbox, 0);
    while (next != 0) {
      all.push_back(next);
      next = co_await t.load(tasks_.link(next));
      if (all.size() > tasks_.count()) throw ProgramFailure("an inbox leads round in a circle");
    }
    if (all.empty()) co_return 0;
    const Block first = all.back();
    for (auto task = all.rbegin() + 1; task != all.rend(); ++task) co_await put_own(t, *task);
    co_return first;
  }

  Task<Block> steal(Thread& t) {
    const auto phase = t.phase(names_.steal);
    const std::uint64_t from = t.random().below(queues_.size());
    for (std::uint64_t i = 0; i < queues_.size(); ++i) {
      const std::uint64_t victim = (from + i) % queues_.size();
      if (victim == t.index()) continue;
      Block task = co_await take_half(t, queues_[victim]);
      if (task == 0) task = co_await empty_inbox(t, queues_[victim]);
      if (task == 0) continue;
      t.count(names_.steals);
      co_return task;
    }
    co_return 0;
  }

  // Half of the ring, rounded up: the first to be run, the others for the thread's own ring.
  Task<Block> take_half(Thread& t, const Queue& queue) {
    Backoff::Delays delays = names_.backoff.delays();
    for (;;) {
      const std::uint64_t head = co_await t.load(queue.head);
      const std::uint64_t end = co_await t.load(tail(queue));
      if (head >= end) co_return 0;
      const std::uint64_t half = (end - head + 1) / 2;
      // Head and tail are not of one moment: the difference can be more than there ever was.
      if (half > (slots_ + 1) / 2) continue;
      std::vector<Block> taken(half);
      for (std::uint64_t i = 0; i < half; ++i) taken[i] = co_await t.load(slot(queue, head + i));
      const bool done = co_await swap(t, delays, queue.head, head, head + half);
      if (!done) continue;
      for (std::uint64_t i = 1; i < half; ++i) co_await put_own(t, taken[i]);
      co_return taken[0];
    }
  }

  // Waits after a failure; the caller then looks again.
  Task<bool> swap(Thread& t, Backoff::Delays& delays, Address word, std::uint64_t expected,
                  std::uint64_t desired) {
    t.count(names_.cas_attempts);
    const Compared swapped = co_await t.compare_exchange(word, expected, desired);
    if (swapped) co_return true;
    t.count(names_.cas_failures);
    co_await t.compute(delays.next(t));
    co_return false;
  }

  std::uint64_t slots_;
  std::vector<Queue> queues_;
};

}  // namespace baton::programs
