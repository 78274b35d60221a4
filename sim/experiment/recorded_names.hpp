#pragma once
// What a recording says of the lines of a report: which data they are, and which code touches them.

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "protocols/core/types.hpp"
#include "sim/machine/contended_lines.hpp"
#include "traces/format/reader.hpp"

namespace baton::experiment {

/// The lines of a report. Most accesses are to none of them, which a few bits of the line's number tell.
class ReportedLines {
 public:
  ReportedLines(const std::vector<sim::LineTable::Row>& rows, std::uint32_t line_bytes)
      : line_bytes_(line_bytes), maybe_(std::size_t{1} << 16) {
    for (const auto& row : rows) {
      lines_.insert(row.line);
      maybe_[row.line % maybe_.size()] = true;
    }
  }
  std::uint32_t line_bytes() const { return line_bytes_; }

  /// Calls f(line) for each line of the report that has one of these bytes, at least one.
  template <class F>
  void each(traces::Address begin, std::uint64_t bytes, F f) const {
    const traces::Address end =
        begin + std::min<traces::Address>(std::max<std::uint64_t>(bytes, 1) - 1, ~begin);
    const LineNumber first = begin / line_bytes_;
    const LineNumber last = end / line_bytes_;
    if (first == last && !maybe_[first % maybe_.size()]) return;
    for (auto line = lines_.lower_bound(first); line != lines_.end() && *line <= last; ++line) f(*line);
  }

 private:
  std::uint32_t line_bytes_;
  std::vector<bool> maybe_;
  std::set<LineNumber> lines_;
};

/// What a recording says of a line.
struct Names {
  struct Place {
    std::array<std::uint64_t, sim::access_kinds> accesses{};
    std::set<std::uint32_t> threads;
  };
  std::map<std::uint32_t, Place> places;  ///< by number of the location
  /// Allocations of the same size at the same address, by the same code in the same thread, are one.
  struct Allocation {
    traces::Address address;
    std::uint64_t bytes;
    std::uint32_t location;
    std::uint32_t thread;
    auto operator<=>(const Allocation&) const = default;
  };
  struct Use {
    std::uint64_t times = 0;     ///< allocated
    std::uint64_t accesses = 0;  ///< to this line while it was there
  };
  std::map<Allocation, Use>
      allocations;  ///< at most some thousand; of more those that are used least are left out
  std::map<traces::Address, std::map<Allocation, Use>::value_type*> live;
};

class RecordedNames {
 public:
  /// Reads all of it; both must outlive this. Throws traces::InputError.
  RecordedNames(const traces::format::Recording& recording, const ReportedLines& lines);

  /// nullptr if nothing is recorded of the line.
  const Names* of(LineNumber line) const {
    const auto found = names_.find(line);
    return found == names_.end() ? nullptr : &found->second;
  }
  const traces::format::Recording& recording() const { return recording_; }
  /// Of what is allocated at a location: the number of its type, 0 if unknown.
  std::uint32_t type_of(std::uint32_t location) const;

  /// Of the line's accessed allocations, those that differ.
  struct Block {
    traces::Address address;
    std::uint64_t bytes;
    std::uint32_t type;
    auto operator<=>(const Block&) const = default;
  };
  std::set<Block> blocks(const Names* names) const;
  /// The name of the variable, or of the type that is allocated there, with the field. Memory that was
  /// allocated anew may have been something else: then it has no name.
  std::optional<std::string> field_at(traces::Address address, const std::set<Block>& blocks) const;

 private:
  void take(const traces::format::Record& record, std::uint32_t thread);
  void allocate(Names& names, const Names::Allocation& allocation);
  void release(traces::Address address);

  const traces::format::Recording& recording_;
  const ReportedLines& lines_;
  std::unordered_map<LineNumber, Names> names_;
  std::unordered_map<traces::Address, std::uint64_t> bytes_;  ///< of what is allocated on the lines
};

}  // namespace baton::experiment
