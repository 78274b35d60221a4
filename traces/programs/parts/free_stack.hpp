#pragma once
// A lock-free stack of free nodes that all threads share: Treiber, "Systems programming: coping with
// parallelism", IBM RJ 5118, 1986, with a version in the head against ABA. A free node's link is its word
// `link_offset`; it is overwritten by whoever takes the node, so a slow thread may read anything there, and
// then fails.

#include "traces/programs/parts/backoff.hpp"
#include "traces/programs/parts/versioned.hpp"

namespace baton::programs {

class FreeStack {
 public:
  /// link_offset: in bytes, within a node.
  FreeStack(Setup& setup, VersionedWords words, std::uint64_t link_offset)
      : words_(words),
        link_offset_(link_offset),
        head_(setup.memory.object()),
        attempts_(setup.counter("free_attempts")),
        failures_(setup.counter("free_failures")) {}

  /// Before the run: puts all nodes onto the empty stack, the first on top.
  void fill(Arena& memory, const Array& nodes) const {
    for (std::uint64_t i = 0; i + 1 < nodes.size; ++i)
      memory.set(nodes[i] + link_offset_, VersionedWords::first(nodes[i + 1]));
    memory.set(head_, VersionedWords::first(nodes[0]));
  }

  Task<> push(Thread& t, Address node) {
    for (;;) {
      const std::uint64_t head = co_await t.load(head_);
      co_await t.store(node + link_offset_, VersionedWords::first(VersionedWords::node(head)));
      if (co_await swing(t, head, node)) co_return;
    }
  }
  /// 0 if the stack is empty.
  Task<Address> pop(Thread& t) {
    for (;;) {
      const std::uint64_t head = co_await t.load(head_);
      const Address node = VersionedWords::node(head);
      if (node == 0) co_return 0;
      const std::uint64_t link = co_await t.load(node + link_offset_);
      if (co_await swing(t, head, VersionedWords::node(link))) co_return node;
    }
  }

 private:
  Task<bool> swing(Thread& t, std::uint64_t head, Address to) {
    t.count(attempts_);
    const Compared done = co_await t.compare_exchange(head_, head, words_.next(head, to));
    if (!done) t.count(failures_);
    co_return done.success;
  }

  VersionedWords words_;
  std::uint64_t link_offset_;
  Address head_;
  Counter attempts_, failures_;
};

}  // namespace baton::programs
