#pragma once
// Writes traces in other formats.

#include <cstdint>
#include <string>
#include <vector>

#include "traces/import/trace.hpp"

namespace baton::traces {

/// Of what export_trace() writes: "text", "din", "recording".
const std::vector<std::string>& export_formats();

struct Exported {
  std::uint64_t accesses = 0;
  std::vector<std::string> lost;   ///< what the new format cannot say, a line each
  std::vector<std::string> files;  ///< that were written
};

/// Writes the trace `from` as `format` to `path`, whole or not at all; compressed if it ends in .gz or .zst
/// (text and din). A format with one file a core (din) needs {core} in the path if the trace has more than
/// one. The order of a file for all cores is the trace's; of a trace without one the cores take turns, an
/// access each. A recording becomes a recording with all its records, without those that are damaged if
/// from.salvage. Throws InputError, also if a file of the trace would be overwritten.
Exported export_trace(const TraceParameters& from, const std::string& format, const std::string& path);

}  // namespace baton::traces
