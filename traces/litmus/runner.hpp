#pragma once
// Executes a thread of a litmus test up to its next access to memory or fence. Who runs it (the machine, the
// abstract machine of model.hpp) decides what memory answers.

#include "traces/litmus/test.hpp"

namespace baton::litmus {

/// What a thread asks of memory.
struct Request {
  Does does = Does::fence;
  Order order = Order::relaxed;
  std::size_t location = 0;
  Number operand = 0;
  Number expected = 0;

  /// A store that total store order may keep in a buffer.
  bool may_be_buffered() const { return does == Does::store && order != Order::seq_cst; }
  /// Total store order performs all earlier stores before it.
  bool drains() const {
    return is_rmw(does) || (order == Order::seq_cst && (does == Does::fence || does == Does::store));
  }
  bool writes(Number seen) const {
    return does == Does::store || (is_rmw(does) && (does != Does::compare_exchange || seen == expected));
  }
  /// What the word has afterwards, where writes(seen).
  Number left(Number seen) const;
};

class Runner {
 public:
  explicit Runner(const Test& test, std::size_t thread);

  /// Runs to the next request. False: the thread has ended. Throws traces::InputError for an address that is
  /// no location's.
  bool advance();
  const Request& request() const { return request_; }
  /// The request is done and found `seen` in its word (any number for stores and fences).
  void answer(Number seen);

  /// Where it is and what it knows: equal for equal futures.
  std::size_t place() const { return at_; }
  const std::vector<Number>& registers() const { return registers_; }

 private:
  const Test* test_;
  const Thread* thread_;
  std::size_t at_ = 0;
  std::vector<Number> registers_;
  Request request_;
};

}  // namespace baton::litmus
