#pragma once
// What must hold in the checked system, behind each step and at each access: SWMR, data values, and both in
// logical time. Belongs to check_model.hpp.

#include "protocols/core/check_model.hpp"

namespace baton::checker {

// Compares what an access sees with the golden value.
template <CoherenceProtocol P>
class Model<P>::Access final : public PendingAccess {
 public:
  Access(Model& model, World<P>& world, std::size_t cache, std::size_t line, Pending& pending)
      : model_(model), world_(world), cache_(cache), line_(line), pending_(pending) {}

  Value perform(Value content) override {
    if (!finish()) return content;
    if constexpr (has_time) return perform_in_time(content);
    if (content != world_.golden[line_])
      model_.violate("data value: cache " + std::to_string(cache_) + " performs on content " +
                     describe_content(content) + ", the last store left " +
                     std::to_string(world_.golden[line_]));
    const bool is_load = event_ == CacheEvent::Load;
    for (std::size_t i = 0; i < model_.shape_.caches; ++i) {
      const auto other = world_.caches[i].lines[line_].state;
      if (i != cache_ && (is_load ? model_.writable_ : model_.readable_)[index(other)])
        model_.violate("SWMR: cache " + std::to_string(cache_) + " performs a " +
                       std::string(name_of(event_)) + " while cache " + std::to_string(i) + " is in " +
                       std::string(name_of(other)));
    }
    return is_load ? content : write(content);
  }

  // A load may be older than stores that have been performed before it, but not at its logical time.
  Value perform_in_time(Value content) {
    const Tick at = world_.caches[cache_].clock.at;
    auto& versions = world_.versions[line_];
    const bool is_load = event_ == CacheEvent::Load;
    const Value expected = is_load ? versions.at(at) : versions.last().content;
    const std::string when = " at the logical time " + std::to_string(at);
    if (content != expected)
      model_.violate("data value: cache " + std::to_string(cache_) + " performs on content " +
                     describe_content(content) + when + ", when it was " + std::to_string(expected));
    if (is_load) {
      versions.note_load(at);
      return content;
    }
    const Tick before = std::max(versions.last().since, versions.last_load());
    if (at <= before)
      model_.violate("logical time: cache " + std::to_string(cache_) + " stores" + when +
                     ", not behind an access of " + std::to_string(before));
    for (std::size_t i = 0; i < model_.shape_.caches; ++i)
      if (i != cache_ && model_.writable_[index(world_.caches[i].lines[line_].state)])
        model_.violate("SWMR: cache " + std::to_string(cache_) + " stores while cache " + std::to_string(i) +
                       " owns the line");
    const Value written = write(content);
    if (model_.violation_.empty()) versions.add({at, static_cast<std::uint8_t>(written)});
    return written;
  }

  Value write(Value content) {
    const Value written = (content + 1) % static_cast<Value>(model_.parameters_.values);
    world_.golden[line_] = static_cast<std::uint8_t>(written);
    for (auto& other : world_.caches)
      other.pending[line_].seen = static_cast<std::uint8_t>(other.pending[line_].seen | 1U << written);
    return written;
  }

  void perform_snapshot(Value content) override {
    if (!finish()) return;
    if (event_ != CacheEvent::Load)
      model_.violate("a snapshot ends an access that is not a load");
    else if ((seen_ >> content & 1U) == 0)
      model_.violate("data value: the snapshot " + describe_content(content) + " at cache " +
                     std::to_string(cache_) + " was not current at any moment since the load was issued");
  }

  void performed_at_home() override {
    if (pending_.event != Pending::none)
      model_.violate("cache " + std::to_string(cache_) + " ends an access that the home has not performed");
  }

 private:
  bool finish() {
    if (pending_.event == Pending::none) {
      model_.violate("cache " + std::to_string(cache_) + " performs an access that no core waits for");
      return false;
    }
    event_ = static_cast<CacheEvent>(pending_.event);
    seen_ = pending_.seen;
    pending_ = {};
    model_.served_ = true;
    StoreBuffer& buffer = world_.caches[cache_].buffer;
    if (event_ == CacheEvent::Store && buffer.size() > 0)
      buffer.pop();
    else if (buffer.holds(line_))
      model_.violate("per-location sequential consistency: a " + std::string(name_of(event_)) + " of core " +
                     std::to_string(cache_) + " passes the core's own store to the line");
    return true;
  }

  Model& model_;
  World<P>& world_;
  std::size_t cache_;
  std::size_t line_;
  Pending& pending_;
  CacheEvent event_{};
  std::uint8_t seen_ = 0;
};

// A read-modify-write at the home is checked as one in a cache that nobody shares the line with.
template <CoherenceProtocol P>
class Model<P>::Far final : public FarAccess {
 public:
  Far(Model& model, World<P>& world) : model_(model), world_(world) {}
  Value perform(NodeId requestor, LineNumber line, Value content) override {
    if (requestor >= model_.shape_.caches) {
      model_.violate("the home performs an access of nobody");
      return content;
    }
    const auto number = static_cast<std::size_t>(line);
    Pending& pending = world_.caches[requestor].pending[number];
    if (pending.event == index(CacheEvent::Load) || pending.event == index(CacheEvent::Store))
      model_.violate("the home performs an access that is not a read-modify-write");
    return Access(model_, world_, requestor, number, pending).perform(content);
  }

 private:
  Model& model_;
  World<P>& world_;
};

template <CoherenceProtocol P>
void Model<P>::check_permissions(const World<P>& world, std::size_t line) {
  std::size_t readers = 0;
  std::size_t writers = 0;
  for (std::size_t i = 0; i < shape_.caches; ++i) {
    const std::size_t state = index(world.caches[i].lines[line].state);
    readers += readable_[state] ? 1U : 0U;
    writers += writable_[state] ? 1U : 0U;
  }
  const bool is_shared = !has_time && writers == 1 && readers > 1;
  if (writers > 1 || is_shared) violate("SWMR: " + describe_world(world));
}

// SWMR in logical time: at every moment until its lease ends, a copy is what the line contains. Nobody can
// store there any more, for a store is behind all versions.
template <CoherenceProtocol P>
void Model<P>::check_time(const World<P>& world, std::size_t line) {
  Tick oldest = ~Tick{0};
  Tick newest = 0;
  for (std::size_t i = 0; i < shape_.caches; ++i) {
    const auto& copy = world.caches[i].lines[line];
    const Tick now = world.caches[i].clock.now;
    oldest = std::min(oldest, now);
    newest = std::max(newest, now);
    if (!readable_[index(copy.state)] || writable_[index(copy.state)]) continue;
    for (Tick at = now; at <= copy.rts; ++at)
      if (world.versions[line].at(at) != copy.data)
        violate("SWMR: cache " + std::to_string(i) + " has a lease of " + describe_content(copy.data) +
                " until " + std::to_string(copy.rts) + ", but at " + std::to_string(at) +
                " the line contains " + std::to_string(world.versions[line].at(at)));
  }
  left_window_ = newest - oldest > static_cast<Tick>(parameters_.clock_window);
}

}  // namespace baton::checker
