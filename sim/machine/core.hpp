#pragma once
// A core: runs one operation stream, in order. With one outstanding load it is sequentially consistent: an
// access starts when the one before has completed.
//
// Timing: an access is issued `gap_cycles` after the core is ready; a hit makes the core ready hit_cycles
// later, a miss hit_cycles after its transaction has ended (the access is then performed like a hit).
//
// Streaming through hits. Whether the next accesses hit depends only on the cache, which changes only when a
// message reaches it. So the core plans ahead: it probes the accesses to come, without changing anything, up
// to the first that misses, and sleeps until then. When a message arrives first, it commits exactly the hits
// issued before that cycle, and keeps the rest of its plan unless the message changed a line in it. With
// exact_events it plans nothing and wakes for every access; the results are the same to the last counter
// (tests/machine/exact_events.cpp).

#include <memory>
#include <optional>
#include <vector>

#include "sim/machine/cache_front.hpp"
#include "sim/machine/shared.hpp"
#include "sim/machine/speed.hpp"

namespace baton::sim {

class Core : public sc_core::sc_module, public CorePort, private Sleeper {
 public:
  sc_core::sc_port<CacheFront> cache;

  Core(const sc_core::sc_module_name& name, NodeId node, Shared& shared);

  /// The program; null: the core idles. Before the run starts.
  void set_stream(std::unique_ptr<traces::OperationStream> stream);

  /// Who hands single operations to a core that has no stream of its own.
  class Dispatcher {
   public:
    /// The core `node` has completed its operation and can start another in the cycle `at`, later than now.
    virtual void ready(NodeId node, Cycle at) = 0;
    /// The operation's access to a line is performed now, on this content; returns the content afterwards.
    virtual Value perform(NodeId /*node*/, traces::Kind kind, Value content) {
      return content + (kind == traces::Kind::store || kind == traces::Kind::rmw ? 1 : 0);
    }
    /// Does the value last handed to perform() end the spin?
    virtual bool satisfied(NodeId /*node*/) { return true; }

   protected:
    ~Dispatcher() = default;
  };
  /// `value_dependent`: an operation depends on what the one before has read, so the core blocks at each.
  void set_dispatcher(Dispatcher& dispatcher, bool value_dependent = false) {
    dispatcher_ = &dispatcher;
    if (value_dependent) flights_.resize(1);
  }
  /// Starts one operation now (its gap has passed); Dispatcher::ready follows, perhaps at once.
  void start(const traces::Operation& operation);
  /// Ends the dispatcher's spin now if it is between two loads: then Dispatcher::ready does not follow.
  /// False: a load is on its way, and Dispatcher::satisfied will be asked.
  bool stop_spin();

  void before_message() override;
  void changed(LineNumber line) override;
  Value perform(Ticket ticket, Value content) override;
  void perform_snapshot(Ticket ticket, Value content) override;
  void completed(Ticket ticket) override;
  void retry() override;
  void prefetch() const override;

  bool finished() const { return finished_; }
  /// The oldest access that waits for others (in flight, refused, or spinning in vain). Empty: the core
  /// works.
  struct Waiting {
    LineNumber line;
    traces::Kind kind;
    Cycle since;
  };
  std::optional<Waiting> waiting() const;

 private:
  /// A part of an operation within one line.
  struct Access {
    LineNumber line;
    std::uint32_t gap;
    traces::Kind kind;
    bool completes;
  };
  struct Flight {
    bool used = false;
    Access access;
    Cycle issued = 0;
  };
  void end_of_elaboration() override { cache_ = cache.operator->(); }
  void wake() override;
  void soon(Cycle ahead) const override;
  bool refill();
  void append(const traces::Operation& operation);
  void plan();
  void commit_until(Cycle end);
  void commit(const Access& access, CacheFront::Slot slot, Cycle at);
  Value apply(const Access& access, Value content, Cycle at);
  Value left_by(const Access& access, Value content);
  void execute(Cycle at);
  void count_operations(std::uint64_t operations, Cycle ready);
  void spin_on(Cycle ready);
  void count_spins(Cycle end);
  void sleep_until(Cycle at) { shared_.calendar.set_wake(sleeper_, at); }
  /// Nothing is issued beside this access while it is in flight.
  bool blocks(const Access& access) const {
    return flights_.size() == 1 || access.kind != traces::Kind::load;
  }
  /// Stores and read-modify-writes wait for all earlier loads, also when they would hit.
  bool in_order(const Access& access) const { return outstanding_ == 0 || access.kind == traces::Kind::load; }

  NodeId node_;
  Shared& shared_;
  CacheFront* cache_ = nullptr;
  std::uint32_t sleeper_;
  std::unique_ptr<traces::OperationStream> stream_;
  Dispatcher* dispatcher_ = nullptr;
  bool value_dependent_ = false;
  bool plain_ = false;  // a store adds one to the content, and nobody watches
  Speed speed_;
  Cycle hit_cycles_;
  std::uint32_t line_shift_;

  // The accesses to come: [head_, planned_) are planned hits with their slot and time of issue, the rest is
  // unknown.
  std::vector<Access> window_;
  std::vector<Cycle> issue_;
  std::vector<CacheFront::Slot> slot_;
  std::size_t head_ = 0;
  std::size_t planned_ = 0;
  std::vector<traces::Operation> fetched_;
  traces::Operation operation_;  // the current one of a value-dependent stream

  Cycle ready_at_ = 0;  // when the gap of the access at head_ begins
  bool ended_ = false;  // the stream has no more operations
  bool finished_ = false;
  bool spinning_ = false;  // the access at head_ spins: it hits, in vain, until a message comes
  Cycle spin_next_ = 0;
  std::optional<Cycle> spin_since_;  // when the first load of the spin at head_ was issued

  std::vector<Flight> flights_;  // by ticket
  std::uint32_t outstanding_ = 0;
  bool blocked_ = false;  // waits for a flight to complete
  bool refused_ = false;  // waits for the cache to accept the access at head_
  Cycle refused_since_ = 0;
};

}  // namespace baton::sim
