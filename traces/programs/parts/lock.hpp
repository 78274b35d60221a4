#pragma once
// What all locks have in common, and how a program lets its user choose one: `lock_parameters` in its table,
// make_lock() in its set-up.

#include <memory>

#include "traces/programs/parts/backoff.hpp"

namespace baton::programs {

// In the order of lock_parameters' choices.
enum class LockKind : std::uint8_t {
  test_and_set,
  test_and_test_and_set,
  ticket,
  mcs,
  clh,
  futex,
  futex_spinning
};
inline constexpr std::string_view lock_choices[] = {
    "test_and_set", "test_and_test_and_set", "ticket", "mcs", "clh", "futex", "futex_spinning"};

constexpr Parameter lock_parameter(LockKind default_kind, std::string_view name = "lock") {
  return {name,
          Parameter::Type::choice,
          static_cast<double>(default_kind),
          0,
          std::size(lock_choices) - 1,
          "",
          "which lock",
          lock_choices};
}
/// Behind a lock_parameter() and backoff_parameters.
inline constexpr Parameter lock_parameters[] = {
    {"ticket_backoff_cycles", Parameter::Type::integer, 0, 0, 1e6, "cycles",
     "a ticket lock's wait between two looks, for each thread that is before the waiting one; 0: it spins"},
    {"adaptive_spins", Parameter::Type::integer, 100, 1, 1e6, "",
     "looks at a taken futex_spinning lock before its loser sleeps (100: glibc's mutex_spin_count)"},
};
inline LockKind lock_kind(const ParameterValues& values, std::string_view name = "lock") {
  return static_cast<LockKind>(values.integer(name));
}

class Lock {
 public:
  explicit Lock(Setup& setup)
      : waits_(setup.counter("lock_waits")),
        failures_(setup.counter("lock_failures")),
        sleeps_(setup.counter("lock_sleeps")),
        wakes_(setup.counter("lock_wakes")) {}
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  virtual ~Lock() = default;

  /// Returns when the thread holds the lock. A thread does not acquire a lock that it holds.
  virtual Task<> acquire(Thread& t) = 0;
  /// By the thread that holds it.
  virtual Task<> release(Thread& t) = 0;
  /// Takes the lock if that needs no waiting; whether it has. Throws std::logic_error if this kind cannot
  /// (CLH).
  virtual Task<bool> try_acquire(Thread& t) = 0;
  /// When all threads have ended: whether memory says that nobody holds it or waits for it.
  virtual bool is_free(const Contents& memory) const = 0;

 protected:
  void count_wait(Thread& t) const { t.count(waits_); }
  void count_failure(Thread& t) const { t.count(failures_); }
  void count_sleep(Thread& t) const { t.count(sleeps_); }
  void count_wakes(Thread& t, std::uint64_t woken) const { t.count(wakes_, woken); }

 private:
  Counter waits_;     // acquisitions that did not get the lock at once
  Counter failures_;  // atomic operations that found the lock taken
  Counter sleeps_;    // futex waits that slept
  Counter wakes_;     // threads woken
};

/// CLH cannot: between looking at the tail's node and a compare-and-swap the node may have gone round.
constexpr bool can_try(LockKind kind) {
  return kind != LockKind::clh;
}

/// Its words are laid out as `placement` says, each an element of its own.
std::unique_ptr<Lock> make_lock(Setup& setup, LockKind kind, Placement placement = own_line);
/// A lock of the kind that the parameter "lock" names.
inline std::unique_ptr<Lock> make_lock(Setup& setup, Placement placement = own_line) {
  return make_lock(setup, lock_kind(setup.parameters), placement);
}

}  // namespace baton::programs
