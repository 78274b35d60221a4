#pragma once
// Sockets: packets come in from the network's side and are received by the application.
//
// Linux (include/net/sock.h, net/core/sock.c): sk_lock is a spin lock and a word that says whether a process
// owns the socket. lock_sock() takes the spin lock, waits asleep until nobody owns the socket, and owns it;
// release_sock() gives it up. A packet that comes in while the socket is owned goes to its backlog
// (sk_add_backlog()), which release_sock() works off before it gives the socket up; else it is processed at
// once, under the spin lock. The other design is a ring of cells with sequence numbers: D. Vyukov, "Bounded
// MPMC queue" (1024cores.net). It needs no lock; a thread that is stopped between its two steps nevertheless
// stops those behind it.
//
// Modelled: the lock, the owner's word, the two queues and the packets' first lines. Not modelled: protocols
// (socket_cycles stands for them), limits at which packets are dropped, waiting for packets in sleep.

#include <algorithm>
#include <memory>

#include "traces/programs/parts/inventory.hpp"
#include "traces/programs/parts/lock.hpp"

namespace baton::programs {

/// For programs that have padding_parameter() and locks, too.
inline constexpr Parameter socket_parameters[] = {
    {"sockets", Parameter::Type::integer, 1, 1, 65536, "", "each packet goes to and comes from a random one"},
    {"socket_cycles", Parameter::Type::integer, 500, 0, 1e6, "cycles",
     "the protocol's work for each packet that comes in, and again for each that is received; under the lock "
     "or as "
     "the socket's owner, where there is one; no source, swept by configs/systems_sensitivity.json"},
    {"cells", Parameter::Type::integer, 1024, 2, 65536, "packets",
     "lock_free: of a ring; as many as there are packets if threads could otherwise fill it before they "
     "receive"},
    placement_parameter("cell_placement", "how a ring's cells, two words each, lie in lines"),
};

struct SocketNames {
  explicit SocketNames(Setup& setup)
      : deliver(setup.phase("deliver")),
        receive(setup.phase("receive")),
        lock(setup.phase("socket_lock")),
        backlog(setup.phase("backlog")),
        backlogged(setup.counter("backlogged")),
        owner_waits(setup.counter("owner_waits")),
        empty(setup.counter("empty_receives")),
        full(setup.counter("full_rings")),
        cas_attempts(setup.counter("ring_cas_attempts")),
        cas_failures(setup.counter("ring_cas_failures")),
        backoff(setup.parameters) {}
  PhaseName deliver, receive, lock, backlog;
  Counter backlogged;   ///< packets that came in while the socket was owned
  Counter owner_waits;  ///< times that a process slept for the socket
  Counter empty;        ///< looks into a socket that had no packet
  Counter full;         ///< looks at a ring that had no room
  Counter cas_attempts, cas_failures;
  Backoff backoff;  ///< of compare-and-swap loops
};

class Socket {
 public:
  Socket(const Blocks& packets, const SocketNames& names, std::uint64_t cycles)
      : packets_(packets), names_(names), cycles_(cycles) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  virtual ~Socket() = default;

  /// A packet comes in.
  Task<> deliver(Thread& t, Block packet) {
    const auto phase = t.phase(names_.deliver);
    ++coming_in_;
    co_await put(t, packet);
    --coming_in_;
  }
  /// Takes the packet that came in first; waits until there is one. No more may be awaited than are
  /// delivered: throws ProgramFailure if one of them has been lost.
  Task<Block> receive(Thread& t) {
    const auto phase = t.phase(names_.receive);
    for (std::uint32_t waits = 0; waits < most_waits;) {
      const Block packet = co_await try_receive(t);
      if (packet != 0) co_return packet;
      t.count(names_.empty);
      waits = coming_in_ == 0 ? waits + 1 : 0;
      co_await wait(t);
    }
    throw ProgramFailure("thread " + std::to_string(t.index()) +
                         " finds no packet in a socket: one has been lost");
  }
  virtual void add_to(Inventory& inventory, const Contents& memory) const = 0;

 protected:
  virtual Task<> put(Thread& t, Block packet) = 0;
  /// 0: there is none.
  virtual Task<Block> try_receive(Thread& t) = 0;

  static Task<> wait(Thread& t) {
    co_await t.pause();
    co_await t.yield();
  }

  const Blocks& packets_;
  const SocketNames& names_;
  std::uint64_t cycles_;

 private:
  // While no packet is on its way in, each that is awaited can be had at once.
  static constexpr std::uint32_t most_waits = 1000;

  std::uint32_t coming_in_ = 0;  // only to notice that packets have been lost
};

/// Packets linked through their first words, first in first out; whoever may change it is its user's matter.
class PacketQueue {
 public:
  PacketQueue(Setup& setup, const Blocks& packets) : packets_(packets), head_(setup.memory.object(2)) {}

  Task<> push(Thread& t, Block packet) {
    co_await t.store(packets_.link(packet), 0);
    const Block last = co_await t.load(tail());
    co_await t.store(last == 0 ? head_ : packets_.link(last), packet);
    co_await t.store(tail(), packet);
  }
  /// 0: it is empty.
  Task<Block> pop(Thread& t) {
    const Block packet = co_await t.load(head_);
    if (packet == 0) co_return 0;
    const Block next = co_await t.load(packets_.link(packet));
    co_await t.store(head_, next);
    if (next == 0) co_await t.store(tail(), 0);
    co_return packet;
  }
  /// Takes all, for who follows the links; the first one.
  Task<Block> pop_all(Thread& t) {
    const Block first = co_await t.load(head_);
    if (first == 0) co_return 0;
    co_await t.store(head_, 0);
    co_await t.store(tail(), 0);
    co_return first;
  }
  void add_to(Inventory& inventory, const Contents& memory, const char* place) const {
    inventory.found_list(memory, packets_, memory.last(head_), {}, place);
  }

 private:
  Address tail() const { return head_ + word_bytes; }

  const Blocks& packets_;
  Address head_;  // the tail is the next word
};

class LockedSocket final : public Socket {
 public:
  LockedSocket(Setup& setup, const Blocks& packets, const SocketNames& names, std::uint64_t cycles,
               LockKind kind)
      : Socket(packets, names, cycles),
        lock_(make_lock(setup, kind)),
        owned_(setup.memory.object()),
        received_(setup, packets),
        backlog_(setup, packets) {}

  Task<> put(Thread& t, Block packet) override {
    co_await spin_lock(t);
    const std::uint64_t owned = co_await t.load(owned_);
    if (owned == nobody) {
      co_await t.compute(cycles_);
      co_await received_.push(t, packet);
    } else {
      t.count(names_.backlogged);
      co_await backlog_.push(t, packet);
    }
    co_await lock_->release(t);
  }

  void add_to(Inventory& inventory, const Contents& memory) const override {
    received_.add_to(inventory, memory, "a socket's receive queue");
    backlog_.add_to(inventory, memory, "a socket's backlog");
    inventory.check(lock_->is_free(memory) && memory.last(owned_) == nobody,
                    "a socket is still locked or owned");
  }

 private:
  // What owned_ holds.
  static constexpr std::uint64_t nobody = 0, owner = 1, owner_and_waiters = 2;

  Task<Block> try_receive(Thread& t) override {
    co_await lock_sock(t);
    const Block packet = co_await received_.pop(t);
    if (packet != 0) co_await t.compute(cycles_);
    co_await release_sock(t);
    co_return packet;
  }

  Task<> spin_lock(Thread& t) {
    const auto phase = t.phase(names_.lock);
    co_await lock_->acquire(t);
  }

  // Waiters sleep on the word itself; who has waited cannot know whether others still do, and says that they
  // do, as in U. Drepper, "Futexes Are Tricky" (2011), mutex 2.
  Task<> lock_sock(Thread& t) {
    std::uint64_t own = owner;
    co_await spin_lock(t);
    for (;;) {
      const std::uint64_t owned = co_await t.load(owned_);
      if (owned == nobody) break;
      if (owned != owner_and_waiters) co_await t.store(owned_, owner_and_waiters);
      co_await lock_->release(t);
      t.count(names_.owner_waits);
      co_await t.futex_wait(owned_, owner_and_waiters);
      own = owner_and_waiters;
      co_await spin_lock(t);
    }
    co_await t.store(owned_, own);
    co_await lock_->release(t);
  }

  Task<> release_sock(Thread& t) {
    co_await spin_lock(t);
    for (;;) {
      Block packet = co_await backlog_.pop_all(t);
      if (packet == 0) break;
      const auto phase = t.phase(names_.backlog);
      co_await lock_->release(t);
      while (packet != 0) {
        const Block next = co_await t.load(packets_.link(packet));
        co_await t.compute(cycles_);
        co_await received_.push(t, packet);
        packet = next;
      }
      co_await spin_lock(t);
    }
    const std::uint64_t owned = co_await t.load(owned_);
    co_await t.store(owned_, nobody);
    co_await lock_->release(t);
    if (owned == owner_and_waiters) co_await t.futex_wake(owned_, 1);
  }

  std::unique_ptr<Lock> lock_;
  Address owned_;
  PacketQueue received_;  // of the owner, or under the lock while there is none
  PacketQueue backlog_;   // under the lock
};

class RingSocket final : public Socket {
 public:
  /// `cells`: of the ring, 2 or more.
  RingSocket(Setup& setup, const Blocks& packets, const SocketNames& names, std::uint64_t cycles,
             std::uint64_t cells)
      : Socket(packets, names, cycles),
        cells_(setup.memory.array(cells, 2, placement_of(setup.parameters, "cell_placement"))),
        put_(setup.memory.object()),
        taken_(setup.memory.object()) {
    for (std::uint64_t i = 0; i < cells; ++i) setup.memory.set(cells_[i], i);
  }

  Task<> put(Thread& t, Block packet) override {
    co_await t.compute(cycles_);
    Backoff::Delays delays = names_.backoff.delays();
    std::uint64_t position = co_await t.load(put_);
    for (;;) {
      const Claim claim = co_await claim_cell(t, delays, put_, position, position);
      if (claim == Claim::claimed) break;
      if (claim == Claim::lost) {
        position = co_await counter_after(t, put_, position);
        continue;
      }
      t.count(names_.full);
      co_await wait(t);
      position = co_await t.load(put_);
    }
    const Address cell = cells_[position % cells_.size];
    co_await t.store(cell + word_bytes, packet);
    co_await t.store(cell, position + 1);  // the cell is full
  }

  void add_to(Inventory& inventory, const Contents& memory) const override {
    const std::uint64_t end = memory.last(put_);
    for (std::uint64_t i = memory.last(taken_); i < end; ++i)
      if (!inventory.found(memory.last(cells_[i % cells_.size] + word_bytes), "a socket's ring")) break;
  }

 private:
  enum class Claim : std::uint8_t { claimed, lost, not_yet };

  // A cell's first word is its sequence number: the position for which it is empty, or that plus one when it
  // is full. `counter`: the positions given out; `position`: what it was; `sequence`: of a cell that is
  // ready.
  Task<Claim> claim_cell(Thread& t, Backoff::Delays& delays, Address counter, std::uint64_t position,
                         std::uint64_t sequence) {
    const std::uint64_t seen = co_await t.load(cells_[position % cells_.size]);
    if (seen < sequence) co_return Claim::not_yet;
    if (seen > sequence) co_return Claim::lost;
    t.count(names_.cas_attempts);
    const Compared swapped = co_await t.compare_exchange(counter, position, position + 1);
    if (swapped) co_return Claim::claimed;
    t.count(names_.cas_failures);
    co_await t.compute(delays.next(t));
    co_return Claim::lost;
  }

  // A counter that has left `position` behind, as a cell or a failed compare-and-swap has shown.
  static Task<std::uint64_t> counter_after(Thread& t, Address counter, std::uint64_t position) {
    const std::uint64_t now = co_await t.load(counter);
    if (now == position)
      throw ProgramFailure("a ring's counter is still " + std::to_string(now) + ", which a cell has passed");
    co_return now;
  }

  Task<Block> try_receive(Thread& t) override {
    Backoff::Delays delays = names_.backoff.delays();
    std::uint64_t position = co_await t.load(taken_);
    for (;;) {
      const Claim claim = co_await claim_cell(t, delays, taken_, position, position + 1);
      if (claim == Claim::not_yet) co_return 0;
      if (claim == Claim::claimed) break;
      position = co_await counter_after(t, taken_, position);
    }
    const Address cell = cells_[position % cells_.size];
    const Block packet = co_await t.load(cell + word_bytes);
    co_await t.store(cell, position + cells_.size);  // the cell is empty
    co_await t.compute(cycles_);
    co_return packet;
  }

  Array cells_;
  Address put_;    // packets that came in
  Address taken_;  // and that were received
};

/// `burst`: packets that a thread delivers before it receives any.
inline std::unique_ptr<Socket> make_socket(Setup& setup, const Blocks& packets, const SocketNames& names,
                                           std::uint64_t burst, bool locked, LockKind lock) {
  const std::uint64_t cycles = setup.parameters.integer("socket_cycles");
  if (locked) return std::make_unique<LockedSocket>(setup, packets, names, cycles, lock);
  // With one packet a time, a ring that is full has threads that receive.
  const std::uint64_t cells = setup.parameters.integer("cells");
  const std::uint64_t needed = burst == 1 ? 0 : packets.count();
  return std::make_unique<RingSocket>(setup, packets, names, cycles, std::max(cells, needed));
}

}  // namespace baton::programs
