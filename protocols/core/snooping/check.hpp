#pragma once
// The exhaustive checker for an atomic bus. A step is a whole tenure, so that a state is the caches' lines
// and memory, nothing is ever under way, and lines cannot get in each other's way: one line is checked. What
// it checks:
//   - no impossible cell; every access is performed once, within its tenure (so there is no deadlock and no
//   livelock);
//   - SWMR: a cache that may write without asking is the only one that may read without asking;
//   - data value: an access finds what the last store wrote, and so would every cache that may read;
//   - at most one cache is responsible for memory (it would write the line back), and one is if memory is
//   stale;
//   - a line that is replaced leaves;
//   - a cache without the line does nothing on the transactions of others; hits do nothing but perform.

#include <map>
#include <string>
#include <vector>

#include "protocols/core/check.hpp"
#include "protocols/core/describe.hpp"
#include "protocols/core/snooping/tenure.hpp"

namespace baton::snooping {

template <Protocol P>
class Checker {
 public:
  Checker(const TableView<Context<P>>& table, const CheckParameters& parameters)
      : table_(table),
        caches_(static_cast<std::size_t>(parameters.caches)),
        values_(static_cast<Value>(parameters.values)),
        max_states_(parameters.max_states),
        visits_(TableView<Context<P>>::states * TableView<Context<P>>::events) {}

  CheckResult run() {
    check_rows();
    if (result_.ok) explore();
    result_.states = order_.size();
    count_coverage("cache", table_, visits_, result_.rows, result_.cells);
    return std::move(result_);
  }

 private:
  using State = typename P::CacheState;
  using CacheLine = typename P::Line;

  struct World {
    std::array<CacheLine, max_checked_caches> lines{};
    Value memory = 0;
    Value golden = 0;
  };
  using Key = std::string;
  struct Known {
    World world;
    std::size_t parent;
    std::uint64_t depth;
    CheckStep step;  ///< from the parent
  };

  class Access final : public PendingAccess {
   public:
    Access(Checker& checker, World& world, Event event) : checker_(checker), world_(world), event_(event) {}
    bool performed_once() const { return times_ == 1; }
    Value perform(Value content) override {
      ++times_;
      if (content != world_.golden)
        checker_.violate("data value: an access finds " + std::to_string(content) + ", the last store wrote " +
                         std::to_string(world_.golden));
      if (event_ != Event::Load) world_.golden = (world_.golden + 1) % checker_.values_;
      return event_ == Event::Load ? content : world_.golden;
    }
    void perform_snapshot(Value) override { checker_.violate("a snapshot on a bus"); }
    void performed_at_home() override { checker_.violate("a bus has no home"); }

   private:
    Checker& checker_;
    World& world_;
    Event event_;
    int times_ = 0;
  };

  void violate(const std::string& what) {
    if (violation_.empty()) violation_ = what;
  }

  void check_rows() {
    for (const auto& row : table_.rows()) {
      const auto fail = [&](const std::string& what) {
        result_.ok = false;
        result_.violation = what + ": " + describe_row(row);
      };
      if (row.outcome == Outcome::stalls) fail("an atomic bus has nothing to wait for");
      if (row.is_hit() && row.size != 1) fail("a hit does more than perform");
      for (const Event event : {Event::BusRd, Event::BusRdX, Event::BusUpgr, Event::BusUpd})
        if (row.on.has(event) && row.in.has(State::I) && (row.size != 0 || row.outcome != Outcome::stays))
          fail("a cache without the line does something");
    }
  }

  Key key_of(const World& world) const {
    Key key;
    const auto add = [&key](auto field) { key += static_cast<char>(field); };
    for (std::size_t i = 0; i < caches_; ++i) {
      add(world.lines[i].state);
      add(world.lines[i].data);
    }
    add(world.memory);
    add(world.golden);
    return key;
  }

  void explore() {
    add({}, 0, 0, {});
    for (std::size_t at = 0; at < order_.size() && result_.ok; ++at) {
      if (order_.size() > max_states_) {
        result_.complete = false;
        result_.gave_up_at = std::to_string(max_states_) + " states";
        return;
      }
      for (std::size_t cache = 0; cache < caches_ && result_.ok; ++cache)
        for (const Event event : {Event::Load, Event::Store, Event::Rmw, Event::Replace}) {
          if (event == Event::Replace && order_[at].world.lines[cache].state == State::I) continue;
          take_step(at, cache, event);
          if (!result_.ok) break;
        }
    }
  }

  void take_step(std::size_t from, std::size_t cache, Event event) {
    World world = order_[from].world;
    CheckStep step = serve(world, cache, event);
    check(world);
    ++result_.transitions;
    if (violation_.empty()) return add(world, from, order_[from].depth + 1, std::move(step));
    result_.ok = false;
    result_.violation = violation_;
    result_.trace = way_to(from);
    result_.trace.push_back(std::move(step));
  }

  CheckStep serve(World& world, std::size_t cache, Event event) {
    const auto self = static_cast<NodeId>(cache);
    CheckStep step;
    step.kind = event == Event::Replace ? CheckStep::Kind::replace : CheckStep::Kind::access;
    step.cache = static_cast<int>(cache);
    step.event = name_of(event);
    step.before = name_of(world.lines[cache].state);
    Access access(*this, world, event);
    Tenure<P> tenure(table_);
    const auto others = [&](auto&& f) {
      for (std::size_t i = 0; i < caches_; ++i)
        if (i != cache) f(static_cast<NodeId>(i), world.lines[i]);
    };
    const auto note = [&](NodeId who, State before, Event on, State after) {
      ++visits_[index(before) * TableView<Context<P>>::events + index(on)];
      if (before == after && on > Event::OwnUpdShared) return;  // nothing changes at an onlooker
      step.text += (step.text.empty() ? "" : ", ") +
                   describe_change("cache " + std::to_string(who), name_of(before), name_of(after)) + " on " +
                   std::string(name_of(on));
    };
    if (!tenure.serve(self, world.lines[cache], event, access, world.memory, others, note)) {
      const auto& fault = tenure.fault();
      violate(fault.missing ? impossible("cache " + std::to_string(fault.cache), name_of(fault.state),
                                         name_of(fault.event))
                            : "the access is never performed");
    }
    step.after = name_of(world.lines[cache].state);
    if (event == Event::Replace) {
      if (world.lines[cache].state != State::I) violate("a line that is replaced stays");
    } else if (!access.performed_once()) {
      violate("the access is not performed once");
    }
    if (event == Event::Store || event == Event::Rmw) step.text += "; stores " + std::to_string(world.golden);
    return step;
  }

  void check(const World& world) {
    std::size_t readers = 0;
    std::size_t writers = 0;
    std::size_t responsible = 0;
    for (std::size_t i = 0; i < caches_; ++i) {
      const CacheLine& line = world.lines[i];
      if (writes_back(line.state)) ++responsible;
      if (may_write<P>(table_, line.state)) ++writers;
      if (!may_read<P>(table_, line.state)) continue;
      ++readers;
      if (line.data != world.golden)
        violate("data value: cache " + std::to_string(i) + " may read " + std::to_string(line.data) +
                ", the last store wrote " + std::to_string(world.golden));
    }
    if (writers > 1 || (writers == 1 && readers > 1))
      violate("SWMR: " + std::to_string(writers) + " caches may write, " + std::to_string(readers) +
              " may read");
    if (responsible > 1 || (responsible == 0 && world.memory != world.golden))
      violate("memory: " + std::to_string(responsible) + " caches are responsible for memory, which holds " +
              std::to_string(world.memory) + "; the last store wrote " + std::to_string(world.golden));
  }

  bool writes_back(State state) const {
    const int row = table_.find(state, Event::Replace);
    return row >= 0 && table_.rows()[static_cast<std::size_t>(row)].has(Effect::sends);
  }

  void add(const World& world, std::size_t parent, std::uint64_t depth, CheckStep step) {
    if (!known_.try_emplace(key_of(world), order_.size()).second) return;
    order_.push_back({world, parent, depth, std::move(step)});
    result_.depth = std::max(result_.depth, depth);
  }

  std::vector<CheckStep> way_to(std::size_t state) const {
    std::vector<CheckStep> steps;
    for (; state != 0; state = order_[state].parent) steps.insert(steps.begin(), order_[state].step);
    return steps;
  }

  TableView<Context<P>> table_;
  std::size_t caches_;
  Value values_;
  std::uint64_t max_states_;
  std::vector<std::uint64_t> visits_;
  std::map<Key, std::size_t> known_;
  std::vector<Known> order_;
  CheckResult result_;
  std::string violation_;  ///< of the step being tried
};

}  // namespace baton::snooping
