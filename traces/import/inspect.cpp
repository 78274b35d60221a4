#include "traces/import/inspect.hpp"

#include <algorithm>
#include <bit>
#include <unordered_map>
#include <vector>

#include "traces/error.hpp"

namespace baton::traces {
namespace {

/// Cores + 1; 0 is none.
struct LineUse {
  std::uint64_t accesses = 0;
  std::uint32_t core = 0;    ///< the first
  std::uint32_t writer = 0;  ///< the first
  bool several_cores = false;
  bool several_writers = false;

  Sharing sharing() const {
    if (!several_cores) return Sharing::private_;
    if (writer == 0) return Sharing::read_only;
    return several_writers ? Sharing::several_writers : Sharing::one_writer;
  }
};

class Counter {
 public:
  explicit Counter(std::uint32_t line_bytes) : line_shift_(std::countr_zero(line_bytes)) {}

  void add(const OrderedOperation& ordered) {
    const Operation& operation = ordered.operation;
    if (!is_access(operation.kind)) {
      summary.awaits += operation.kind == Kind::await ? 1 : 0;
      summary.work_cycles += operation.kind == Kind::work ? operation.gap_cycles : 0;
      return;
    }
    if (ordered.core >= summary.by_core.size()) summary.by_core.resize(ordered.core + 1);
    CoreSummary& core = summary.by_core[ordered.core];
    ++core.accesses;
    core.loads += operation.kind == Kind::load || operation.kind == Kind::spin ? 1 : 0;
    core.stores += operation.kind == Kind::store ? 1 : 0;
    core.rmws += operation.kind == Kind::rmw ? 1 : 0;
    core.work_cycles += operation.gap_cycles;
    ++sizes_[operation.size];
    const bool writes = operation.kind == Kind::store || operation.kind == Kind::rmw;
    const std::uint64_t first = operation.address >> line_shift_;
    const std::uint64_t last = (operation.address + operation.size - 1) >> line_shift_;
    touch(first, ordered.core + 1, writes);
    // An access that runs over the end of the address space touches its first lines: the sum wraps.
    if (last != first) {
      for (std::uint64_t line = first; line != last;) {
        line = (line + 1) & (~std::uint64_t{0} >> line_shift_);
        touch(line, ordered.core + 1, writes);
      }
    }
  }

  void finish() {
    for (const CoreSummary& core : summary.by_core) {
      summary.accesses += core.accesses;
      summary.loads += core.loads;
      summary.stores += core.stores;
      summary.rmws += core.rmws;
      summary.work_cycles += core.work_cycles;
    }
    for (std::uint32_t size = 0; size < sizes_.size(); ++size) {
      if (sizes_[size] == 0) continue;
      summary.sizes[size] = sizes_[size];
      summary.bytes += size * sizes_[size];
    }
    summary.cores = static_cast<std::uint32_t>(summary.by_core.size());
    summary.footprint_lines = lines_.size();
    for (const auto& [line, use] : lines_) {
      const Sharing sharing = use.sharing();
      ++summary.lines_of[static_cast<std::size_t>(sharing)];
      summary.accesses_of[static_cast<std::size_t>(sharing)] += use.accesses;
      if (sharing != Sharing::private_) {
        summary.hottest.push_back({line << line_shift_, use.accesses, sharing});
      }
    }
    std::ranges::sort(summary.hottest, [](const LineSummary& a, const LineSummary& b) {
      return a.accesses != b.accesses ? a.accesses > b.accesses : a.line < b.line;
    });
    summary.hottest.resize(std::min(summary.hottest.size(), hottest_lines));
  }

  TraceSummary summary;

 private:
  void touch(std::uint64_t line, std::uint32_t core, bool writes) {
    // Neighbouring accesses often touch the same few lines; this spares looking them up.
    Recent& recent = recent_[line % recent_.size()];
    if (recent.line != line || recent.use == nullptr) recent = {line, &lines_[line]};
    LineUse& use = *recent.use;
    ++use.accesses;
    if (use.core == 0) use.core = core;
    use.several_cores |= use.core != core;
    if (!writes) return;
    if (use.writer == 0) use.writer = core;
    use.several_writers |= use.writer != core;
  }

  struct Recent {
    std::uint64_t line = 0;
    LineUse* use = nullptr;
  };

  int line_shift_;
  std::unordered_map<std::uint64_t, LineUse> lines_;
  std::vector<Recent> recent_ = std::vector<Recent>(1024);
  std::vector<std::uint64_t> sizes_ = std::vector<std::uint64_t>(65536);
};

}  // namespace

const char* name_of(Sharing sharing) {
  constexpr std::array<const char*, sharings> names{"private", "read only", "one writer", "several writers"};
  return names[static_cast<std::size_t>(sharing)];
}

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
  counter.finish();
  TraceSummary summary = std::move(counter.summary);
  if (summary.accesses == 0 && !files.threads) {  // a recording has more to tell
    throw InputError(parameters.path, "", "the trace is empty, found no access, allowed at least one");
  }
  summary.format = files.format->name();
  if (files.stream_per_core()) {
    summary.cores = static_cast<std::uint32_t>(files.streams());
    summary.by_core.resize(summary.cores);
  }
  return summary;
}

}  // namespace baton::traces
