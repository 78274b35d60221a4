#pragma once
// The tags of a set-associative cache, with the state and content of each line and the replacement policy's
// memory. It knows nothing of protocols: a state is a number, 0 is "not present".
//
// A hit is what the simulator does most. What it needs of a set (a byte of each tag's hash, the policy's
// memory, the states, the tags) lies together in few host cache lines; eight ways are compared at a time, and
// neither the search nor LRU branches on data that the host could not foresee.

#include <bit>
#include <cstdint>
#include <memory>

#include "protocols/core/types.hpp"
#include "sim/machine/parameters.hpp"

namespace baton::sim {

enum class Replacement : std::uint8_t { lru, tree_plru };

class CacheArray {
 public:
  /// A place for a line: set * 64 + way.
  using Slot = std::int32_t;
  static constexpr Slot absent = -1;

  explicit CacheArray(const CacheParameters& parameters);

  /// The slot that holds the line, whatever its state; or absent. Changes nothing.
  Slot find(LineNumber line) const {
    const std::uint32_t set = set_of(line);
    const std::uint64_t* const base = words(set);
    const std::uint64_t wanted = hash_of(line) * ones;
    for (std::uint32_t i = 0; i < byte_words_; ++i) {
      // The lowest byte that is zero gets its top bit; above it bits may be wrong, so each is verified.
      const std::uint64_t differs = base[i] ^ wanted;
      for (std::uint64_t match = (differs - ones) & ~differs & tops; match != 0; match &= match - 1) {
        const std::uint32_t way = i * 8 + static_cast<std::uint32_t>(std::countr_zero(match)) / 8;
        if (base[tags_ + way] == line) return slot_of(set, way);
      }
    }
    return absent;
  }

  LineNumber line(Slot slot) const { return words(set(slot))[tags_ + way(slot)]; }
  std::uint8_t state(Slot slot) const { return bytes(set(slot), states_)[way(slot)]; }
  Value& data(Slot slot) { return contents_[set(slot) * ways_ + way(slot)]; }

  /// Not to 0: see clear().
  void set_state(Slot slot, std::uint8_t state) { bytes(set(slot), states_)[way(slot)] = state; }
  void place(Slot slot, LineNumber line, std::uint8_t state) {
    bytes(set(slot), 0)[way(slot)] = hash_of(line);
    words(set(slot))[tags_ + way(slot)] = line;
    set_state(slot, state);
  }
  void clear(Slot slot) { place(slot, no_line, 0); }

  /// What the replacement policy knows of a slot's set, so much as a touch() of the slot changes.
  using Recency = std::uint64_t;
  /// Tells the replacement policy that the slot was used. Returns what undo_touch() wants.
  Recency touch(Slot slot) {
    std::uint64_t* const base = words(set(slot));
    if (policy_ == Replacement::lru) return make_youngest(base + ranks_, byte_words_, way(slot));
    const Recency before = base[tree_];
    touch_tree(slot);
    return before;
  }
  /// Takes the slot's last touch() back. Touches are taken back in reverse order.
  void undo_touch(Slot slot, Recency before) {
    std::uint64_t* const base = words(set(slot));
    if (policy_ == Replacement::lru)
      make_older(base + ranks_, byte_words_, way(slot), before);
    else
      base[tree_] = before;
  }

  /// Where a line may go: an empty slot of its set, else the policy's victim among the slots for which
  /// `evictable(slot)` holds, else absent.
  template <class Evictable>
  Slot place_for(LineNumber line, Evictable evictable) const {
    const std::uint32_t set = set_of(line);
    for (std::uint32_t way = 0; way < ways_; ++way)
      if (words(set)[tags_ + way] == no_line) return slot_of(set, way);
    if (policy_ == Replacement::tree_plru) {
      const Slot choice = tree_choice(set);
      if (evictable(choice)) return choice;
    }
    Slot victim = absent;
    int oldest = -1;
    for (std::uint32_t way = 0; way < ways_; ++way)
      if (bytes(set, ranks_)[way] > oldest && evictable(slot_of(set, way))) {
        oldest = bytes(set, ranks_)[way];
        victim = slot_of(set, way);
      }
    return victim;
  }

  /// Brings what a hit needs into the host's caches.
  void prefetch(LineNumber line) const {
    const std::uint64_t* const base = words(set_of(line));
    for (std::uint32_t i = 0; i < stride_; i += 8) __builtin_prefetch(base + i, 1);
  }

 private:
  static constexpr LineNumber no_line = ~LineNumber{0};  // more than any address has
  static constexpr std::uint64_t ones = 0x0101010101010101;
  static constexpr std::uint64_t tops = 128 * ones;

  static std::uint32_t set(Slot slot) { return static_cast<std::uint32_t>(slot) / 64; }
  static std::uint32_t way(Slot slot) { return static_cast<std::uint32_t>(slot) % 64; }
  static Slot slot_of(std::uint32_t set, std::uint32_t way) { return static_cast<Slot>(set * 64 + way); }
  std::uint32_t set_of(LineNumber line) const { return static_cast<std::uint32_t>(line) & set_mask_; }
  // Fibonacci hashing (Knuth, vol. 3, section 6.4): the top byte depends on all bits.
  static std::uint8_t hash_of(LineNumber line) {
    return static_cast<std::uint8_t>(line * 0x9E3779B97F4A7C15ULL >> 56);
  }

  std::uint64_t* words(std::uint32_t set) const { return words_.get() + std::size_t{set} * stride_; }
  std::uint8_t* bytes(std::uint32_t set, std::uint32_t from) const {
    return reinterpret_cast<std::uint8_t*>(words(set) + from);
  }

  // Eight ranks at a time: those younger than the way's age by one, and the way becomes the youngest. Ranks
  // are below 128, so (rank | 128) - age keeps its top bit just where rank >= age, and nothing borrows.
  // Returns the way's age.
  static Recency make_youngest(std::uint64_t* packed, std::uint32_t count, std::uint32_t way) {
    auto* const ranks = reinterpret_cast<std::uint8_t*>(packed);
    const std::uint64_t age = ranks[way];
    for (std::uint32_t i = 0; i < count; ++i) packed[i] += (~((packed[i] | tops) - age * ones) >> 7) & ones;
    ranks[way] = 0;
    return age;
  }
  // The reverse: ranks 1 .. age fall by one. The way's own 0 does, too, but is set last.
  static void make_older(std::uint64_t* packed, std::uint32_t count, std::uint32_t way, Recency age) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint64_t at_most_age = (~((packed[i] | tops) - (age + 1) * ones) >> 7) & ones;
      const std::uint64_t zero = (~((packed[i] | tops) - ones) >> 7) & ones;
      packed[i] -= at_most_age & ~zero;
    }
    reinterpret_cast<std::uint8_t*>(packed)[way] = static_cast<std::uint8_t>(age);
  }
  void touch_tree(Slot slot);
  Slot tree_choice(std::uint32_t set) const;

  struct Free {
    void operator()(std::uint64_t* p) const;
  };

  std::uint32_t ways_;
  std::uint32_t set_mask_;
  Replacement policy_;
  // A set in words of eight bytes: hashes from 0, ranks from ranks_, states from states_ (a byte a way each),
  // the tree (tree-PLRU: bit i is node i of a 1-based heap; 1: the victim is to the right), and tags from
  // tags_.
  std::uint32_t byte_words_;
  std::uint32_t ranks_;
  std::uint32_t states_;
  std::uint32_t tree_;
  std::uint32_t tags_;
  std::uint32_t stride_;
  std::unique_ptr<std::uint64_t[], Free> words_;
  std::unique_ptr<Value[]> contents_;  // by set and way
};

}  // namespace baton::sim
