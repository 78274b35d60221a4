// A core with total store order: what it does with its store buffer before an access goes to the cache.
//
// A store retires into the buffer in one cycle. A load whose bytes the youngest overlapping store has gets
// them after hit_cycles; one that overlaps in part, and a spin, waits for that store. Read-modify-writes,
// fences and stores that are sequentially consistent wait until the buffer is empty and then go to the cache
// (x86: LOCK, MFENCE, XCHG).

#include "sim/machine/core.hpp"
#include "sim/machine/timeline.hpp"

namespace baton::sim {

using traces::Kind;

void Core::make_store_buffer() {
  StoreBuffer::Owner& owner = *this;
  if (shared_.parameters.core.consistency == "tso")
    buffer_ = std::make_unique<StoreBuffer>(owner, node_, shared_, hit_cycles_);
}

// False: the access at head_ goes on to the cache.
bool Core::taken_by_buffer(Cycle at) {
  const traces::Operation& operation = operations_[head_];
  if (operation.kind == Kind::store && !through_) {
    if (!in_order(Kind::store)) return false;  // waits for its loads first
    if (buffer_->full()) return wait_for_buffer(at);
    const Access access = access_at_head();
    buffer_->push({operation, access.line, dispatcher_ != nullptr ? dispatcher_->buffered(node_) : 0,
                   access.last && part_ == 0});
    ++pushed_;
    return done_without_cache(access, at + 1);
  }
  if (buffer_->empty()) return false;
  if (operation.kind == Kind::store || operation.kind == Kind::rmw) return wait_for_buffer(at);
  const StoreBuffer::Found found = buffer_->find(operation);
  if (found.what == StoreBuffer::Finds::nothing) return false;
  const Access access = access_at_head();
  // A value-dependent stream must see its line's content, which the buffer does not have.
  const bool forwards = found.what == StoreBuffer::Finds::all && operation.kind == Kind::load &&
                        access.last && part_ == 0 && !value_dependent_;
  if (!forwards) return wait_for_buffer(at);
  ++shared_.statistics.store_forwards;
  shared_.statistics.latency[access_kind(Kind::load)].add(hit_cycles_);
  if (dispatcher_ != nullptr) dispatcher_->forward(node_, found.value);
  return done_without_cache(access, at + hit_cycles_);
}

bool Core::done_without_cache(const Access& access, Cycle ready) {
  if (refused_) note_refusal(shared_.calendar.now());
  refused_ = false;
  ready_at_ = ready;
  count_operations(access.completes ? 1 : 0, ready);
  pass(access);
  proceed();
  return true;
}

bool Core::wait_for_buffer(Cycle at) {
  blocked_ = true;
  waits_for_buffer_ = true;
  buffer_wait_since_ = at;
  return true;
}

Value Core::drain(const StoreBuffer::Entry& entry, Value content) {
  const Value left = value_dependent_ ? stream_->perform(entry.operation, content)
                     : dispatcher_ != nullptr
                         ? dispatcher_->drain(node_, entry.operation.address, entry.value, content)
                         : content + 1;
  if (shared_.monitor != nullptr)
    shared_.monitor->stored(entry.line, node_, content, left, shared_.calendar.now());
  return left;
}

void Core::popped(Cycle ready) {
  count_operations(0, ready);
  if (order_ != nullptr) advance_drained();
  const bool must_be_empty =
      waits_for_buffer_ && (operations_[head_].kind == Kind::rmw || through_) && buffer_->empty();
  // It may be the turn of sleepers: what this one lets happen is later.
  const Cycle next = must_be_empty ? ready : shared_.calendar.now() + 1;
  if (waits_for_buffer_) {
    waits_for_buffer_ = blocked_ = false;
    shared_.statistics.stall_cycles_store_buffer += next - buffer_wait_since_;
    if (shared_.timeline != nullptr)
      shared_.timeline->stall(node_, "waits for its store buffer", buffer_wait_since_, next);
    ready_at_ = next - gap_at_head();  // the access at head_ tries again; its gap has passed
    sleep_until(next);
  }
  if (!buffer_->empty()) return;
  if (ended_ && head_ == fetched_ && outstanding_ == 0) finished_ = true;
  if (std::exchange(fences_, false)) dispatcher_->ready(node_, ready);
}

std::optional<Core::Waiting> Core::waiting_for_buffer() const {
  if (buffer_ == nullptr) return {};
  if (waits_for_buffer_) return Waiting{access_at_head().line, access_at_head().kind, buffer_wait_since_};
  if (const auto store = buffer_->waiting()) return Waiting{store->line, Kind::store, store->since};
  return {};
}

}  // namespace baton::sim
