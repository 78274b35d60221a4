#pragma once
// Watches a run from outside: golden memory (the data-value invariant) and who may read or write each line
// (the single-writer/multiple-reader invariant, SWMR). Primer, 2nd ed., section 2.3. Throws RunFailure when
// one breaks.

#include <deque>
#include <unordered_map>
#include <utility>

#include "protocols/core/types.hpp"
#include "sim/machine/calendar.hpp"

namespace baton::sim {

enum class Permission : std::uint8_t { none, read, write };

class Monitor {
 public:
  /// A load performed with this content at the cycle `at`.
  void loaded(LineNumber line, NodeId node, Value seen, Cycle at);
  /// A store or read-modify-write found `seen` and left `left`.
  void stored(LineNumber line, NodeId node, Value seen, Value left, Cycle at);
  /// A read-modify-write is about to be performed at the home for this node's core: nobody may have a copy.
  void performs_at_home(LineNumber line, NodeId node, Cycle at) const;
  /// A load that ends at `at` with a value which must have been current at some moment since `issued`.
  void loaded_snapshot(LineNumber line, NodeId node, Value seen, Cycle issued, Cycle at);
  /// A cache's permission for a line changes.
  void permission(LineNumber line, NodeId node, Permission before, Permission after, Cycle at);

 private:
  struct Line {
    Value golden = 0;
    std::uint32_t readers = 0;  // caches that may read but not write
    std::uint32_t writers = 0;
    std::deque<std::pair<Cycle, Value>>
        earlier;  // until when a former content was current; the newest are kept
  };
  static constexpr std::size_t history = 65'536;

  std::unordered_map<LineNumber, Line> lines_;
};

}  // namespace baton::sim
