// Which thread runs where: the part of System that moves threads between cores, run queues and sleep.

#include <algorithm>

#include "sim/machine/system/system.hpp"

namespace baton::sim {

using programs::Action;

void System::set_alarm(ThreadNumber thread, Cycle at) {
  alarms_.push({at, alarm_order_++, thread});
  if (alarms_.top().at == at) shared_.calendar.set_wake(alarm_clock_, at);
}

void System::wake() {
  while (!alarms_.empty() && alarms_.top().at <= now()) {
    const ThreadNumber number = alarms_.top().thread;
    alarms_.pop();
    ThreadState& thread = threads_[number];
    const Cause cause = thread.is == ThreadState::Is::waking     ? Cause::wake_latency
                        : thread.is == ThreadState::Is::sleeping ? Cause::sleep
                        : thread.is == ThreadState::Is::awaiting ? Cause::order
                                                                 : Cause::preempted;
    ledger_.charge(thread.account, cause, thread.thread->request().action, now());
    enqueue(number);
  }
  if (!alarms_.empty()) shared_.calendar.set_wake(alarm_clock_, alarms_.top().at);
}

// The running thread leaves its core for a time.
void System::sleep(Processor& p, ThreadState::Is is, const programs::Duration& duration) {
  ThreadState& thread = running(p);
  thread.is = is;
  thread.resumes = true;
  set_alarm(p.running, now() + std::max<Cycle>(duration.cycles + cycles_of(duration.picoseconds), 1));
  leave(p);
}

void System::inject_preemption(Processor& p) {
  if (drains_first(p, &System::inject_preemption)) return;
  ++ledger_.counts.injected_preemptions;
  sleep(p, ThreadState::Is::preempted, request(p).duration);
}

// The end of a time slice, with others waiting.
void System::preempt(Processor& p) {
  ThreadState& thread = running(p);
  if (p.does == Processor::Does::working)
    thread.work_done =
        std::min(thread.work_done + p.speed.passed(now() - p.since), thread.thread->work_cycles());
  if (drains_first(p, &System::preempt)) return;
  thread.is = ThreadState::Is::queued;
  ++ledger_.counts.preemptions;
  p.queue.push_back(p.running);
  ++queued_;
  leave(p);
}

void System::end(Processor& p) {
  ThreadState& thread = running(p);
  thread.is = ThreadState::Is::ended;
  ledger_.close(thread.account);
  CoreStatistics& core = shared_.statistics.cores[p.node];
  core.finished = std::max(core.finished, now());
  ++ended_;
  leave(p);
}

// The core has no thread any more: it switches to the next one, if there is any.
void System::leave(Processor& p) {
  synchronize(p);
  p.slice_end = never;
  p.running = take_waiting(p);
  if (p.running == nobody) {
    p.does = Processor::Does::nothing;
    return;
  }
  ThreadState& next = running(p);
  charge(p, Cause::run_queue, now());
  ++ledger_.counts.context_switches;
  if (next.processor != p.node && next.thread != nullptr) ++ledger_.counts.migrations;
  next.processor = p.node;
  p.does = Processor::Does::switching;
  set_timer(p, now() + p.speed.scaled(context_switch_));
}

// From the core's own queue, or else from the longest one: the thread that has waited longest there.
System::ThreadNumber System::take_waiting(Processor& p) {
  if (queued_ == 0) return nobody;
  Processor* from = &p;
  if (p.queue.empty()) {
    if (!threads_move_) return nobody;
    for (auto& other : processors_)
      if (other.queue.size() > from->queue.size()) from = &other;
  }
  const ThreadNumber taken = from->queue.front();
  from->queue.pop_front();
  --queued_;
  return taken;
}

// Where a thread that can run again does so: on the core that it ran on, or, if that is busy and threads may
// move, on an idle one.
std::uint32_t System::processor_for(const ThreadState& thread) const {
  const auto idle = [this](const Processor& p) { return could_be_idle(p); };
  if (idle(processors_[thread.processor]) || !threads_move_) return thread.processor;
  const auto found = std::find_if(processors_.begin(), processors_.end(), idle);
  return found == processors_.end() ? thread.processor : found->node;
}

void System::enqueue(ThreadNumber number) {
  ThreadState& thread = threads_[number];
  Processor& p = processors_[processor_for(thread)];
  thread.is = ThreadState::Is::queued;
  p.queue.push_back(number);
  ++queued_;
  if (p.does == Processor::Does::nothing) return leave(p);
  if (p.does == Processor::Does::awaiting && !is_turn_coming(p)) return give_core_up(p);
  // The running thread had the core to itself; now its slice is limited.
  if (p.does == Processor::Does::switching || p.slice_end != never) return;
  p.slice_end = std::max(p.switched_at + time_slice_, now() + 1);
  if (p.does == Processor::Does::working)
    set_timer(p, std::max(next_due(p), now() + 1));
  else if (p.does == Processor::Does::accessing && request(p).action == Action::spin)
    set_timer(p, p.slice_end);
}

}  // namespace baton::sim
