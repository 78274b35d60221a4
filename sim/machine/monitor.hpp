#pragma once
// Watches a run from outside: golden memory (the data-value invariant) and who may read or write each line
// (the single-writer/multiple-reader invariant, SWMR). Primer, 2nd ed., section 2.3. Throws RunFailure when
// one breaks.
//
// In protocols with logical time the two hold in that time: a load sees what was current at its moment, a
// store is behind all stores and all loads of the line, one cache at most owns it. If the cores are
// sequentially consistent, the moments of a core's accesses never fall either: with all that, the order by
// moments (among equal ones: of cycles) is one that sequential consistency asks for.

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

  /// Protocols with logical time; `in_order`: each core's accesses are performed in program order.
  void order_by_logical_time(bool in_order) {
    logical_ = true;
    in_order_ = in_order;
  }
  /// Of the next access that is told of.
  void set_moment(Tick moment) { moment_ = moment; }

 private:
  struct Version {
    Tick since;
    Value content;
  };
  void loaded_in_time(LineNumber line, NodeId node, Value seen, Cycle at);
  void stored_in_time(LineNumber line, NodeId node, Value seen, Value left, Cycle at);
  void goes_on(LineNumber line, NodeId node, Cycle at);

  struct Line {
    Value golden = 0;
    std::uint32_t readers = 0;  // caches that may read but not write
    std::uint32_t writers = 0;
    std::deque<std::pair<Cycle, Value>>
        earlier;                           // until when a former content was current; the newest are kept
    std::deque<Version> versions{{0, 0}};  // in logical time; the newest are kept
    Tick last_load = 0;
  };
  static constexpr std::size_t history = 65'536;

  std::unordered_map<LineNumber, Line> lines_;
  bool logical_ = false;
  bool in_order_ = false;
  Tick moment_ = 0;
  std::unordered_map<NodeId, Tick> moments_;  // of each core's last access
};

}  // namespace baton::sim
