#pragma once
// What courses count of a snooping cache.

#include <array>
#include <cstdint>

#include "protocols/core/snooping/snooping.hpp"

namespace baton::sim {

struct BusCounts {
  /// Transactions that this cache asked for: BusRd, BusRdX, BusUpgr, BusUpd, BusWB.
  std::array<std::uint64_t, 5> asked{};
  std::uint64_t read_misses = 0;
  std::uint64_t write_misses = 0;         ///< stores and read-modify-writes that needed the bus
  std::uint64_t flushes = 0;              ///< dirty lines that it put on the bus for another cache and memory
  std::uint64_t supplies = 0;             ///< lines that it put on the bus for another cache alone
  std::uint64_t cache_to_cache = 0;       ///< lines that it got from another cache
  std::uint64_t interventions = 0;        ///< lines that it had alone (E or M), until another cache's read
  std::uint64_t invalidations = 0;        ///< copies that it lost to another cache's write
  std::uint64_t updates = 0;              ///< copies that another cache's write updated
  std::uint64_t memory_transactions = 0;  ///< lines that it read from memory, wrote back or flushed
};

}  // namespace baton::sim
