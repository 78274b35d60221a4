#pragma once
// Executes a run on flat memory in a schedule that the test decides: one step of one thread at a time. And
// all schedules with few pre-emptions: most errors of concurrent programs need no more than two (Musuvathi
// and Qadeer, "Iterative context bounding", PLDI 2007).

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "traces/programs/runtime/run.hpp"

namespace baton::programs::test {

class Stepper {
 public:
  explicit Stepper(Run& run) : run_(run), asleep_(run.threads()) {
    for (std::uint32_t i = 0; i < run.threads(); ++i) run.thread(i).resume();
  }

  const Request& request(std::uint32_t thread) { return run_.thread(thread).request(); }
  bool ended(std::uint32_t thread) { return run_.thread(thread).ended(); }
  /// Not if it has ended, sleeps on a futex, or spins on a word that keeps it spinning.
  bool can_run(std::uint32_t thread) {
    Thread& t = run_.thread(thread);
    if (t.ended() || asleep_[thread]) return false;
    if (t.request().action != Action::spin) return true;
    access(t);
    return !t.keeps_spinning();
  }
  std::vector<std::uint32_t> runnable() {
    std::vector<std::uint32_t> result;
    for (std::uint32_t i = 0; i < run_.threads(); ++i)
      if (can_run(i)) result.push_back(i);
    return result;
  }
  bool all_ended() {
    for (std::uint32_t i = 0; i < run_.threads(); ++i)
      if (!ended(i)) return false;
    return true;
  }

  /// Carries out the thread's request and runs it to its next. Only if can_run().
  void step(std::uint32_t thread) {
    Thread& t = run_.thread(thread);
    const Request request = t.request();
    if (request.action == Action::futex_wake) {
      t.answer(wake(request.address, request.operand));
    } else if (accesses_memory(request.action)) {
      access(t);
      if (request.action == Action::futex_wait && t.value() == request.expected) {
        t.answer(1);
        asleep_[thread] = true;
        waiting_[request.address].push_back(thread);
        return;  // goes on when it is woken
      }
      if (request.action == Action::futex_wait) t.answer(0);
    }
    t.resume();
  }

  /// The stores and read-modify-writes so far that have changed their word.
  std::uint64_t changes() const { return changes_; }
  /// This change, counted from 0, never reaches memory; the thread does not notice.
  void lose_change(std::uint64_t number) { lost_ = number; }
  /// The word whose change was lost.
  Address lost_word() const { return lost_word_; }

  /// When all have ended: the self-check of what memory really holds, without what was lost.
  std::optional<std::string> self_check() {
    Contents& contents = run_.contents();
    for (const auto& [line, version] : memory_) {
      const Address word = line * contents.line_bytes();
      if (contents.last_version(word) != version) contents.write(word, version, contents.read(word, version));
    }
    return run_.self_check();
  }

 private:
  void access(Thread& t) {
    const Address word = t.request().address;
    Version& version = memory_[word / run_.contents().line_bytes()];
    const std::uint64_t before = run_.contents().read(word, version);
    const Version left = t.perform(run_.contents(), version);
    if (left == version) return;
    const bool changes = run_.contents().read(word, left) != before;
    if (changes && changes_++ == lost_) {
      lost_word_ = word;
      return;
    }
    version = left;
  }

  std::uint64_t wake(Address word, std::uint64_t most) {
    auto& queue = waiting_[word];
    std::uint64_t woken = 0;
    for (; woken < most && !queue.empty(); ++woken) {
      asleep_[queue.front()] = false;
      run_.thread(queue.front()).resume();
      queue.pop_front();
    }
    return woken;
  }

  Run& run_;
  std::vector<bool> asleep_;
  std::unordered_map<std::uint64_t, Version> memory_;  // by line
  std::unordered_map<Address, std::deque<std::uint32_t>> waiting_;
  std::uint64_t changes_ = 0;
  std::uint64_t lost_ = ~std::uint64_t{0};
  Address lost_word_ = 0;
};

struct Explored {
  std::uint64_t schedules = 0;
  std::optional<std::string> failure;  ///< of the first schedule that went wrong
};

/// All schedules in which a thread that could go on loses its turn at most `preemptions` times; stops at the
/// first that goes wrong. A thread that has gone `patience` steps without pause waits for others by more than
/// a spin, and loses its turn without being counted; a prime number, so that it is not always in the same
/// place of a loop.
class Exploration {
 public:
  Exploration(std::function<std::unique_ptr<Run>()> make_run, int preemptions, int patience = 61)
      : make_run_(std::move(make_run)), preemptions_(preemptions), patience_(patience) {}

  Explored all() {
    Explored result;
    do {
      ++result.schedules;
      result.failure = one();
    } while (!result.failure && next_schedule());
    return result;
  }

 private:
  struct Decision {
    std::vector<std::uint32_t> options;  // the first is to go on
    std::size_t taken = 0;
  };
  static constexpr int step_limit = 20'000;

  std::optional<std::string> one() {
    const std::unique_ptr<Run> run = make_run_();
    Stepper stepper(*run);
    std::uint32_t current = 0;
    int left = preemptions_, in_a_row = 0;
    try {
      for (int step = 0; !stepper.all_ended(); ++step) {
        if (step == step_limit) return "no end after " + std::to_string(step) + " steps";
        const auto options = options_of(stepper, current, left, in_a_row);
        if (options.empty()) return "deadlock after " + std::to_string(step) + " steps";
        const std::uint32_t chosen = choose(step, options);
        if (chosen == current) {
          ++in_a_row;
        } else {
          if (options.front() == current) --left;
          in_a_row = 0;
        }
        current = chosen;
        stepper.step(current);
      }
    } catch (const ProgramFailure& failure) {
      return failure.what();
    }
    return stepper.self_check();
  }

  std::vector<std::uint32_t> options_of(Stepper& stepper, std::uint32_t current, int left, int in_a_row) {
    const std::vector<std::uint32_t> runnable = stepper.runnable();
    const bool can_go_on = stepper.can_run(current);
    std::vector<std::uint32_t> result;
    for (const std::uint32_t thread : runnable)
      if (thread > current) result.push_back(thread);
    for (const std::uint32_t thread : runnable)
      if (thread < current) result.push_back(thread);
    if (!can_go_on) return result;
    // Two that wait must not hand the turn to each other for ever: it goes to the next.
    if (in_a_row >= patience_ && !result.empty()) return {result.front()};
    if (left == 0) result.clear();
    result.insert(result.begin(), current);
    return result;
  }

  std::uint32_t choose(int step, const std::vector<std::uint32_t>& options) {
    const auto at = static_cast<std::size_t>(step);
    if (at == decisions_.size()) decisions_.push_back({options, 0});
    return decisions_[at].options[decisions_[at].taken];
  }

  bool next_schedule() {
    while (!decisions_.empty() && decisions_.back().taken + 1 == decisions_.back().options.size())
      decisions_.pop_back();
    if (decisions_.empty()) return false;
    ++decisions_.back().taken;
    return true;
  }

  std::function<std::unique_ptr<Run>()> make_run_;
  int preemptions_;
  int patience_;
  std::vector<Decision> decisions_;
};

}  // namespace baton::programs::test
