#pragma once
// A store of keys and values in two shapes: an event loop that serves one request at a time (Redis), and
// slots that threads access by atomic operations. A value is as many words as one atomic operation can
// change, one: larger ones would need more than atomics in the second shape.

#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "traces/programs/parts/lock.hpp"
#include "traces/programs/parts/retry.hpp"
#include "traces/synthetic/zipf.hpp"

namespace baton::programs {

inline constexpr std::string_view write_by_choices[] = {"compare_exchange", "fetch_add"};

/// Of stores; for programs that have padding_parameter() and locks, too.
inline constexpr Parameter key_store_parameters[] = {
    {"keys", Parameter::Type::integer, 10'000, 1, 1e8, "", "in the store"},
    {"key_skew", Parameter::Type::real, 0.99, 0, 5, "",
     "exponent of the keys' Zipf distribution; 0: uniform (0.99: YCSB, Cooper et al., SoCC 2010)"},
    {"read_fraction", Parameter::Type::real, 0.95, 0, 1, "",
     "of requests that read (0.5, 0.95, 1: YCSB A, B, C; 0.97: Atikoglu et al., SIGMETRICS 2012)"},
    {"inside_cycles", Parameter::Type::integer, 2000, 0, 1e9, "cycles",
     "of a request that an event loop spends itself: reading, parsing, replying. redis-benchmark: 0.9 to 1.4 "
     "million requests/s a core when 16 share a system call, so about 2000 cycles; 0.1 million if none "
     "share, so about 25,000"},
    {"outside_cycles", Parameter::Type::integer, 0, 0, 1e9, "cycles",
     "of a request outside an event loop: the network, threads that read and write sockets for it"},
    {"write_by", Parameter::Type::choice, 0, 0, 1, "",
     "lock_free: a write loads its slot and swaps it in (it depends on the value before), or is one atomic "
     "operation",
     write_by_choices},
    {"shards", Parameter::Type::integer, 64, 1, 1e6, "", "parts that the keys are divided into"},
    {"shard_counters", Parameter::Type::flag, 0, 0, 1, "",
     "each request also counts itself in a word of its shard, as services do for their statistics"},
    placement_parameter("slots", "how the keys' slots lie in lines"),
};

/// The keys of requests: hot keys lie anywhere among the slots.
class KeyDraw {
 public:
  explicit KeyDraw(const ParameterValues& values) : keys_(values.integer("keys")), step_(keys_ * 5 / 8 + 1) {
    if (values["key_skew"] > 0) zipf_.emplace(keys_, values["key_skew"]);
    while (std::gcd(step_, keys_) != 1) ++step_;
  }
  std::uint64_t operator()(traces::Random& random) const {
    const std::uint64_t rank = zipf_ ? (*zipf_)(random) : random.below(keys_);
    return rank * step_ % keys_;
  }

 private:
  std::uint64_t keys_;
  std::uint64_t step_;  // no common divisor with keys_: each key has one rank
  std::optional<traces::Zipf> zipf_;
};

class KeyStore {
 public:
  explicit KeyStore(Setup& setup)
      : inside_cycles_(setup.parameters.integer("inside_cycles")),
        slots_(
            setup.memory.array(setup.parameters.integer("keys"), 2, placement_of(setup.parameters, "slots"))),
        counts_shards_(setup.parameters.flag("shard_counters")),
        shards_(setup.memory.array(setup.parameters.integer("shards"))),
        written_(slots_.size),
        requests_(shards_.size),
        cas_attempts_(setup.counter("slot_cas_attempts")),
        cas_failures_(setup.counter("slot_cas_failures")),
        serve_(setup.phase("serve")),
        access_(setup.phase("slot_access")) {}
  KeyStore(const KeyStore&) = delete;
  KeyStore& operator=(const KeyStore&) = delete;
  virtual ~KeyStore() = default;

  /// Serves one request, all of what an event loop would do for it. A write gives the key its next version.
  virtual Task<> serve(Thread& t, std::uint64_t key, bool write) = 0;

  std::optional<std::string> self_check(const Contents& memory) const {
    if (!fault_.empty()) return fault_;
    for (std::uint64_t key = 0; key < slots_.size; ++key)
      if (const Slot slot = last(memory, key); slot.version != written_[key] || slot.value != written_[key])
        return "key " + std::to_string(key) + ' ' + text(slot) + " after " + std::to_string(written_[key]) +
               " writes";
    for (std::uint64_t shard = 0; shard < shards_.size; ++shard)
      if (const std::uint64_t found = memory.last(shards_[shard]); found != requests_[shard])
        return "shard " + std::to_string(shard) + " has counted " + std::to_string(found) + " requests of " +
               std::to_string(requests_[shard]);
    return more_faults(memory);
  }

 protected:
  /// What a key holds: how often it was written, and the value of that write, which is the same number.
  struct Slot {
    std::uint64_t version = 0;
    std::uint64_t value = 0;
  };
  virtual Slot last(const Contents& memory, std::uint64_t key) const = 0;
  virtual std::optional<std::string> more_faults(const Contents&) const { return {}; }

  std::uint64_t writes(std::uint64_t key) const { return written_[key]; }
  /// `writes_before`: those completed when the read began, which it must see.
  void has_read(std::uint64_t key, std::uint64_t writes_before, Slot slot) {
    if (fault_.empty() && (slot.version != slot.value || slot.version < writes_before))
      fault_ = "key " + std::to_string(key) + " was read when it " + text(slot) + ", after " +
               std::to_string(writes_before) + " writes were complete";
  }
  void has_written(std::uint64_t key) { ++written_[key]; }
  std::uint64_t shard_of(std::uint64_t key) const { return key % shards_.size; }

  std::uint64_t inside_cycles_;
  Array slots_;
  bool counts_shards_;
  Array shards_;
  // What the self-check compares memory with, counted when a request is complete.
  std::vector<std::uint64_t> written_, requests_;
  Counter cas_attempts_, cas_failures_;
  PhaseName serve_, access_;

 private:
  static std::string text(Slot slot) {
    return "had version " + std::to_string(slot.version) + " and value " + std::to_string(slot.value);
  }
  std::string fault_;
};

/// One request after the other. Redis has one thread for all; here whoever has a request runs the loop for it
/// under a lock. That moves the data to the request's core, where Redis moves the request to the data's; and
/// with a lock whose losers sleep the loop waits for them to wake, where Redis goes on while it has requests.
class EventLoopStore final : public KeyStore {
 public:
  EventLoopStore(Setup& setup, LockKind lock)
      : KeyStore(setup), lock_(make_lock(setup, lock)), wait_(setup.phase("loop_lock")) {}

  Task<> serve(Thread& t, std::uint64_t key, bool write) override {
    t.enter(wait_);
    co_await lock_->acquire(t);
    t.leave();
    {
      const auto phase = t.phase(serve_);
      co_await t.compute(inside_cycles_);
      co_await access(t, key, write);
      if (counts_shards_) {
        const Address counter = shards_[shard_of(key)];
        co_await t.store(counter, co_await t.load(counter) + 1);
        ++requests_[shard_of(key)];
      }
    }
    co_await lock_->release(t);
  }

 private:
  Slot last(const Contents& memory, std::uint64_t key) const override {
    return {memory.last(slots_[key]), memory.last(slots_[key] + word_bytes)};
  }
  std::optional<std::string> more_faults(const Contents& memory) const override {
    if (lock_->is_free(memory)) return {};
    return "the event loop's lock is still taken";
  }

  Task<> access(Thread& t, std::uint64_t key, bool write) {
    const auto phase = t.phase(access_);
    const std::uint64_t before = writes(key);
    Slot slot;
    slot.version = co_await t.load(slots_[key]);
    if (write) {
      co_await t.store(slots_[key], slot.version + 1);
      co_await t.store(slots_[key] + word_bytes, slot.version + 1);
      has_written(key);
    } else {
      slot.value = co_await t.load(slots_[key] + word_bytes);
      has_read(key, before, slot);
    }
  }

  std::unique_ptr<Lock> lock_;
  PhaseName wait_;
};

/// All requests at once. A slot is one word: the version above, the value below.
class LockFreeStore final : public KeyStore {
 public:
  explicit LockFreeStore(Setup& setup)
      : KeyStore(setup),
        swaps_(setup.parameters.choice("write_by") == "compare_exchange"),
        backoff_(setup.parameters) {}

  Task<> serve(Thread& t, std::uint64_t key, bool write) override {
    const auto phase = t.phase(serve_);
    co_await t.compute(inside_cycles_);
    if (write)
      co_await this->write(t, key);
    else
      co_await read(t, key);
    if (counts_shards_) {
      co_await t.fetch_add(shards_[shard_of(key)], 1);
      ++requests_[shard_of(key)];
    }
  }

 private:
  static constexpr std::uint64_t next_version = (std::uint64_t{1} << 32) + 1;
  static Slot unpacked(std::uint64_t word) { return {word >> 32, word & 0xFFFF'FFFF}; }

  Slot last(const Contents& memory, std::uint64_t key) const override {
    return unpacked(memory.last(slots_[key]));
  }

  Task<> read(Thread& t, std::uint64_t key) {
    const auto phase = t.phase(access_);
    const std::uint64_t before = writes(key);
    const std::uint64_t word = co_await t.load(slots_[key]);
    has_read(key, before, unpacked(word));
  }

  Task<> write(Thread& t, std::uint64_t key) {
    const auto phase = t.phase(access_);
    if (swaps_) {
      Backoff::Delays delays = backoff_.delays();
      std::uint64_t word = co_await t.load(slots_[key]);
      for (;;) {
        t.count(cas_attempts_);
        const Compared swapped = co_await t.compare_exchange(slots_[key], word, word + next_version);
        if (swapped) break;
        t.count(cas_failures_);
        word = co_await after_failure(t, delays, slots_[key], swapped.seen);
      }
    } else {
      co_await t.fetch_add(slots_[key], next_version);
    }
    has_written(key);
  }

  bool swaps_;
  Backoff backoff_;
};

inline std::unique_ptr<KeyStore> make_key_store(Setup& setup, bool locked, LockKind lock) {
  if (locked) return std::make_unique<EventLoopStore>(setup, lock);
  return std::make_unique<LockFreeStore>(setup);
}

}  // namespace baton::programs
