#pragma once
// A thread of a simulated program. Program bodies use the first half: they await what takes simulated time.
// Whoever executes the thread (the simulated machine, the interpreter) uses the second.

#include <concepts>
#include <cstdint>
#include <optional>
#include <vector>

#include "traces/programs/runtime/contents.hpp"
#include "traces/programs/runtime/names.hpp"
#include "traces/programs/runtime/request.hpp"
#include "traces/programs/runtime/task.hpp"
#include "traces/synthetic/random.hpp"

namespace baton::programs {

class Thread;

/// Pre-emption at a place that the program names: with this chance a thread that comes there loses its core.
struct Injection {
  PreemptionPoint point;
  double probability = 0;  ///< 0 .. 1
  std::uint64_t min_ps = 0;
  std::uint64_t max_ps = 0;  ///< >= min_ps
  bool log_uniform = false;  ///< the logarithm of the duration is uniform, not the duration; min_ps >= 1
};

/// What the threads of a run share.
struct Environment {
  std::uint32_t threads = 1;
  std::uint32_t cores = 1;
  std::uint64_t seed = 1;
  std::uint32_t pause_cycles = 0;  ///< of Thread::pause()
  std::optional<Injection> injection;
  std::vector<std::uint64_t> counters;  ///< by Counter
  bool real_time = true;                ///< see Thread::real_time()
};

/// Ends a phase when it goes out of scope.
class [[nodiscard]] PhaseScope {
 public:
  explicit PhaseScope(Thread& thread) : thread_(&thread) {}
  PhaseScope(const PhaseScope&) = delete;
  PhaseScope& operator=(const PhaseScope&) = delete;
  inline ~PhaseScope();

 private:
  Thread* thread_;
};

/// What a compare_exchange found.
struct Compared {
  bool success = false;
  std::uint64_t seen = 0;  ///< the word before; `expected` if it succeeded
  explicit operator bool() const { return success; }
};

namespace detail {

/// Suspends the thread with a request.
struct Awaiting {
  Thread* thread;
  Request request;

  bool await_ready() const noexcept { return false; }
  inline void await_suspend(std::coroutine_handle<> given) noexcept;
};
struct AwaitingNothing : Awaiting {
  void await_resume() const noexcept {}
};
struct AwaitingValue : Awaiting {
  inline std::uint64_t await_resume() const noexcept;
};
struct AwaitingSuccess : Awaiting {
  inline bool await_resume() const noexcept;
};
struct AwaitingCompared : Awaiting {
  inline Compared await_resume() const noexcept;
};
/// Work needs no event of its own: it is added to the next request, unless much has been gathered.
struct AwaitingWork : AwaitingNothing {
  std::uint64_t cycles;
  inline bool await_ready() const noexcept;
};
/// A place for injected pre-emption, which most often does nothing.
struct AwaitingInjection : AwaitingNothing {
  PreemptionPoint point;
  inline bool await_ready() noexcept;
};
template <class While>
struct AwaitingSpin : AwaitingValue {
  While keeps_going;
  void await_suspend(std::coroutine_handle<> given) noexcept {
    request.predicate = {
        [](const void* closure, std::uint64_t value) { return (*static_cast<const While*>(closure))(value); },
        &keeps_going};
    Awaiting::await_suspend(given);
  }
};

}  // namespace detail

class Thread {
 public:
  Thread(Environment& environment, std::uint32_t index);
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  // ---- For program bodies. All but the marks are to be awaited, one at a time. Addresses are of 8-byte
  // words; accesses are sequentially consistent unless they ask for less.

  std::uint32_t index() const { return index_; }  ///< 0 .. threads()-1
  std::uint32_t threads() const { return environment_.threads; }
  std::uint32_t cores() const { return environment_.cores; }
  /// False where a load may be older than a store that has ended (protocols with logical time): then what
  /// happens before what cannot be told from the order in which threads go on.
  bool real_time() const { return environment_.real_time; }
  /// The thread's own sequence, a function of the run's seed and the thread's index.
  traces::Random& random() { return random_; }

  [[nodiscard]] detail::AwaitingValue load(Address word, Order order = Order::seq_cst) {
    return {{this, {.action = Action::load, .order = order, .address = word}}};
  }
  [[nodiscard]] detail::AwaitingNothing store(Address word, std::uint64_t value,
                                              Order order = Order::seq_cst) {
    return {{this, {.action = Action::store, .order = order, .address = word, .operand = value}}};
  }
  /// These give the word's value before.
  [[nodiscard]] detail::AwaitingValue fetch_add(Address word, std::uint64_t addend,
                                                Order order = Order::seq_cst) {
    return modify(Action::fetch_add, word, addend, order);
  }
  [[nodiscard]] detail::AwaitingValue fetch_and(Address word, std::uint64_t mask,
                                                Order order = Order::seq_cst) {
    return modify(Action::fetch_and, word, mask, order);
  }
  [[nodiscard]] detail::AwaitingValue fetch_or(Address word, std::uint64_t mask,
                                               Order order = Order::seq_cst) {
    return modify(Action::fetch_or, word, mask, order);
  }
  [[nodiscard]] detail::AwaitingValue exchange(Address word, std::uint64_t value,
                                               Order order = Order::seq_cst) {
    return modify(Action::exchange, word, value, order);
  }
  /// A failed one has taken the line for writing all the same, as real ones do.
  [[nodiscard]] detail::AwaitingCompared compare_exchange(Address word, std::uint64_t expected,
                                                          std::uint64_t desired,
                                                          Order order = Order::seq_cst) {
    return {{this,
             {.action = Action::compare_exchange,
              .order = order,
              .address = word,
              .operand = desired,
              .expected = expected}}};
  }
  [[nodiscard]] detail::AwaitingNothing fence(Order order = Order::seq_cst) {
    return {{this, {.action = Action::fence, .order = order}}};
  }

  // For recorded threads.
  /// A load, store or read-modify-write without its value, of any size. Its gap is not waited for.
  [[nodiscard]] detail::AwaitingNothing access(const traces::Operation& operation);
  /// Of traces::Kind::await and advance. `waits` is the access that waits, or null.
  [[nodiscard]] detail::AwaitingNothing gate(const traces::Operation& gate, const traces::Operation* waits);

  /// Work without memory, in cycles of the core that the thread runs on.
  [[nodiscard]] detail::AwaitingWork compute(std::uint64_t cycles) {
    return {{{this, {.action = Action::compute}}}, cycles};
  }
  /// The processor's hint in a waiting loop: as long as the run's pause_cycles.
  [[nodiscard]] detail::AwaitingWork pause() { return compute(environment_.pause_cycles); }

  /// Loads the word again and again while `keeps_going(value)` holds; gives the value that ended it. Between
  /// two loads there is a pause() unless `gap_cycles` says otherwise. A spin that hits in the cache costs the
  /// simulator nothing.
  template <std::predicate<std::uint64_t> While>
  [[nodiscard]] detail::AwaitingSpin<While> spin_while(Address word, While keeps_going,
                                                       std::optional<std::uint32_t> gap_cycles = {}) {
    return {{{this,
              {.action = Action::spin,
               .spin_gap_cycles = gap_cycles.value_or(environment_.pause_cycles),
               .address = word}}},
            std::move(keeps_going)};
  }
  /// Spins while the word is `value`.
  [[nodiscard]] auto spin_while(Address word, std::uint64_t value,
                                std::optional<std::uint32_t> gap_cycles = {}) {
    return spin_while(
        word, [value](std::uint64_t seen) { return seen == value; }, gap_cycles);
  }
  /// Spins until the word is `value`.
  [[nodiscard]] auto spin_until(Address word, std::uint64_t value,
                                std::optional<std::uint32_t> gap_cycles = {}) {
    return spin_while(
        word, [value](std::uint64_t seen) { return seen != value; }, gap_cycles);
  }

  /// futex(2): sleeps until woken if the word is `expected`; the check and going to sleep are one step for
  /// wakers. False: the word was another, and the thread has not slept.
  [[nodiscard]] detail::AwaitingSuccess futex_wait(Address word, std::uint64_t expected) {
    return {{this, {.action = Action::futex_wait, .address = word, .expected = expected}}};
  }
  /// Wakes up to `most` threads that wait on the word, those first that came first; gives how many.
  [[nodiscard]] detail::AwaitingValue futex_wake(Address word, std::uint64_t most = 1) {
    return {{this, {.action = Action::futex_wake, .address = word, .operand = most}}};
  }
  [[nodiscard]] detail::AwaitingNothing sleep_cycles(std::uint64_t cycles) {
    return {{this, {.action = Action::sleep, .duration = {.cycles = cycles}}}};
  }
  [[nodiscard]] detail::AwaitingNothing sleep_ps(std::uint64_t picoseconds) {
    return {{this, {.action = Action::sleep, .duration = {.picoseconds = picoseconds}}}};
  }
  /// Lets other threads of the core run first, if there are any.
  [[nodiscard]] detail::AwaitingNothing yield() { return {{this, {.action = Action::yield}}}; }
  /// A place where the run may inject pre-emption; costs nothing where it does not.
  [[nodiscard]] detail::AwaitingInjection preemption_point(PreemptionPoint point) {
    return {{{this, {.action = Action::preempt}}}, point};
  }

  /// One operation of the workload, for throughput and latency. Operations do not nest; throws
  /// std::logic_error if they would.
  void begin(OperationKind kind);
  void end();
  /// A phase lasts until the scope that this returns is left.
  PhaseScope phase(PhaseName name) {
    enter(name);
    return PhaseScope(*this);
  }
  /// The same without a scope; leave() ends the phase entered last.
  void enter(PhaseName name) { note(Mark::What::enter, name.number); }
  void leave() { note(Mark::What::leave, 0); }
  void count(Counter counter, std::uint64_t times = 1) { environment_.counters[counter.number] += times; }

  // ---- For executors.

  /// The body; the thread has none before. It runs at the first resume().
  void start(Task<> body);
  /// Runs the body, from the answer to its last request, to its next request. Rethrows what the body throws.
  /// Not after Action::end.
  void resume();
  /// What the thread waits for, since the last resume().
  const Request& request() const { return request_; }
  /// Work before the request, in cycles of the thread's core.
  std::uint64_t work_cycles() const { return work_cycles_; }
  /// Since the last resume(), in order; none is later than work_cycles().
  const std::vector<Mark>& marks() const { return marks_; }

  /// Performs the request, an access, on version `seen` of its line; returns the line's version afterwards.
  /// May be repeated for a spin. Throws ProgramFailure.
  Version perform(Contents& contents, Version seen);
  /// Whether what perform() has just read keeps a spin going.
  bool keeps_spinning() const { return request_.predicate.holds(request_.predicate.closure, value_); }
  /// The value that perform() has read, or the answer to other requests.
  std::uint64_t value() const { return value_; }
  /// The load gets this value without an access: its core's store buffer has it.
  void forward(std::uint64_t value) { value_ = value; }
  /// The answer to futex_wake (how many) and futex_wait (1: has slept).
  void answer(std::uint64_t value) { value_ = value; }

  bool started() const { return static_cast<bool>(body_); }
  bool ended() const { return request_.action == Action::end; }

 private:
  friend detail::Awaiting;
  friend detail::AwaitingWork;
  friend detail::AwaitingInjection;
  friend detail::AwaitingValue;
  friend detail::AwaitingSuccess;
  friend detail::AwaitingCompared;

  // So much is gathered before work becomes a request of its own.
  static constexpr std::size_t most_marks = 16;
  static constexpr std::uint64_t most_work = std::uint64_t{1} << 31;

  detail::AwaitingValue modify(Action action, Address word, std::uint64_t operand, Order order) {
    return {{this, {.action = action, .order = order, .address = word, .operand = operand}}};
  }
  void note(Mark::What what, std::uint16_t number) { marks_.push_back({work_cycles_, what, number}); }
  bool injects(PreemptionPoint point);

  Environment& environment_;
  std::uint32_t index_;
  bool in_operation_ = false;
  bool success_ = false;
  std::uint64_t value_ = 0;
  std::uint64_t work_cycles_ = 0;
  Request request_;
  std::vector<Mark> marks_;
  std::coroutine_handle<> innermost_;
  traces::Random random_;
  traces::Random injections_;  // of its own: injecting changes no choice of the program
  Task<> body_;
};

inline PhaseScope::~PhaseScope() {
  thread_->leave();
}

inline void detail::Awaiting::await_suspend(std::coroutine_handle<> given) noexcept {
  thread->request_ = request;
  thread->innermost_ = Frames::resumable(given);
}
inline std::uint64_t detail::AwaitingValue::await_resume() const noexcept {
  return thread->value_;
}
inline bool detail::AwaitingSuccess::await_resume() const noexcept {
  return thread->value_ != 0;
}
inline Compared detail::AwaitingCompared::await_resume() const noexcept {
  return {thread->success_, thread->value_};
}
inline bool detail::AwaitingWork::await_ready() const noexcept {
  thread->work_cycles_ += cycles;
  return thread->work_cycles_ < Thread::most_work && thread->marks_.size() < Thread::most_marks;
}
inline bool detail::AwaitingInjection::await_ready() noexcept {
  if (!thread->environment_.injection || !thread->injects(point)) return true;
  request.duration = thread->request_.duration;
  return false;
}

}  // namespace baton::programs
