#pragma once
// The exhaustive search: every state that one or two lines in N caches and their home can reach,
// breadth-first. protocols/README.md lists what it checks, what that proves and what it leaves out.
//
// The states of a level are expanded in batches: threads make the keys of the successors, sorted into the
// store's shards; then each shard takes its new keys in the order of their parents. So the numbers of states,
// and with them all results, do not depend on the number of threads.

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocols/core/check.hpp"
#include "protocols/core/check_crew.hpp"
#include "protocols/core/check_model.hpp"
#include "protocols/core/check_progress.hpp"
#include "protocols/core/check_store.hpp"
#include "protocols/core/check_symmetry.hpp"
#include "protocols/core/check_trace.hpp"

namespace baton::checker {

template <CoherenceProtocol P>
class Search {
 public:
  Search(const Variant<P>& variant, const CheckParameters& parameters)
      : variant_(variant), parameters_(parameters), crew_(parameters.threads) {
    for (std::size_t s = 0; s < shards; ++s) store_.emplace_back(s, parameters.compact);
    for (std::size_t i = 0; i < crew_.size(); ++i)
      workers_.push_back(std::make_unique<Worker>(variant, parameters));
  }

  CheckResult run() {
    check_rows();
    if (result_.ok) {
      explore();
      if (fault_)
        report_fault();
      else if (result_.complete && parameters_.progress)
        check_progress();
    }
    finish();
    return std::move(result_);
  }

 private:
  using Step = typename Model<P>::Step;

  /// A successor, before the store has seen it: followed by the key's bytes.
  struct Found {
    std::uint64_t hash;
    StateId parent;
    std::uint16_t size;
    bool served;
  };
  using Bundle = std::array<std::string, shards>;  ///< of many, by shard

  /// What is wrong with a state (a deadlock) or a step out of it.
  struct Fault {
    bool in_step;
    std::size_t position;  ///< of the state in its level
    StateId state;
    bool operator<(const Fault& other) const {  // the shorter way, then the earlier state
      return in_step != other.in_step ? !in_step : position < other.position;
    }
  };

  struct Worker {
    Worker(const Variant<P>& variant, const CheckParameters& parameters)
        : model(variant, parameters), keys(model.shape(), parameters, model.home(), variant.symmetric) {}
    Model<P> model;
    KeyMaker<P> keys;
    World<P> next;
    std::string key;
    std::uint64_t transitions = 0;
    std::uint64_t left_window = 0;
    std::uint64_t renamed_states = 0;
    std::uint64_t max_in_flight = 0;
    std::map<std::string, std::uint64_t> quiescent;
  };

  static constexpr std::size_t states_a_piece = 64;
  static constexpr std::size_t pieces_a_batch = 64;

  /// What holds of single rows: hits are simulated without a step of the table, so a hit cell may only
  /// perform and change the state; in a stable state nothing can wait, for there is nothing to wait for; a
  /// replaced line leaves.
  void check_rows() {
    using State = typename P::CacheState;
    for (const auto& row : variant_.cache.rows()) {
      const auto fail = [&](const std::string& what) {
        result_.ok = false;
        result_.violation = what + ": " + describe_row(row);
      };
      for (std::size_t e = 0; e < 4; ++e)
        if (row.on.has(static_cast<typename P::CacheEvent>(e)) && row.has(Effect::performs) && row.size != 1)
          fail("a hit does more than perform");
      for (std::size_t s = 0; s < enum_count<State>; ++s) {
        const auto state = static_cast<State>(s);
        if (!row.in.has(state) || !is_stable(state)) continue;
        if (row.outcome == Outcome::stalls) fail("a cache stalls in a stable state");
        const auto after = row.outcome == Outcome::stays ? state : row.next;
        if (row.on.has(P::CacheEvent::Replace) && is_stable(after) && after != State::I)
          fail("a line that is replaced stays");
      }
    }
  }

  void explore() {
    Worker& worker = *workers_[0];
    World<P> start{};
    worker.keys.encode(start, worker.key);
    const std::uint64_t hash = hash_of(worker.key);
    store_[shard_of_hash(hash)].add(worker.key, hash, 0);
    root_ = static_cast<StateId>(shard_of_hash(hash));
    std::array<std::uint32_t, shards> begin{};
    while (true) {
      const std::array<std::uint32_t, shards> end = sizes();
      for (auto& shard : store_) shard.begin_level();
      if (!expand_level(begin, end) || fault_) return;
      if (sizes() == end) return;
      begin = end;
      ++result_.depth;
    }
  }

  std::array<std::uint32_t, shards> sizes() const {
    std::array<std::uint32_t, shards> result{};
    for (std::size_t s = 0; s < shards; ++s) result[s] = store_[s].size();
    return result;
  }

  /// False if a limit was met.
  bool expand_level(const std::array<std::uint32_t, shards>& begin,
                    const std::array<std::uint32_t, shards>& end) {
    std::vector<StateId> level;
    for (std::size_t s = 0; s < shards; ++s)
      for (std::uint32_t i = begin[s]; i < end[s]; ++i)
        level.push_back(i << shard_bits | static_cast<StateId>(s));
    constexpr std::size_t batch = states_a_piece * pieces_a_batch;
    for (std::size_t first = 0; first < level.size(); first += batch) {
      const std::size_t last = std::min(first + batch, level.size());
      const std::size_t pieces = (last - first + states_a_piece - 1) / states_a_piece;
      crew_.run(pieces, [&](std::size_t piece, std::size_t member) {
        const std::size_t at = first + piece * states_a_piece;
        Bundle& bundle = bundles_[piece];
        for (auto& found : bundle) found.clear();
        for (std::size_t i = at; i < std::min(at + states_a_piece, last); ++i)
          expand(*workers_[member], level[i], i, bundle);
      });
      expanded_ += last - first;
      if (fault_) continue;  // looks on for one at the end of a shorter way
      crew_.run(shards, [&](std::size_t shard, std::size_t) { take(shard, pieces); });
      if (!is_within_limits()) return false;
    }
    return true;
  }

  void expand(Worker& worker, StateId state, std::size_t position, Bundle& bundle) {
    Model<P>& model = worker.model;
    World<P> world = World<P>::decode(model.shape(), store_[shard_of(state)].key(number_of(state)));
    worker.max_in_flight = std::max<std::uint64_t>(worker.max_in_flight, world.flight.size());
    bool moves_on = false;
    bool is_faulty = false;
    model.for_each_step(world, [&](const Step& step) {
      if (is_faulty) return;
      const StepResult outcome = model.apply(world, step, worker.next);
      if (!model.violation().empty()) {
        is_faulty = true;
        note({true, position, state});
      } else if (model.has_left_window()) {
        moves_on = moves_on || model.is_obligatory(world, step);
        ++worker.left_window;
      } else if (outcome == StepResult::done) {
        moves_on = moves_on || model.is_obligatory(world, step);
        ++worker.transitions;
        worker.keys.encode(worker.next, worker.key);
        const std::uint64_t hash = hash_of(worker.key);
        const Found found{hash, state, static_cast<std::uint16_t>(worker.key.size()), model.has_served()};
        std::string& to = bundle[shard_of_hash(hash)];
        to.append(reinterpret_cast<const char*>(&found), sizeof found);
        to.append(worker.key);
      }
    });
    if (parameters_.count_renamed) worker.renamed_states += worker.keys.renamings(world);
    const bool quiet = world.is_quiet(model.shape());
    if (!is_faulty && !moves_on && !quiet) note({false, position, state});
    if (quiet && parameters_.quiescent) ++worker.quiescent[model.class_of(world)];
  }

  void note(const Fault& fault) {
    const std::lock_guard lock(fault_mutex_);
    if (!fault_ || fault < *fault_) fault_ = fault;
  }

  void take(std::size_t number, std::size_t pieces) {
    Shard& shard = store_[number];
    for (std::size_t piece = 0; piece < pieces; ++piece) {
      std::string_view rest = bundles_[piece][number];
      while (!rest.empty()) {
        Found found;
        std::memcpy(&found, rest.data(), sizeof found);
        const StateId state = shard.add(rest.substr(sizeof found, found.size), found.hash, found.parent);
        if (parameters_.progress && !found.served) idle_.add({found.parent, state});
        rest.remove_prefix(sizeof found + found.size);
      }
    }
  }

  bool is_within_limits() {
    CheckProgress now{0, expanded_, result_.depth, idle_.bytes()};
    for (const auto& shard : store_) {
      now.states += shard.size();
      now.bytes += shard.bytes();
    }
    result_.bytes = now.bytes;
    if (parameters_.observer) parameters_.observer(now);
    if (now.states > parameters_.max_states) result_.gave_up_at = "the limit of states";
    if (now.bytes > parameters_.max_bytes) result_.gave_up_at = "the limit of memory";
    result_.complete = result_.gave_up_at.empty();
    return result_.complete;
  }

  void report_fault() {
    Worker& worker = *workers_[0];
    Trace<P> trace(worker.model, worker.keys, store_);
    trace.follow(way_to(fault_->state));
    result_.ok = false;
    result_.violation = fault_->in_step ? trace.add_faulty_step() : trace.describe_deadlock();
    result_.trace = trace.steps();
  }

  void check_progress() {
    const auto cycle = idle_.find_cycle(sizes());
    if (!cycle) return;
    Worker& worker = *workers_[0];
    Trace<P> trace(worker.model, worker.keys, store_);
    trace.follow(way_to(cycle->entry));
    result_.cycle_begin = trace.steps().size();
    trace.follow(cycle->successors, true);
    result_.ok = false;
    result_.violation = "livelock: a cycle of " + std::to_string(cycle->successors.size()) +
                        " steps in which no access is performed (up to the names of caches and lines)";
    result_.trace = trace.steps();
  }

  /// The states after the first on the shortest way.
  std::vector<StateId> way_to(StateId state) const {
    std::vector<StateId> way;
    for (; state != root_; state = store_[shard_of(state)].parent(number_of(state))) way.push_back(state);
    return {way.rbegin(), way.rend()};
  }

  void finish() {
    std::vector<std::uint64_t> cache_visits(workers_[0]->model.cache_visits.size());
    std::vector<std::uint64_t> home_visits(workers_[0]->model.home_visits.size());
    for (const auto& worker : workers_) {
      result_.transitions += worker->transitions;
      result_.left_window += worker->left_window;
      result_.renamed_states += worker->renamed_states;
      result_.max_in_flight = std::max(result_.max_in_flight, worker->max_in_flight);
      for (const auto& [name, times] : worker->quiescent) result_.quiescent[name] += times;
      for (std::size_t i = 0; i < cache_visits.size(); ++i) cache_visits[i] += worker->model.cache_visits[i];
      for (std::size_t i = 0; i < home_visits.size(); ++i) home_visits[i] += worker->model.home_visits[i];
    }
    for (const auto& shard : store_) result_.states += shard.size();
    if (parameters_.compact) result_.omission_probability = omission_probability(result_.states);
    result_.complete = result_.complete && result_.ok;
    count_coverage("cache", variant_.cache, cache_visits, result_.rows, result_.cells);
    count_coverage("home", variant_.home, home_visits, result_.rows, result_.cells);
  }

  Variant<P> variant_;
  CheckParameters parameters_;
  Crew crew_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<Shard> store_;
  StateId root_ = 0;
  std::array<Bundle, pieces_a_batch> bundles_;
  IdleGraph idle_;
  std::uint64_t expanded_ = 0;
  std::mutex fault_mutex_;
  std::optional<Fault> fault_;
  CheckResult result_;
};

}  // namespace baton::checker

namespace baton {

/// Explores a protocol with these tables. Throws std::invalid_argument if the parameters are out of range.
template <CoherenceProtocol P>
CheckResult check(const Variant<P>& variant, const CheckParameters& parameters) {
  require_valid(parameters);
  return checker::Search<P>(variant, parameters).run();
}

}  // namespace baton
