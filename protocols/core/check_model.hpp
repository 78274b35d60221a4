#pragma once
// The checked system's steps: every delivery, access, replacement that is possible in a state, and what each
// leads to. What must hold behind each is in check_invariants.hpp, what a step is called in check_words.hpp.

#include <string>
#include <utility>
#include <vector>

#include "protocols/core/check.hpp"
#include "protocols/core/check_world.hpp"
#include "protocols/core/describe.hpp"
#include "protocols/core/variant.hpp"

namespace baton::checker {

template <CoherenceProtocol P>
class Model {
 public:
  using CacheTable = TableView<CacheContext<P>>;
  using HomeTable = TableView<HomeContext<P>>;
  using CacheEvent = typename P::CacheEvent;
  using HomeEvent = typename P::HomeEvent;

  struct Step {
    CheckStep::Kind kind;
    std::size_t number;  ///< the cache, or the message if it is a delivery
    std::size_t line;
    CacheEvent event;
    bool ticks = false;  ///< the core's clock goes on by itself before the access
  };

  Model(const Variant<P>& variant, const CheckParameters& parameters)
      : cache_visits(CacheTable::states * CacheTable::events),
        home_visits(HomeTable::states * HomeTable::events),
        variant_(variant),
        parameters_(parameters),
        shape_{static_cast<std::size_t>(parameters.caches), static_cast<std::size_t>(parameters.lines),
               parameters.store_buffer > 0},
        home_(static_cast<NodeId>(parameters.home_beside_cache ? 0 : parameters.caches)) {
    for (std::size_t s = 0; s < enum_count<typename P::CacheState>; ++s) {
      const auto state = static_cast<typename P::CacheState>(s);
      readable_[s] = is_readable(variant, state);
      writable_[s] = is_writable(variant, state);
      occupies_[s] = occupies(state);
    }
    if constexpr (has_time) variant_.lease = checked_lease(parameters.clock_window);
  }

  const Shape& shape() const { return shape_; }
  NodeId home() const { return home_; }
  /// What is wrong with the step applied last; empty: nothing.
  const std::string& violation() const { return violation_; }
  /// Did the step applied last perform an access?
  bool has_served() const { return served_; }

  /// Does the step applied last lead out of what is searched (check_time.hpp)?
  bool has_left_window() const { return left_window_; }

  /// Calls f(step) in an order that depends on the world alone.
  template <class F>
  void for_each_step(const World<P>& world, F&& f) const {
    const Flight& flight = world.flight;
    for (std::size_t i = 0; i < flight.size(); ++i) {
      const bool behind =
          i > 0 && (is_ordered(network_of(flight[i]))
                        ? channel_of(flight[i - 1]) == channel_of(flight[i])
                        : flight[i - 1] == flight[i]);  // the twin of a message leads to the same
      if (!behind) f(Step{CheckStep::Kind::deliver, i, unpack<P>(flight[i]).line, {}});
    }
    for (std::size_t cache = 0; cache < shape_.caches; ++cache)
      for (std::size_t line = 0; line < shape_.lines; ++line) {
        for_each_access(world, cache, line, f);
        if (world.caches[cache].lines[line].state != P::CacheState::I)
          f(Step{CheckStep::Kind::replace, cache, line, CacheEvent::Replace});
      }
    if constexpr (has_recalls)
      for (std::size_t line = 0; line < shape_.lines; ++line)
        if (variant_.home.find(world.homes[line].state, P::classify_recall(world.homes[line])) >= 0)
          f(Step{CheckStep::Kind::recall, 0, line, {}});
  }

  /// Leaves the successor in `next` if the result is `done`; see violation().
  StepResult apply(const World<P>& world, const Step& step, World<P>& next) {
    out_.clear();
    violation_.clear();
    served_ = false;
    left_window_ = false;
    cell_ = nullptr;
    StepResult outcome = StepResult::done;
    if (step.kind == CheckStep::Kind::buffer) {
      next = world;
      next.caches[step.number].buffer.push(step.line);
      return outcome;
    }
    if (step.kind == CheckStep::Kind::recall) {
      outcome = apply_recall(world, step.line, next);
    } else if (step.kind != CheckStep::Kind::deliver) {
      outcome = apply_core_event(world, step, next);
    } else {
      Message message = unpack<P>(world.flight[step.number]);
      if (!P::kinds[message.kind].carries_data) message.data = no_content;
      outcome = message.receiver == Unit::home ? deliver_home(world, step.number, message, next)
                                               : deliver_cache(world, step.number, message, next);
    }
    if (outcome == StepResult::done) {
      outcome = post(next);
      if (outcome == StepResult::done) check_permissions(next, step.line);
      if constexpr (has_time)
        if (outcome == StepResult::done) check_time(next, step.line);
    }
    if (outcome == StepResult::stalled)
      violation_.clear();  // nothing has happened
    else if (cell_ != nullptr)
      ++*cell_;
    return outcome;
  }

  /// Will the system take this step by itself, without a new wish of a core? Deliveries, the stores that wait
  /// in a store buffer, and the replacement that makes room for one.
  bool is_obligatory(const World<P>& world, const Step& step) const {
    if (step.kind == CheckStep::Kind::deliver) return true;
    if (step.kind == CheckStep::Kind::recall) return false;
    const auto& cache = world.caches[step.number];
    if (cache.buffer.size() == 0) return false;
    const std::size_t head = cache.buffer[0];
    if (step.kind == CheckStep::Kind::access) return step.event == CacheEvent::Store && step.line == head;
    return step.kind == CheckStep::Kind::replace && step.line != head && !has_room(cache, head);
  }

  /// The step that was applied last, from `world` to `next`, in words.
  CheckStep describe(const World<P>& world, const Step& step, const World<P>& next) const;
  std::string describe_world(const World<P>& world) const;
  /// "S: I S S": the class of a quiescent state.
  std::string class_of(const World<P>& world) const;

  /// How often each cell was visited, [state][event].
  std::vector<std::uint64_t> cache_visits;
  std::vector<std::uint64_t> home_visits;

 private:
  static constexpr bool has_time = has_logical_time<P>;
  static constexpr bool has_recalls = requires(const typename P::Entry& entry) { P::classify_recall(entry); };

  class Access;
  class Far;

  void violate(std::string what) {
    if (violation_.empty()) violation_ = std::move(what);
  }

  bool is_ordered(std::size_t network) const { return P::ordered[network] && !parameters_.ignore_order; }

  /// Does a line in this state need a place in the cache? Not if it is on its way out, to I (XI_A, II_D).
  static bool occupies(typename P::CacheState state) {
    const std::string_view name = name_of(state);
    const auto underscore = name.find('_');
    if (underscore == std::string_view::npos) return state != P::CacheState::I;
    return underscore == 0 || name[underscore - 1] != 'I';
  }
  using CacheSide = typename World<P>::CacheSide;
  /// May the cache begin an access to the line, which is in I, or is the other line in its place?
  bool has_room(const CacheSide& cache, std::size_t line) const {
    if (shape_.lines == 1 || parameters_.ways > 1) return true;
    return cache.lines[line].state != P::CacheState::I || !occupies_[index(cache.lines[1 - line].state)];
  }

  template <class F>
  void for_each_access(const World<P>& world, std::size_t cache, std::size_t line, F& f) const {
    const CacheSide& side = world.caches[cache];
    const auto access = [&](CacheEvent event) {
      if (!has_room(side, line)) return;
      f(Step{CheckStep::Kind::access, cache, line, event});
      if constexpr (has_time) f(Step{CheckStep::Kind::access, cache, line, event, true});
    };
    const auto rmw = [&] {
      access(CacheEvent::Rmw);
      if constexpr (requires { CacheEvent::RmwFar; })  // a predictor may choose it at any moment
        if (variant_.cache.find(side.lines[line].state, CacheEvent::RmwFar) >= 0) access(CacheEvent::RmwFar);
    };
    if (parameters_.store_buffer == 0) {
      access(CacheEvent::Load);
      access(CacheEvent::Store);
      rmw();
      return;
    }
    // A core that goes on behind stores, but waits for its loads and read-modify-writes, in order.
    const StoreBuffer& buffer = side.buffer;
    if (buffer.size() > 0 && buffer[0] == line && side.pending[line].event == Pending::none)
      access(CacheEvent::Store);
    for (std::size_t l = 0; l < shape_.lines; ++l)
      if (side.pending[l].event != Pending::none &&
          side.pending[l].event != static_cast<std::uint8_t>(CacheEvent::Store))
        return;
    if (buffer.size() < static_cast<std::size_t>(parameters_.store_buffer))
      f(Step{CheckStep::Kind::buffer, cache, line, CacheEvent::Store});
    // A load of a line with a store in the buffer takes that store's content and changes nothing.
    if (!buffer.holds(line) || parameters_.ignore_store_buffer) access(CacheEvent::Load);
    if (buffer.size() == 0) rmw();
  }

  StepResult apply_core_event(const World<P>& world, const Step& step, World<P>& next) {
    const std::size_t cache = step.number;
    CacheEvent event = step.event;
    if constexpr (has_time) {
      Clock clock = world.caches[cache].clock;
      clock.now += step.ticks ? 1 : 0;
      event = P::classify_access(world.caches[cache].lines[step.line], clock, event);
    }
    if (is_stalled(variant_.cache, world.caches[cache].lines[step.line].state, event, cache_visits))
      return StepResult::stalled;
    next = world;
    if constexpr (has_time) next.caches[cache].clock.now += step.ticks ? 1 : 0;
    const bool is_access = step.event != CacheEvent::Replace;
    Pending access = next.caches[cache].pending[step.line];
    const bool second = is_access && access.event != Pending::none;  // behind one that waits: it may only hit
    if (is_access)
      access = {static_cast<std::uint8_t>(step.event),
                static_cast<std::uint8_t>(1U << world.golden[step.line])};
    Message none;
    none.line = step.line;
    const StepResult outcome = step_cache(next, cache, none, event, access);
    if (outcome == StepResult::done) {
      if (!second)
        next.caches[cache].pending[step.line] = access;
      else if (access.event != Pending::none)
        violate("a second transaction of one cache for the line");
    }
    return outcome;
  }

  StepResult deliver_cache(const World<P>& world, std::size_t number, const Message& message,
                           World<P>& next) {
    const auto cache = static_cast<std::size_t>(message.destination);
    const auto& line = world.caches[cache].lines[message.line];
    const CacheEvent event = P::classify(line, message);
    if (is_stalled(variant_.cache, line.state, event, cache_visits)) return StepResult::stalled;
    next = world;
    next.flight.remove(number);
    return step_cache(next, cache, message, event, next.caches[cache].pending[message.line]);
  }

  StepResult step_cache(World<P>& world, std::size_t cache, const Message& message, CacheEvent event,
                        Pending& pending) {
    auto& line = world.caches[cache].lines[message.line];
    Access access(*this, world, cache, message.line, pending);
    CacheContext<P> context{line, message, access, out_, static_cast<NodeId>(cache), home_};
    if constexpr (has_time) {
      context.clock = &world.caches[cache].clock;
      context.lease = variant_.lease;
    }
    const auto before = line.state;
    const StepResult outcome = step(variant_.cache, line.state, event, context);
    if (outcome == StepResult::impossible) violate(impossible("cache", name_of(before), name_of(event)));
    if (line.state == P::CacheState::I)
      line = {};  // as in a machine: a line that is not present has no fields
    cell_ = &cache_visits[index(before) * CacheTable::events + index(event)];
    return outcome;
  }

  StepResult deliver_home(const World<P>& world, std::size_t number, const Message& message, World<P>& next) {
    const auto& entry = world.homes[message.line];
    const HomeEvent event = P::classify(entry, message);
    if (is_stalled(variant_.home, entry.state, event, home_visits)) return StepResult::stalled;
    next = world;
    next.flight.remove(number);
    return step_home(next, message, event);
  }

  StepResult apply_recall(const World<P>& world, std::size_t line, World<P>& next) {
    next = world;
    Message message;
    message.line = line;
    message.requestor = no_node;
    if constexpr (has_recalls) return step_home(next, message, P::classify_recall(world.homes[line]));
    return StepResult::impossible;
  }

  StepResult step_home(World<P>& next, const Message& message, HomeEvent event) {
    auto& entry = next.homes[message.line];
    const auto before = entry.state;
    Far far(*this, next);
    HomeContext<P> context{entry,           message, out_,          home_, static_cast<NodeId>(shape_.caches),
                           variant_.format, &far,    variant_.lease};
    const StepResult outcome = step(variant_.home, entry.state, event, context);
    if (outcome == StepResult::impossible) violate(impossible("home", name_of(before), name_of(event)));
    cell_ = &home_visits[index(before) * HomeTable::events + index(event)];
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

  /// `stalled` if a queue is full.
  StepResult post(World<P>& world) {
    for (const Message& message : out_) {
      if (message.receiver == Unit::home ? message.destination != home_
                                         : message.destination >= shape_.caches) {
        violate(std::string(P::kinds[message.kind].name) + " is sent to nobody");
        return StepResult::done;
      }
      if (message.acks < 0 || message.acks > most_acks) {
        violate(std::string(P::kinds[message.kind].name) + " announces " + std::to_string(message.acks) +
                " acknowledgements");
        return StepResult::done;
      }
      const VirtualNetwork network = P::kinds[message.kind].network;
      if (message.wts > most_packed_ticks || message.rts > most_packed_ticks) {
        violate(std::string(P::kinds[message.kind].name) + " carries a time far ahead of all clocks");
        return StepResult::done;
      }
      Message sent = message;
      if (!P::kinds[message.kind].carries_data) sent.data = 0;  // a word of the line, which no table looks at
      const Packed packed = pack(sent, network);
      if (parameters_.queue > 0 && is_full(world.flight, queue_of(packed))) return StepResult::stalled;
      if (!world.flight.add(packed, is_ordered(static_cast<std::size_t>(network)))) {
        violate("more than " + std::to_string(Flight::capacity) + " messages in flight");
        return StepResult::done;
      }
    }
    return StepResult::done;
  }

  bool is_full(const Flight& flight, Packed queue) const {
    const Packed mask = parameters_.share_queues ? unit_of_queue : ~Packed{0};
    int waiting = 0;
    for (std::size_t i = 0; i < flight.size(); ++i)
      waiting += ((queue_of(flight[i]) ^ queue) & mask) == 0 ? 1 : 0;
    return waiting >= parameters_.queue;
  }

  void check_permissions(const World<P>& world, std::size_t line);
  void check_time(const World<P>& world, std::size_t line);

  std::string describe_cause(const World<P>& world, const Step& step, CheckStep& text) const;
  static std::string describe_time(const World<P>& world, const World<P>& next, std::size_t cache,
                                   std::size_t line);
  static CheckMessage plain(const Message& m);

  Variant<P> variant_;
  CheckParameters parameters_;
  Shape shape_;
  NodeId home_;
  std::array<bool, enum_count<typename P::CacheState>> readable_{};
  std::array<bool, enum_count<typename P::CacheState>> writable_{};
  std::array<bool, enum_count<typename P::CacheState>> occupies_{};

  std::string violation_;  // of the step being tried
  bool served_ = false;
  bool left_window_ = false;
  std::uint64_t* cell_ = nullptr;
  std::vector<Message> out_;
};

}  // namespace baton::checker

#include "protocols/core/check_invariants.hpp"
#include "protocols/core/check_words.hpp"
