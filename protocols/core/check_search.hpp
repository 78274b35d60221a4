#pragma once
// The exhaustive search: every state that one line in N caches and its home can reach, breadth-first, under
// every order of deliveries that the virtual networks allow and every access or replacement that a core may
// start at any moment. protocols/README.md lists what it checks and what it does not.

#include <string>
#include <utility>
#include <vector>

#include "protocols/core/check.hpp"
#include "protocols/core/check_world.hpp"
#include "protocols/core/describe.hpp"
#include "protocols/core/state_store.hpp"
#include "protocols/core/variant.hpp"

namespace baton::checker {

template <CoherenceProtocol P>
class Search {
 public:
  Search(const Variant<P>& variant, const CheckParameters& parameters)
      : variant_(variant),
        caches_(static_cast<std::size_t>(parameters.caches)),
        values_(static_cast<Value>(parameters.values)),
        max_states_(parameters.max_states),
        ignore_order_(parameters.ignore_order),
        home_(static_cast<NodeId>(parameters.home_beside_cache ? 0 : parameters.caches)),
        cache_visits_(CacheTable::states * CacheTable::events),
        home_visits_(HomeTable::states * HomeTable::events) {}

  CheckResult run() {
    check_hit_rows();
    World<P> start;
    start.encode(caches_, key_);
    store_.add(key_, 0);
    std::uint64_t level_end = 1;
    for (StateStore::Number state = 0; state < store_.size() && result_.ok; ++state) {
      if (state == level_end) {
        ++result_.depth;
        level_end = store_.size();
      }
      if (store_.size() > max_states_) {
        result_.complete = false;
        break;
      }
      expand(state);
    }
    result_.states = store_.size();
    result_.complete = result_.complete && result_.ok;
    report_coverage();
    return std::move(result_);
  }

 private:
  using CacheTable = TableView<CacheContext<P>>;
  using HomeTable = TableView<HomeContext<P>>;
  using CacheEvent = typename P::CacheEvent;

  /// A core's event at a cache, the delivery of the message with this number, or a recall by the home.
  struct Step {
    enum { core, delivery, recall } what;
    std::size_t number;
    CacheEvent event;
  };

  /// Compares what an access sees with the golden value.
  class Access final : public PendingAccess {
   public:
    Access(Search& search, World<P>& world, std::size_t cache, Pending& pending)
        : search_(search), world_(world), cache_(cache), pending_(pending) {}

    Value perform(Value content) override {
      if (!finish()) return content;
      if (content != world_.golden)
        search_.violate("data value: cache " + std::to_string(cache_) + " performs on content " +
                        std::to_string(content) + ", the last store left " + std::to_string(world_.golden));
      const bool is_load = event_ == CacheEvent::Load;
      for (std::size_t i = 0; i < search_.caches_; ++i)
        if (i != cache_ && (is_load ? is_writable(search_.variant_, world_.lines[i].state)
                                    : is_readable(search_.variant_, world_.lines[i].state)))
          search_.violate("SWMR: cache " + std::to_string(cache_) + " performs a " +
                          std::string(name_of(event_)) + " while cache " + std::to_string(i) + " is in " +
                          std::string(name_of(world_.lines[i].state)));
      if (is_load) return content;
      const Value written = (content + 1) % search_.values_;
      world_.golden = static_cast<std::uint8_t>(written);
      for (auto& other : world_.pending) other.seen = static_cast<std::uint8_t>(other.seen | 1U << written);
      return written;
    }

    void perform_snapshot(Value content) override {
      if (!finish()) return;
      if (event_ != CacheEvent::Load)
        search_.violate("a snapshot ends an access that is not a load");
      else if ((seen_ >> content & 1U) == 0)
        search_.violate("data value: the snapshot " + std::to_string(content) + " at cache " +
                        std::to_string(cache_) + " was not current at any moment since the load was issued");
    }

    void performed_at_home() override {
      if (pending_.event != Pending::none)
        search_.violate("cache " + std::to_string(cache_) +
                        " ends an access that the home has not performed");
    }

   private:
    bool finish() {
      if (pending_.event == Pending::none) {
        search_.violate("cache " + std::to_string(cache_) + " performs an access that no core waits for");
        return false;
      }
      event_ = static_cast<CacheEvent>(pending_.event);
      seen_ = pending_.seen;
      pending_ = {};
      return true;
    }

    Search& search_;
    World<P>& world_;
    std::size_t cache_;
    Pending& pending_;
    CacheEvent event_{};
    std::uint8_t seen_ = 0;
  };

  /// A read-modify-write at the home is checked as one in a cache that nobody shares the line with.
  class Far final : public FarAccess {
   public:
    Far(Search& search, World<P>& world) : search_(search), world_(world) {}
    Value perform(NodeId requestor, LineNumber, Value content) override {
      if (requestor >= search_.caches_) {
        search_.violate("the home performs an access of nobody");
        return content;
      }
      Pending& pending = world_.pending[requestor];
      if (pending.event == index(CacheEvent::Load) || pending.event == index(CacheEvent::Store))
        search_.violate("the home performs an access that is not a read-modify-write");
      return Access(search_, world_, requestor, pending).perform(content);
    }

   private:
    Search& search_;
    World<P>& world_;
  };

  void violate(std::string what) {
    if (violation_.empty()) violation_ = std::move(what);
  }

  /// Hits are simulated without a step of the table, so a hit cell may only perform and change the state.
  void check_hit_rows() {
    for (const auto& row : variant_.cache.rows())
      for (std::size_t e = 0; e < 4; ++e)
        if (row.on.has(static_cast<CacheEvent>(e)) && row.has(Effect::performs) && row.size != 1) {
          result_.ok = false;
          result_.violation = "a hit does more than perform: " + describe_row(row);
        }
  }

  void expand(StateStore::Number state) {
    const World<P> world = World<P>::decode(caches_, store_.key(state));
    result_.max_in_flight = std::max<std::uint64_t>(result_.max_in_flight, world.flight.size());
    bool progress = false;
    for_each_step(world, [&](const Step& step) {
      if (!result_.ok) return;
      World<P>& next = scratch_;
      const StepResult outcome = apply(world, step, next);
      if (!violation_.empty()) {
        fail(state, world, step, next);
      } else if (outcome == StepResult::done) {
        progress = progress || step.what == Step::delivery;
        ++result_.transitions;
        next.encode(caches_, key_);
        store_.add(key_, state);
      }
    });
    if (result_.ok && !progress && !world.is_quiet(caches_)) {
      violate("deadlock: " + std::to_string(world.flight.size()) +
              " messages in flight, none can be consumed: " + describe_world(world));
      result_.ok = false;
      result_.violation = std::exchange(violation_, {});
      result_.trace = path_to(state);
    }
  }

  bool is_ordered(std::size_t network) const { return P::ordered[network] && !ignore_order_; }

  template <class F>
  void for_each_step(const World<P>& world, F&& f) const {
    const Flight& flight = world.flight;
    for (std::size_t i = 0; i < flight.size(); ++i) {
      const bool behind =
          i > 0 && (is_ordered(network_of(flight[i]))
                        ? channel_of(flight[i - 1]) == channel_of(flight[i])
                        : flight[i - 1] == flight[i]);  // the twin of a message leads to the same
      if (!behind) f(Step{Step::delivery, i, {}});
    }
    for (std::size_t cache = 0; cache < caches_; ++cache)
      for (const auto event : {CacheEvent::Load, CacheEvent::Store, CacheEvent::Rmw, CacheEvent::Replace})
        if (event != CacheEvent::Replace || world.lines[cache].state != P::CacheState::I)
          f(Step{Step::core, cache, event});
    if constexpr (requires { CacheEvent::RmwFar; })  // a predictor may choose it at any moment
      for (std::size_t cache = 0; cache < caches_; ++cache)
        if (variant_.cache.find(world.lines[cache].state, CacheEvent::RmwFar) >= 0)
          f(Step{Step::core, cache, CacheEvent::RmwFar});
    if constexpr (requires { P::classify_recall(world.home); })
      if (variant_.home.find(world.home.state, P::classify_recall(world.home)) >= 0)
        f(Step{Step::recall, 0, {}});
  }

  /// Leaves the successor in `next` if the result is `done`; may set violation_.
  StepResult apply(const World<P>& world, const Step& step, World<P>& next) {
    out_.clear();
    StepResult outcome;
    if (step.what == Step::core) {
      outcome = apply_core_event(world, step, next);
    } else if (step.what == Step::recall) {
      outcome = apply_recall(world, next);
    } else {
      const Message message = unpack(world.flight[step.number]);
      outcome = message.receiver == Unit::home ? deliver_home(world, step.number, message, next)
                                               : deliver_cache(world, step.number, message, next);
    }
    if (outcome == StepResult::done) {
      post(next);
      check_permissions(next);
    }
    return outcome;
  }

  StepResult apply_core_event(const World<P>& world, const Step& step, World<P>& next) {
    const std::size_t cache = step.number;
    if (is_stalled(variant_.cache, world.lines[cache].state, step.event, cache_visits_))
      return StepResult::stalled;
    next = world;
    const bool is_access = step.event != CacheEvent::Replace;
    Pending access = next.pending[cache];
    const bool second = is_access && access.event != Pending::none;  // behind one that waits: it may only hit
    if (is_access)
      access = {static_cast<std::uint8_t>(step.event), static_cast<std::uint8_t>(1U << world.golden)};
    const StepResult outcome = step_cache(next, cache, Message{}, step.event, access);
    if (outcome == StepResult::done) {
      if (!second)
        next.pending[cache] = access;
      else if (access.event != Pending::none)
        violate("a second transaction of one cache for the line");
    }
    return outcome;
  }

  StepResult deliver_cache(const World<P>& world, std::size_t number, const Message& message,
                           World<P>& next) {
    const auto cache = static_cast<std::size_t>(message.destination);
    const CacheEvent event = P::classify(world.lines[cache], message);
    if (is_stalled(variant_.cache, world.lines[cache].state, event, cache_visits_))
      return StepResult::stalled;
    next = world;
    next.flight.remove(number);
    return step_cache(next, cache, message, event, next.pending[cache]);
  }

  StepResult step_cache(World<P>& world, std::size_t cache, const Message& message, CacheEvent event,
                        Pending& pending) {
    auto& line = world.lines[cache];
    Access access(*this, world, cache, pending);
    CacheContext<P> context{line, message, access, out_, static_cast<NodeId>(cache), home_};
    const auto before = line.state;
    const StepResult outcome = step(variant_.cache, line.state, event, context, cache_visits_.data());
    if (outcome == StepResult::impossible) violate(impossible("cache", name_of(before), name_of(event)));
    if (line.state == P::CacheState::I)
      line = {};  // as in a machine: a line that is not present has no fields
    return outcome;
  }

  StepResult deliver_home(const World<P>& world, std::size_t number, const Message& message, World<P>& next) {
    const auto event = P::classify(world.home, message);
    if (is_stalled(variant_.home, world.home.state, event, home_visits_)) return StepResult::stalled;
    next = world;
    next.flight.remove(number);
    return step_home(next, message, event);
  }

  StepResult apply_recall(const World<P>& world, World<P>& next) {
    next = world;
    Message message;
    message.requestor = no_node;
    if constexpr (requires { P::classify_recall(world.home); })
      return step_home(next, message, P::classify_recall(world.home));
    return StepResult::impossible;
  }

  StepResult step_home(World<P>& next, const Message& message, typename P::HomeEvent event) {
    Far far(*this, next);
    HomeContext<P> context{next.home,       message, out_, home_, static_cast<NodeId>(caches_),
                           variant_.format, &far};
    const auto before = next.home.state;
    const StepResult outcome = step(variant_.home, next.home.state, event, context, home_visits_.data());
    if (outcome == StepResult::impossible) violate(impossible("home", name_of(before), name_of(event)));
    return outcome;
  }

  /// Saves copying the world for nothing.
  template <class Context>
  static bool is_stalled(const TableView<Context>& table, typename Context::State state,
                         typename Context::Event event, std::vector<std::uint64_t>& visits) {
    const int row = table.find(state, event);
    if (row < 0 || table.rows()[static_cast<std::size_t>(row)].outcome != Outcome::stalls) return false;
    ++visits[index(state) * TableView<Context>::events + index(event)];
    return true;
  }

  void post(World<P>& world) {
    for (const Message& message : out_) {
      if (message.receiver == Unit::home ? message.destination != home_ : message.destination >= caches_) {
        violate(std::string(P::kinds[message.kind].name) + " is sent to nobody");
        return;
      }
      const VirtualNetwork network = P::kinds[message.kind].network;
      if (!world.flight.add(pack(message, network), is_ordered(static_cast<std::size_t>(network)))) {
        violate("more than " + std::to_string(Flight::capacity) + " messages in flight");
        return;
      }
    }
  }

  void check_permissions(const World<P>& world) {
    std::size_t readers = 0;
    std::size_t writers = 0;
    for (std::size_t i = 0; i < caches_; ++i) {
      readers += is_readable(variant_, world.lines[i].state) ? 1U : 0U;
      writers += is_writable(variant_, world.lines[i].state) ? 1U : 0U;
    }
    if (writers > 1 || (writers == 1 && readers > 1)) violate("SWMR: " + describe_world(world));
  }

  void fail(StateStore::Number state, const World<P>& world, const Step& step, const World<P>& next) {
    result_.ok = false;
    result_.violation = std::exchange(violation_, {});
    std::string last = describe_step(world, step, next);  // before path_to, which replays other steps
    result_.trace = path_to(state);
    result_.trace.push_back(std::move(last));
  }

  /// The steps were not stored: finds again which one leads from each state to the next.
  std::vector<std::string> path_to(StateStore::Number last) {
    std::vector<StateStore::Number> path{last};
    while (path.back() != 0) path.push_back(store_.parent(path.back()));
    std::vector<std::string> lines;
    for (std::size_t i = path.size() - 1; i > 0; --i) {
      const World<P> world = World<P>::decode(caches_, store_.key(path[i]));
      bool found = false;
      for_each_step(world, [&](const Step& step) {
        if (found) return;
        World<P> next;
        if (apply(world, step, next) != StepResult::done) return;
        next.encode(caches_, key_);
        found = key_ == store_.key(path[i - 1]);
        if (found) lines.push_back(describe_step(world, step, next));
      });
    }
    violation_.clear();
    return lines;
  }

  std::string describe_step(const World<P>& world, const Step& step, const World<P>& next) const {
    std::string text;
    if (step.what == Step::recall) {
      text = describe_change("home", name_of(world.home.state), name_of(next.home.state)) + " on Recall";
    } else if (step.what == Step::delivery) {
      const Message message = unpack(world.flight[step.number]);
      if (message.receiver == Unit::home)
        text = describe_change("home", name_of(world.home.state), name_of(next.home.state));
      else
        text = describe_cache(message.destination, world, next);
      text += " on " + describe_message<P>(message);
    } else {
      text = describe_cache(step.number, world, next) + " on " + std::string(name_of(step.event));
    }
    for (const Message& message : out_) text += "; sends " + describe_message<P>(message);
    if (next.golden != world.golden) text += "; stores " + std::to_string(next.golden);
    return text;
  }

  static std::string describe_cache(std::size_t cache, const World<P>& world, const World<P>& next) {
    return describe_change("cache " + std::to_string(cache), name_of(world.lines[cache].state),
                           name_of(next.lines[cache].state));
  }

  std::string describe_world(const World<P>& world) const {
    std::string text = "home " + std::string(name_of(world.home.state));
    for (std::size_t i = 0; i < caches_; ++i)
      text += ", cache " + std::to_string(i) + " " + std::string(name_of(world.lines[i].state));
    for (std::size_t i = 0; i < world.flight.size(); ++i)
      text += ", in flight " + describe_message<P>(unpack(world.flight[i]));
    return text;
  }

  void report_coverage() {
    count_coverage("cache", variant_.cache, cache_visits_, result_.rows, result_.cells);
    count_coverage("home", variant_.home, home_visits_, result_.rows, result_.cells);
  }

  Variant<P> variant_;
  std::size_t caches_;
  Value values_;
  std::uint64_t max_states_;
  bool ignore_order_;
  NodeId home_;
  std::vector<std::uint64_t> cache_visits_;
  std::vector<std::uint64_t> home_visits_;

  StateStore store_;
  CheckResult result_;
  std::string violation_;  ///< of the step being tried
  std::string key_;
  World<P> scratch_;
  std::vector<Message> out_;
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
