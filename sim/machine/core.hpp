#pragma once
// A core: runs one operation stream, in order. With one outstanding load it is sequentially consistent: an
// access starts when the one before has completed. With total store order stores leave it through a store
// buffer (core_tso.cpp), and it wakes for every access.
//
// Timing: an access is issued `gap_cycles` after the core is ready; a hit makes the core ready hit_cycles
// later, a miss hit_cycles after its transaction has ended (the access is then performed like a hit).
//
// Streaming through hits. Whether the next accesses hit depends only on the cache, which changes only when a
// message reaches it. So the core runs ahead: it performs the hits to come, up to the first miss, and sleeps
// until that is issued. When a message arrives first that concerns a line which was hit ahead of its time, it
// takes back the hits that were not yet issued, in reverse order, and goes on when the first of them is; hits
// and messages on other lines can change places. How far it runs ahead adapts to how often that happens.
// With exact_events, and where values matter (programs, the monitor), it wakes for every access; the results
// are the same to the last counter (tests/machine/exact_events.cpp).
//
// Recorded order (core_order.cpp). It runs ahead up to the next await or advance of its stream, and wakes for
// that. An await's time is when the access behind it would be issued; an advance's is when the access before
// it has completed, or, for a store that is in the store buffer, when it leaves that.

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "sim/machine/cache_front.hpp"
#include "sim/machine/recorded_order.hpp"
#include "sim/machine/shared.hpp"
#include "sim/machine/speed.hpp"
#include "sim/machine/store_buffer.hpp"

namespace baton::sim {

class Core : public sc_core::sc_module,
             public CorePort,
             private Sleeper,
             private StoreBuffer::Owner,
             private RecordedOrder::Waiter {
 public:
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
    // Only of cores with a store buffer.
    /// The value of the store at hand, which enters the buffer: perform() does not follow.
    virtual Value buffered(NodeId /*node*/) { return 0; }
    /// A store that entered with this value is performed now; as perform().
    virtual Value drain(NodeId, traces::Address /*address*/, Value /*value*/, Value content) {
      return content + 1;
    }
    /// The load at hand gets this value out of the buffer: perform() does not follow.
    virtual void forward(NodeId /*node*/, Value /*value*/) {}

   protected:
    ~Dispatcher() = default;
  };
  /// `value_dependent`: an operation depends on what the one before has read, so the core blocks at each.
  void set_dispatcher(Dispatcher& dispatcher, bool value_dependent = false);
  /// Starts one operation now (its gap has passed); Dispatcher::ready follows, perhaps at once. `through`: a
  /// store waits until the store buffer is empty and for its own end.
  void start(const traces::Operation& operation, bool through = false);
  /// No store waits in a store buffer.
  bool drained() const { return buffer_ == nullptr || buffer_->empty(); }
  /// Not if drained() and not between start() and ready(): Dispatcher::ready follows when it is drained.
  void fence() { fences_ = true; }
  /// Ends the dispatcher's spin now if it is between two loads: then Dispatcher::ready does not follow.
  /// False: a load is on its way, and Dispatcher::satisfied will be asked.
  bool stop_spin();

  bool keeps_logical_time() const { return cache_->keeps_logical_time(); }
  /// See CacheFront::synchronize.
  void synchronize(Tick& clock) { cache_->synchronize(clock); }

  void before_message(LineNumber line) override;
  void changed(LineNumber line) override;
  Value perform(Ticket ticket, Value content) override;
  void perform_snapshot(Ticket ticket, Value content) override;
  void completed(Ticket ticket) override;
  void retry() override;
  void prefetch(Cycle ahead) const override;

  bool finished() const { return finished_; }
  /// The oldest access that waits for others (in flight, refused, or spinning in vain), or the await that
  /// does: then `line` is its counter. Empty: the core works.
  struct Waiting {
    LineNumber line;
    traces::Kind kind;
    Cycle since;
    std::uint64_t value = 0;  ///< that an await waits for
  };
  std::optional<Waiting> waiting() const;

 private:
  /// A part of an operation within one line.
  struct Access {
    LineNumber line;
    traces::Kind kind;
    bool completes;
    bool last;  // of its operation
  };
  struct Flight {
    bool used = false;
    Access access;
    Cycle issued = 0;
  };
  static constexpr std::uint32_t window = 64;      // operations that are fetched at once
  static constexpr std::uint32_t least_reach = 4;  // hits ahead
  static constexpr std::size_t most_awaits = 8;    // fetched beyond the window, with the access behind them

  void end_of_elaboration() override {
    cache_ = cache.operator->();
    if (buffer_ != nullptr) buffer_->set_cache(*cache_);
  }
  void wake() override;
  void soon(Cycle ahead) const override;
  bool refill();
  void scale_gaps();
  void proceed();
  void run_ahead();
  void settle();
  bool was_ahead_on(LineNumber line, Cycle now) const;
  void take_back(Cycle from);
  Access access_at_head() const;
  Cycle gap_at_head() const { return part_ == 0 ? operations_[head_].gap_cycles : 0; }
  Cycle next_turn() const {
    if (head_ == fetched_) return ready_at_;
    return at_gate() ? gate_at() : ready_at_ + gap_at_head();
  }
  void pass(const Access& access);
  Value apply(const Access& access, Value content, Cycle at);
  Value left_by(const Access& access, Value content);
  void execute(Cycle at);
  void count_operations(std::uint64_t operations, Cycle ready);
  void spin_on(Cycle ready);
  void count_spins(Cycle end);
  // With total store order: core_tso.cpp.
  void make_store_buffer();
  bool taken_by_buffer(Cycle at);
  bool done_without_cache(const Access& access, Cycle ready);
  bool wait_for_buffer(Cycle at);
  Value drain(const StoreBuffer::Entry& entry, Value content) override;
  void popped(Cycle ready) override;
  std::optional<Waiting> waiting_for_buffer() const;
  // With a recorded order: core_order.cpp.
  bool at_gate() const {
    return order_ != nullptr && head_ < fetched_ && !traces::is_access(operations_[head_].kind);
  }
  Cycle gate_at() const;
  std::uint32_t next_gate() const;
  bool take_gates(Cycle now);
  bool waits_for_turn(const traces::Operation& gate, Cycle now);
  const traces::Operation* behind_gates() const;
  void fetch_behind_awaits();
  void advance_drained();
  void advance(RecordedOrder::Counter counter, std::uint64_t value);
  void turn_comes(std::uint32_t) override { sleep_until(shared_.calendar.now() + 1); }
  // What a report wants to know: of lines and of time.
  void note_touch(const Access& access);
  void note_request(const Access& access);
  void note_refusal(Cycle at);
  void note_transaction(const Flight& flight, Ticket ticket, Cycle now, Cycle ready);
  void sleep_until(Cycle at) { shared_.calendar.set_wake(sleeper_, at); }
  /// Nothing is issued beside this access while it is in flight.
  bool blocks(const Access& access) const {
    return flights_.size() == 1 || access.kind != traces::Kind::load;
  }
  /// Stores and read-modify-writes wait for all earlier loads, also when they would hit.
  bool in_order(traces::Kind kind) const { return outstanding_ == 0 || kind == traces::Kind::load; }

  // What an access, a completion and a message look at comes first and lies together.
  Shared& shared_;
  // Hits performed ahead of their time: the last ahead_size_ operations before head_.
  std::uint32_t ahead_size_ = 0;
  std::uint32_t ahead_completes_ = 0;  // of these
  Cycle ready_at_ = 0;                 // when the gap of the access at head_ begins
  bool blocked_ = false;               // waits for a flight to complete
  bool refused_ = false;               // waits for the cache to accept the access at head_
  bool finished_ = false;
  bool spinning_ = false;  // the access at head_ spins: it hits, in vain, until a message comes
  bool ended_ = false;     // the stream has no more operations
  bool runs_ahead_ = false;
  bool plain_ = false;  // nobody looks at what the lines contain
  bool value_dependent_ = false;
  std::uint32_t head_ = 0;  // the next operation
  std::uint32_t fetched_ = 0;
  std::vector<traces::Operation> operations_;  // those fetched
  std::uint32_t part_ = 0;                     // which of the lines that it touches is next
  std::uint32_t reach_ = window;
  Cycle hit_cycles_;
  CacheFront* cache_ = nullptr;
  LineNumber upcoming_ = 0;      // the first line of the operation at head_, to be prefetched
  std::vector<Flight> flights_;  // by ticket
  std::uint32_t outstanding_ = 0;
  std::uint32_t sleeper_;

  std::vector<CacheFront::HitAhead> ahead_;
  Dispatcher* dispatcher_ = nullptr;
  std::unique_ptr<StoreBuffer> buffer_;  // none: sequential consistency
  RecordedOrder* order_ = nullptr;       // none: the stream has no gates
  std::uint32_t line_shift_;
  NodeId node_;
  bool notes_touches_ = false;  // what it accesses is not known without running it, and is asked for

  std::unique_ptr<traces::OperationStream> stream_;
  traces::Operation operation_;  // the current one of a value-dependent stream
  Speed speed_;

  Cycle spin_next_ = 0;
  std::optional<Cycle> spin_since_;  // when the first load of the spin at head_ was issued
  Cycle refused_since_ = 0;

  bool through_ = false;  // the dispatcher's store passes the buffer by
  bool waits_for_buffer_ = false;
  bool fences_ = false;  // the dispatcher waits until it is drained
  Cycle buffer_wait_since_ = 0;

  std::optional<Cycle> turn_since_;  // when it began to wait at the await at head_
  // Advances that wait for stores in the buffer.
  struct Advance {
    std::uint64_t after;  // so many stores have left the buffer
    RecordedOrder::Counter counter;
    std::uint64_t value;
  };
  std::deque<Advance> advances_;
  std::uint64_t pushed_ = 0;  // stores, into the buffer
  std::uint64_t popped_ = 0;

 public:
  sc_core::sc_port<CacheFront> cache;  // behind what every access needs
};

}  // namespace baton::sim
