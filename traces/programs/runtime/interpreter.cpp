#include "traces/programs/runtime/interpreter.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <queue>
#include <stdexcept>
#include <unordered_map>

namespace baton::programs {
namespace {

constexpr std::uint64_t longest_sleep_steps = 1000;  // a sleeper misses so many steps of others at most

class Interpreter {
 public:
  Interpreter(Run& run, const InterpreterOptions& options)
      : run_(run),
        options_(options),
        random_(options.seed, 0),
        lost_(options.lost_stores),
        line_bytes_(run.contents().line_bytes()) {
    result_.operations.resize(run.names().kinds.size());
    result_.sleeps.resize(run.threads());
    for (std::uint32_t i = 0; i < run.threads(); ++i) runnable_.push_back(i);
  }

  Interpreted run() {
    while (wake_sleepers()) {
      if (++result_.steps > options_.step_limit)
        throw ProgramFailure("the program has not ended after " + std::to_string(options_.step_limit) +
                             " steps");
      step(random_.below(runnable_.size()));
    }
    if (!waiting_.empty()) throw ProgramFailure(deadlock());
    result_.failure = run_.self_check();
    return std::move(result_);
  }

 private:
  struct Sleeper {
    std::uint64_t until_step;
    std::uint32_t thread;
    bool operator>(const Sleeper& other) const {
      return until_step != other.until_step ? until_step > other.until_step : thread > other.thread;
    }
  };

  /// False: nobody can run any more.
  bool wake_sleepers() {
    if (runnable_.empty() && !sleepers_.empty())
      result_.steps = std::max(result_.steps, sleepers_.top().until_step);
    while (!sleepers_.empty() && sleepers_.top().until_step <= result_.steps) {
      runnable_.push_back(sleepers_.top().thread);
      sleepers_.pop();
    }
    return !runnable_.empty();
  }

  void step(std::size_t place) {
    const std::uint32_t index = runnable_[place];
    Thread& thread = run_.thread(index);
    if (fresh(thread) || carry_out(thread, place)) advance(thread, place);
  }

  // A thread that has asked for nothing yet.
  bool fresh(Thread& thread) {
    if (begun_.size() <= thread.index()) begun_.resize(run_.threads());
    if (begun_[thread.index()]) return false;
    begun_[thread.index()] = true;
    return true;
  }

  void advance(Thread& thread, std::size_t place) {
    thread.resume();
    for (const Mark& mark : thread.marks()) {
      if (mark.what == Mark::What::begin) kind_of_[thread.index()] = mark.number;
      if (mark.what == Mark::What::end) ++result_.operations[kind_of_[thread.index()]];
    }
    if (thread.ended()) remove(place);
  }

  /// True: the request is done, and the thread goes on.
  bool carry_out(Thread& thread, std::size_t place) {
    const Request& request = thread.request();
    switch (request.action) {
      case Action::spin:
        access(thread);
        return !thread.keeps_spinning();
      case Action::futex_wait:
        return futex_wait(thread, place);
      case Action::futex_wake:
        thread.answer(wake(request.address, request.operand));
        return true;
      case Action::sleep:
      case Action::preempt:
        sleepers_.push({result_.steps + 1 + random_.below(longest_sleep_steps), thread.index()});
        remove(place);
        begun_[thread.index()] = false;  // goes on when it wakes
        return false;
      case Action::await:
      case Action::advance:
        throw std::logic_error("recorded accesses have no values to interpret");
      case Action::fence:
      case Action::compute:
      case Action::yield:
      case Action::end:
        return true;
      default:
        access(thread);
        return true;
    }
  }

  void access(Thread& thread) {
    Version& version = memory_[thread.request().address / line_bytes_];
    const Version left = thread.perform(run_.contents(), version);
    if (left != version && options_.lost_stores > 0 && lost_(random_)) return;
    version = left;
  }

  bool futex_wait(Thread& thread, std::size_t place) {
    access(thread);
    const bool sleeps = thread.value() == thread.request().expected;
    thread.answer(sleeps ? 1 : 0);
    if (!sleeps) return true;
    waiting_[thread.request().address].push_back(thread.index());
    ++result_.sleeps[thread.index()];
    remove(place);
    begun_[thread.index()] = false;
    return false;
  }

  std::uint64_t wake(Address address, std::uint64_t most) {
    const auto found = waiting_.find(address);
    if (found == waiting_.end()) return 0;
    std::uint64_t woken = 0;
    for (auto& queue = found->second; woken < most && !queue.empty(); queue.pop_front(), ++woken)
      runnable_.push_back(queue.front());
    if (found->second.empty()) waiting_.erase(found);
    return woken;
  }

  void remove(std::size_t place) {
    runnable_[place] = runnable_.back();
    runnable_.pop_back();
  }

  std::string deadlock() const {
    std::vector<std::pair<std::uint32_t, Address>> list;
    for (const auto& [address, queue] : waiting_)
      for (const std::uint32_t thread : queue) list.emplace_back(thread, address);
    std::sort(list.begin(), list.end());
    std::string text = "deadlock: all threads that are left sleep";
    for (const auto& [thread, address] : list)
      text += "\n  thread " + std::to_string(thread) + " waits on futex " + address_text(address) +
              ", whose value is " + std::to_string(run_.contents().last(address));
    return text;
  }

  Run& run_;
  const InterpreterOptions& options_;
  traces::Random random_;
  traces::Chance lost_;
  std::uint64_t line_bytes_;
  Interpreted result_;
  std::vector<std::uint32_t> runnable_;
  std::vector<bool> begun_;  // false: the thread's next step is to go on, not to carry out a request
  std::unordered_map<std::uint32_t, std::uint16_t> kind_of_;
  std::unordered_map<std::uint64_t, Version> memory_;  // by line
  std::unordered_map<Address, std::deque<std::uint32_t>> waiting_;
  std::priority_queue<Sleeper, std::vector<Sleeper>, std::greater<>> sleepers_;
};

}  // namespace

Interpreted interpret(Run& run, const InterpreterOptions& options) {
  return Interpreter(run, options).run();
}

}  // namespace baton::programs
