#pragma once
// The memory that a recorded program shares with `baton record`: the program's threads fill chunks with raw
// records, the collector empties them while the program runs. It is a memory file of the collector, so
// whatever way the program ends, what it has written is there.

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace baton::record {

inline constexpr std::uint64_t layout_magic = 0x31'64'72'6e'6f'74'61'62;  // "batonrd1"
/// The environment variable that names the memory file.
inline constexpr const char* environment_variable = "BATON_RECORD";

/// A record as the program writes it. One with a sequence number or a value takes a second slot, whose `what`
/// is the sequence number and whose `code` is the value.
struct Slot {
  std::uint64_t what;  ///< bits 0-47 address, 48-55 event, 56-58 memory order, 59 success, 60 extended
  std::uint64_t code;  ///< bits 0-47 return address of the hook's call, 48-63 size in bytes
  std::uint32_t work;  ///< cycles
  std::uint32_t context;
};
static_assert(sizeof(Slot) == 24);
inline constexpr std::uint64_t low_48 = (std::uint64_t{1} << 48) - 1;
inline constexpr std::uint64_t success_bit = std::uint64_t{1} << 59;
inline constexpr std::uint64_t extended_bit = std::uint64_t{1} << 60;
/// Of one record; accesses to longer ranges are recorded in pieces.
inline constexpr std::size_t maximum_size = 32768;

inline constexpr std::uint32_t none = ~std::uint32_t{0};

/// A chunk's states tell the collector, after the end of the program, what has to be emptied still.
enum class ChunkState : std::uint32_t { free, filling, full };

inline constexpr std::uint32_t chunk_bytes = 65536;
inline constexpr std::uint32_t chunk_slots = (chunk_bytes - 64) / sizeof(Slot);
struct Chunk {
  std::atomic<std::uint32_t> slots;  ///< filled; what lies behind is unwritten
  std::atomic<ChunkState> state;
  std::uint32_t thread;
  std::uint32_t number;             ///< of its thread's chunks
  std::atomic<std::uint32_t> next;  ///< in a list
  std::uint32_t unused[11];
  Slot slot[chunk_slots];
};
static_assert(sizeof(Chunk) <= chunk_bytes);

/// A loaded file of code. The list only grows.
struct Module {
  std::uint64_t base;   ///< what was added to the file's addresses
  std::uint64_t begin;  ///< of its segments in memory
  std::uint64_t end;
  char path[1000];
};

/// Where a function was called from: a node in the tree of calling contexts. 0 is the root.
struct Context {
  std::uint64_t call;  ///< return address
  std::uint32_t parent;
  std::uint32_t unused;
};

/// What is being recorded.
enum class Level : std::uint32_t {
  off,      ///< nothing, for good
  outside,  ///< of a region: threads and memory only
  all,
};

inline constexpr std::uint32_t chunks = 4096;
inline constexpr std::uint32_t maximum_modules = 1024;
inline constexpr std::uint32_t maximum_contexts = 1 << 20;
inline constexpr std::uint32_t context_table_size = 1 << 21;
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

struct Control {
  std::uint64_t magic;
  std::uint64_t bytes;     ///< of the whole
  std::int32_t collector;  ///< its process
  // Options.
  std::uint32_t region;           ///< 1: only inside of regions
  std::uint32_t measure_work;     ///< 1: cycles between accesses
  std::uint32_t skip_stack;       ///< 1: no plain accesses of a thread to its own stack
  std::uint32_t yield_every;      ///< one in so many ordered records is preceded by a sched_yield; 0: none
  std::uint32_t work_cap_cycles;  ///< longer work is cut to this

  alignas(64) std::atomic<Level> level;
  alignas(64) std::atomic<std::int32_t> program;  ///< the process that is recorded; 0: none yet
  std::atomic<std::uint32_t> others;              ///< instrumented processes that came later
  std::atomic<std::uint32_t> forks;               ///< of the recorded process
  std::atomic<std::uint32_t> threads;
  std::atomic<std::uint32_t> threads_refused;  ///< not recorded: too many at once
  std::atomic<std::uint32_t> held;             ///< chunks being filled
  std::atomic<std::int32_t> regions;           ///< open ones
  std::atomic<std::uint32_t> region_seen;      ///< 1: one was begun
  std::atomic<std::uint64_t> unrecorded;  ///< events in signal handlers that interrupted the recorder itself
  std::atomic<std::uint64_t> work_capped;
  std::atomic<std::int64_t> budget;  ///< records that may still be granted to chunks
  std::atomic<std::uint32_t> out_of_budget;

  alignas(64) std::atomic<std::uint64_t> free;  ///< list of chunks: low half its first, high half a tag
  std::atomic<std::uint32_t> fresh;             ///< chunks from this on have never been used
  alignas(64) std::atomic<std::uint32_t> full;  ///< list, last first

  alignas(64) std::atomic<std::uint32_t> modules;
  std::atomic<std::uint32_t> contexts;
  Module module[maximum_modules];
  Context context[maximum_contexts];
  std::atomic<std::uint32_t> context_table[context_table_size];
  alignas(chunk_bytes) unsigned char chunk[std::size_t{chunks} * chunk_bytes];
};

inline Chunk& chunk_at(Control& control, std::uint32_t index) {
  return *reinterpret_cast<Chunk*>(control.chunk + std::size_t{index} * chunk_bytes);
}

/// Takes the first of the free list, or `none`.
inline std::uint32_t pop_free(Control& control) {
  std::uint64_t head = control.free.load(std::memory_order_acquire);
  for (;;) {
    const auto index = static_cast<std::uint32_t>(head);
    if (index == none) return none;
    const std::uint32_t next = chunk_at(control, index).next.load(std::memory_order_relaxed);
    const std::uint64_t tag = (head >> 32) + 1;  // against a head that was taken and came back meanwhile
    if (control.free.compare_exchange_weak(head, tag << 32 | next, std::memory_order_acq_rel)) return index;
  }
}

inline void push_free(Control& control, std::uint32_t index) {
  std::uint64_t head = control.free.load(std::memory_order_relaxed);
  do {
    chunk_at(control, index).next.store(static_cast<std::uint32_t>(head), std::memory_order_relaxed);
  } while (
      !control.free.compare_exchange_weak(head, ((head >> 32) + 1) << 32 | index, std::memory_order_acq_rel));
}

inline void push_full(Control& control, std::uint32_t index) {
  std::uint32_t head = control.full.load(std::memory_order_relaxed);
  do {
    chunk_at(control, index).next.store(head, std::memory_order_relaxed);
  } while (!control.full.compare_exchange_weak(head, index, std::memory_order_acq_rel));
}

}  // namespace baton::record
