#pragma once
// The nodes of linked queues: where a node comes from, and where it goes when its element has been dequeued.

#include <vector>

#include "traces/programs/parts/free_stack.hpp"
#include "traces/programs/parts/queue_load.hpp"

namespace baton::programs {

inline constexpr std::string_view node_choices[] = {"fresh", "own", "shared"};

inline constexpr Parameter node_parameters[] = {
    {"nodes", Parameter::Type::choice, 0, 0, std::size(node_choices) - 1, "",
     "where a node comes from: memory never used before, from an arena of each thread; or the nodes that "
     "this "
     "thread has freed (in mode pairs; each begins with one); or a lock-free stack of `capacity` nodes that "
     "all threads share",
     node_choices},
    {"versioned", Parameter::Type::flag, 1, 0, 1, "",
     "words that are compared and swapped count their changes; without it, reused nodes make the queue "
     "wrong"},
    placement_parameter("placement", "how the nodes lie in lines"),
    placement_parameter("ends", "how head, tail and locks lie in lines"),
    padding_parameter(),
};

inline std::vector<ParameterError> check_nodes(const ParameterValues& values, std::uint32_t threads) {
  const bool shared = values.choice("nodes") == "shared";
  std::vector<ParameterError> errors = both(check_padding(values), check_queue(values, threads, shared));
  if (values.choice("nodes") == "own" && queue_mode(values) != QueueMode::pairs)
    errors.push_back({"nodes", "only a thread that dequeues has freed nodes, found own in mode " +
                                   std::string(values.choice("mode")) + ", allowed in mode pairs"});
  return errors;
}

/// A node has two words. Memory of the simulator: 8 bytes a thread besides the nodes.
class QueueNodes {
 public:
  static constexpr std::uint64_t words = 2;
  static Address next_of(Address node) { return node; }
  static Address value_in(Address node) { return node + word_bytes; }

  QueueNodes(Setup& setup, const QueueShares& shares, VersionedWords versions)
      : source_(static_cast<Source>(setup.parameters.integer("nodes"))),
        yields_(yields_when_waiting(setup.parameters)) {
    const Placement placement = placement_of(setup.parameters, "placement");
    switch (source_) {
      case Source::fresh:
        // An arena begins a line: threads share no line of nodes, however the nodes lie.
        stride_bytes_ = placement.kind == Placement::Kind::own_line
                            ? setup.memory.array(0, words).stride_bytes
                            : words * word_bytes + placement.padding_bytes;
        nodes_ = setup.memory.array(shares.producers(), shares.most_of_one() * stride_bytes_ / word_bytes);
        next_.resize(shares.producers());
        for (std::size_t i = 0; i < next_.size(); ++i) next_[i] = nodes_[i];
        break;
      case Source::own:
        nodes_ = setup.memory.array(setup.threads(), words, placement);
        next_.resize(setup.threads());
        for (std::size_t i = 0; i < next_.size(); ++i) next_[i] = nodes_[i];
        break;
      case Source::shared:
        nodes_ = setup.memory.array(queue_capacity(setup.parameters), words, placement);
        stack_.emplace(setup, versions, value_in(0));
        stack_->fill(setup.memory, nodes_);
        full_ = setup.counter("found_full");
        break;
    }
  }

  /// Waits while there is none.
  Task<Address> take(Thread& t) {
    if (source_ == Source::shared) {
      Address node = co_await stack_->pop(t);
      while (node == 0) {
        t.count(full_);
        co_await wait_a_moment(t, yields_);
        node = co_await stack_->pop(t);
      }
      co_return node;
    }
    const Address node = next_[t.index()];
    if (source_ == Source::fresh) {
      next_[t.index()] += stride_bytes_;
    } else {
      if (node == 0) throw ProgramFailure("thread " + std::to_string(t.index()) + " has no free node");
      next_[t.index()] = co_await t.load(value_in(node));
    }
    co_return node;
  }

  /// A node that the thread has taken out of the queue. Others may still look at it.
  Task<> give(Thread& t, Address node) {
    if (source_ == Source::shared) co_await stack_->push(t, node);
    if (source_ != Source::own) co_return;
    co_await t.store(value_in(node), next_[t.index()]);
    next_[t.index()] = node;
  }

  bool reused() const { return source_ != Source::fresh; }

 private:
  enum class Source : std::uint8_t { fresh, own, shared };  // as node_choices

  Source source_;
  bool yields_;
  std::uint64_t stride_bytes_ = 0;  // fresh
  Array nodes_;                     // fresh: a thread's arena each
  // Fresh: the thread's next one. Own: its free nodes, linked by their value words; 0: none. What a thread
  // has in a register: each element is one thread's.
  std::vector<Address> next_;
  std::optional<FreeStack> stack_;
  Counter full_;
};

}  // namespace baton::programs
