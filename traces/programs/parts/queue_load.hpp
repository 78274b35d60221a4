#pragma once
// The load that all queues are compared under: who enqueues and dequeues which elements, and whether each
// came through exactly once and in order. A queue's program adds the queue.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "traces/programs/parts/parameters.hpp"

namespace baton::programs {

inline constexpr std::string_view queue_mode_choices[] = {"enqueue", "pairs", "producers_consumers"};
inline constexpr std::string_view waiting_choices[] = {"spin", "yield"};

inline constexpr Parameter queue_parameters[] = {
    {"elements", Parameter::Type::integer, 10'000, 1, 1e9, "", "enqueued by all threads together"},
    {"mode", Parameter::Type::choice, 0, 0, std::size(queue_mode_choices) - 1, "",
     "all threads only enqueue, or each enqueues and dequeues in turn, or some enqueue and the others "
     "dequeue",
     queue_mode_choices},
    {"consumers", Parameter::Type::integer, 0, 0, 1e6, "",
     "threads that dequeue in mode producers_consumers, those with the highest numbers; 0: half of them"},
    {"work_cycles", Parameter::Type::integer, 0, 0, 1e9, "cycles", "other work after each operation"},
    {"waiting", Parameter::Type::choice, 0, 0, 1, "",
     "a thread that finds nothing to dequeue, or no room, looks again at once or yields its core first",
     waiting_choices},
    {"capacity", Parameter::Type::integer, 0, 0, 1e9, "elements",
     "room in a queue that is bounded; 0: for all elements in mode enqueue, else for 1024"},
};

enum class QueueMode : std::uint8_t { enqueue, pairs, producers_consumers };  // as queue_mode_choices
inline QueueMode queue_mode(const ParameterValues& values) {
  return static_cast<QueueMode>(values.integer("mode"));
}
/// In elements.
std::uint64_t queue_capacity(const ParameterValues& values);

inline bool yields_when_waiting(const ParameterValues& values) {
  return values.choice("waiting") == "yield";
}
/// Between two looks at what a thread waits for.
Task<> wait_a_moment(Thread& t, bool yields);

/// bounded: the queue has room for queue_capacity().
std::vector<ParameterError> check_queue(const ParameterValues& values, std::uint32_t threads, bool bounded);

/// Which elements are whose. Elements are numbered from 0, each producer's are consecutive.
class QueueShares {
 public:
  QueueShares(const ParameterValues& values, std::uint32_t threads);

  std::uint64_t elements() const { return elements_; }
  std::uint32_t producers() const { return producers_; }
  std::uint64_t enqueued_by(std::uint32_t thread) const;
  std::uint64_t dequeued_by(std::uint32_t thread) const;
  bool anyone_dequeues() const { return consumers_ != 0; }
  /// The first element of a producer.
  std::uint64_t first_of(std::uint32_t producer) const;
  std::uint32_t producer_of(std::uint64_t element) const;
  /// The most elements of one producer.
  std::uint64_t most_of_one() const { return (elements_ + producers_ - 1) / producers_; }

 private:
  std::uint64_t elements_;
  std::uint32_t producers_;       // threads 0 ..
  std::uint32_t consumers_;       // the last ones
  std::uint32_t first_consumer_;  // 0 if all threads do both
};

/// The element as a word: not 0, which is in words that nobody has written.
constexpr std::uint64_t value_of(std::uint64_t element) {
  return element + 1;
}

class Queue {
 public:
  using Visit = std::function<void(std::uint64_t value)>;

  virtual ~Queue() = default;
  /// Returns when it is done; waits while there is no room.
  virtual Task<> enqueue(Thread& t, std::uint64_t value) = 0;
  /// The value dequeued; nothing if there is none in the queue. A queue may also wait until there is one.
  virtual Task<std::optional<std::uint64_t>> dequeue(Thread& t) = 0;
  /// When all threads have ended: visits what the queue holds in memory, at most `most` values, the next to
  /// be dequeued first. Returns what is wrong with the queue's own words, or nothing.
  virtual std::optional<std::string> walk(const Contents& memory, std::uint64_t most,
                                          const Visit& visit) const = 0;
};

/// What became of each element: it is dequeued once or found in the queue once, in the order in which its
/// producer has enqueued it. Memory: 8 bytes an element and 4 a thread, if anyone dequeues.
class ElementRecord {
 public:
  ElementRecord(const QueueShares& shares, std::uint32_t threads);

  /// Of one thread in the order in which it dequeues.
  void dequeued(std::uint32_t thread, std::uint64_t value);
  /// After the run, in the queue's order.
  std::optional<std::string> check(const Contents& memory, const Queue& queue) const;

 private:
  struct Fate {
    std::uint32_t consumer = 0;
    std::uint32_t place = 0;  // among what this consumer has dequeued, from 1; 0: nobody has
  };
  std::optional<std::string> check_content(const Contents& memory, const Queue& queue) const;
  std::optional<std::string> check_order() const;

  const QueueShares& shares_;
  std::vector<Fate> fates_;           // by element
  std::vector<std::uint32_t> taken_;  // by thread
  std::string failure_;               // the first that was seen during the run
};

/// The instance of a queue's program. Kinds: enqueue, dequeue. A thread that finds the queue empty although
/// an element must be in it fails at once: it might look for ever.
class QueueRun final : public Instance {
 public:
  QueueRun(Setup& setup, std::unique_ptr<Queue> queue);

  Task<> run(Thread& t) override;
  std::optional<std::string> self_check(const Contents& memory) const override;

 private:
  Task<> dequeue(Thread& t);

  QueueShares shares_;
  std::uint64_t work_cycles_;
  bool yields_;
  std::unique_ptr<Queue> queue_;
  ElementRecord record_;
  std::uint64_t enqueued_ = 0;  // enqueues that have ended
  std::uint64_t dequeues_ = 0;  // dequeues that have begun
  OperationKind enqueue_, dequeue_;
  Counter empty_;
};

}  // namespace baton::programs
