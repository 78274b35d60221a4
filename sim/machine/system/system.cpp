#include "sim/machine/system/system.hpp"

#include <algorithm>
#include <cmath>

#include "sim/machine/system/core_list.hpp"
#include "traces/gates.hpp"

namespace baton::sim {

using programs::Action;

namespace {

// So many requests without time passing are a loop of the program that would never end.
constexpr int most_at_once = 1'000'000;

}  // namespace

System::System(const programs::ProgramWorkload& workload, const std::vector<Core*>& cores, Shared& shared,
               const RunOptions& options)
    : shared_(shared),
      run_(workload.run(options.first_core_only)),
      ledger_(*run_, shared.parameters.clock_hz, workload.timer_granularity_ps(), options.profile != nullptr),
      threads_(run_->threads()) {
  const SystemParameters& system = shared.parameters.system;
  threads_move_ = system.steal && system.pin.empty();
  time_slice_ = std::max<Cycle>(cycles_of(system.time_slice_ps), 1);
  // What the system does takes a cycle at least: a core that acts in a cycle cannot act twice.
  context_switch_ = std::max<Cycle>(cycles_of(system.context_switch_ps), 1);
  system_call_ = std::max<Cycle>(cycles_of(system.system_call_ps), 1);
  wake_ = cycles_of(system.wake_ps);
  wake_latency_ = std::max<Cycle>(cycles_of(system.wake_latency_ps), 1);
  for (std::size_t i = 0; i < cores.size(); ++i) {
    Processor& p = processors_.emplace_back();
    p.system = this;
    p.core = cores[i];
    p.node = static_cast<NodeId>(i);
    p.speed = Speed(shared.parameters, p.node);
    p.timer = shared.calendar.add_sleeper(p);
    p.core->set_dispatcher(*this, true);
  }
  alarm_clock_ = shared.calendar.add_sleeper(*this);
  place();
}

Cycle System::cycles_of(std::uint64_t picoseconds) const {
  return static_cast<Cycle>(std::llround(static_cast<double>(picoseconds) *
                                         static_cast<double>(shared_.parameters.clock_hz) * 1e-12));
}

// All threads are there from the start; the first of each core runs at once.
void System::place() {
  const std::size_t cores = processors_.size();
  const SystemParameters& parameters = shared_.parameters.system;
  const bool blocks = parameters.placement == "blocks";
  const auto pinned = parse_core_list(parameters.pin, shared_.parameters.cores);
  for (ThreadNumber i = 0; i < threads_.size(); ++i) {
    const bool few = threads_.size() <= cores;
    const std::size_t core = !pinned.empty()  ? pinned[i % pinned.size()]
                             : blocks && !few ? std::size_t{i} * cores / threads_.size()
                                              : i % cores;
    threads_[i].processor = static_cast<std::uint32_t>(core);
    processors_[core].queue.push_back(i);
  }
  queued_ = threads_.size();
  for (auto& p : processors_) {
    if (p.queue.empty()) continue;
    p.running = p.queue.front();
    p.queue.pop_front();
    --queued_;
    p.does = Processor::Does::switching;
    set_timer(p, now());
  }
}

// ---- A core and its thread

void System::charge(const Processor& p, Cause cause, Cycle until) {
  ThreadState& thread = threads_[p.running];
  ledger_.charge(thread.account, cause, thread.thread ? request(p).action : Action::compute, until);
}

void System::on_timer(Processor& p) {
  using Does = Processor::Does;
  switch (p.does) {
    case Does::switching:
      return begin_running(p);
    case Does::working:
      return worked(p);
    case Does::calling:
      return called(p);
    case Does::returning:
      charge(p, Cause::system_call, now());
      return resume(p, now());
    case Does::accessing:
      return slice_ends_spin(p);
    case Does::draining:
      charge(p, Cause::miss, now());
      return (this->*p.after_drain)(p);
    case Does::awaiting:
      return has_turn(p);
    case Does::nothing:
      return;
  }
}

void System::begin_running(Processor& p) {
  ThreadState& thread = running(p);
  charge(p, Cause::context_switch, now());
  synchronize(p);
  if (thread.thread == nullptr) {
    run_->set_real_time(!p.core->keeps_logical_time());
    thread.thread = &run_->thread(p.running);
  }
  thread.is = ThreadState::Is::running;
  p.switched_at = now();
  p.slice_end = p.queue.empty() ? never : now() + time_slice_;
  if (thread.resumes) return resume(p, now());
  work_from(p, now());
}

// The thread's request has been answered: it goes on with its program at `at`.
void System::resume(Processor& p, Cycle at) {
  running(p).proceed();
  work_from(p, at);
}

void System::work_from(Processor& p, Cycle at) {
  p.does = Processor::Does::working;
  p.since = at;
  const Cycle due = next_due(p);
  if (due > now())
    set_timer(p, due);
  else
    worked(p);
}

Cycle System::work_end(const Processor& p) const {
  const ThreadState& thread = running(p);
  return p.since + p.speed.scaled(thread.thread->work_cycles() - thread.work_done);
}

Cycle System::next_due(const Processor& p) const {
  const Cycle end = work_end(p);
  return p.slice_end < end ? std::max(p.slice_end, p.since) : end;
}

// What the thread has noted about itself in the work that is done now.
void System::apply_marks(Processor& p, Cycle until) {
  ThreadState& thread = running(p);
  const auto& marks = thread.thread->marks();
  for (; thread.marks_done < marks.size(); ++thread.marks_done) {
    const programs::Mark& mark = marks[thread.marks_done];
    const std::uint64_t ahead = mark.after_cycles - std::min(mark.after_cycles, thread.work_done);
    const Cycle at = p.since + p.speed.scaled(ahead);
    if (at > until) break;
    charge(p, Cause::compute, at);
    if (!ledger_.apply(thread.account, mark)) continue;
    CoreStatistics& core = shared_.statistics.cores[p.node];
    ++core.operations;
    core.finished = std::max(core.finished, at);
  }
  charge(p, Cause::compute, until);
}

// The work before the request is done, or the time slice has ended.
void System::worked(Processor& p) {
  for (int times = 0; times < most_at_once; ++times) {
    const Cycle end = work_end(p);
    apply_marks(p, now());
    if (now() >= p.slice_end) {
      p.slice_end = never;
      if (!p.queue.empty()) return preempt(p);
    }
    if (now() < end) return set_timer(p, end);
    running(p).work_done = running(p).thread->work_cycles();
    p.since = now();
    if (!carry_out(p)) return;
    // The request took no time.
    running(p).proceed();
    if (next_due(p) > now()) return set_timer(p, next_due(p));
  }
  throw RunFailure("thread " + std::to_string(p.running) +
                   " of the program goes on and on without time passing");
}

// True: the request took no time.
bool System::carry_out(Processor& p) {
  switch (request(p).action) {
    case Action::fence:
      return !request(p).is_full_fence() || !drains_first(p, &System::fenced);
    case Action::compute:
      return true;
    case Action::futex_wait:
    case Action::futex_wake:
    case Action::sleep:
    case Action::yield:
      call(p);
      return false;
    case Action::preempt:
      inject_preemption(p);
      return false;
    case Action::await:
      return !waits_for_turn(p);
    case Action::advance:
      return advance(p);
    case Action::end:
      end(p);
      return false;
    default:
      access(p);
      return false;
  }
}

// ---- Accesses

void System::access(Processor& p) {
  const programs::Request& request = this->request(p);
  traces::Operation operation;
  operation.address = request.address;
  operation.gap_cycles = request.spin_gap_cycles;
  operation.kind = request.kind();
  operation.size = request.size;
  operation.completes = request.completes;  // false of a program: operations are what it marks
  const std::uint64_t upgrades = shared_.statistics.upgrades;
  p.does = Processor::Does::accessing;
  p.since = now();
  p.stopping = false;
  p.upgrade = false;
  const bool spins = request.action == Action::spin;
  if (!running(p).cut_short) running(p).asked = now();
  running(p).cut_short = false;
  if (spins && p.slice_end != never) set_timer(p, std::max(p.slice_end, now() + 1));
  // A store that is sequentially consistent waits for those before and for itself, like an exchange.
  const bool through = request.action == Action::store && !request.may_be_buffered();
  p.core->start(operation, through);  // may be ready at once, and then has gone on already
  if (p.does == Processor::Does::accessing && shared_.statistics.upgrades != upgrades) p.upgrade = true;
}

Value System::perform(NodeId node, traces::Kind kind, Value content) {
  if (!run_->has_values()) return Dispatcher::perform(node, kind, content);
  return running(processors_[node]).thread->perform(run_->contents(), content);
}

bool System::satisfied(NodeId node) {
  const Processor& p = processors_[node];
  return p.stopping || !running(p).thread->keeps_spinning();
}

// The access has been performed; its thread has the core again at `at`.
void System::ready(NodeId node, Cycle at) {
  Processor& p = processors_[node];
  if (p.does == Processor::Does::draining) return set_timer(p, at);
  ThreadState& thread = running(p);
  const bool spun = request(p).action == Action::spin;
  const Cycle hit_cycles = p.speed.scaled(shared_.parameters.cache.hit_cycles);
  charge(p,
         spun                         ? Cause::spin
         : at - p.since <= hit_cycles ? Cause::hit
         : p.upgrade                  ? Cause::upgrade
                                      : Cause::miss,
         at);
  if (thread.is == ThreadState::Is::checking) {
    p.does = Processor::Does::calling;
    return set_timer(p, at);
  }
  // A spin that the end of the slice has cut short is asked for again when the thread runs again.
  if (spun && p.stopping && thread.thread->keeps_spinning()) {
    thread.cut_short = true;
    return work_from(p, at);
  }
  resume(p, at);
}

// A thread that spins loses its core at the end of its slice like any other.
void System::slice_ends_spin(Processor& p) {
  p.slice_end = never;
  if (p.queue.empty()) return;
  p.slice_end = now();
  if (!p.core->stop_spin()) {
    p.stopping = true;
    return;
  }
  charge(p, Cause::spin, now());
  running(p).cut_short = true;
  preempt(p);
}

// The kernel leaves no store of a thread behind in its core's store buffer: the thread may go on elsewhere.
// True: there were some, and `then` follows.
bool System::drains_first(Processor& p, void (System::*then)(Processor&)) {
  if (p.core->drained()) return false;
  p.does = Processor::Does::draining;
  p.since = now();
  p.after_drain = then;
  p.core->fence();
  return true;
}

// ---- System calls

void System::call(Processor& p) {
  if (drains_first(p, &System::call)) return;
  p.does = Processor::Does::calling;
  set_timer(p, now() + p.speed.scaled(system_call_));
}

void System::called(Processor& p) {
  ThreadState& thread = running(p);
  synchronize(p);
  if (thread.is == ThreadState::Is::checking) return checked(p);
  charge(p, Cause::system_call, now());
  switch (request(p).action) {
    case Action::futex_wait:
      // In the queue before the word is looked at: a waker that comes after the look finds the thread.
      thread.is = ThreadState::Is::checking;
      thread.woken = false;
      futexes_.add(request(p).address, p.running);
      return access(p);
    case Action::futex_wake:
      return wake_threads(p);
    case Action::sleep:
      return sleep(p, ThreadState::Is::sleeping, request(p).duration);
    default: {  // yield
      thread.resumes = true;
      if (p.queue.empty()) return resume(p, now());
      thread.is = ThreadState::Is::queued;
      p.queue.push_back(p.running);
      ++queued_;
      return leave(p);
    }
  }
}

void System::checked(Processor& p) {
  ThreadState& thread = running(p);
  const programs::Request& request = this->request(p);
  const bool same = thread.thread->value() == request.expected;
  if (same && !thread.woken) {
    ++ledger_.counts.futex_waits;
    thread.is = ThreadState::Is::waiting;
    thread.thread->answer(1);
    thread.resumes = true;
    return leave(p);
  }
  if (!thread.woken) futexes_.remove(request.address, p.running);
  thread.is = ThreadState::Is::running;
  thread.thread->answer(thread.woken ? 1 : 0);
  resume(p, now());
}

void System::wake_threads(Processor& p) {
  const programs::Request& request = this->request(p);
  std::uint64_t woken = 0;
  while (woken < request.operand) {
    const auto number = futexes_.take(request.address);
    if (!number) break;
    ++woken;
    ThreadState& sleeper = threads_[*number];
    if (sleeper.is == ThreadState::Is::checking) {
      sleeper.woken = true;
      continue;
    }
    ledger_.charge(sleeper.account, Cause::futex_wait, Action::futex_wait, now());
    sleeper.is = ThreadState::Is::waking;
    set_alarm(*number, now() + wake_latency_);
  }
  ledger_.counts.futex_wakes += woken;
  running(p).thread->answer(woken);
  const Cycle rest = p.speed.scaled(wake_ * woken);
  if (rest == 0) return resume(p, now());
  p.does = Processor::Does::returning;
  set_timer(p, now() + rest);
}

// ---- Reports

// When it gets a core. A spin that was cut short: only if its word has changed.
bool System::will_go_on(const ThreadState& thread) const {
  if (!thread.cut_short) return true;
  const programs::Request& request = thread.thread->request();
  return !request.predicate.holds(request.predicate.closure, run_->contents().last(request.address));
}

bool System::progresses(Cycle long_cycles) const {
  if (!alarms_.empty()) return true;
  for (const Processor& p : processors_)
    for (const ThreadNumber number : p.queue)
      if (will_go_on(threads_[number])) return true;
  return std::any_of(processors_.begin(), processors_.end(), [&](const Processor& p) {
    switch (p.does) {
      case Processor::Does::working:
      case Processor::Does::calling:
      case Processor::Does::returning:
        return true;
      case Processor::Does::accessing:
        return running(p).asked + long_cycles >= now();
      case Processor::Does::switching:
        return will_go_on(running(p));
      default:
        return false;
    }
  });
}

std::string System::report() const {
  constexpr int most = 32;
  std::string text;
  int shown = 0;
  for (ThreadNumber i = 0; i < threads_.size(); ++i) {
    const ThreadState& thread = threads_[i];
    if (thread.is == ThreadState::Is::awaiting && ++shown <= most) {
      const programs::Request& request = thread.thread->request();
      text += "  thread " + std::to_string(i) + " waits since cycle " + std::to_string(thread.account.since) +
              " for " + traces::describe_await(request.address, request.operand) + "; it stands at " +
              std::to_string(shared_.order->value(request.address)) + "\n";
      continue;
    }
    const bool waits = thread.is == ThreadState::Is::waiting;
    const bool spins = thread.thread != nullptr && thread.thread->request().action == Action::spin;
    if ((!waits && !spins) || ++shown > most) continue;
    const traces::Address word = thread.thread->request().address;
    text += "  thread " + std::to_string(i) + (waits ? " sleeps on futex " : " spins on ") +
            programs::address_text(word) + " since cycle " + std::to_string(thread.account.since) +
            "; the word's last value is " + std::to_string(run_->contents().last(word)) + "\n";
  }
  if (shown > most) text += "  and " + std::to_string(shown - most) + " more threads wait\n";
  return text;
}

void System::check() const {
  if (const auto wrong = run_->self_check()) throw RunFailure("the program's self-check failed: " + *wrong);
}

void System::add_measurements(std::vector<Measurement>& rows) const {
  Cycle cycles = 0;
  for (const auto& core : shared_.statistics.cores) cycles = std::max(cycles, core.finished);
  ledger_.add_measurements(cycles, rows);
}

}  // namespace baton::sim
