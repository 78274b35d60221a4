#pragma once
// A protocol's tables alone: every message is delivered before the next access starts.

#include <deque>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "protocols/core/variant.hpp"

namespace baton::test {

/// One line in N caches and its home, which has a node of its own.
template <class P>
class Untimed {
 public:
  using Event = typename P::CacheEvent;
  using Counts = std::map<std::string, int>;

  Untimed(const OptionValues& options, NodeId caches) : variant_(P::variant(options)), lines_(caches) {}

  /// Runs the access and everything that follows from it; returns the messages sent, by kind.
  Counts run(NodeId cache, Event event) {
    counts_.clear();
    at_cache(cache, event, {});
    deliver();
    return counts_;
  }
  /// The home gives the entry up; returns the messages of the recall.
  Counts recall() {
    counts_.clear();
    Message message;
    message.requestor = no_node;
    step_home(message, P::classify_recall(home_));
    deliver();
    return counts_;
  }
  Counts rmw(NodeId cache) { return run(cache, Event::Rmw); }
  Counts read(NodeId cache) { return run(cache, Event::Load); }
  Counts write(NodeId cache) { return run(cache, Event::Store); }
  Counts replace(NodeId cache) { return run(cache, Event::Replace); }
  typename P::CacheState state(NodeId cache) const { return lines_[cache].state; }

 private:
  struct Access final : PendingAccess {
    Value perform(Value content) override { return content + 1; }
    void perform_snapshot(Value) override {}
    void performed_at_home() override {}
  };

  void at_cache(NodeId cache, Event event, const Message& message) {
    std::vector<Message> out;
    Access access;
    CacheContext<P> context{lines_[cache], message, access, out, cache, home_node()};
    REQUIRE(step(variant_.cache, lines_[cache].state, event, context) == StepResult::done);
    send(out);
  }
  struct Far final : FarAccess {
    Value perform(NodeId, LineNumber, Value content) override { return content + 1; }
  };
  void deliver() {
    while (!queue_.empty()) {
      const Message message = queue_.front();
      queue_.pop_front();
      if (message.receiver == Unit::home)
        step_home(message, P::classify(home_, message));
      else
        at_cache(message.destination, P::classify(lines_[message.destination], message), message);
    }
  }
  void step_home(const Message& message, typename P::HomeEvent event) {
    std::vector<Message> out;
    Far far;
    HomeContext<P> context{home_, message, out, home_node(), home_node(), variant_.format, &far};
    REQUIRE(step(variant_.home, home_.state, event, context) == StepResult::done);
    send(out);
  }
  void send(const std::vector<Message>& out) {
    for (const auto& message : out) ++counts_[std::string(P::kinds[message.kind].name)];
    queue_.insert(queue_.end(), out.begin(), out.end());
  }
  NodeId home_node() const { return static_cast<NodeId>(lines_.size()); }

  Variant<P> variant_;
  std::vector<typename P::Line> lines_;
  typename P::Entry home_;
  std::deque<Message> queue_;
  Counts counts_;
};

using Counts = std::map<std::string, int>;

inline int total(const Counts& counts) {
  int sum = 0;
  for (const auto& [kind, count] : counts) sum += count;
  return sum;
}

}  // namespace baton::test
