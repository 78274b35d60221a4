#include "sim/machine/core.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace baton::sim {

using traces::Kind;

namespace {

// So many accesses before its turn, the set that an access goes to is brought into the host's nearest cache.
constexpr std::size_t ahead = 8;

}  // namespace

Core::Core(const sc_core::sc_module_name& name, NodeId node, Shared& shared)
    : sc_module(name),
      node_(node),
      shared_(shared),
      sleeper_(shared.calendar.add_sleeper(*this)),
      speed_(shared.parameters, node),
      hit_cycles_(speed_.scaled(shared.parameters.cache.hit_cycles)),
      line_shift_(static_cast<std::uint32_t>(std::countr_zero(shared.parameters.cache.line_bytes))),
      flights_(shared.parameters.core.outstanding_loads) {}

void Core::set_stream(std::unique_ptr<traces::OperationStream> stream) {
  stream_ = std::move(stream);
  if (!stream_) {
    finished_ = true;
    return;
  }
  value_dependent_ = stream_->value_dependent();
  fetched_.resize(value_dependent_ ? 1 : 64);
  if (value_dependent_) flights_.resize(1);
  plain_ = !value_dependent_ && shared_.monitor == nullptr;
  sleep_until(shared_.calendar.now());
}

void Core::start(const traces::Operation& operation) {
  window_.clear();
  head_ = planned_ = 0;
  append(operation);
  if (window_.size() > issue_.size()) {
    issue_.resize(window_.size());
    slot_.resize(window_.size());
  }
  const Cycle now = shared_.calendar.now();
  ready_at_ = now - window_.front().gap;  // the gap has passed; a spin has it again between its loads
  execute(now);
}

bool Core::stop_spin() {
  if (blocked_ || refused_) return false;
  // A load that is due in this very cycle has been issued: cores act before who stops them.
  if (std::exchange(spinning_, false)) count_spins(shared_.calendar.now() + 1);
  sleep_until(never);
  spin_since_.reset();
  window_.clear();
  head_ = planned_ = 0;
  return true;
}

// Fetches the next operations; the window is empty.
bool Core::refill() {
  if (stream_ == nullptr || ended_) return false;
  window_.clear();
  head_ = planned_ = 0;
  const std::size_t count = stream_->next(fetched_);
  if (count == 0) {
    ended_ = true;
    return false;
  }
  for (std::size_t i = 0; i < count; ++i) append(fetched_[i]);
  if (value_dependent_) operation_ = fetched_[0];
  if (window_.size() > issue_.size()) {
    issue_.resize(window_.size());
    slot_.resize(window_.size());
  }
  return true;
}

// An operation that straddles lines becomes an access to each of them, in rising order. A spin stays on its
// first line.
void Core::append(const traces::Operation& operation) {
  const LineNumber first = operation.address >> line_shift_;
  const traces::Address room = std::numeric_limits<traces::Address>::max() - operation.address;
  const traces::Address last_byte = operation.address + std::min<traces::Address>(operation.size - 1U, room);
  const LineNumber last = operation.kind == Kind::spin ? first : last_byte >> line_shift_;
  const auto gap = static_cast<std::uint32_t>(speed_.scaled(operation.gap_cycles));
  window_.push_back({first, gap, operation.kind, operation.completes && first == last});
  if (first == last) return;
  ++shared_.statistics.straddles;
  for (LineNumber line = first + 1; line <= last; ++line)
    window_.push_back({line, 0, operation.kind, operation.completes && line == last});
}

// Continues the plan: finds the next access that cannot be planned and sleeps until it is issued.
void Core::plan() {
  if (blocked_ || refused_ || finished_) return;
  Cycle ready = planned_ > head_ ? issue_[planned_ - 1] + hit_cycles_ : ready_at_;
  for (;;) {
    if (planned_ == window_.size()) {
      if (planned_ > head_) return sleep_until(ready);  // commits, then goes on with a new window
      if (refill()) continue;
      if (dispatcher_ != nullptr) return dispatcher_->ready(node_, ready);
      finished_ = outstanding_ == 0;
      return;
    }
    const Access& access = window_[planned_];
    const Cycle issue = ready + access.gap;
    if (shared_.exact_events || value_dependent_ || !in_order(access)) return sleep_until(issue);
    if (planned_ + ahead < window_.size()) cache_->prefetch(window_[planned_ + ahead].line);
    const CacheFront::Slot slot = cache_->probe(access.line, access.kind);
    if (slot == CacheArray::absent) return sleep_until(issue);
    issue_[planned_] = issue;
    slot_[planned_] = slot;
    ++planned_;
    ready = issue + hit_cycles_;
  }
}

void Core::wake() {
  const Cycle now = shared_.calendar.now();
  commit_until(now);
  if (planned_ == head_ && head_ < window_.size() && ready_at_ + window_[head_].gap <= now)
    return execute(now);
  plan();
  // What the plan finds to do in this cycle is done now: cores take their turn by number, however far they
  // plan.
  if (shared_.calendar.wake_of(sleeper_) == now) {
    sleep_until(never);
    execute(now);
  }
}

void Core::prefetch() const {
  prefetch_range(&node_, this + 1);
}

void Core::soon(Cycle ahead) const {
  if (ahead > 1) return prefetch();
  __builtin_prefetch(&flights_[0], 1);
  __builtin_prefetch(&window_[head_]);
  __builtin_prefetch(&issue_[head_], 1);
  if (planned_ < window_.size()) cache_->prefetch(window_[planned_].line);
}

// A hit.
inline void Core::commit(const Access& access, CacheFront::Slot slot, Cycle at) {
  Value& content = cache_->commit(slot, access.kind);
  if (plain_)
    content += access.kind == Kind::load ? 0 : 1;
  else
    content = apply(access, content, at);
}

void Core::commit_until(Cycle end) {
  if (head_ == planned_ || issue_[head_] >= end) return;
  const Access* const accesses = window_.data();
  const CacheFront::Slot* const slots = slot_.data();
  const Cycle* const issues = issue_.data();
  const std::size_t planned = planned_;
  std::size_t i = head_;
  std::uint64_t operations = 0;
  do {
    if (i + ahead < planned) cache_->prefetch(accesses[i + ahead].line);
    commit(accesses[i], slots[i], issues[i]);
    operations += accesses[i].completes ? 1 : 0;
    ++i;
  } while (i < planned && issues[i] < end);
  head_ = i;
  ready_at_ = issues[i - 1] + hit_cycles_;
  count_operations(operations, ready_at_);
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
  const Access access = window_[head_];
  if (access.kind == Kind::spin && !spin_since_) spin_since_ = at;
  const CacheFront::Slot slot =
      in_order(access) ? cache_->probe(access.line, access.kind) : CacheArray::absent;
  if (slot != CacheArray::absent) {
    // The line that refused a miss may have arrived for another access since.
    if (refused_) shared_.statistics.stall_cycles_mshr += at - refused_since_;
    refused_ = false;
    commit(access, slot, at);
    ready_at_ = at + hit_cycles_;
    if (access.kind == Kind::spin) return spin_on(ready_at_);
    count_operations(access.completes ? 1 : 0, ready_at_);
    planned_ = ++head_;
    return plan();
  }
  const auto limit = static_cast<std::uint32_t>(flights_.size());
  if (outstanding_ == limit || !in_order(access)) {
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
  if (refused_) shared_.statistics.stall_cycles_mshr += at - refused_since_;
  refused_ = false;
  ++outstanding_;
  if (access.kind != Kind::spin) planned_ = ++head_;
  if (blocks(access)) {
    blocked_ = true;
  } else {
    ready_at_ = at + hit_cycles_;
    plan();
  }
}

Value Core::perform(Ticket ticket, Value content) {
  return apply(flights_[ticket].access, content, shared_.calendar.now());
}

void Core::perform_snapshot(Ticket ticket, Value content) {
  left_by(flights_[ticket].access, content);
  if (shared_.monitor != nullptr)
    shared_.monitor->loaded_snapshot(flights_[ticket].access.line, node_, content, flights_[ticket].issued,
                                     shared_.calendar.now());
}

void Core::completed(Ticket ticket) {
  Flight& flight = flights_[ticket];
  const Cycle now = shared_.calendar.now();
  const Cycle ready = now + hit_cycles_;
  flight.used = false;
  --outstanding_;
  const std::size_t kind = access_kind(flight.access.kind);
  shared_.statistics.latency[kind].add(ready - flight.issued);
  shared_.statistics.stall_cycles[kind] += now - flight.issued;
  if (blocks(flight.access)) {
    blocked_ = false;
    if (flight.access.kind == Kind::spin) return spin_on(ready);
    count_operations(flight.access.completes ? 1 : 0, ready);
    ready_at_ = ready;
    return plan();
  }
  count_operations(flight.access.completes ? 1 : 0, ready);
  if (std::exchange(blocked_, false)) {  // the access at head_ tries again; its gap has passed
    ready_at_ = now;
    window_[head_].gap = 0;
  }
  if (planned_ == head_) plan();
}

// A load of a spin at head_ has been performed: either it was the last one, or the next follows after the
// gap.
void Core::spin_on(Cycle ready) {
  ready_at_ = ready;
  const Access& access = window_[head_];
  const bool ends = value_dependent_         ? stream_->satisfied(operation_)
                    : dispatcher_ != nullptr ? dispatcher_->satisfied(node_)
                                             : true;
  if (ends) {
    spin_since_.reset();
    count_operations(access.completes ? 1 : 0, ready);
    planned_ = ++head_;
    return plan();
  }
  const Cycle next = ready + access.gap;
  if (shared_.exact_events || cache_->probe(access.line, access.kind) == CacheArray::absent)
    return sleep_until(next);
  spinning_ = true;
  spin_next_ = next;
}

// Commits the loads in vain that were issued before `end`.
void Core::count_spins(Cycle end) {
  if (spin_next_ >= end) return;
  const Access& access = window_[head_];
  const Cycle period = hit_cycles_ + access.gap;
  const Cycle times = (end - spin_next_ + period - 1) / period;
  cache_->commit(cache_->probe(access.line, access.kind), access.kind, times);
  spin_next_ += times * period;
  ready_at_ = spin_next_ - access.gap;
}

void Core::before_message() {
  if (spinning_)
    count_spins(shared_.calendar.now());
  else
    commit_until(shared_.calendar.now());
}

void Core::changed(LineNumber line) {
  if (spinning_) {
    if (window_[head_].line != line) return;
    spinning_ = false;
    return sleep_until(spin_next_);
  }
  for (std::size_t i = head_; i < planned_; ++i)
    if (window_[i].line == line) {
      planned_ = i;
      return sleep_until(issue_[i]);
    }
}

void Core::retry() {
  if (refused_) sleep_until(shared_.calendar.now());
}

std::optional<Core::Waiting> Core::waiting() const {
  if (spin_since_) return Waiting{window_[head_].line, Kind::spin, *spin_since_};
  const Flight* oldest = nullptr;
  for (const auto& flight : flights_)
    if (flight.used && (oldest == nullptr || flight.issued < oldest->issued)) oldest = &flight;
  if (oldest != nullptr) return Waiting{oldest->access.line, oldest->access.kind, oldest->issued};
  if (refused_) return Waiting{window_[head_].line, window_[head_].kind, refused_since_};
  return {};
}

}  // namespace baton::sim
