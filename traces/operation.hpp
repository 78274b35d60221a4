#pragma once
// What a core executes: a stream of operations. Streams know nothing of caches, protocols or time.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>

namespace baton::programs {
class ProgramWorkload;
}

namespace baton::traces {

using Address = std::uint64_t;

enum class Kind : std::uint8_t {
  load,
  store,
  rmw,   ///< atomic read-modify-write: fetch-and-add, exchange, compare-and-swap, …
  spin,  ///< loads the same address again and again, `gap_cycles` apart, until OperationStream::satisfied()
  // Not accesses: the recorded order among cores. `address` is a counter's number, `gap_cycles` its value;
  // all counters begin at 0.
  await,    ///< what follows waits until the counter has reached the value; a deviation if it need not wait
  advance,  ///< the counter reaches the value when all before have been performed
  work,     ///< `gap_cycles` of other work that belongs to no access: what stands before it is not overtaken
};
inline constexpr int kinds = 4;  ///< of accesses
constexpr bool is_access(Kind kind) {
  return kind < Kind::await;
}

/// One memory access of a core's program, with the other work that precedes it.
struct Operation {
  Address address = 0;
  std::uint32_t gap_cycles = 0;  ///< cycles of other work before the access (between loads of a spin)
  std::uint16_t size = 8;  ///< bytes, >= 1; an access may straddle a line boundary (the machine splits it)
  Kind kind = Kind::load;
  bool completes = true;  ///< this access ends one operation of the workload (what throughput counts)

  bool operator==(const Operation&) const = default;
};
inline constexpr std::uint64_t longest_access = std::numeric_limits<std::uint16_t>::max();  ///< bytes
/// No machine can perform such an access: some of its bytes have no address.
constexpr bool ends_beyond_memory(const Operation& access) {
  return access.address + (access.size - 1U) < access.address;
}
static_assert(sizeof(Operation) == 16, "traces hold many millions of these");

/// A core's program. A value-independent stream (a trace, most synthetic patterns) is the same whatever the
/// memory returns: the machine may ask it for operations far ahead of simulated time. A value-dependent one
/// is asked for one operation at a time, after the one before has been performed. Implementations must be
/// deterministic and must not share mutable state with other cores' streams.
class OperationStream {
 public:
  virtual ~OperationStream() = default;

  /// Writes the next operations to `out` (not empty) and returns how many; 0 means that the stream has ended.
  /// Throws InputError (traces/error.hpp) for malformed input.
  virtual std::size_t next(std::span<Operation> out) = 0;

  /// Constant over the stream's life.
  virtual bool value_dependent() const { return false; }

  /// Only for value-dependent streams: the operation is performed now, and found `seen` as the line's
  /// content. Returns the line's content afterwards, which must be `seen` for Kind::load and Kind::spin. The
  /// line's content counts its stores unless a program decides otherwise.
  virtual std::uint64_t perform(const Operation& operation, std::uint64_t seen) {
    return operation.kind == Kind::load || operation.kind == Kind::spin ? seen : seen + 1;
  }

  /// Only for Kind::spin: does the value last handed to perform() end the spinning?
  virtual bool satisfied(const Operation&) { return true; }
};

/// One access in a global order.
struct OrderedOperation {
  Operation operation;
  std::uint32_t core = 0;
};

/// A trace replayed one access at a time, in its own order.
class OrderedStream {
 public:
  virtual ~OrderedStream() = default;
  /// As OperationStream::next.
  virtual std::size_t next(std::span<OrderedOperation> out) = 0;
};

/// What Kind::await and Kind::advance in a workload's streams mean.
enum class Gates : std::uint8_t {
  none,      ///< the streams have none
  observed,  ///< nothing waits; an await that comes too early is counted as a deviation
  obeyed,    ///< an await waits for its counter
};

/// A source of streams for a machine of `cores()` cores.
class Workload {
 public:
  virtual ~Workload() = default;

  virtual int cores() const = 0;
  /// The program of one core, 0 <= core < cores(). Called at most once a core, all before any stream is read.
  /// Not called if ordered() gives a stream.
  virtual std::unique_ptr<OperationStream> stream(int core) = 0;
  /// Not null if the workload is to run one access at a time in a global order.
  virtual std::unique_ptr<OrderedStream> ordered() { return nullptr; }
  /// Of all its streams, and of its program's threads. In a global order they are passed over.
  virtual Gates gates() const { return Gates::none; }
  /// Not null if the machine is to run a program's threads instead of streams.
  virtual programs::ProgramWorkload* program() { return nullptr; }
};

}  // namespace baton::traces
