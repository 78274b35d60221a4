#include "traces/import/inspect.hpp"

#include <algorithm>
#include <bit>
#include <unordered_set>
#include <vector>

#include "traces/error.hpp"

namespace baton::traces {
namespace {

class Counter {
 public:
  explicit Counter(std::uint32_t line_bytes) : line_shift_(std::countr_zero(line_bytes)) {}

  void add(const OrderedOperation& ordered) {
    const Operation& operation = ordered.operation;
    if (!is_access(operation.kind)) return;
    ++summary.accesses;
    summary.loads += operation.kind == Kind::load || operation.kind == Kind::spin ? 1 : 0;
    summary.stores += operation.kind == Kind::store ? 1 : 0;
    summary.rmws += operation.kind == Kind::rmw ? 1 : 0;
    summary.bytes += operation.size;
    summary.work_cycles += operation.gap_cycles;
    summary.cores = std::max(summary.cores, ordered.core + 1);
    const std::uint64_t first = operation.address >> line_shift_;
    const std::uint64_t last = (operation.address + operation.size - 1) >> line_shift_;
    touch(first);
    // An access that runs over the end of the address space touches its first lines: the sum wraps.
    if (last != first) {
      for (std::uint64_t line = first; line != last;) {
        line = (line + 1) & (~std::uint64_t{0} >> line_shift_);
        touch(line);
      }
    }
  }

  TraceSummary summary;
  std::uint64_t lines() const { return lines_.size(); }

 private:
  void touch(std::uint64_t line) {
    // Neighbouring accesses often touch the same few lines; this spares the set.
    std::uint64_t& recent = recent_[line % recent_.size()];
    if (recent == line + 1) return;
    recent = line + 1;
    lines_.insert(line);
  }

  int line_shift_;
  std::unordered_set<std::uint64_t> lines_;
  std::vector<std::uint64_t> recent_ = std::vector<std::uint64_t>(1024);  ///< line + 1; 0: none
};

}  // namespace

TraceSummary inspect(const TraceParameters& parameters, std::uint32_t line_bytes) {
  const TraceFiles files = find_trace(parameters);
  Counter counter(line_bytes);
  std::vector<OrderedOperation> read(4096);
  for (std::size_t i = 0; i < files.streams(); ++i) {
    const auto input = files.open(i, parameters.cores == 0 ? maximum_cores : parameters.cores);
    while (const std::size_t n = input->next(read)) {
      for (std::size_t k = 0; k < n; ++k) counter.add(read[k]);
    }
  }
  TraceSummary summary = counter.summary;
  if (summary.accesses == 0) {
    throw InputError(parameters.path, "", "the trace is empty, found no access, allowed at least one");
  }
  summary.format = files.format->name();
  if (files.stream_per_core()) summary.cores = static_cast<std::uint32_t>(files.streams());
  summary.footprint_lines = counter.lines();
  return summary;
}

}  // namespace baton::traces
