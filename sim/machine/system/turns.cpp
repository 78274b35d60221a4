// Threads in a recorded order: the part of System that lets them wait for their turn. A thread that waits
// keeps its core as long as nobody else could have it, so that one thread a core behaves as a core that
// waits.

#include "sim/machine/system/system.hpp"
#include "sim/machine/timeline.hpp"

namespace baton::sim {

// The await that the thread has come to.
bool System::waits_for_turn(Processor& p) {
  if (shared_.order == nullptr) return false;
  const programs::Request& request = this->request(p);
  const std::uint64_t early = shared_.order->arrive(request.address, request.operand);
  if (early == 0) return false;
  if (!shared_.order->obeyed()) {
    if (shared_.lines != nullptr && request.expected != 0)
      shared_.lines->came_early(request.expected / shared_.parameters.cache.line_bytes, early);
    return false;
  }
  shared_.order->wait(request.address, request.operand, *this, p.running);
  running(p).is = ThreadState::Is::awaiting;
  p.does = Processor::Does::awaiting;
  set_timer(p, never);
  const bool others_want_it = !p.queue.empty() || (threads_move_ && queued_ != 0);
  if (others_want_it) give_core_up(p);
  return true;
}

void System::note_turn(const Processor& p) const {
  const Cycle since = running(p).account.since;
  if (shared_.timeline != nullptr && since != now())
    shared_.timeline->stall(p.node, "waits for its turn", since, now());
}

// Its thread waits on without it.
void System::give_core_up(Processor& p) {
  note_turn(p);
  charge(p, Cause::order, now());
  running(p).resumes = true;
  leave(p);
}

void System::turn_comes(std::uint32_t number) {
  ThreadState& thread = threads_[number];
  Processor& p = processors_[thread.processor];
  if (p.does == Processor::Does::awaiting && p.running == number)
    set_timer(p, now() + 1);
  else
    set_alarm(number, now() + 1);
}

void System::has_turn(Processor& p) {
  note_turn(p);
  charge(p, Cause::order, now());
  running(p).is = ThreadState::Is::running;
  resume(p, now());
}

// True: it took no time.
bool System::advance(Processor& p) {
  if (drains_first(p, &System::advanced)) return false;
  if (shared_.order != nullptr) shared_.order->advance(request(p).address, request(p).operand);
  return true;
}

void System::advanced(Processor& p) {
  advance(p);
  resume(p, now());
}

}  // namespace baton::sim
