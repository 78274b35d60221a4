// A core in a recorded order: what it does at the awaits and advances of its stream. And what it tells about
// its accesses where that is asked for.

#include "sim/machine/contended_lines.hpp"
#include "sim/machine/core.hpp"
#include "sim/machine/timeline.hpp"

namespace baton::sim {

using traces::Kind;

// The access that waits at the awaits at head_; null: an advance or the stream's end comes first.
const traces::Operation* Core::behind_gates() const {
  std::size_t at = head_;
  while (at < fetched_ && operations_[at].kind == Kind::await) ++at;
  return at < fetched_ && traces::is_access(operations_[at].kind) ? &operations_[at] : nullptr;
}

// When the gate at head_ is to be taken: the work before an access is done before it waits for its turn.
Cycle Core::gate_at() const {
  const traces::Operation* access = behind_gates();
  return access != nullptr ? ready_at_ + access->gap_cycles : ready_at_;
}

std::uint32_t Core::next_gate() const {
  std::uint32_t at = head_;
  while (at < fetched_ && traces::is_access(operations_[at].kind)) ++at;
  return at;
}

// What has been fetched does not end in an await, unless the stream does: its time depends on the access.
void Core::fetch_behind_awaits() {
  while (fetched_ > 0 && fetched_ < operations_.size() && operations_[fetched_ - 1].kind == Kind::await &&
         stream_->next(std::span(operations_).subspan(fetched_, 1)) != 0)
    ++fetched_;
}

// Takes the gates whose time has come. False: the core waits.
bool Core::take_gates(Cycle now) {
  if (turn_since_) {
    order_->counts.stall_cycles += now - *turn_since_;
    if (shared_.timeline != nullptr) shared_.timeline->stall(node_, "waits for its turn", *turn_since_, now);
    turn_since_.reset();
    synchronize(order_->clock);
    const traces::Operation* access = behind_gates();
    ready_at_ = now - (access != nullptr ? access->gap_cycles : 0);
    ++head_;
  }
  while (head_ < fetched_ || refill()) {
    if (!at_gate() || gate_at() > now) return true;
    const traces::Operation& gate = operations_[head_];
    if (gate.kind == Kind::work) {
      ready_at_ += gate.gap_cycles;
    } else if (gate.kind == Kind::await) {
      if (waits_for_turn(gate, now)) return false;
    } else if (outstanding_ != 0) {
      blocked_ = true;
      return false;
    } else if (!drained()) {
      advances_.push_back({pushed_, gate.address, gate.gap_cycles});
    } else {
      advance(gate.address, gate.gap_cycles);
    }
    ++head_;
  }
  return true;
}

bool Core::waits_for_turn(const traces::Operation& gate, Cycle now) {
  if (order_->obeyed()) synchronize(order_->clock);
  const std::uint64_t early = order_->arrive(gate.address, gate.gap_cycles);
  if (early == 0) return false;
  if (!order_->obeyed()) {
    const traces::Operation* access = behind_gates();
    if (shared_.lines != nullptr && access != nullptr)
      shared_.lines->came_early(access->address >> line_shift_, early);
    return false;
  }
  turn_since_ = now;
  order_->wait(gate.address, gate.gap_cycles, *this, 0);
  return true;
}

// A store has left the store buffer.
void Core::advance_drained() {
  ++popped_;
  for (; !advances_.empty() && advances_.front().after <= popped_; advances_.pop_front())
    advance(advances_.front().counter, advances_.front().value);
}

// Whoever waits for it has been told of more than what memory holds.
void Core::advance(RecordedOrder::Counter counter, std::uint64_t value) {
  if (order_->obeyed()) synchronize(order_->clock);
  order_->advance(counter, value);
}

void Core::note_touch(const Access& access) {
  const BytesOfLine bytes = bytes_within(operations_[head_], access.line, 1U << line_shift_);
  shared_.touches->add(access.line, node_, access.kind, bytes.first, bytes.size);
}

void Core::note_request(const Access& access) {
  if (shared_.lines != nullptr)
    shared_.lines->asks_for(access.line, node_,
                            bytes_touched(operations_[head_], access.line, 1U << line_shift_));
}

void Core::note_transaction(const Flight& flight, Ticket ticket, Cycle now, Cycle ready) {
  const Access& access = flight.access;
  if (shared_.lines != nullptr) {
    shared_.lines->waited(access.line, access_kind(access.kind), now - flight.issued);
    shared_.lines->performed(access.line, node_, access.kind);
  }
  if (shared_.timeline != nullptr)
    // A core that does not wait for it can have the next one under way before this one's hit is over.
    shared_.timeline->transaction(node_, ticket, access.line, access.kind, flight.issued,
                                  blocks(access) ? ready : now);
}

void Core::note_refusal(Cycle at) {
  shared_.statistics.stall_cycles_mshr += at - refused_since_;
  if (shared_.timeline != nullptr && at != refused_since_)
    shared_.timeline->stall(node_, "waits for an MSHR", refused_since_, at);
}

}  // namespace baton::sim
