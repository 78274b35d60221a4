#pragma once

#include <cstdint>
#include <string>

#include "traces/import/trace.hpp"

namespace baton::traces {

struct TraceSummary {
  std::string format;
  std::uint32_t cores = 0;  ///< highest core with an access + 1; with a file a core, the number of files
  std::uint64_t accesses = 0;
  std::uint64_t loads = 0;
  std::uint64_t stores = 0;
  std::uint64_t rmws = 0;
  std::uint64_t bytes = 0;            ///< accessed: the sum of the sizes
  std::uint64_t work_cycles = 0;      ///< of other work before accesses
  std::uint64_t footprint_lines = 0;  ///< different lines touched
};

/// Reads a whole trace. Memory grows with the footprint only, about 40 bytes a line. line_bytes: a power of
/// two. Throws InputError as open_trace() does, and for any malformed record.
TraceSummary inspect(const TraceParameters& parameters, std::uint32_t line_bytes = 64);

}  // namespace baton::traces
