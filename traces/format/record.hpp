#pragma once
// What a recording holds: one stream of records a thread. traces/format/README.md has the bytes of the file.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "traces/operation.hpp"

namespace baton::traces::format {

/// What a thread did. The numbers are those of the file.
enum class Event : std::uint8_t {
  load = 0,
  store = 1,
  rmw = 2,    ///< atomic read-modify-write
  fence = 3,  ///< no address
  // Synchronisation; the address is the object's.
  mutex_lock = 4,  ///< when it has been acquired; a try that fails is not recorded
  mutex_unlock = 5,
  read_lock = 6,
  write_lock = 7,
  rwlock_unlock = 8,
  cond_wait = 9,  ///< begins; the mutex' unlock and later lock are records of their own
  cond_woken = 10,
  cond_signal = 11,
  cond_broadcast = 12,
  barrier_enter = 13,
  barrier_leave = 14,
  once = 15,  ///< the call of the once routine's user that has returned
  // Threads; `value` is the other thread's number.
  thread_create = 16,
  thread_start = 17,  ///< a thread's first record; value: its creator
  thread_join = 18,   ///< has returned
  thread_end = 19,
  // Memory; `value` is the number of bytes.
  allocate = 20,
  release = 21,
  // Marks of the program.
  region_begin = 22,
  region_end = 23,
};
inline constexpr int events = 24;

enum class MemoryOrder : std::uint8_t { none, relaxed, consume, acquire, release, acq_rel, seq_cst };

/// No sequence number: the record has no recorded order among threads.
inline constexpr std::uint64_t unordered = ~std::uint64_t{0};

struct Record {
  Address address = 0;
  /// Of a record that has an order among threads (atomics, synchronisation): how many such records its order
  /// domain had before. Counts from 0, without gaps within a whole recording.
  std::uint64_t sequence = unordered;
  std::uint64_t value = 0;        ///< see Event
  std::uint32_t location = 0;     ///< number of a Location; 0 is unknown
  std::uint32_t work_cycles = 0;  ///< of other work of the thread before it
  std::uint32_t size = 0;         ///< bytes accessed; 0 if it accesses nothing
  Event event = Event::load;
  MemoryOrder order = MemoryOrder::none;  ///< none: not atomic
  bool success = true;                    ///< of a compare-and-swap

  bool operator==(const Record&) const = default;
};

/// Ordered records of the same domain have their order recorded. A line lies in one domain.
inline constexpr std::uint32_t order_domains = 4096;
constexpr std::uint32_t order_domain(Address address) {
  return static_cast<std::uint32_t>(((address >> 6) * 0x9E3779B97F4A7C15ULL) >> 52);
}

/// The sequence numbers of one domain in a recording.
struct DomainOrder {
  std::uint64_t first = 0;  ///< the lowest
  std::uint64_t last = 0;   ///< the highest
  std::uint64_t count = 0;  ///< of records; 0: none
  bool whole() const { return count == 0 || last - first == count - 1; }

  void add(std::uint64_t sequence) {
    first = count == 0 || sequence < first ? sequence : first;
    last = count == 0 || sequence > last ? sequence : last;
    ++count;
  }
  bool operator==(const DomainOrder&) const = default;
};

/// A place in the program's source.
struct Location {
  std::string function;
  std::string file;        ///< empty if unknown
  std::uint32_t line = 0;  ///< 0 if unknown
  /// Of an allocation: number of the Type of which the memory holds one, or several one after another; 0 if
  /// unknown.
  std::uint32_t type = 0;

  bool operator==(const Location&) const = default;
};

/// A variable of static storage duration.
struct DataSymbol {
  Address address = 0;
  std::uint64_t bytes = 0;
  std::string name;
  std::uint32_t type = 0;  ///< number of its Type (layout.hpp); 0: unknown, or nothing inside has a name

  bool operator==(const DataSymbol&) const = default;
};

/// What describes a recording: keys and values in the order in which they were written. Always "program"; a
/// recorder adds "command", "compiler", "recorder", "host", "started", "ended" (how), and a key for each
/// option that perturbs or limits. See traces/format/README.md.
using Properties = std::vector<std::pair<std::string, std::string>>;

}  // namespace baton::traces::format
