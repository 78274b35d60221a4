// Does the array evict what its policy says, compared with a model that spells the policy out?

#include "sim/machine/cache_array.hpp"

#include <algorithm>
#include <list>
#include <map>
#include <optional>

#include <catch2/catch.hpp>

#include "traces/synthetic/random.hpp"

using namespace baton;
using namespace baton::sim;
using traces::Random;

namespace {

CacheParameters parameters_of(std::uint32_t sets, std::uint32_t ways, const std::string& policy) {
  CacheParameters parameters;
  parameters.ways = ways;
  parameters.line_bytes = 64;
  parameters.size_bytes = std::uint64_t{sets} * ways * 64;
  parameters.replacement = policy;
  return parameters;
}

/// A set under LRU: most recent first.
class LruModel {
 public:
  explicit LruModel(std::uint32_t ways) : ways_(ways) {}
  bool holds(LineNumber line) const { return std::find(lines_.begin(), lines_.end(), line) != lines_.end(); }
  void touch(LineNumber line) {
    lines_.remove(line);
    lines_.push_front(line);
  }
  /// Whom the line would replace.
  template <class Evictable>
  std::optional<LineNumber> victim(Evictable evictable) const {
    if (lines_.size() < ways_) return {};
    const auto found = std::find_if(lines_.rbegin(), lines_.rend(), evictable);
    return found == lines_.rend() ? std::optional<LineNumber>() : *found;
  }
  bool full() const { return lines_.size() == ways_; }
  void remove(LineNumber line) { lines_.remove(line); }

 private:
  std::uint32_t ways_;
  std::list<LineNumber> lines_;
};

constexpr auto anything = [](auto) { return true; };

}  // namespace

TEST_CASE("LRU evicts the least recently used line") {
  for (const std::uint32_t ways : {1U, 2U, 3U, 4U, 7U, 8U, 9U, 16U, 63U, 64U})
    for (const std::uint32_t sets : {1U, 4U}) {
      CacheArray array(parameters_of(sets, ways, "lru"));
      std::vector<LruModel> model(sets, LruModel(ways));
      Random random(ways, sets);
      for (int step = 0; step < 20'000; ++step) {
        const LineNumber line = random.below(std::uint64_t{sets} * (ways + ways / 2 + 1));
        LruModel& set = model[line % sets];
        CacheArray::Slot slot = array.find(line);
        if ((slot != CacheArray::absent) != set.holds(line))
          FAIL(ways << " ways, step " << step << ": " << line);
        if (slot != CacheArray::absent && random.below(16) == 0) {
          array.clear(slot);  // an invalidation
          set.remove(line);
          continue;
        }
        if (slot == CacheArray::absent) {
          slot = array.place_for(line, anything);
          const auto victim = set.victim(anything);
          if ((array.state(slot) != 0) != victim.has_value())
            FAIL(ways << " ways, step " << step << ": a free slot");
          if (victim && array.line(slot) != *victim)
            FAIL(ways << " ways, step " << step << ": " << array.line(slot) << " instead of " << *victim);
          if (victim) set.remove(*victim);
          array.place(slot, line, 1);
          array.data(slot) = line * 10;
        }
        if (array.data(slot) != line * 10) FAIL("other data");
        array.touch(slot);
        set.touch(line);
      }
      SUCCEED();
    }
}

TEST_CASE("LRU passes over lines that may not be evicted") {
  for (const std::uint32_t ways : {2U, 4U, 8U, 16U}) {
    CacheArray array(parameters_of(1, ways, "lru"));
    LruModel model(ways);
    Random random(ways, 99);
    for (int step = 0; step < 5'000; ++step) {
      const LineNumber line = random.below(2 * ways);
      CacheArray::Slot slot = array.find(line);
      if (slot == CacheArray::absent) {
        const std::uint64_t kept = random.below(4);  // lines of this remainder stay
        slot = array.place_for(line, [&](CacheArray::Slot s) { return array.line(s) % 4 != kept; });
        const auto victim = model.victim([&](LineNumber l) { return l % 4 != kept; });
        if (model.full() && !victim) {
          CHECK(slot == CacheArray::absent);
          continue;
        }
        if (victim && array.line(slot) != *victim) FAIL(ways << " ways, step " << step);
        if (victim) model.remove(*victim);
        array.place(slot, line, 1);
      }
      array.touch(slot);
      model.touch(line);
    }
    SUCCEED();
  }
}

TEST_CASE("a set of lines that all may not be evicted has no place") {
  for (const char* policy : {"lru", "tree_plru"}) {
    CacheArray array(parameters_of(2, 4, policy));
    for (LineNumber line = 0; line < 8; ++line) array.place(array.place_for(line, anything), line, 1);
    CHECK(array.place_for(8, [](auto) { return false; }) == CacheArray::absent);
    CHECK(array.place_for(8, anything) != CacheArray::absent);
  }
}

namespace {

/// Tree-PLRU written as a recursion over halves: true means that the left half is the older one.
class TreeModel {
 public:
  explicit TreeModel(std::uint32_t ways) : ways_(ways) {}
  void touch(std::uint32_t way) {
    for (std::uint32_t low = 0, size = ways_; size > 1; size /= 2) {
      const bool left = way < low + size / 2;
      older_is_left_[{low, size}] = !left;
      if (!left) low += size / 2;
    }
  }
  std::uint32_t victim() {
    std::uint32_t low = 0;
    for (std::uint32_t size = ways_; size > 1; size /= 2) {
      const auto found = older_is_left_.find({low, size});
      if (found != older_is_left_.end() && !found->second) low += size / 2;  // untouched: the left one
    }
    return low;
  }

 private:
  std::uint32_t ways_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, bool> older_is_left_;
};

}  // namespace

TEST_CASE("tree-PLRU evicts where all nodes of the tree point") {
  for (const std::uint32_t ways : {1U, 2U, 4U, 8U, 16U, 32U, 64U}) {
    CacheArray array(parameters_of(1, ways, "tree_plru"));
    TreeModel model(ways);
    std::vector<std::optional<LineNumber>> placed(ways);  // by way: slots of set 0 are ways
    Random random(ways, 7);
    for (int step = 0; step < 20'000; ++step) {
      const LineNumber line = random.below(ways + ways / 2 + 1);
      CacheArray::Slot slot = array.find(line);
      if (slot == CacheArray::absent) {
        const bool full =
            std::all_of(placed.begin(), placed.end(), [](const auto& l) { return l.has_value(); });
        slot = array.place_for(line, anything);
        if (full && static_cast<std::uint32_t>(slot) != model.victim()) FAIL(ways << " ways, step " << step);
        if (!full && placed[static_cast<std::size_t>(slot)])
          FAIL(ways << " ways: a line is replaced beside a free slot");
        placed[static_cast<std::size_t>(slot)] = line;
        array.place(slot, line, 1);
      }
      array.touch(slot);
      model.touch(static_cast<std::uint32_t>(slot));
    }
    SUCCEED();
  }
}

TEST_CASE("line 0 and the highest line number are lines like others") {
  for (const LineNumber line : {LineNumber{0}, (~LineNumber{0}) >> 3, (~LineNumber{0}) >> 6}) {
    CacheArray array(parameters_of(4, 2, "lru"));
    CHECK(array.find(line) == CacheArray::absent);
    array.place(array.place_for(line, anything), line, 3);
    REQUIRE(array.find(line) != CacheArray::absent);
    CHECK(array.state(array.find(line)) == 3);
  }
}

TEST_CASE("touches taken back in reverse order leave a set as it was") {
  for (const char* policy : {"lru", "tree_plru"})
    for (const std::uint32_t ways : {1U, 2U, 4U, 8U, 16U, 64U}) {
      CacheArray array(parameters_of(1, ways, policy));
      const CacheSets sets = array.sets();
      Random random(ways, 1);
      for (LineNumber line = 0; line < ways; ++line) array.place(array.place_for(line, anything), line, 1);
      for (int step = 0; step < 50; ++step) array.touch(array.find(random.below(ways)));
      const auto content = [&] {
        return std::vector<std::uint64_t>(sets.set(0), sets.set(0) + CacheSets::stride_of(ways));
      };
      const auto before = content();
      std::vector<std::pair<CacheSets::Place, CacheSets::Recency>> touched;
      for (int step = 0; step < 100; ++step) {
        const auto place = sets.find(random.below(ways));
        touched.emplace_back(place, sets.touch(place));
      }
      if (ways > 2) CHECK(content() != before);  // two ways may come back by chance
      for (; !touched.empty(); touched.pop_back())
        sets.undo_touch(touched.back().first, touched.back().second);
      CAPTURE(policy, ways);
      CHECK(content() == before);
    }
}
