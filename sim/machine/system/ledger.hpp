#pragma once
// What is measured of a program's threads: every cycle of their lives by cause, time in phases, and latencies
// by kind of operation.

#include <array>
#include <memory>
#include <vector>

#include "sim/machine/simulate.hpp"
#include "sim/machine/statistics.hpp"
#include "sim/machine/system/profile.hpp"
#include "traces/programs/runtime/run.hpp"

namespace baton::sim {

/// One thread's entry in the ledger.
struct Account {
  Cycle since = 0;  ///< up to here the thread's time is accounted for
  Cycle begun = 0;  ///< when its operation began
  std::uint16_t kind = 0;
  bool in_operation = false;
  Profile::Node node = Profile::root;
  struct Phase {
    std::uint16_t number;
    bool outermost;  ///< the thread was not in a phase of this name already
    Cycle since;
  };
  std::vector<Phase> phases;
};

/// Events of the operating-system layer.
struct SystemCounts {
  std::uint64_t context_switches = 0;
  std::uint64_t migrations = 0;   ///< a thread is switched to on another core than it ran on before
  std::uint64_t preemptions = 0;  ///< at the end of a time slice
  std::uint64_t injected_preemptions = 0;
  std::uint64_t futex_waits = 0;  ///< that slept
  std::uint64_t futex_wakes = 0;  ///< threads woken
};

class Ledger {
 public:
  /// granularity_ps: of the clock that the program measures latencies with; 0: exact.
  Ledger(const programs::Run& run, std::uint64_t clock_hz, std::uint64_t granularity_ps, bool profile);

  /// The thread has spent its time until `until` for this cause; `action` is what it asks for.
  void charge(Account& account, Cause cause, programs::Action action, Cycle until) {
    const Cycle cycles = until - account.since;
    account.since = until;
    cause_cycles_[static_cast<std::size_t>(cause)] += cycles;
    if (profile_) profile_->add(account.node, action, cause, cycles);
  }

  /// Marks happen at the time up to which the thread's time is accounted for. True: an operation has ended.
  bool apply(Account& account, const programs::Mark& mark);
  /// The thread has ended: closes its phases.
  void close(Account& account);

  /// The columns of a program, after those of any workload. `cycles` of the whole run.
  void add_measurements(Cycle cycles, std::vector<Measurement>& rows) const;
  /// Empty unless there is a profile.
  std::string folded() const { return profile_ ? profile_->folded() : std::string(); }

  SystemCounts counts;

 private:
  void leave(Account& account);
  void locate(Account& account);
  Cycle measured(Cycle from, Cycle to) const;
  void add_kind(std::size_t kind, double seconds, std::vector<Measurement>& rows) const;

  const programs::Run& run_;
  double period_ps_;
  double granularity_ps_;
  std::array<std::uint64_t, causes> cause_cycles_{};
  std::vector<std::uint64_t> phase_cycles_;
  std::vector<Histogram> latency_;  // by kind of operation
  std::unique_ptr<Profile> profile_;
};

}  // namespace baton::sim
