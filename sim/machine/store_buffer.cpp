#include "sim/machine/store_buffer.hpp"

#include <algorithm>

#include "sim/machine/contended_lines.hpp"
#include "sim/machine/timeline.hpp"

namespace baton::sim {

using traces::Kind;

StoreBuffer::StoreBuffer(Owner& owner, NodeId node, Shared& shared, Cycle hit_cycles)
    : owner_(owner),
      node_(node),
      shared_(shared),
      hit_cycles_(hit_cycles),
      capacity_(shared.parameters.core.store_buffer),
      sleeper_(shared.calendar.add_sleeper(*this)) {}

void StoreBuffer::push(const Entry& entry) {
  entries_.push_back(entry);
  if (entries_.size() == 1) shared_.calendar.set_wake(sleeper_, std::max(free_, shared_.calendar.now() + 1));
}

StoreBuffer::Found StoreBuffer::find(const traces::Operation& load) const {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    const traces::Operation& store = entry->operation;
    // Distances, not ends: an operation may end where addresses do.
    const bool overlaps = store.address <= load.address ? load.address - store.address < store.size
                                                        : store.address - load.address < load.size;
    if (!overlaps) continue;
    const bool covers = entry->whole && store.address <= load.address &&
                        load.address - store.address + load.size <= store.size;
    // A word is forwarded as it was stored, not a part of it.
    return covers ? Found{Finds::all, entry->value} : Found{Finds::part, 0};
  }
  return {};
}

// The oldest entry goes to the cache.
void StoreBuffer::wake() {
  const Cycle now = shared_.calendar.now();
  const Entry& oldest = entries_.front();
  if (!refused_) since_ = now;
  CacheFront::Hit hit;
  if (cache_->hit(oldest.line, Kind::store, hit)) {
    refused_ = false;
    Value& content = cache_->content(oldest.line);
    content = owner_.drain(oldest, content);
    return pop(now + hit_cycles_);
  }
  refused_ = !cache_->request(oldest.line, Kind::store, ticket);
  in_flight_ = !refused_;
  if (in_flight_ && shared_.lines != nullptr)
    shared_.lines->asks_for(
        oldest.line, node_,
        bytes_touched(oldest.operation, oldest.line, shared_.parameters.cache.line_bytes));
}

void StoreBuffer::completed() {
  const Cycle ready = shared_.calendar.now() + hit_cycles_;
  shared_.statistics.latency[access_kind(Kind::store)].add(ready - since_);
  if (shared_.is_watched()) note_transaction(ready);
  in_flight_ = false;
  pop(ready);
}

void StoreBuffer::note_transaction(Cycle ready) const {
  const LineNumber line = entries_.front().line;
  const Cycle now = shared_.calendar.now();
  if (shared_.lines != nullptr) {
    shared_.lines->waited(line, access_kind(Kind::store), now - since_);
    shared_.lines->performed(line, node_, Kind::store);
  }
  if (shared_.timeline != nullptr)
    shared_.timeline->transaction(node_, ticket, line, Kind::store, since_, ready);
}

void StoreBuffer::retry() {
  if (refused_) shared_.calendar.set_wake(sleeper_, shared_.calendar.now());
}

void StoreBuffer::pop(Cycle ready) {
  entries_.pop_front();
  free_ = ready;
  if (!entries_.empty()) shared_.calendar.set_wake(sleeper_, ready);
  owner_.popped(ready);
}

std::optional<StoreBuffer::Waiting> StoreBuffer::waiting() const {
  if (!in_flight_ && !refused_) return {};
  return Waiting{entries_.front().line, since_};
}

}  // namespace baton::sim
