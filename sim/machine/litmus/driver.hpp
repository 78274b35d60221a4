#pragma once
// Runs litmus tests on a machine, one run after another on fresh lines, each with its own timing: which cores
// the threads have, what the caches hold before, how the words lie in lines and sets, when each thread starts
// and how long it waits between accesses. All is drawn from the plan's seed.
//
// A run: accesses that bring the lines into some state; the threads; a core that loads every word.

#include <map>
#include <vector>

#include "sim/machine/core.hpp"
#include "sim/machine/simulate.hpp"
#include "traces/litmus/runner.hpp"
#include "traces/programs/runtime/contents.hpp"
#include "traces/synthetic/random.hpp"

namespace baton::sim {

/// How often each outcome was seen.
using LitmusCounts = std::map<litmus::Outcome, std::uint64_t>;

struct LitmusWork {
  const litmus::Test* test = nullptr;  ///< with at most as many threads as the machine has cores
  std::uint64_t runs = 0;
  LitmusCounts* counts = nullptr;
};

class LitmusDriver final : public Driver, private Core::Dispatcher, private Sleeper {
 public:
  LitmusDriver(std::vector<LitmusWork> work, std::uint64_t seed, const std::vector<Core*>& cores,
               Shared& shared);

  bool finished() const override { return phase_ == Phase::finished; }

 private:
  enum class Phase : std::uint8_t { preparing, running, reading, finished };

  /// An access, of a thread or of the run's frame.
  struct Step {
    litmus::Request request;
    std::uint32_t gap = 0;  // before it
  };
  /// A core and what it still has to do in this phase.
  struct Hand final : Sleeper {
    LitmusDriver* driver = nullptr;
    Core* core = nullptr;
    NodeId node = 0;
    std::uint32_t timer = 0;
    litmus::Runner* thread = nullptr;  // in phase running
    std::vector<Step> steps;           // in the others
    std::size_t next = 0;
    bool busy = false;
    bool fencing = false;
    litmus::Request request;  // the one at hand
    litmus::Number seen = 0;  // what its word had

    void wake() override { driver->issue(*this); }
  };

  // Core::Dispatcher
  void ready(NodeId node, Cycle at) override;
  Value perform(NodeId node, traces::Kind kind, Value content) override;
  Value buffered(NodeId node) override;
  Value drain(NodeId node, traces::Address word, Value value, Value content) override;
  void forward(NodeId node, Value value) override;
  // Sleeper: the next phase
  void wake() override;

  void begin_run();
  void lay_out(const litmus::Test& test);
  void prepare(const litmus::Test& test);
  void start_threads(const litmus::Test& test);
  void read_words(const litmus::Test& test);
  void record(const litmus::Test& test);
  void begin(Hand& hand, Cycle at);
  bool take_next(Hand& hand);
  void issue(Hand& hand);
  void goes_on(Hand& hand, Cycle at);
  void rests(Hand& hand, Cycle at);
  std::uint64_t below(std::uint64_t n) { return random_.below(n); }
  Hand& any_hand() { return hands_[below(hands_.size())]; }

  std::vector<LitmusWork> work_;
  Shared& shared_;
  traces::Random random_;
  std::uint32_t sleeper_;
  std::vector<Hand> hands_;
  std::vector<std::size_t> places_;  // hands, in the order in which the threads get them
  programs::Contents contents_;

  std::size_t at_ = 0;  // of work_
  std::uint64_t done_ = 0;
  Phase phase_ = Phase::preparing;
  std::size_t active_ = 0;  // hands that are busy
  LineNumber next_line_;
  std::vector<traces::Address> words_;  // by location
  std::vector<litmus::Runner> threads_;
  litmus::Outcome outcome_;
  std::uint64_t longest_gap_ = 0;  // of this run
};

}  // namespace baton::sim
