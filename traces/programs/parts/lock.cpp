#include "traces/programs/parts/lock.hpp"

#include "traces/programs/parts/futex_mutex.hpp"
#include "traces/programs/parts/queue_locks.hpp"
#include "traces/programs/parts/spin_locks.hpp"

namespace baton::programs {

std::unique_ptr<Lock> make_lock(Setup& setup, LockKind kind, Placement placement) {
  switch (kind) {
    case LockKind::test_and_set:
      return std::make_unique<TestAndSetLock>(setup, placement);
    case LockKind::test_and_test_and_set:
      return std::make_unique<TestAndTestAndSetLock>(setup, placement);
    case LockKind::ticket:
      return std::make_unique<TicketLock>(setup, placement);
    case LockKind::mcs:
      return std::make_unique<McsLock>(setup, placement);
    case LockKind::clh:
      return std::make_unique<ClhLock>(setup, placement);
    case LockKind::futex:
      return std::make_unique<FutexMutex>(setup, placement, 0);
    case LockKind::futex_spinning:
      return std::make_unique<FutexMutex>(setup, placement, setup.parameters.integer("adaptive_spins"));
  }
  throw std::logic_error("no such lock");
}

}  // namespace baton::programs
