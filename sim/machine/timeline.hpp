#pragma once
// What happened when: transactions and stalls of cores, and who owns the lines that cost most, in Chrome's
// trace event format, which Perfetto and chrome://tracing open ("Trace Event Format", JSON object format,
// docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU). Bounded: it stops at a number of
// events and says so.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/core/types.hpp"
#include "sim/machine/calendar.hpp"
#include "sim/machine/monitor.hpp"
#include "sim/machine/parameters.hpp"
#include "traces/operation.hpp"

namespace baton::sim {

class Timeline {
 public:
  static constexpr std::size_t default_events = 200'000;
  static constexpr std::size_t lines_shown = 16;

  /// most_events: in the file, >= 2; half of them can be changes of ownership.
  explicit Timeline(std::size_t most_events = default_events) : most_(most_events / 2) {}

  /// Before the run.
  void set_machine(const MachineParameters& machine);

  /// A cache has asked for the line with a message of this name, a string that outlives the run.
  void requested(NodeId node, LineNumber line, std::string_view message);
  /// An access that missed: from its issue to its completion. Those with one ticket do not overlap.
  void transaction(NodeId node, std::uint32_t ticket, LineNumber line, traces::Kind kind, Cycle from,
                   Cycle to);
  /// The core did nothing else; `what` outlives the run.
  void stall(NodeId node, std::string_view what, Cycle from, Cycle to);
  /// As Monitor::permission.
  void permission(LineNumber line, NodeId node, Permission before, Permission after, Cycle at);

  /// The whole file. `end`: of the run.
  std::string json(std::string_view title, Cycle end) const;

 private:
  struct Slice {
    Cycle from;
    Cycle to;
    LineNumber line;        // of a transaction
    std::string_view what;  // its message, or what a stall is
    const char* access;     // its kind; null: a stall
    NodeId node;
    std::uint32_t track;  // of the core
  };
  struct Holding {
    Cycle at;
    LineNumber line;
    NodeId node;
    Permission before, after;
  };
  bool is_full(Cycle at);
  std::uint32_t track_of(std::uint32_t ticket) const;
  std::string track_name(std::uint32_t track) const;
  std::vector<LineNumber> hottest() const;
  void add_names(std::string& text, const std::vector<LineNumber>& lines) const;
  void add_slice(std::string& text, const Slice& slice) const;
  void add_ownership(std::string& text, std::size_t index, LineNumber line, Cycle end) const;
  std::string span(Cycle from, Cycle to) const;
  std::string hex(LineNumber line) const;
  std::uint64_t first_line_track() const { return 1 + std::uint64_t{cores_} * tracks_; }

  std::size_t most_;
  double microseconds_per_cycle_ = 0;
  std::uint32_t line_bytes_ = 64;
  std::uint32_t cores_ = 0;
  std::uint32_t tracks_ = 1;  // of a core
  std::vector<Slice> slices_;
  std::vector<Holding> holdings_;
  // Of transactions at hand, by node: a line and what it was asked for with.
  std::vector<std::vector<std::pair<LineNumber, std::string_view>>> requests_;
  Cycle cut_at_ = never;
};

}  // namespace baton::sim
