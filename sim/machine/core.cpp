#include "sim/machine/core.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "traces/error.hpp"

namespace baton::sim {

using traces::Kind;

Core::Core(const sc_core::sc_module_name& name, NodeId node, Shared& shared)
    : sc_module(name),
      shared_(shared),
      plain_(shared.monitor == nullptr && !shared.predicts_atomics),
      operations_(1),
      flights_(shared.parameters.core.outstanding_loads),
      sleeper_(shared.calendar.add_sleeper(*this)),
      line_shift_(static_cast<std::uint32_t>(std::countr_zero(shared.parameters.cache.line_bytes))),
      node_(node),
      speed_(shared.parameters, node) {
  hit_cycles_ = speed_.scaled(shared.parameters.cache.hit_cycles);
  make_store_buffer();
}

void Core::set_stream(std::unique_ptr<traces::OperationStream> stream) {
  stream_ = std::move(stream);
  if (!stream_) {
    finished_ = true;
    return;
  }
  value_dependent_ = stream_->value_dependent();
  order_ = shared_.order;
  if (value_dependent_) {
    flights_.resize(1);
    plain_ = false;
    notes_touches_ = shared_.touches != nullptr;
  } else {
    operations_.resize(order_ == nullptr ? window : window + most_awaits);
  }
  runs_ahead_ = plain_ && !shared_.exact_events && buffer_ == nullptr;
  if (runs_ahead_) ahead_.resize(window);
  sleep_until(shared_.calendar.now());
}

void Core::set_dispatcher(Dispatcher& dispatcher, bool value_dependent) {
  dispatcher_ = &dispatcher;
  notes_touches_ = shared_.touches != nullptr;
  if (!value_dependent) return;
  flights_.resize(1);
  plain_ = false;
}

void Core::start(const traces::Operation& operation, bool through) {
  operations_.front() = operation;
  through_ = through;
  fetched_ = 1;
  scale_gaps();
  head_ = 0;
  part_ = 0;
  const Cycle now = shared_.calendar.now();
  ready_at_ = now - gap_at_head();  // the gap has passed; a spin has it again between its loads
  execute(now);
}

bool Core::stop_spin() {
  if (blocked_ || refused_) return false;
  // A load that is due in this very cycle has been issued: cores act before who stops them.
  if (std::exchange(spinning_, false)) count_spins(shared_.calendar.now() + 1);
  sleep_until(never);
  spin_since_.reset();
  head_ = fetched_ = 0;
  return true;
}

// Gaps are work of the core.
void Core::scale_gaps() {
  if (!speed_.slow()) return;
  for (std::size_t i = 0; i < fetched_; ++i) {
    if (!traces::is_access(operations_[i].kind) && operations_[i].kind != Kind::work) continue;
    std::uint32_t& gap = operations_[i].gap_cycles;
    const Cycle scaled = speed_.scaled(gap);
    if (scaled > std::numeric_limits<std::uint32_t>::max())
      throw traces::InputError("/machine/core/slow_factor", "",
                               "of core " + std::to_string(node_) + " makes a gap of " + std::to_string(gap) +
                                   " cycles before an access one of " + std::to_string(scaled) +
                                   "; allowed: at most " +
                                   std::to_string(std::numeric_limits<std::uint32_t>::max()));
    gap = static_cast<std::uint32_t>(scaled);
  }
}

// Fetches the next operations; all before are done.
bool Core::refill() {
  if (stream_ == nullptr || ended_) return false;
  head_ = 0;
  fetched_ = static_cast<std::uint32_t>(
      stream_->next(std::span(operations_).first(std::min<std::size_t>(window, operations_.size()))));
  ended_ = fetched_ == 0;
  if (order_ != nullptr) fetch_behind_awaits();
  if (value_dependent_ && !ended_) operation_ = operations_.front();
  scale_gaps();
  return !ended_;
}

// An operation that straddles lines is an access to each of them, in rising order. A spin stays on its first
// line.
Core::Access Core::access_at_head() const {
  const traces::Operation& operation = operations_[head_];
  const LineNumber first = operation.address >> line_shift_;
  const traces::Address room = std::numeric_limits<traces::Address>::max() - operation.address;
  const traces::Address last_byte = operation.address + std::min<traces::Address>(operation.size - 1U, room);
  const LineNumber last = operation.kind == Kind::spin ? first : last_byte >> line_shift_;
  const LineNumber line = first + part_;
  return {line, operation.kind, operation.completes && line == last, line == last};
}

// The access at head_ is on its way or done.
void Core::pass(const Access& access) {
  if (notes_touches_) note_touch(access);
  if (!access.last) {
    if (part_++ == 0) ++shared_.statistics.straddles;
    return;
  }
  part_ = 0;
  if (++head_ < fetched_) upcoming_ = operations_[head_].address >> line_shift_;
}

// Goes on after the last access: sleeps until the next one is issued that it does not perform ahead of time.
void Core::proceed() {
  if (blocked_ || refused_ || finished_ || (order_ != nullptr && turn_since_)) return;
  if (head_ == fetched_ && !refill()) {
    if (dispatcher_ != nullptr) return dispatcher_->ready(node_, ready_at_);
    finished_ = outstanding_ == 0 && drained();
    return;
  }
  if (runs_ahead_) run_ahead();
  sleep_until(next_turn());  // or fetches more
}

// Performs the hits that come next.
void Core::run_ahead() {
  if (part_ != 0) return;
  const std::uint32_t end = order_ == nullptr ? fetched_ : next_gate();
  const auto streak = cache_->hit_ahead({&operations_[head_], end - head_}, reach_, ready_at_, hit_cycles_,
                                        outstanding_ != 0, ahead_.data());
  head_ += streak.size;
  ready_at_ = streak.ready;
  ahead_size_ = streak.size;
  ahead_completes_ = streak.completes;
}

// The hits performed ahead have come to pass.
void Core::settle() {
  if (ahead_size_ == 0) return;
  count_operations(ahead_completes_, ready_at_);
  ahead_size_ = 0;
}

// Something happens in the cycle `from`, before the core's turn: what would be issued then or later has not
// happened yet.
void Core::take_back(Cycle from) {
  std::uint32_t kept = ahead_size_;
  // The last of them was issued hit_cycles before the core was ready, and so on backwards.
  while (kept > 0 && ready_at_ - hit_cycles_ >= from) {
    const traces::Operation& operation = operations_[--head_];
    cache_->undo(operation.address >> line_shift_, ahead_[--kept]);
    ahead_completes_ -= operation.completes ? 1 : 0;
    ready_at_ -= hit_cycles_ + operation.gap_cycles;
  }
  if (kept < ahead_size_) {
    // Far ahead is only worth it if most of it comes to pass.
    reach_ = std::max(least_reach, 2 * kept < ahead_size_ ? reach_ / 2 : reach_);
    sleep_until(ready_at_ + operations_[head_].gap_cycles);
    ahead_size_ = kept;
  }
  settle();
}

void Core::wake() {
  const Cycle now = shared_.calendar.now();
  if (ahead_size_ == reach_) reach_ = std::min(window, 2 * reach_);
  settle();
  if (order_ != nullptr && !take_gates(now)) return;
  if (head_ < fetched_ && next_turn() <= now) return execute(now);
  proceed();
  // What it finds to do in this cycle is done now: cores take their turn by number, however far ahead they
  // run.
  if (shared_.calendar.wake_of(sleeper_) == now) {
    sleep_until(never);
    execute(now);
  }
}

void Core::prefetch(Cycle ahead) const {
  if (ahead == 1)
    prefetch_range(static_cast<const CorePort*>(this), &stream_);
  else
    cache_->prefetch(upcoming_);
}

void Core::soon(Cycle ahead) const {
  if (ahead == 0 || head_ == fetched_) return;
  __builtin_prefetch(flights_.data(), 1);
  __builtin_prefetch(&operations_[head_ + 1]);
  cache_->prefetch(upcoming_);
}

// What the access leaves of this content.
Value Core::left_by(const Access& access, Value content) {
  if (value_dependent_) return stream_->perform(operation_, content);
  if (dispatcher_ != nullptr) return dispatcher_->perform(node_, access.kind, content);
  return content + (access.kind == Kind::store || access.kind == Kind::rmw ? 1 : 0);
}

// The access is performed at the cycle `at` on this content.
Value Core::apply(const Access& access, Value content, Cycle at) {
  const bool writes = access.kind == Kind::store || access.kind == Kind::rmw;
  const Value left = left_by(access, content);
  if (shared_.monitor != nullptr) {
    if (writes)
      shared_.monitor->stored(access.line, node_, content, left, at);
    else
      shared_.monitor->loaded(access.line, node_, content, at);
  }
  return left;
}

void Core::count_operations(std::uint64_t operations, Cycle ready) {
  CoreStatistics& statistics = shared_.statistics.cores[node_];
  statistics.operations += operations;
  statistics.finished = std::max(statistics.finished, ready);
  shared_.statistics.last_progress = ready;
}

// Issues the access at head_.
void Core::execute(Cycle at) {
  const Access access = access_at_head();
  if (access.kind == Kind::spin && !spin_since_) spin_since_ = at;
  if (buffer_ != nullptr && taken_by_buffer(at)) return;
  CacheFront::Hit hit;
  if (in_order(access.kind) && cache_->hit(access.line, access.kind, hit)) {
    // The line that refused a miss may have arrived for another access since.
    if (refused_) note_refusal(at);
    refused_ = false;
    if (!plain_) {
      Value& content = cache_->content(access.line);
      content = apply(access, content, at);
    }
    ready_at_ = at + hit_cycles_;
    if (access.kind == Kind::spin) return spin_on(ready_at_);
    count_operations(access.completes ? 1 : 0, ready_at_);
    pass(access);
    return proceed();
  }
  const auto limit = static_cast<std::uint32_t>(flights_.size());
  if (outstanding_ == limit || !in_order(access.kind)) {
    blocked_ = true;
    return;
  }
  const auto ticket = static_cast<Ticket>(
      std::find_if(flights_.begin(), flights_.end(), [](const Flight& flight) { return !flight.used; }) -
      flights_.begin());
  flights_[ticket] = {true, access, at};
  if (!cache_->request(access.line, access.kind, ticket)) {
    flights_[ticket].used = false;
    if (!refused_) refused_since_ = at;
    refused_ = true;
    return;
  }
  if (shared_.is_watched()) note_request(access);
  if (refused_) note_refusal(at);
  refused_ = false;
  ++outstanding_;
  if (access.kind != Kind::spin) pass(access);
  if (blocks(access)) {
    blocked_ = true;
  } else {
    ready_at_ = at + hit_cycles_;
    proceed();
  }
}

Value Core::perform(Ticket ticket, Value content) {
  if (ticket == StoreBuffer::ticket) return buffer_->perform(content);
  return apply(flights_[ticket].access, content, shared_.calendar.now());
}

void Core::perform_snapshot(Ticket ticket, Value content) {
  left_by(flights_[ticket].access, content);
  if (shared_.monitor != nullptr)
    shared_.monitor->loaded_snapshot(flights_[ticket].access.line, node_, content, flights_[ticket].issued,
                                     shared_.calendar.now());
}

void Core::completed(Ticket ticket) {
  if (ticket == StoreBuffer::ticket) return buffer_->completed();
  Flight& flight = flights_[ticket];
  const Cycle now = shared_.calendar.now();
  const Cycle ready = now + hit_cycles_;
  flight.used = false;
  --outstanding_;
  const std::size_t kind = access_kind(flight.access.kind);
  shared_.statistics.latency[kind].add(ready - flight.issued);
  shared_.statistics.stall_cycles[kind] += now - flight.issued;
  if (shared_.is_watched()) note_transaction(flight, ticket, now, ready);
  if (blocks(flight.access)) {
    blocked_ = false;
    if (flight.access.kind == Kind::spin) return spin_on(ready);
    count_operations(flight.access.completes ? 1 : 0, ready);
    ready_at_ = ready;
    return proceed();
  }
  count_operations(flight.access.completes ? 1 : 0, ready);
  if (!waits_for_buffer_ &&
      std::exchange(blocked_, false)) {  // the access at head_ tries again; its gap has passed
    // A load waited for a place among those in flight, a store for the load's end.
    const bool waits_for_place = at_gate() || operations_[head_].kind == Kind::load;
    ready_at_ = waits_for_place ? now : ready;
    if (!at_gate()) operations_[head_].gap_cycles = 0;
  }
  proceed();
}

// A load of a spin at head_ has been performed: either it was the last one, or the next follows after the
// gap.
void Core::spin_on(Cycle ready) {
  ready_at_ = ready;
  const Access access = access_at_head();
  const bool ends = value_dependent_         ? stream_->satisfied(operation_)
                    : dispatcher_ != nullptr ? dispatcher_->satisfied(node_)
                                             : true;
  if (ends) {
    spin_since_.reset();
    count_operations(access.completes ? 1 : 0, ready);
    pass(access);
    return proceed();
  }
  const Cycle next = ready + operations_[head_].gap_cycles;
  if (shared_.exact_events || !drained() || !cache_->would_hit(access.line, access.kind))
    return sleep_until(next);
  spinning_ = true;
  spin_next_ = next;
}

// Commits the loads in vain that were issued before `end`.
void Core::count_spins(Cycle end) {
  if (spin_next_ >= end) return;
  const Access access = access_at_head();
  const Cycle gap = operations_[head_].gap_cycles;
  const Cycle period = hit_cycles_ + gap;
  const Cycle times = (end - spin_next_ + period - 1) / period;
  cache_->repeat(access.line, times);
  spin_next_ += times * period;
  ready_at_ = spin_next_ - gap;
}

// Was a hit that is not issued before `now` on this line?
bool Core::was_ahead_on(LineNumber line, Cycle now) const {
  Cycle ready = ready_at_;
  for (std::size_t i = 1; i <= ahead_size_ && ready - hit_cycles_ >= now; ++i) {
    const traces::Operation& operation = operations_[head_ - i];
    if (operation.address >> line_shift_ == line) return true;
    ready -= hit_cycles_ + operation.gap_cycles;
  }
  return false;
}

void Core::before_message(LineNumber line) {
  const Cycle now = shared_.calendar.now();
  if (ahead_size_ != 0) {
    // With several accesses in flight, the message may fill a line, which looks at its whole set, and let the
    // core go on. Else it concerns its own line alone.
    if (flights_.size() > 1 || was_ahead_on(line, now)) take_back(now);
  } else if (spinning_) {
    count_spins(now);
  }
}

void Core::changed(LineNumber line) {
  if (!spinning_ || access_at_head().line != line) return;
  spinning_ = false;
  sleep_until(spin_next_);
}

void Core::retry() {
  if (refused_) sleep_until(shared_.calendar.now());
  if (buffer_ != nullptr) buffer_->retry();
}

std::optional<Core::Waiting> Core::waiting() const {
  if (turn_since_)
    return Waiting{operations_[head_].address, Kind::await, *turn_since_, operations_[head_].gap_cycles};
  if (spin_since_) return Waiting{access_at_head().line, Kind::spin, *spin_since_};
  const Flight* oldest = nullptr;
  for (const auto& flight : flights_)
    if (flight.used && (oldest == nullptr || flight.issued < oldest->issued)) oldest = &flight;
  if (oldest != nullptr) return Waiting{oldest->access.line, oldest->access.kind, oldest->issued};
  if (refused_) return Waiting{access_at_head().line, access_at_head().kind, refused_since_};
  return waiting_for_buffer();
}

}  // namespace baton::sim
