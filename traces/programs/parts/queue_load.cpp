#include "traces/programs/parts/queue_load.hpp"

#include <algorithm>

namespace baton::programs {
namespace {

// The first of the numbers 0 .. all-1 that part `part` of `parts` gets: the first all % parts get one more.
std::uint64_t first_of_share(std::uint64_t all, std::uint64_t parts, std::uint64_t part) {
  return all / parts * part + std::min(part, all % parts);
}

std::uint64_t share(std::uint64_t all, std::uint64_t parts, std::uint64_t part) {
  return first_of_share(all, parts, part + 1) - first_of_share(all, parts, part);
}

std::string text(std::uint64_t number) {
  return std::to_string(number);
}

}  // namespace

std::uint64_t queue_capacity(const ParameterValues& values) {
  const std::uint64_t capacity = values.integer("capacity");
  if (capacity != 0) return capacity;
  return queue_mode(values) == QueueMode::enqueue ? values.integer("elements") : 1024;
}

std::vector<ParameterError> check_queue(const ParameterValues& values, std::uint32_t threads, bool bounded) {
  std::vector<ParameterError> errors;
  const std::uint64_t consumers = values.integer("consumers");
  if (queue_mode(values) == QueueMode::producers_consumers && threads > 1 && consumers >= threads)
    errors.push_back({"consumers", "nobody would enqueue, found " + text(consumers) + ", allowed 0 .. " +
                                       text(threads - 1) + " of " + text(threads) + " threads"});
  if (bounded && queue_mode(values) == QueueMode::enqueue &&
      queue_capacity(values) < values.integer("elements"))
    errors.push_back({"capacity", "the queue would be full for ever, found " + text(queue_capacity(values)) +
                                      ", allowed elements (" + text(values.integer("elements")) +
                                      ") or more, or 0"});
  return errors;
}

Task<> wait_a_moment(Thread& t, bool yields) {
  if (yields)
    co_await t.yield();
  else
    co_await t.pause();
}

QueueShares::QueueShares(const ParameterValues& values, std::uint32_t threads)
    : elements_(values.integer("elements")), producers_(threads), consumers_(threads), first_consumer_(0) {
  const QueueMode mode = queue_mode(values);
  if (mode == QueueMode::enqueue) consumers_ = 0;
  // One thread alone does both: the base of a scaling efficiency.
  if (mode != QueueMode::producers_consumers || threads == 1) return;
  const auto chosen = static_cast<std::uint32_t>(values.integer("consumers"));
  consumers_ = chosen != 0 ? chosen : threads / 2;
  producers_ = first_consumer_ = threads - consumers_;
}

std::uint64_t QueueShares::enqueued_by(std::uint32_t thread) const {
  return thread < producers_ ? share(elements_, producers_, thread) : 0;
}

std::uint64_t QueueShares::dequeued_by(std::uint32_t thread) const {
  if (consumers_ == 0 || thread < first_consumer_) return 0;
  return share(elements_, consumers_, thread - first_consumer_);
}

std::uint64_t QueueShares::first_of(std::uint32_t producer) const {
  return first_of_share(elements_, producers_, producer);
}

std::uint32_t QueueShares::producer_of(std::uint64_t element) const {
  const std::uint64_t small = elements_ / producers_, with_one_more = elements_ % producers_;
  const std::uint64_t in_large = with_one_more * (small + 1);
  return static_cast<std::uint32_t>(element < in_large ? element / (small + 1)
                                                       : with_one_more + (element - in_large) / small);
}

ElementRecord::ElementRecord(const QueueShares& shares, std::uint32_t threads) : shares_(shares) {
  if (!shares.anyone_dequeues()) return;
  fates_.resize(shares.elements());
  taken_.resize(threads);
}

void ElementRecord::dequeued(std::uint32_t thread, std::uint64_t value) {
  const std::uint64_t element = value - 1;
  if (element < shares_.elements() && fates_[element].place == 0) {
    fates_[element] = {thread, ++taken_[thread]};
    return;
  }
  if (!failure_.empty()) return;
  failure_ = "thread " + text(thread) + " has dequeued ";
  if (element >= shares_.elements())
    failure_ += text(value) + ", which is no element";
  else
    failure_ += "element " + text(element) + ", which thread " + text(fates_[element].consumer) +
                " had dequeued before";
}

std::optional<std::string> ElementRecord::check(const Contents& memory, const Queue& queue) const {
  if (!failure_.empty()) return failure_;
  if (auto wrong = check_content(memory, queue)) return wrong;
  return check_order();
}

// The queue holds what has not been dequeued: of each producer its last elements, in their order.
std::optional<std::string> ElementRecord::check_content(const Contents& memory, const Queue& queue) const {
  std::vector<std::uint64_t> next(shares_.producers());  // element that is expected, by producer
  for (std::uint32_t p = 0; p < shares_.producers(); ++p) {
    next[p] = shares_.first_of(p);
    while (!fates_.empty() && next[p] < shares_.first_of(p + 1) && fates_[next[p]].place != 0) ++next[p];
  }
  std::string wrong;
  std::uint64_t found = 0;
  const auto visit = [&](std::uint64_t value) {
    ++found;
    const std::uint64_t element = value - 1;
    if (!wrong.empty()) return;
    if (element >= shares_.elements()) {
      wrong = "the queue holds " + text(value) + ", which is no element";
      return;
    }
    std::uint64_t& expected = next[shares_.producer_of(element)];
    if (element != expected)
      wrong = "the queue holds element " + text(element) + " of thread " +
              text(shares_.producer_of(element)) + " where its element " + text(expected) + " was expected";
    ++expected;
  };
  if (auto structure = queue.walk(memory, shares_.elements() + 1, visit)) return structure;
  if (!wrong.empty()) return wrong;
  for (std::uint32_t p = 0; p < shares_.producers(); ++p)
    if (next[p] != shares_.first_of(p + 1))
      return "element " + text(next[p]) + " of thread " + text(p) +
             " has neither been dequeued nor is it in the queue, which holds " + text(found);
  return {};
}

// What one consumer has dequeued of one producer it has dequeued in order. Nothing is said of two consumers:
// which of them came first is not known here.
std::optional<std::string> ElementRecord::check_order() const {
  struct Last {
    std::uint32_t producer = ~std::uint32_t{0};
    std::uint32_t place = 0;
  };
  std::vector<Last> last(taken_.size());  // by consumer; of the producer that is looked at
  for (std::uint64_t element = 0; element < fates_.size(); ++element) {
    const Fate fate = fates_[element];
    if (fate.place == 0) continue;
    const std::uint32_t producer = shares_.producer_of(element);
    Last& before = last[fate.consumer];
    if (before.producer == producer && fate.place < before.place)
      return "thread " + text(fate.consumer) + " has dequeued element " + text(element) + " of thread " +
             text(producer) + " before an element that was enqueued earlier";
    before = {producer, fate.place};
  }
  return {};
}

QueueRun::QueueRun(Setup& setup, std::unique_ptr<Queue> queue)
    : shares_(setup.parameters, setup.threads()),
      work_cycles_(setup.parameters.integer("work_cycles")),
      yields_(yields_when_waiting(setup.parameters)),
      queue_(std::move(queue)),
      record_(shares_, setup.threads()),
      enqueue_(setup.kind("enqueue")) {
  if (queue_mode(setup.parameters) == QueueMode::enqueue) return;
  dequeue_ = setup.kind("dequeue");
  empty_ = setup.counter("found_empty");
}

Task<> QueueRun::run(Thread& t) {
  const std::uint64_t to_enqueue = shares_.enqueued_by(t.index());
  const std::uint64_t to_dequeue = shares_.dequeued_by(t.index());
  const std::uint64_t first = to_enqueue == 0 ? 0 : shares_.first_of(t.index());
  for (std::uint64_t i = 0; i < std::max(to_enqueue, to_dequeue); ++i) {
    if (i < to_enqueue) {
      t.begin(enqueue_);
      co_await queue_->enqueue(t, value_of(first + i));
      t.end();
      ++enqueued_;
      co_await t.compute(work_cycles_);
    }
    if (i < to_dequeue) {
      co_await dequeue(t);
      co_await t.compute(work_cycles_);
    }
  }
}

Task<> QueueRun::dequeue(Thread& t) {
  t.begin(dequeue_);
  ++dequeues_;
  for (;;) {
    const std::uint64_t enqueued_before = enqueued_;
    const std::optional<std::uint64_t> value = co_await queue_->dequeue(t);
    if (value) {
      t.end();
      record_.dequeued(t.index(), *value);
      co_return;
    }
    // Others have taken at most as many elements as they have begun dequeues. If more than that were in the
    // queue before this thread looked, it has overlooked one.
    if (dequeues_ <= enqueued_before && t.real_time())
      throw ProgramFailure("thread " + text(t.index()) + " has found the queue empty, but of " +
                           text(enqueued_before) + " elements enqueued at most " + text(dequeues_ - 1) +
                           " have been dequeued");
    t.count(empty_);
    co_await wait_a_moment(t, yields_);
  }
}

std::optional<std::string> QueueRun::self_check(const Contents& memory) const {
  return record_.check(memory, *queue_);
}

}  // namespace baton::programs
