#pragma once
// The store buffer of a core with total store order (TSO): Sewell, Sarkar, Owens, Zappa Nardelli, Myreen,
// "x86-TSO", CACM 2010; Primer, 2nd ed., chapter 4. Stores retire into a queue and reach the cache in order,
// one at a time, each as it would have under sequential consistency; loads look into the queue first.
//
// What the core does with it is in core_tso.cpp. Hardware also asks for the lines of stores that are not yet
// the oldest; this buffer does not.

#include <deque>
#include <optional>

#include "sim/machine/cache_front.hpp"
#include "sim/machine/shared.hpp"

namespace baton::sim {

class StoreBuffer final : private Sleeper {
 public:
  /// A store, or the part of one within a line.
  struct Entry {
    traces::Operation operation;
    LineNumber line = 0;
    Value value = 0;     ///< that its word gets; of programs
    bool whole = false;  ///< the operation lies within the line
  };

  /// The core, as its buffer sees it.
  class Owner {
   public:
    /// The entry is performed now on this content of its line; returns the content afterwards.
    virtual Value drain(const Entry& entry, Value content) = 0;
    /// The oldest entry has gone. Its cache access ends at `ready`.
    virtual void popped(Cycle ready) = 0;

   protected:
    ~Owner() = default;
  };

  /// The ticket of its accesses to the cache: no core has so many in flight.
  static constexpr Ticket ticket = ~Ticket{0};

  /// hit_cycles: of the core, from a drained store to the next.
  StoreBuffer(Owner& owner, NodeId node, Shared& shared, Cycle hit_cycles);
  void set_cache(CacheFront& cache) { cache_ = &cache; }

  bool empty() const { return entries_.empty(); }
  bool full() const { return entries_.size() == capacity_; }
  /// The buffer must not be full. The store can drain in the next cycle.
  void push(const Entry& entry);

  /// What the buffer has for a load.
  enum class Finds : std::uint8_t {
    nothing,
    all,   ///< one store has all its bytes: they are forwarded
    part,  ///< the load must wait until that store has drained
  };
  struct Found {
    Finds what = Finds::nothing;
    Value value = 0;  ///< Finds::all
  };
  /// The youngest store that overlaps with the load decides.
  Found find(const traces::Operation& load) const;

  // What the cache says of `ticket`.
  Value perform(Value content) { return owner_.drain(entries_.front(), content); }
  void completed();
  void retry();

  /// The oldest entry and since when its access waits; nothing: none has begun.
  struct Waiting {
    LineNumber line;
    Cycle since;
  };
  std::optional<Waiting> waiting() const;

 private:
  void wake() override;
  void pop(Cycle ready);
  void note_transaction(Cycle ready) const;

  Owner& owner_;
  NodeId node_;
  Shared& shared_;
  Cycle hit_cycles_;
  std::size_t capacity_;
  std::uint32_t sleeper_;
  CacheFront* cache_ = nullptr;
  std::deque<Entry> entries_;
  Cycle free_ = 0;          // when the next entry can go
  bool in_flight_ = false;  // the oldest entry has missed
  bool refused_ = false;    // the cache has no room for its miss
  Cycle since_ = 0;         // its first attempt
};

}  // namespace baton::sim
