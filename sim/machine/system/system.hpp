#pragma once
// The operating system and the processors under a program: executes the program's threads on the machine's
// cores. With no more threads than cores, and none that sleeps, it only hands each thread's next access to
// its core: one event an access, no cost of the system's own.
//
// A thread's accesses go through its core's cache like any other, and its values come from there
// (Dispatcher::perform). The kernel's own code and data take time but no accesses. Time on a slow core is
// longer by its factor (sim/machine/speed.hpp).

#include <deque>
#include <queue>
#include <string>
#include <vector>

#include "sim/machine/core.hpp"
#include "sim/machine/simulate.hpp"
#include "sim/machine/speed.hpp"
#include "sim/machine/system/futexes.hpp"
#include "sim/machine/system/ledger.hpp"
#include "traces/programs/runtime/workload.hpp"

namespace baton::sim {

class System final : private Sleeper, private Core::Dispatcher, private RecordedOrder::Waiter {
 public:
  /// Threads are placed and begin in the calendar's present cycle. With options.first_core_only one thread
  /// runs on the first core.
  System(const programs::ProgramWorkload& workload, const std::vector<Core*>& cores, Shared& shared,
         const RunOptions& options);

  bool finished() const { return ended_ == threads_.size(); }
  /// Something will happen that does not depend on other threads: work, a call, the end of a sleep, or the
  /// turn of a thread in a run queue; or a thread has not waited long.
  bool progresses(Cycle long_cycles) const;
  /// Which threads sleep, and on what; lines of text.
  std::string report() const;

  /// When all threads have ended. Throws RunFailure if the program's self-check finds a fault.
  void check() const;
  void add_measurements(std::vector<Measurement>& rows) const;
  std::string folded_profile() const { return ledger_.folded(); }

 private:
  using ThreadNumber = std::uint32_t;
  static constexpr ThreadNumber nobody = ~ThreadNumber{0};

  struct ThreadState {
    enum class Is : std::uint8_t {
      queued,
      running,
      checking,
      waiting,
      waking,
      sleeping,
      preempted,
      awaiting,  // its turn in the recorded order
      ended
    };
    programs::Thread* thread = nullptr;
    Account account;
    std::uint64_t work_done = 0;  // of the work before its request, in cycles of a core at full speed
    std::uint32_t marks_done = 0;
    std::uint32_t processor = 0;  // where it runs, or ran last
    Cycle asked = 0;              // when its request was carried out first
    Is is = Is::queued;
    bool resumes = true;     // its request has been answered
    bool cut_short = false;  // its spin was, by the end of a slice: it goes on with it
    bool woken = false;      // by a futex_wake while it was still checking the word

    /// To its next request.
    void proceed() {
      resumes = false;
      thread->resume();
      work_done = 0;
      marks_done = 0;
    }
  };

  /// A core, as the operating system sees it.
  struct Processor final : Sleeper {
    enum class Does : std::uint8_t {
      nothing,
      switching,
      working,
      calling,
      returning,
      accessing,
      draining,
      awaiting  // nobody else wants the core, and its thread waits for its turn on it
    };
    System* system = nullptr;
    Core* core = nullptr;
    Speed speed;
    NodeId node = 0;
    Does does = Does::nothing;
    bool stopping = false;  // its thread's spin ends with the load on its way
    bool upgrade = false;   // the access at hand is one
    void (System::*after_drain)(Processor&) = nullptr;
    std::uint32_t timer = 0;
    ThreadNumber running = nobody;
    Cycle since = 0;  // when its thread's work went on, or its access was issued
    Cycle switched_at = 0;
    Cycle slice_end = never;
    std::deque<ThreadNumber> queue;

    void wake() override { system->on_timer(*this); }
  };
  struct Alarm {
    Cycle at;
    std::uint64_t order;
    ThreadNumber thread;
    bool operator>(const Alarm& other) const { return at != other.at ? at > other.at : order > other.order; }
  };

  // Core::Dispatcher
  void ready(NodeId node, Cycle at) override;
  Value perform(NodeId node, traces::Kind kind, Value content) override;
  bool satisfied(NodeId node) override;
  Value buffered(NodeId node) override { return request(processors_[node]).operand; }
  Value drain(NodeId, traces::Address word, Value value, Value content) override {
    return !run_->has_values() ? content + 1 : run_->contents().write(word, content, value);
  }
  void forward(NodeId node, Value value) override { running(processors_[node]).thread->forward(value); }
  // Sleeper: alarms
  void wake() override;
  // RecordedOrder::Waiter
  void turn_comes(std::uint32_t number) override;

  void place();
  void on_timer(Processor& p);
  void begin_running(Processor& p);
  void resume(Processor& p, Cycle at);
  void work_from(Processor& p, Cycle at);
  Cycle work_end(const Processor& p) const;
  Cycle next_due(const Processor& p) const;
  void worked(Processor& p);
  void apply_marks(Processor& p, Cycle until);
  bool carry_out(Processor& p);
  void access(Processor& p);
  bool drains_first(Processor& p, void (System::*then)(Processor&));
  void fenced(Processor& p) { resume(p, now()); }
  bool waits_for_turn(Processor& p);
  void has_turn(Processor& p);
  bool is_turn_coming(const Processor& p) const { return shared_.calendar.wake_of(p.timer) != never; }
  bool could_be_idle(const Processor& p) const {
    using Does = Processor::Does;
    return p.does == Does::nothing || (p.does == Does::awaiting && !is_turn_coming(p));
  }
  void give_core_up(Processor& p);
  void note_turn(const Processor& p) const;
  bool advance(Processor& p);
  void advanced(Processor& p);
  void inject_preemption(Processor& p);
  void call(Processor& p);
  void called(Processor& p);
  void checked(Processor& p);
  void wake_threads(Processor& p);
  void slice_ends_spin(Processor& p);

  void sleep(Processor& p, ThreadState::Is is, const programs::Duration& duration);
  void preempt(Processor& p);
  void end(Processor& p);
  void leave(Processor& p);
  ThreadNumber take_waiting(Processor& p);
  void enqueue(ThreadNumber number);
  std::uint32_t processor_for(const ThreadState& thread) const;
  void set_alarm(ThreadNumber thread, Cycle at);
  bool will_go_on(const ThreadState& thread) const;

  ThreadState& running(const Processor& p) { return threads_[p.running]; }
  const ThreadState& running(const Processor& p) const { return threads_[p.running]; }
  const programs::Request& request(const Processor& p) const { return running(p).thread->request(); }
  void charge(const Processor& p, Cause cause, Cycle until);
  Cycle cycles_of(std::uint64_t picoseconds) const;
  Cycle now() const { return shared_.calendar.now(); }
  void set_timer(Processor& p, Cycle at) { shared_.calendar.set_wake(p.timer, at); }

  Shared& shared_;
  std::unique_ptr<programs::Run> run_;
  Ledger ledger_;
  Futexes futexes_;
  std::vector<ThreadState> threads_;
  std::deque<Processor> processors_;
  std::size_t queued_ = 0;  // threads in run queues
  std::size_t ended_ = 0;

  std::uint32_t alarm_clock_;
  std::priority_queue<Alarm, std::vector<Alarm>, std::greater<>> alarms_;
  std::uint64_t alarm_order_ = 0;

  bool threads_move_;  // between cores
  /// Logical time, in protocols that have it, passes through the kernel with its threads, as if the kernel's
  /// data were one line that every entry writes and every exit reads.
  void synchronize(Processor& p) { p.core->synchronize(clock_); }
  Tick clock_ = 0;
  Cycle time_slice_, context_switch_, system_call_, wake_, wake_latency_;
};

}  // namespace baton::sim
