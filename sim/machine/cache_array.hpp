#pragma once
// The tags of a set-associative cache, with the state and content of each line and the replacement policy's
// memory. It knows nothing of protocols: a state is a number, 0 is "not present".
//
// A hit is what the simulator does most, so a set lies in a few whole host cache lines, and neither the
// search nor LRU branches on data.

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
    const std::uint64_t* tags = words(set);
    std::uint64_t match = 0;
    if (ways_ == 8) {
      for (unsigned way = 0; way < 8; ++way) match |= static_cast<std::uint64_t>(tags[way] == line) << way;
    } else {
      for (unsigned way = 0; way < ways_; ++way)
        match |= static_cast<std::uint64_t>(tags[way] == line) << way;
    }
    return match == 0 ? absent : slot_of(set, static_cast<std::uint32_t>(std::countr_zero(match)));
  }

  LineNumber line(Slot slot) const { return words(set(slot))[way(slot)]; }
  std::uint8_t state(Slot slot) const { return bytes(set(slot), states_)[way(slot)]; }
  Value& data(Slot slot) { return words(set(slot))[ways_ + way(slot)]; }

  /// Not to 0: see clear().
  void set_state(Slot slot, std::uint8_t state) { bytes(set(slot), states_)[way(slot)] = state; }
  void place(Slot slot, LineNumber line, std::uint8_t state) {
    words(set(slot))[way(slot)] = line;
    set_state(slot, state);
  }
  void clear(Slot slot) { place(slot, no_line, 0); }

  /// The line in the slot is used, and its state becomes after(state). Returns its content.
  template <class After>
  Value& use(Slot slot, After after) {
    // All addresses first: for all that the compiler knows, the bytes written below are the members.
    std::uint64_t* const set = words(this->set(slot));
    std::uint64_t* const ranks = set + ranks_;
    const std::uint32_t rank_words = states_ - ranks_;
    std::uint8_t& state = reinterpret_cast<std::uint8_t*>(set + states_)[way(slot)];
    Value& content = set[ways_ + way(slot)];
    if (policy_ == Replacement::lru)
      make_youngest(ranks, rank_words, way(slot));
    else
      touch_tree(slot);
    state = after(state);
    return content;
  }

  /// Tells the replacement policy that the slot was used.
  void touch(Slot slot) {
    if (policy_ == Replacement::lru)
      make_youngest(words(set(slot)) + ranks_, states_ - ranks_, way(slot));
    else
      touch_tree(slot);
  }

  /// Where a line may go: an empty slot of its set, else the policy's victim among the slots for which
  /// `evictable(slot)` holds, else absent.
  template <class Evictable>
  Slot place_for(LineNumber line, Evictable evictable) const {
    const std::uint32_t set = set_of(line);
    for (std::uint32_t way = 0; way < ways_; ++way)
      if (words(set)[way] == no_line) return slot_of(set, way);
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

  void prefetch(LineNumber line) const {
    const std::uint64_t* set = words(set_of(line));
    for (std::uint32_t i = 0; i < stride_; i += 8) __builtin_prefetch(set + i, 1);
  }

 private:
  static constexpr LineNumber no_line = ~LineNumber{0};  // more than any address has

  static std::uint32_t set(Slot slot) { return static_cast<std::uint32_t>(slot) / 64; }
  static std::uint32_t way(Slot slot) { return static_cast<std::uint32_t>(slot) % 64; }
  static Slot slot_of(std::uint32_t set, std::uint32_t way) { return static_cast<Slot>(set * 64 + way); }
  std::uint32_t set_of(LineNumber line) const { return static_cast<std::uint32_t>(line) & set_mask_; }

  std::uint64_t* words(std::uint32_t set) const { return words_.get() + std::size_t{set} * stride_; }
  std::uint8_t* bytes(std::uint32_t set, std::uint32_t from) const {
    return reinterpret_cast<std::uint8_t*>(words(set) + from);
  }

  // Eight ranks at a time: those younger than the way's age by one, and the way becomes the youngest. Ranks
  // are below 128, so (rank | 128) - age keeps its top bit just where rank >= age, and nothing borrows.
  static void make_youngest(std::uint64_t* packed, std::uint32_t count, std::uint32_t way) {
    constexpr std::uint64_t ones = 0x0101010101010101;
    auto* const ranks = reinterpret_cast<std::uint8_t*>(packed);
    const std::uint64_t age = ranks[way] * ones;
    for (std::uint32_t i = 0; i < count; ++i) packed[i] += (~((packed[i] | 128 * ones) - age) >> 7) & ones;
    ranks[way] = 0;
  }
  void touch_tree(Slot slot);
  Slot tree_choice(std::uint32_t set) const;

  struct Free {
    void operator()(std::uint64_t* p) const;
  };

  std::uint32_t ways_;
  std::uint32_t set_mask_;
  Replacement policy_;
  // A set in words of eight bytes: tags [0, ways), contents [ways, 2 ways), ranks from ranks_, states from
  // states_ (a byte a way each), then the tree (tree-PLRU: bit i is node i of a 1-based heap; 1: the victim
  // is to the right).
  std::uint32_t ranks_;
  std::uint32_t states_;
  std::uint32_t tree_;
  std::uint32_t stride_;
  std::unique_ptr<std::uint64_t[], Free> words_;
};

}  // namespace baton::sim
