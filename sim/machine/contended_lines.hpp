#pragma once
// What each line costs, and who touches which of its bytes: what `perf c2c` does for hardware. Collected only
// where it is asked for, on the path of misses.

#include <array>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "protocols/core/types.hpp"
#include "sim/machine/miss_causes.hpp"
#include "sim/machine/statistics.hpp"

namespace baton::sim {

struct LineCounts {
  std::array<std::uint64_t, access_kinds> misses{};  ///< completed transactions, by kind of access
  MissCauses::Counts causes{};                       ///< of transactions, when they began
  std::uint64_t upgrades = 0;                        ///< of these: the cache had a copy that it could read
  std::uint64_t stall_cycles =
      0;  ///< from issue to data of these; stores that wait in a store buffer included
  std::uint64_t from_caches = 0;  ///< times that the line went from one cache to another
  std::uint64_t from_home = 0;    ///< times that it went from its home, or memory, to a cache
  std::uint64_t invalidations = 0;
  std::uint64_t updates = 0;     ///< writes to a copy, sent to all others: update protocols
  std::uint64_t recalls = 0;     ///< by a directory that has no room
  std::uint64_t deviations = 0;  ///< accesses that came before their turn in the recorded order
  std::uint64_t most_displaced = 0;
};

/// Counts by line, of at most so many lines: when there are more, the half that has cost less is dropped.
class LineTable {
 public:
  /// most >= 2.
  explicit LineTable(std::size_t most = std::size_t{1} << 17) : most_(most) {}

  void waited(LineNumber line, std::size_t kind, std::uint64_t cycles) {
    LineCounts& counts = of(line);
    ++counts.misses[kind];
    counts.stall_cycles += cycles;
    total_stall_cycles_ += cycles;
  }
  void upgraded(LineNumber line) { ++of(line).upgrades; }
  void invalidated(LineNumber line) { ++of(line).invalidations; }
  void updated(LineNumber line) { ++of(line).updates; }
  void recalled(LineNumber line) {
    ++of(line).recalls;
    causes_.recalled(line);
  }
  void sent_by_cache(LineNumber line) { ++of(line).from_caches; }
  void sent_by_home(LineNumber line) { ++of(line).from_home; }
  void came_early(LineNumber line, std::uint64_t turns);

  // Why cores miss: see MissCauses.
  void missed(LineNumber line, NodeId core, traces::Kind kind) {
    causes_.missed(line, core, kind, of(line).causes);
  }
  void asks_for(LineNumber line, NodeId core, std::uint64_t bytes) { causes_.asks_for(line, core, bytes); }
  void performed(LineNumber line, NodeId core, traces::Kind kind) { causes_.performed(line, core, kind); }
  void asks_again(LineNumber line, NodeId core, Value content) { causes_.asks_again(line, core, content); }
  void came(LineNumber line, NodeId core, Value content) {
    causes_.came(line, core, content, of(line).causes);
  }
  void permission(LineNumber line, NodeId core, Permission before, Permission after) {
    causes_.permission(line, core, before, after);
  }
  void passed(LineNumber line, NodeId core) { causes_.passed(line, core); }
  void gave_up(LineNumber line, NodeId core) { causes_.gave_up(line, core); }
  const MissCauses& causes() const { return causes_; }

  struct Row {
    LineNumber line = 0;
    LineCounts counts;
  };
  /// The lines that cost most, at most `count`: by stall cycles, then invalidations, deviations, the number.
  std::vector<Row> costliest(std::size_t count) const;
  std::uint64_t total_stall_cycles() const { return total_stall_cycles_; }
  /// Of counts that have been dropped: so many cycles at most may be missing from any line.
  std::uint64_t dropped_stall_cycles() const { return dropped_stall_cycles_; }

 private:
  LineCounts& of(LineNumber line) {
    const auto found = lines_.find(line);
    return found != lines_.end() ? found->second : add(line);
  }
  LineCounts& add(LineNumber line);
  std::vector<Row> all() const;

  std::size_t most_;
  std::unordered_map<LineNumber, LineCounts> lines_;
  MissCauses causes_;
  std::uint64_t total_stall_cycles_ = 0;
  std::uint64_t dropped_stall_cycles_ = 0;
};

/// The bytes of a line that an operation touches: `size` of them from `first` on.
struct BytesOfLine {
  std::uint32_t first;
  std::uint32_t size;  ///< >= 1
};
BytesOfLine bytes_within(const traces::Operation& operation, LineNumber line, std::uint32_t line_bytes);

/// The same as a mask: a bit for each byte, or for each line_bytes / 64
/// of a line above 64 bytes.
std::uint64_t bytes_touched(const traces::Operation& operation, LineNumber line, std::uint32_t line_bytes);

/// What one core does with a line.
struct CoreTouches {
  std::array<std::uint64_t, access_kinds> accesses{};  ///< parts of accesses; a spin counts once
  std::uint64_t read = 0;     ///< a bit for each byte; for each line_bytes / 64 of a line above 64 bytes
  std::uint64_t written = 0;  ///< …
  std::uint64_t spun = 0;     ///< …: by loads that wait, of which any number counts once
  std::array<double, 64> weight{};  ///< by bit: accesses; one to several bits counts a part at each
  std::array<double, 64> stores{};  ///< those that write
};

/// Who touches which bytes of which lines.
class LineTouches {
 public:
  /// Of at most so many pairs of a line and a core; others are not seen.
  explicit LineTouches(std::uint32_t line_bytes, std::size_t most = std::size_t{1} << 16);

  /// An access, or its part within the line, to `size` >= 1 bytes from the line's byte `first` on.
  void add(LineNumber line, std::uint32_t core, traces::Kind kind, std::uint32_t first, std::uint32_t size);

  /// By core; nullptr if nobody has been seen.
  const std::map<std::uint32_t, CoreTouches>* of(LineNumber line) const;
  /// Bytes that a bit of a mask stands for.
  std::uint32_t granule_bytes() const { return granule_; }
  bool complete() const { return !full_; }

 private:
  std::uint32_t granule_;
  std::size_t room_;
  bool full_ = false;
  std::unordered_map<LineNumber, std::map<std::uint32_t, CoreTouches>> lines_;
};

/// Of the cores that write the bytes of a bit the one that touches them most, as the first of such; of bytes
/// that nobody writes the one that touches them most; -1: none does.
int owner_of(const std::map<std::uint32_t, CoreTouches>& touches, std::uint32_t bit);

/// How many of the line's misses can be true sharing at most: of bytes that another core has written since,
/// or will touch what was written. A byte's accesses change from core to core no more than twice as often as
/// others than its owner access it, and each store of it makes each of its cores miss once. (Dubois,
/// Skeppstedt, Ricciulli, Ramamurthy, Stenström, ISCA 1993, tell each miss; here order is not known, so this
/// is a bound, up to accesses of different sizes.)
double most_true_sharing(const std::map<std::uint32_t, CoreTouches>& touches);

enum class Sharing : std::uint8_t {
  none,       ///< one core touches the line
  read_only,  ///< several do, and nobody writes
  // Several do, but most misses are of another kind:
  cold,
  capacity,  ///< the copy was replaced by other lines, or recalled
  renewal,
  other,
  // Most misses are of sharing:
  false_sharing,  ///< fewer than half of these can be true
  true_sharing,
};
/// How many of the line's misses can be true sharing at most, from the bytes that requests are for and their
/// order: the essential ones, and what hits have done, which are seen without their order. A hit on a byte
/// through which cores communicate can make one request of its core true, and one of each core there.
double most_essential(LineNumber line, const LineCounts& counts, const MissCauses& causes,
                      const std::map<std::uint32_t, CoreTouches>& touches);

/// Of the misses of sharing, how many can be true at most: by most_true_sharing(), by most_essential() and
/// by who took the line from whom, for cores none of which writes what the other one touches do not
/// communicate.
std::uint64_t true_misses(LineNumber line, const LineCounts& counts, const MissCauses& causes,
                          const std::map<std::uint32_t, CoreTouches>& touches);
/// `can_be_true`: as true_misses() has it.
Sharing sharing_of(const std::map<std::uint32_t, CoreTouches>& touches, const LineCounts& counts,
                   std::uint64_t can_be_true);

}  // namespace baton::sim
