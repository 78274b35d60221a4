#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "traces/import/trace.hpp"

namespace baton::traces {

/// Who uses a line, over the whole trace.
enum class Sharing : std::uint8_t {
  private_,    ///< one core
  read_only,   ///< several cores, none of which writes it
  one_writer,  ///< several cores, one of which writes it
  several_writers,
};
inline constexpr int sharings = 4;
const char* name_of(Sharing sharing);

struct CoreSummary {
  std::uint64_t accesses = 0;
  std::uint64_t loads = 0;
  std::uint64_t stores = 0;
  std::uint64_t rmws = 0;
  std::uint64_t work_cycles = 0;
};

struct LineSummary {
  std::uint64_t line = 0;  ///< its first byte's address
  std::uint64_t accesses = 0;
  Sharing sharing = Sharing::private_;
};

struct TraceSummary {
  std::string format;
  std::uint32_t cores = 0;  ///< highest core with an access + 1; with a stream a core, the number of streams
  std::uint64_t accesses = 0;
  std::uint64_t loads = 0;
  std::uint64_t stores = 0;
  std::uint64_t rmws = 0;
  std::uint64_t bytes = 0;            ///< accessed: the sum of the sizes
  std::uint64_t work_cycles = 0;      ///< of other work before accesses
  std::uint64_t footprint_lines = 0;  ///< different lines touched
  std::uint64_t awaits = 0;           ///< places where the trace records that a core comes after another
  std::array<std::uint64_t, sharings> lines_of{};     ///< lines of each kind
  std::array<std::uint64_t, sharings> accesses_of{};  ///< accesses to them; one to two lines counts twice
  std::vector<CoreSummary> by_core;
  std::map<std::uint32_t, std::uint64_t> sizes;  ///< accesses of each size in bytes
  std::vector<LineSummary>
      hottest;  ///< lines of several cores with the most accesses, at most `hottest_lines`
};
inline constexpr std::size_t hottest_lines = 10;

/// Reads a whole trace. Memory grows with the footprint only, about 70 bytes a line. line_bytes: a power of
/// two. Throws InputError as open_trace() does, but not for a recording without any access, and for any
/// malformed record.
TraceSummary inspect(const TraceParameters& parameters, std::uint32_t line_bytes = 64);

}  // namespace baton::traces
