#pragma once
// The checked system's steps: every delivery, access, replacement that is possible in a state, what each
// leads to, and whether it breaks an invariant.

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
  CheckStep describe(const World<P>& world, const Step& step, const World<P>& next) const {
    CheckStep text;
    text.kind = step.kind;
    text.line = static_cast<int>(step.line);
    std::string on;
    if (step.kind == CheckStep::Kind::recall) {
      const auto& before = world.homes[step.line];
      if constexpr (has_recalls) text.event = name_of(P::classify_recall(before));
      text.before = name_of(before.state);
      text.after = name_of(next.homes[step.line].state);
      on = " on " + text.event;
    } else if (step.kind == CheckStep::Kind::deliver) {
      const Message message = unpack<P>(world.flight[step.number]);
      text.message = plain(message);
      on = " on " + describe_message<P>(message);
      if (message.receiver == Unit::home) {
        const auto& before = world.homes[step.line];
        text.event = name_of(P::classify(before, message));
        text.before = name_of(before.state);
        text.after = name_of(next.homes[step.line].state);
      } else {
        text.cache = message.destination;
        text.event = name_of(P::classify(world.caches[message.destination].lines[step.line], message));
      }
    } else {
      text.cache = static_cast<int>(step.number);
      text.event = name_of(step.event);
      on = " on " + text.event;
      text.ticks = step.ticks;
      if (step.ticks) on += ", behind a tick of its clock";
    }
    if (text.cache >= 0) {
      const auto cache = static_cast<std::size_t>(text.cache);
      text.before = name_of(world.caches[cache].lines[step.line].state);
      text.after = name_of(next.caches[cache].lines[step.line].state);
    }
    std::string who = text.cache < 0 ? "home" : "cache " + std::to_string(text.cache);
    if (shape_.lines > 1) who += ", line " + std::to_string(step.line);
    if (step.kind == CheckStep::Kind::buffer) {
      text.text = "core " + std::to_string(text.cache) + ": a store to line " + std::to_string(step.line) +
                  " enters the store buffer";
      return text;
    }
    text.text = describe_change(who, text.before, text.after) + on;
    for (const Message& message : out_) {
      text.sends.push_back(plain(message));
      text.text += "; sends " + describe_message<P>(message);
    }
    if constexpr (has_time)
      if (text.cache >= 0)
        text.text += describe_time(world, next, static_cast<std::size_t>(text.cache), step.line);
    if (next.golden[step.line] != world.golden[step.line])
      text.text += "; stores " + std::to_string(next.golden[step.line]);
    return text;
  }

  std::string describe_world(const World<P>& world) const {
    std::string text;
    for (std::size_t l = 0; l < shape_.lines; ++l) {
      if (shape_.lines > 1) text += (l == 0 ? "line " : "; line ") + std::to_string(l) + ": ";
      text += "home " + std::string(name_of(world.homes[l].state));
      for (std::size_t i = 0; i < shape_.caches; ++i)
        text += ", cache " + std::to_string(i) + " " + std::string(name_of(world.caches[i].lines[l].state));
    }
    for (std::size_t i = 0; i < world.flight.size(); ++i)
      text += ", in flight " + describe_message<P>(unpack<P>(world.flight[i]));
    return text;
  }

  /// "S: I S S": the class of a quiescent state.
  std::string class_of(const World<P>& world) const {
    std::string text;
    for (std::size_t l = 0; l < shape_.lines; ++l) {
      std::vector<std::size_t> states;
      for (std::size_t i = 0; i < shape_.caches; ++i) states.push_back(index(world.caches[i].lines[l].state));
      std::sort(states.begin(), states.end());
      text += (l == 0 ? "" : " | ") + std::string(name_of(world.homes[l].state)) + ":";
      for (const std::size_t s : states) text += " " + std::string(enum_names<typename P::CacheState>[s]);
    }
    return text;
  }

  /// How often each cell was visited, [state][event].
  std::vector<std::uint64_t> cache_visits;
  std::vector<std::uint64_t> home_visits;

 private:
  static constexpr bool has_time = has_logical_time<P>;
  static constexpr bool has_recalls = requires(const typename P::Entry& entry) { P::classify_recall(entry); };

  /// Compares what an access sees with the golden value.
  class Access final : public PendingAccess {
   public:
    Access(Model& model, World<P>& world, std::size_t cache, std::size_t line, Pending& pending)
        : model_(model), world_(world), cache_(cache), line_(line), pending_(pending) {}

    Value perform(Value content) override {
      if (!finish()) return content;
      if constexpr (has_time) return perform_in_time(content);
      if (content != world_.golden[line_])
        model_.violate("data value: cache " + std::to_string(cache_) + " performs on content " +
                       describe_content(content) + ", the last store left " +
                       std::to_string(world_.golden[line_]));
      const bool is_load = event_ == CacheEvent::Load;
      for (std::size_t i = 0; i < model_.shape_.caches; ++i) {
        const auto other = world_.caches[i].lines[line_].state;
        if (i != cache_ && (is_load ? model_.writable_ : model_.readable_)[index(other)])
          model_.violate("SWMR: cache " + std::to_string(cache_) + " performs a " +
                         std::string(name_of(event_)) + " while cache " + std::to_string(i) + " is in " +
                         std::string(name_of(other)));
      }
      return is_load ? content : write(content);
    }

    /// A load may be older than stores that have been performed before it, but not at its logical time.
    Value perform_in_time(Value content) {
      const Tick at = world_.caches[cache_].clock.at;
      auto& versions = world_.versions[line_];
      const bool is_load = event_ == CacheEvent::Load;
      const Value expected = is_load ? versions.at(at) : versions.last().content;
      const std::string when = " at the logical time " + std::to_string(at);
      if (content != expected)
        model_.violate("data value: cache " + std::to_string(cache_) + " performs on content " +
                       describe_content(content) + when + ", when it was " + std::to_string(expected));
      if (is_load) {
        versions.note_load(at);
        return content;
      }
      const Tick before = std::max(versions.last().since, versions.last_load());
      if (at <= before)
        model_.violate("logical time: cache " + std::to_string(cache_) + " stores" + when +
                       ", not behind an access of " + std::to_string(before));
      for (std::size_t i = 0; i < model_.shape_.caches; ++i)
        if (i != cache_ && model_.writable_[index(world_.caches[i].lines[line_].state)])
          model_.violate("SWMR: cache " + std::to_string(cache_) + " stores while cache " +
                         std::to_string(i) + " owns the line");
      const Value written = write(content);
      if (model_.violation_.empty()) versions.add({at, static_cast<std::uint8_t>(written)});
      return written;
    }

    Value write(Value content) {
      const Value written = (content + 1) % static_cast<Value>(model_.parameters_.values);
      world_.golden[line_] = static_cast<std::uint8_t>(written);
      for (auto& other : world_.caches)
        other.pending[line_].seen = static_cast<std::uint8_t>(other.pending[line_].seen | 1U << written);
      return written;
    }

    void perform_snapshot(Value content) override {
      if (!finish()) return;
      if (event_ != CacheEvent::Load)
        model_.violate("a snapshot ends an access that is not a load");
      else if ((seen_ >> content & 1U) == 0)
        model_.violate("data value: the snapshot " + describe_content(content) + " at cache " +
                       std::to_string(cache_) + " was not current at any moment since the load was issued");
    }

    void performed_at_home() override {
      if (pending_.event != Pending::none)
        model_.violate("cache " + std::to_string(cache_) + " ends an access that the home has not performed");
    }

   private:
    bool finish() {
      if (pending_.event == Pending::none) {
        model_.violate("cache " + std::to_string(cache_) + " performs an access that no core waits for");
        return false;
      }
      event_ = static_cast<CacheEvent>(pending_.event);
      seen_ = pending_.seen;
      pending_ = {};
      model_.served_ = true;
      StoreBuffer& buffer = world_.caches[cache_].buffer;
      if (event_ == CacheEvent::Store && buffer.size() > 0)
        buffer.pop();
      else if (buffer.holds(line_))
        model_.violate("per-location sequential consistency: a " + std::string(name_of(event_)) +
                       " of core " + std::to_string(cache_) + " passes the core's own store to the line");
      return true;
    }

    Model& model_;
    World<P>& world_;
    std::size_t cache_;
    std::size_t line_;
    Pending& pending_;
    CacheEvent event_{};
    std::uint8_t seen_ = 0;
  };

  /// A read-modify-write at the home is checked as one in a cache that nobody shares the line with.
  class Far final : public FarAccess {
   public:
    Far(Model& model, World<P>& world) : model_(model), world_(world) {}
    Value perform(NodeId requestor, LineNumber line, Value content) override {
      if (requestor >= model_.shape_.caches) {
        model_.violate("the home performs an access of nobody");
        return content;
      }
      const auto number = static_cast<std::size_t>(line);
      Pending& pending = world_.caches[requestor].pending[number];
      if (pending.event == index(CacheEvent::Load) || pending.event == index(CacheEvent::Store))
        model_.violate("the home performs an access that is not a read-modify-write");
      return Access(model_, world_, requestor, number, pending).perform(content);
    }

   private:
    Model& model_;
    World<P>& world_;
  };

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

  void check_permissions(const World<P>& world, std::size_t line) {
    std::size_t readers = 0;
    std::size_t writers = 0;
    for (std::size_t i = 0; i < shape_.caches; ++i) {
      const std::size_t state = index(world.caches[i].lines[line].state);
      readers += readable_[state] ? 1U : 0U;
      writers += writable_[state] ? 1U : 0U;
    }
    const bool is_shared = !has_time && writers == 1 && readers > 1;
    if (writers > 1 || is_shared) violate("SWMR: " + describe_world(world));
  }

  /// SWMR in logical time: at every moment until its lease ends, a copy is what the line contains. Nobody can
  /// store there any more, for a store is behind all versions.
  void check_time(const World<P>& world, std::size_t line) {
    Tick oldest = ~Tick{0};
    Tick newest = 0;
    for (std::size_t i = 0; i < shape_.caches; ++i) {
      const auto& copy = world.caches[i].lines[line];
      const Tick now = world.caches[i].clock.now;
      oldest = std::min(oldest, now);
      newest = std::max(newest, now);
      if (!readable_[index(copy.state)] || writable_[index(copy.state)]) continue;
      for (Tick at = now; at <= copy.rts; ++at)
        if (world.versions[line].at(at) != copy.data)
          violate("SWMR: cache " + std::to_string(i) + " has a lease of " + describe_content(copy.data) +
                  " until " + std::to_string(copy.rts) + ", but at " + std::to_string(at) +
                  " the line contains " + std::to_string(world.versions[line].at(at)));
    }
    left_window_ = newest - oldest > static_cast<Tick>(parameters_.clock_window);
  }

  /// Of a step at a cache: ", at 13, version 12, until 14".
  static std::string describe_time(const World<P>& world, const World<P>& next, std::size_t cache,
                                   std::size_t line) {
    std::string text;
    const Tick now = next.caches[cache].clock.now;
    const auto& copy = next.caches[cache].lines[line];
    if (now != world.caches[cache].clock.now) text += "; its clock says " + std::to_string(now);
    if (copy.rts != world.caches[cache].lines[line].rts && copy.state != P::CacheState::I)
      text += "; version " + std::to_string(copy.wts) + " until " + std::to_string(copy.rts);
    return text;
  }

  static CheckMessage plain(const Message& m) {
    const KindInfo& kind = P::kinds[m.kind];
    return {std::string(kind.name),
            static_cast<int>(m.line),
            m.source,
            m.destination,
            m.receiver == Unit::home,
            m.requestor == no_node ? -1 : m.requestor,
            m.acks,
            kind.carries_data ? m.data : 0,
            kind.carries_data,
            kind.carries_data && m.data != no_content};
  }

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
