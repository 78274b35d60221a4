#pragma once
// The set of states that a search has seen, each with the state it was first reached from. A state is a byte
// string, its key. The set is cut into shards by the keys' hashes, so that threads fill it at once without a
// lock: one thread a shard at a time.
//
// With hash compaction (Wolper and Leroy, Reliable hashing without collision detection, CAV 1993; Stern and
// Dill, 1995) only a key's hash of 64 bits is kept, and the keys of the newest two levels of the search.

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace baton::checker {

/// A state: its number in its shard, and the shard in the lowest bits.
using StateId = std::uint32_t;
constexpr unsigned shard_bits = 6;
constexpr std::size_t shards = std::size_t{1} << shard_bits;

constexpr std::uint64_t mix(std::uint64_t x) {  // the finaliser of SplitMix64
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}
std::uint64_t hash_of(std::string_view key);
constexpr std::size_t shard_of_hash(std::uint64_t hash) {
  return static_cast<std::size_t>(hash >> (64 - shard_bits));
}
constexpr std::size_t shard_of(StateId state) {
  return state & (shards - 1);
}
constexpr std::uint32_t number_of(StateId state) {
  return state >> shard_bits;
}

class Shard {
 public:
  Shard(std::size_t number, bool compact) : number_(number), compact_(compact), slots_(64, no_state) {}

  /// The key's state; a new one if size() has grown. Throws std::length_error if there are too many.
  StateId add(std::string_view key, std::uint64_t hash, StateId parent);
  std::uint32_t size() const { return static_cast<std::uint32_t>(hashes_.size()); }
  /// With compaction, only of the states of the newest two levels.
  std::string_view key(std::uint32_t state) const;
  std::uint64_t hash(std::uint32_t state) const { return hashes_[state]; }
  StateId parent(std::uint32_t state) const { return parents_[state]; }
  /// The states added from now on are one step farther away.
  void begin_level();
  std::uint64_t bytes() const;

 private:
  /// Keys, each behind its length in two bytes; none crosses a chunk's end.
  struct Arena {
    std::vector<std::unique_ptr<char[]>> chunks;
    std::uint64_t end = 0;
    std::uint64_t append(std::string_view key);
    std::string_view at(std::uint64_t offset) const;
  };
  static constexpr std::uint64_t chunk_bytes = std::uint64_t{1} << 15;
  static constexpr std::uint32_t no_state = 0xFFFFFFFF;
  static constexpr std::uint32_t max_states = no_state >> shard_bits;

  void grow();
  std::size_t first_slot(std::uint64_t hash) const { return hash & (slots_.size() - 1); }

  std::size_t number_;
  bool compact_;
  std::vector<std::uint64_t> hashes_;
  std::vector<StateId> parents_;
  std::vector<std::uint64_t> offsets_;  ///< into keys; with compaction, of the newest two levels
  std::vector<std::uint32_t> slots_;    ///< open addressing, a power of two, at most three quarters full
  Arena keys_;
  Arena older_keys_;               ///< with compaction, those of the level before the newest
  std::uint32_t older_begin_ = 0;  ///< the first state whose key is kept
  std::uint32_t newest_begin_ = 0;
};

}  // namespace baton::checker
