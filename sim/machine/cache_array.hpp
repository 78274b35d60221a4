#pragma once
// The tags of a set-associative cache, with the state and content of each line and the replacement policy's memory.
// It knows nothing of protocols: a state is a number, 0 is "not present".

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "protocols/core/types.hpp"
#include "sim/machine/parameters.hpp"

namespace baton::sim {

enum class Replacement : std::uint8_t { lru, tree_plru };

class CacheArray {
 public:
  /// A place for a line: set * ways + way.
  using Slot = std::int32_t;
  static constexpr Slot absent = -1;

  explicit CacheArray(const CacheParameters& parameters);

  /// The slot that holds the line, whatever its state; or absent. Changes nothing.
  Slot find(LineNumber line) const {
    const auto base = static_cast<std::size_t>(set_of(line)) * ways_;
    for (std::uint32_t way = 0; way < ways_; ++way)
      if (tags_[base + way] == line && states_[base + way] != 0) return static_cast<Slot>(base + way);
    return absent;
  }

  LineNumber line(Slot slot) const { return tags_[at(slot)]; }
  std::uint8_t state(Slot slot) const { return states_[at(slot)]; }
  Value& data(Slot slot) { return data_[at(slot)]; }
  void set_state(Slot slot, std::uint8_t state) { states_[at(slot)] = state; }
  void place(Slot slot, LineNumber line, std::uint8_t state) {
    tags_[at(slot)] = line;
    states_[at(slot)] = state;
  }

  /// Tells the replacement policy that the slot was used.
  void touch(Slot slot) {
    if (policy_ == Replacement::lru)
      touch_lru(slot);
    else
      touch_tree(slot);
  }

  /// Where a line may go: an empty slot of its set, else the policy's victim among the slots for which
  /// `evictable(slot)` holds, else absent.
  template <class Evictable>
  Slot place_for(LineNumber line, Evictable evictable) const {
    const auto base = static_cast<Slot>(set_of(line) * ways_);
    for (std::uint32_t way = 0; way < ways_; ++way)
      if (states_[at(base) + way] == 0) return base + static_cast<Slot>(way);
    return policy_ == Replacement::lru ? victim_lru(base, evictable) : victim_tree(base, evictable);
  }

  std::size_t slots() const { return tags_.size(); }

 private:
  static std::size_t at(Slot slot) { return static_cast<std::size_t>(slot); }
  std::uint32_t set_of(LineNumber line) const { return static_cast<std::uint32_t>(line) & set_mask_; }

  void touch_lru(Slot slot) {
    const std::uint8_t rank = ranks_[at(slot)];
    if (rank == 0) return;
    std::uint8_t* ranks = &ranks_[static_cast<std::uint32_t>(slot) / ways_ * ways_];
    for (std::uint32_t way = 0; way < ways_; ++way)
      ranks[way] = static_cast<std::uint8_t>(ranks[way] + (ranks[way] < rank ? 1 : 0));
    ranks_[at(slot)] = 0;
  }
  void touch_tree(Slot slot);

  template <class Evictable>
  Slot victim_lru(Slot base, Evictable evictable) const {
    Slot victim = absent;
    int oldest = -1;
    for (Slot slot = base; slot < base + static_cast<Slot>(ways_); ++slot)
      if (ranks_[at(slot)] > oldest && evictable(slot)) {
        oldest = ranks_[at(slot)];
        victim = slot;
      }
    return victim;
  }
  Slot tree_choice(Slot base) const;
  template <class Evictable>
  Slot victim_tree(Slot base, Evictable evictable) const {
    const Slot choice = tree_choice(base);
    if (evictable(choice)) return choice;
    for (Slot slot = base; slot < base + static_cast<Slot>(ways_); ++slot)
      if (evictable(slot)) return slot;
    return absent;
  }

  std::uint32_t ways_;
  std::uint32_t set_mask_;
  Replacement policy_;
  std::vector<LineNumber> tags_;
  std::vector<std::uint8_t> states_;
  std::vector<std::uint8_t> ranks_;   // LRU: 0 is the most recent of its set
  std::vector<std::uint64_t> trees_;  // tree-PLRU: bit i of a set's word is node i (1-based heap); 1: the victim is right
  std::vector<Value> data_;
};

}  // namespace baton::sim
