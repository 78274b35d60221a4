#include "sim/machine/litmus/driver.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace baton::sim {

using litmus::Does;
using litmus::Test;

namespace {

// Lines from here on: nobody else is in the machine.
constexpr LineNumber first_line = 1 << 20;
// A run draws one of these as its longest skew and gap: from accesses that collide to ones that are far
// apart.
constexpr std::array<std::uint64_t, 6> longest_skews{0, 2, 10, 40, 150, 600};
constexpr std::array<std::uint64_t, 6> longest_gaps{0, 0, 2, 10, 60, 300};
constexpr std::size_t few_sets = 8;  // so many sets at most: words may be laid into one of them

traces::Kind kind_of(Does does) {
  return does == Does::load    ? traces::Kind::load
         : does == Does::store ? traces::Kind::store
                               : traces::Kind::rmw;
}

}  // namespace

LitmusDriver::LitmusDriver(std::vector<LitmusWork> work, std::uint64_t seed, const std::vector<Core*>& cores,
                           Shared& shared)
    : work_(std::move(work)),
      shared_(shared),
      random_(seed, 0),
      sleeper_(shared.calendar.add_sleeper(*this)),
      hands_(cores.size()),
      contents_(first_line * shared.parameters.cache.line_bytes, shared.parameters.cache.line_bytes,
                std::size_t{1} << 20),
      next_line_(first_line) {
  for (std::size_t i = 0; i < cores.size(); ++i) {
    Hand& hand = hands_[i];
    hand.driver = this;
    hand.core = cores[i];
    hand.node = static_cast<NodeId>(i);
    hand.timer = shared.calendar.add_sleeper(hand);
    hand.core->set_dispatcher(*this, true);
    places_.push_back(i);
  }
  begin_run();
}

// ---- A run's phases

void LitmusDriver::wake() {
  const Test& test = *work_[at_].test;
  switch (phase_) {
    case Phase::preparing:
      return start_threads(test);
    case Phase::running:
      return read_words(test);
    case Phase::reading:
      record(test);
      return begin_run();
    case Phase::finished:
      return;
  }
}

void LitmusDriver::begin_run() {
  while (at_ < work_.size() && done_ == work_[at_].runs) {
    ++at_;
    done_ = 0;
  }
  if (at_ == work_.size()) {
    phase_ = Phase::finished;
    return;
  }
  ++done_;
  const Test& test = *work_[at_].test;
  for (std::size_t i = places_.size(); i > 1; --i) std::swap(places_[i - 1], places_[below(i)]);
  lay_out(test);
  prepare(test);
}

// Each word in a line of its own, some or all in one line, or all in one set.
void LitmusDriver::lay_out(const Test& test) {
  const CacheParameters& cache = shared_.parameters.cache;
  const std::uint64_t sets = cache.size_bytes / (std::uint64_t{cache.ways} * cache.line_bytes);
  const std::uint64_t words_a_line = cache.line_bytes / programs::word_bytes;
  const std::size_t count = test.locations.size();
  const std::uint64_t stride = sets <= few_sets && below(2) == 0 ? sets : 1;
  // So many lines for all words; each word draws one.
  const std::uint64_t lines = below(3) != 0 ? count : 1 + below(count);
  std::vector<std::uint64_t> used(lines);
  words_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t line = lines == count ? i : below(lines);
    while (used[line] == words_a_line) line = (line + 1) % lines;
    const LineNumber number = next_line_ + line * stride;
    words_.push_back(number * cache.line_bytes + used[line]++ * programs::word_bytes);
  }
  next_line_ += (lines - 1) * stride + 1 + below(2);
  contents_.extend(next_line_ * cache.line_bytes);
  for (std::size_t i = 0; i < count; ++i)
    contents_.set_initial(words_[i], static_cast<std::uint64_t>(test.locations[i].initial));
}

// Loads and stores of initial values, by any cores: the lines are nowhere, shared, exclusive, modified or
// owned when the threads begin.
void LitmusDriver::prepare(const Test& test) {
  phase_ = Phase::preparing;
  for (Hand& hand : hands_) hand.steps.clear();
  for (std::size_t i = 0; i < words_.size(); ++i)
    for (std::uint64_t times = below(4); times > 0; --times) {
      Step step{{Does::load, litmus::Order::seq_cst, i, 0, 0}, static_cast<std::uint32_t>(below(20))};
      if (below(5) < 2) {
        step.request.does = Does::store;
        step.request.operand = test.locations[i].initial;
      }
      any_hand().steps.push_back(step);
    }
  const Cycle now = shared_.calendar.now();
  ++active_;  // no phase ends while hands begin
  for (Hand& hand : hands_)
    if (!hand.steps.empty()) begin(hand, now + 1 + below(30));
  if (--active_ == 0) shared_.calendar.set_wake(sleeper_, now + 1);
}

void LitmusDriver::start_threads(const Test& test) {
  phase_ = Phase::running;
  const std::uint64_t longest_skew = longest_skews[below(longest_skews.size())];
  longest_gap_ = longest_gaps[below(longest_gaps.size())];
  threads_.clear();
  for (std::size_t t = 0; t < test.threads.size(); ++t) threads_.emplace_back(test, t);
  const Cycle now = shared_.calendar.now();
  ++active_;
  for (std::size_t t = 0; t < threads_.size(); ++t) {
    Hand& hand = hands_[places_[t]];
    hand.thread = &threads_[t];
    begin(hand, now + 1 + below(longest_skew + 1));
  }
  if (--active_ == 0) shared_.calendar.set_wake(sleeper_, now + 1);
}

// Through a cache, not behind the protocol's back.
void LitmusDriver::read_words(const Test& test) {
  phase_ = Phase::reading;
  // The reader knows that the threads have ended, but not by memory.
  Tick clock = 0;
  for (Hand& hand : hands_) hand.core->synchronize(clock);
  for (Hand& hand : hands_) hand.core->synchronize(clock);
  outcome_.assign(test.observables.size(), 0);
  Hand& hand = any_hand();
  hand.steps.clear();
  for (std::size_t i = 0; i < words_.size(); ++i)
    hand.steps.push_back({{Does::load, litmus::Order::seq_cst, i, 0, 0}, 0});
  if (hand.steps.empty()) return shared_.calendar.set_wake(sleeper_, shared_.calendar.now() + 1);
  begin(hand, shared_.calendar.now() + 1);
}

void LitmusDriver::record(const Test& test) {
  for (std::size_t i = 0; i < outcome_.size(); ++i) {
    const litmus::Observable& o = test.observables[i];
    if (o.thread >= 0) outcome_[i] = threads_[static_cast<std::size_t>(o.thread)].registers()[o.index];
  }
  ++(*work_[at_].counts)[outcome_];
}

// ---- A core's work in a phase

void LitmusDriver::begin(Hand& hand, Cycle at) {
  hand.next = 0;
  hand.busy = true;
  ++active_;
  goes_on(hand, at);
}

// What the hand does next is in hand.request. False: nothing.
bool LitmusDriver::take_next(Hand& hand) {
  if (hand.thread != nullptr) {
    if (!hand.thread->advance()) return false;
    hand.request = hand.thread->request();
    return true;
  }
  if (hand.next == hand.steps.size()) return false;
  hand.request = hand.steps[hand.next++].request;
  return true;
}

// It is free at `at`.
void LitmusDriver::goes_on(Hand& hand, Cycle at) {
  if (!take_next(hand)) return rests(hand, at);
  const std::uint64_t gap = hand.thread != nullptr ? below(longest_gap_ + 1) : hand.steps[hand.next - 1].gap;
  shared_.calendar.set_wake(hand.timer, at + gap);
}

void LitmusDriver::issue(Hand& hand) {
  if (hand.request.does == Does::fence) {
    if (hand.request.drains() && !hand.core->drained()) {
      hand.fencing = true;
      return hand.core->fence();
    }
    return ready(hand.node, shared_.calendar.now() + 1);
  }
  traces::Operation operation;
  operation.address = words_[hand.request.location];
  operation.kind = kind_of(hand.request.does);
  hand.core->start(operation, hand.request.does == Does::store && !hand.request.may_be_buffered());
}

void LitmusDriver::ready(NodeId node, Cycle at) {
  Hand& hand = hands_[node];
  if (!hand.busy) return;
  if (hand.fencing && hand.thread == nullptr && hand.next == hand.steps.size()) {  // it rested
    hand.fencing = false;
    return rests(hand, at);
  }
  hand.fencing = false;
  if (hand.thread != nullptr) hand.thread->answer(hand.seen);
  goes_on(hand, at);
}

// It has nothing more to do, but perhaps stores on their way.
void LitmusDriver::rests(Hand& hand, Cycle at) {
  hand.thread = nullptr;
  hand.steps.clear();
  hand.next = 0;
  if (!hand.core->drained()) {
    hand.fencing = true;
    return hand.core->fence();
  }
  hand.busy = false;
  if (--active_ == 0) shared_.calendar.set_wake(sleeper_, std::max(at, shared_.calendar.now() + 1));
}

// ---- What the words get

Value LitmusDriver::perform(NodeId node, traces::Kind, Value content) {
  Hand& hand = hands_[node];
  const traces::Address word = words_[hand.request.location];
  hand.seen = static_cast<litmus::Number>(contents_.read(word, content));
  if (phase_ == Phase::reading) {
    const Test& test = *work_[at_].test;
    for (std::size_t i = 0; i < outcome_.size(); ++i)
      if (test.observables[i].thread < 0 && test.observables[i].index == hand.request.location)
        outcome_[i] = hand.seen;
  }
  if (!hand.request.writes(hand.seen)) return content;
  return contents_.write(word, content, static_cast<std::uint64_t>(hand.request.left(hand.seen)));
}

Value LitmusDriver::buffered(NodeId node) {
  return static_cast<Value>(hands_[node].request.operand);
}

Value LitmusDriver::drain(NodeId, traces::Address word, Value value, Value content) {
  return contents_.write(word, content, value);
}

void LitmusDriver::forward(NodeId node, Value value) {
  hands_[node].seen = static_cast<litmus::Number>(value);
}

}  // namespace baton::sim
