#include "traces/litmus/model.hpp"

#include <deque>
#include <unordered_set>

#include "traces/error.hpp"
#include "traces/litmus/runner.hpp"

namespace baton::litmus {
namespace {

struct Store {
  std::size_t location;
  Number value;
};

struct State {
  std::vector<Runner> threads;
  std::vector<std::deque<Store>> buffers;
  std::vector<Number> memory;
};

// All of a state in a row, for the set of those seen.
using Packed = std::vector<Number>;

Packed packed(const State& state) {
  Packed all = state.memory;
  for (std::size_t t = 0; t < state.threads.size(); ++t) {
    const Runner& thread = state.threads[t];
    all.push_back(static_cast<Number>(thread.place()));
    all.insert(all.end(), thread.registers().begin(), thread.registers().end());
    all.push_back(static_cast<Number>(state.buffers[t].size()));
    for (const Store& store : state.buffers[t]) {
      all.push_back(static_cast<Number>(store.location));
      all.push_back(store.value);
    }
  }
  return all;
}

struct Hash {
  std::size_t operator()(const Packed& all) const {
    std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a, by numbers
    for (const Number n : all) hash = (hash ^ static_cast<std::uint64_t>(n)) * 1099511628211ULL;
    return hash ^ hash >> 29;
  }
};

class Search {
 public:
  Search(const Test& test, Model model, std::size_t most_states)
      : test_(test), model_(model), most_states_(most_states) {}

  std::set<Outcome> run() {
    State start;
    for (std::size_t t = 0; t < test_.threads.size(); ++t) start.threads.emplace_back(test_, t);
    start.buffers.resize(test_.threads.size());
    for (const Location& location : test_.locations) start.memory.push_back(location.initial);
    reach(std::move(start));
    while (!open_.empty()) {
      const State state = std::move(open_.back());
      open_.pop_back();
      expand(state);
    }
    return std::move(outcomes_);
  }

 private:
  void reach(State&& state) {
    if (!seen_.insert(packed(state)).second) return;
    if (seen_.size() > most_states_)
      throw traces::InputError(test_.file, "",
                               "more than " + std::to_string(most_states_) +
                                   " states of the abstract machine; allowed are smaller tests");
    open_.push_back(std::move(state));
  }

  void expand(const State& state) {
    bool ended = true;
    for (std::size_t t = 0; t < state.threads.size(); ++t) {
      if (!state.buffers[t].empty()) {
        ended = false;
        drain(state, t);
      }
      State next = state;
      if (!next.threads[t].advance()) continue;
      ended = false;
      if (performs(next, t)) reach(std::move(next));
    }
    if (ended) outcomes_.insert(outcome(state));
  }

  void drain(const State& state, std::size_t t) {
    State next = state;
    const Store oldest = next.buffers[t].front();
    next.buffers[t].pop_front();
    next.memory[oldest.location] = oldest.value;
    reach(std::move(next));
  }

  // The thread's next request. False: it has to wait for its buffer.
  bool performs(State& state, std::size_t t) const {
    Runner& thread = state.threads[t];
    const Request request = thread.request();
    auto& buffer = state.buffers[t];
    if (request.drains() && !buffer.empty()) return false;
    if (request.does == Does::fence) {
      thread.answer(0);
      return true;
    }
    if (model_ == Model::tso && request.may_be_buffered()) {
      buffer.push_back({request.location, request.operand});
      thread.answer(0);
      return true;
    }
    Number seen = state.memory[request.location];
    if (request.does == Does::load)
      for (const Store& store : buffer)
        if (store.location == request.location) seen = store.value;  // the youngest decides
    if (request.writes(seen)) state.memory[request.location] = request.left(seen);
    thread.answer(seen);
    return true;
  }

  // Of a state in which no thread has a request left.
  Outcome outcome(State state) const {
    Outcome result;
    for (Runner& thread : state.threads) thread.advance();
    for (const Observable& o : test_.observables)
      result.push_back(o.thread < 0 ? state.memory[o.index]
                                    : state.threads[static_cast<std::size_t>(o.thread)].registers()[o.index]);
    return result;
  }

  const Test& test_;
  Model model_;
  std::size_t most_states_;
  std::unordered_set<Packed, Hash> seen_;
  std::vector<State> open_;
  std::set<Outcome> outcomes_;
};

}  // namespace

std::set<Outcome> allowed_outcomes(const Test& test, Model model, std::size_t most_states) {
  return Search(test, model, most_states).run();
}

}  // namespace baton::litmus
