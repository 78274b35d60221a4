#pragma once
// The tags of a set-associative cache, with the state and content of each line and the replacement policy's
// memory. It knows nothing of protocols: a state is a number, 0 is "not present".
//
// A hit is what the simulator does most. What it needs of a set (a byte of each tag's hash, the policy's
// memory, the states, the tags) lies together in few host cache lines; eight ways are compared at a time, and
// neither the search nor LRU branches on data that the host could not foresee.

#include <cstdint>
#include <memory>

#include "protocols/core/types.hpp"
#include "sim/machine/parameters.hpp"

namespace baton::sim {

enum class Replacement : std::uint8_t { lru, tree_plru };

/// The sets. A small object that is copied freely: a copy in a local variable stays in the host's registers
/// whatever is written to the sets, which the compiler could not know of members. Functions with the
/// parameter `usual` come in two forms, the faster one for eight ways and LRU: see is_usual().
class CacheSets {
 public:
  /// A line's place: a way of a set. `set` is null if there is none.
  struct Place {
    std::uint64_t* set;
    std::uint32_t way;

    bool operator==(const Place&) const = default;
  };
  /// So much of what the replacement policy knows of a set as one touch() changes.
  using Recency = std::uint64_t;
  static constexpr LineNumber no_line = ~LineNumber{0};  // more than any address has

  CacheSets(std::uint64_t* words, const CacheParameters& parameters);
  static constexpr std::uint32_t stride_of(std::uint32_t ways) {
    return (3 * ((ways + 7) / 8) + 1 + 2 * ways + 7) / 8 * 8;
  }

  bool is_usual() const { return ways_ == usual_ways && policy_ == Replacement::lru; }

  std::uint32_t set_of(LineNumber line) const { return static_cast<std::uint32_t>(line) & set_mask_; }
  template <bool usual = false>
  std::uint64_t* set(std::uint32_t number) const {
    return words_ + std::size_t{number} * stride<usual>();
  }

  /// Where the line is, whatever its state.
  template <bool usual = false>
  Place find(LineNumber line) const {
    std::uint64_t* const base = set<usual>(set_of(line));
    const std::uint64_t wanted = hash_of(line) * ones;
    for (std::uint32_t i = 0; i < byte_words<usual>(); ++i) {
      // The lowest byte that is zero gets its top bit; above it bits may be wrong, so each is verified.
      const std::uint64_t differs = base[i] ^ wanted;
      for (std::uint64_t match = (differs - ones) & ~differs & tops; match != 0; match &= match - 1) {
        const std::uint32_t way = i * 8 + static_cast<std::uint32_t>(__builtin_ctzll(match)) / 8;
        if (base[tags<usual>() + way] == line) return {base, way};
      }
    }
    return {nullptr, 0};
  }

  LineNumber line(Place place) const { return place.set[tags() + place.way]; }
  void set_line(Place place, LineNumber line) const {
    bytes(place.set)[place.way] = hash_of(line);
    place.set[tags() + place.way] = line;
  }
  template <bool usual = false>
  std::uint8_t& state(Place place) const {
    return bytes(place.set + 2 * byte_words<usual>())[place.way];
  }
  Value& content(Place place) const { return place.set[tags() + ways_ + place.way]; }
  /// LRU: 0 is the youngest.
  std::uint8_t age(Place place) const { return bytes(place.set + byte_words_)[place.way]; }

  /// Tells the replacement policy that the line was used. Returns what undo_touch() wants.
  template <bool usual = false>
  Recency touch(Place place) const {
    if (usual || policy_ == Replacement::lru) return make_youngest<usual>(place);
    const Recency before = tree(place.set);
    touch_tree(place);
    return before;
  }
  /// Takes the place's last touch() back. Touches are taken back in reverse order.
  void undo_touch(Place place, Recency before) const {
    if (policy_ == Replacement::lru)
      make_older(place, before);
    else
      tree(place.set) = before;
  }
  /// Tree-PLRU: the way that the tree points to.
  std::uint32_t tree_choice(const std::uint64_t* set) const;

  /// Brings what a hit needs into the host's caches.
  template <bool usual = false>
  [[gnu::always_inline]] void prefetch(LineNumber line) const {
    const std::uint64_t* const base = set<usual>(set_of(line));
    const std::uint32_t end = tags<usual>() + (usual ? usual_ways : ways_);
    for (std::uint32_t i = 0; i < end; i += 8) __builtin_prefetch(base + i, 1);
  }
  /// The whole set, with the lines' contents.
  [[gnu::always_inline]] void prefetch_set(LineNumber line) const {
    const std::uint64_t* const base = set(set_of(line));
    for (std::uint32_t i = 0; i < stride_; i += 8) __builtin_prefetch(base + i, 1);
  }

 private:
  static constexpr std::uint64_t ones = 0x0101010101010101;
  static constexpr std::uint64_t tops = 128 * ones;
  static constexpr std::uint32_t usual_ways = 8;

  // Fibonacci hashing (Knuth, vol. 3, section 6.4): the top byte depends on all bits. Never 0: that is where
  // a set has no way.
  static std::uint8_t hash_of(LineNumber line) {
    return static_cast<std::uint8_t>(line * 0x9E3779B97F4A7C15ULL >> 56 | 1);
  }
  static std::uint8_t* bytes(std::uint64_t* words) { return reinterpret_cast<std::uint8_t*>(words); }
  template <bool usual>
  std::uint32_t byte_words() const {
    return usual ? 1 : byte_words_;
  }
  template <bool usual>
  std::uint32_t stride() const {
    return usual ? stride_of(usual_ways) : stride_;
  }
  template <bool usual = false>
  std::uint32_t tags() const {
    return 3 * byte_words<usual>() + 1;
  }
  std::uint64_t& tree(std::uint64_t* set) const { return set[3 * byte_words_]; }

  // Eight ages at a time: those younger than the way's age by one, and the way becomes the youngest. Ages are
  // below 128, so (each | 128) - age keeps its top bit just where it is >= age, and nothing borrows. Returns
  // the way's age.
  template <bool usual>
  Recency make_youngest(Place place) const {
    std::uint64_t* const ages = place.set + byte_words<usual>();
    const std::uint64_t age = bytes(ages)[place.way];
    for (std::uint32_t i = 0; i < byte_words<usual>(); ++i)
      ages[i] += (~((ages[i] | tops) - age * ones) >> 7) & ones;
    bytes(ages)[place.way] = 0;
    return age;
  }
  // The reverse: ages 1 .. age fall by one.
  void make_older(Place place, Recency age) const {
    std::uint64_t* const ages = place.set + byte_words_;
    bytes(ages)[place.way] = 127;
    for (std::uint32_t i = 0; i < byte_words_; ++i)
      ages[i] -= (~((ages[i] | tops) - (age + 1) * ones) >> 7) & ones;
    bytes(ages)[place.way] = static_cast<std::uint8_t>(age);
  }
  void touch_tree(Place place) const;

  // A set in words of eight bytes: hashes, ages (LRU) and states, a byte a way each; the tree (tree-PLRU: bit
  // i is node i of a 1-based heap; 1: the victim is to the right); tags; contents.
  std::uint64_t* words_;
  std::uint32_t set_mask_;
  std::uint32_t ways_;
  std::uint32_t byte_words_;  // words of a byte a way
  std::uint32_t stride_;      // words of a set: whole host cache lines
  Replacement policy_;
};

class CacheArray {
 public:
  /// A place for a line: set * 64 + way.
  using Slot = std::int32_t;
  static constexpr Slot absent = -1;

  explicit CacheArray(const CacheParameters& parameters);

  CacheSets sets() const { return sets_; }

  /// The slot that holds the line, whatever its state; or absent. Changes nothing.
  Slot find(LineNumber line) const {
    const auto place = sets_.find(line);
    return place.set == nullptr ? absent : slot_of(sets_.set_of(line), place.way);
  }

  LineNumber line(Slot slot) const { return sets_.line(place(slot)); }
  std::uint8_t state(Slot slot) const { return sets_.state(place(slot)); }
  Value& data(Slot slot) { return sets_.content(place(slot)); }

  /// Not to 0: see clear().
  void set_state(Slot slot, std::uint8_t state) { sets_.state(place(slot)) = state; }
  void place(Slot slot, LineNumber line, std::uint8_t state) {
    sets_.set_line(place(slot), line);
    set_state(slot, state);
  }
  void clear(Slot slot) { place(slot, CacheSets::no_line, 0); }
  /// Tells the replacement policy that the slot was used.
  void touch(Slot slot) { sets_.touch(place(slot)); }

  /// Where a line may go: an empty slot of its set, else the policy's victim among the slots for which
  /// `evictable(slot)` holds, else absent.
  template <class Evictable>
  Slot place_for(LineNumber line, Evictable evictable) const {
    const std::uint32_t set = sets_.set_of(line);
    std::uint64_t* const words = sets_.set(set);
    for (std::uint32_t way = 0; way < ways_; ++way)
      if (sets_.line({words, way}) == CacheSets::no_line) return slot_of(set, way);
    if (policy_ == Replacement::tree_plru) {
      const Slot choice = slot_of(set, sets_.tree_choice(words));
      if (evictable(choice)) return choice;
    }
    Slot victim = absent;
    int oldest = -1;
    for (std::uint32_t way = 0; way < ways_; ++way) {
      const int age = sets_.age({words, way});
      if (age <= oldest || !evictable(slot_of(set, way))) continue;
      oldest = age;
      victim = slot_of(set, way);
    }
    return victim;
  }

  /// Brings what a step of the protocol needs into the host's caches.
  [[gnu::always_inline]] void prefetch(LineNumber line) const { sets_.prefetch_set(line); }

 private:
  static std::uint32_t set_of(Slot slot) { return static_cast<std::uint32_t>(slot) / 64; }
  static std::uint32_t way_of(Slot slot) { return static_cast<std::uint32_t>(slot) % 64; }
  static Slot slot_of(std::uint32_t set, std::uint32_t way) { return static_cast<Slot>(set * 64 + way); }
  CacheSets::Place place(Slot slot) const { return {sets_.set(set_of(slot)), way_of(slot)}; }

  struct Free {
    void operator()(std::uint64_t* p) const;
  };

  std::uint32_t ways_;
  Replacement policy_;
  std::unique_ptr<std::uint64_t[], Free> words_;
  CacheSets sets_;
};

}  // namespace baton::sim
