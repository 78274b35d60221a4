#include "sim/cli/trace_text.hpp"

#include <array>
#include <cinttypes>
#include <cstdio>
#include <numeric>
#include <vector>

#include "traces/format/reader.hpp"
#include "traces/gates.hpp"

namespace baton::cli {
namespace {

using traces::Kind;
using traces::format::Event;
using traces::format::Record;
using traces::format::Recording;

constexpr std::array<const char*, traces::format::events> event_names{
    "load",           "store",         "rmw",           "fence",     "mutex_lock",    "mutex_unlock",
    "read_lock",      "write_lock",    "rwlock_unlock", "cond_wait", "cond_woken",    "cond_signal",
    "cond_broadcast", "barrier_enter", "barrier_leave", "once",      "thread_create", "thread_start",
    "thread_join",    "thread_end",    "allocate",      "release",   "region_begin",  "region_end"};
constexpr std::array<const char*, 7> order_names{"plain",   "relaxed", "consume", "acquire",
                                                 "release", "acq_rel", "seq_cst"};

const char* name_of(Event event) {
  return event_names[static_cast<std::size_t>(event)];
}

std::string place_of(const Recording& recording, std::uint32_t number) {
  if (number == 0 || number >= recording.locations().size()) return "";
  const traces::format::Location& location = recording.locations()[number];
  std::string text = location.function;
  if (!location.file.empty()) text += " " + location.file;
  if (location.line != 0) text += ":" + std::to_string(location.line);
  if (location.type < recording.types().size() && !recording.types()[location.type].name.empty())
    text += " of " + recording.types()[location.type].name;
  return text;
}

void print_record(const Recording& recording, std::uint32_t thread, const Record& record) {
  std::printf("thread %u  %-14s", thread, name_of(record.event));
  if (record.address != 0) std::printf("  0x%" PRIx64, record.address);
  if (record.size != 0 && record.event <= Event::rmw) std::printf("  %u bytes", record.size);
  if (record.order != traces::format::MemoryOrder::none) {
    std::printf("  %s", order_names[static_cast<std::size_t>(record.order)]);
  }
  if (!record.success) std::printf("  failed");
  if (record.sequence != traces::format::unordered) std::printf("  turn %" PRIu64, record.sequence);
  if (record.value != 0) std::printf("  %" PRIu64, record.value);
  if (record.work_cycles != 0) std::printf("  after %u cycles", record.work_cycles);
  if (const std::string place = place_of(recording, record.location); !place.empty()) {
    std::printf("  %s", place.c_str());
  }
  std::printf("\n");
}

void print_events(const Recording& recording) {
  std::array<std::uint64_t, traces::format::events> events{};
  std::array<std::uint64_t, order_names.size()> orders{};
  std::uint64_t failed = 0;
  std::uint64_t ordered = 0;
  std::vector<Record> read(4096);
  for (std::uint32_t thread = 0; thread < recording.threads(); ++thread) {
    const auto stream = recording.stream(thread);
    while (const std::size_t n = stream->next(read)) {
      for (std::size_t i = 0; i < n; ++i) {
        ++events[static_cast<std::size_t>(read[i].event)];
        if (read[i].event <= Event::fence) ++orders[static_cast<std::size_t>(read[i].order)];
        failed += read[i].success ? 0 : 1;
        ordered += read[i].sequence != traces::format::unordered ? 1 : 0;
      }
    }
  }
  std::printf("\nevent              records\n");
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i] != 0) std::printf("%-14s %11" PRIu64 "\n", event_names[i], events[i]);
  }
  std::printf("%-14s %11" PRIu64 "\n%-14s %11" PRIu64 "\n", "(ordered)", ordered, "(failed)", failed);
  std::printf("\nmemory order       records\n");
  for (std::size_t i = 0; i < orders.size(); ++i) {
    if (orders[i] != 0) std::printf("%-14s %11" PRIu64 "\n", order_names[i], orders[i]);
  }
}

}  // namespace

void print_head(const traces::TraceParameters& parameters, std::uint64_t count) {
  if (const auto recording = traces::open_recording(parameters)) {
    for (std::uint32_t thread = 0; thread < recording->threads(); ++thread) {
      const auto stream = recording->stream(thread);
      Record record;
      for (std::uint64_t n = 0; n < count && stream->next({&record, 1}) == 1; ++n) {
        print_record(*recording, thread, record);
      }
    }
    std::fflush(stdout);
    return;
  }
  constexpr std::array<const char*, traces::kinds> names{"load", "store", "rmw", "spin"};
  const traces::TraceFiles files = traces::find_trace(parameters);
  for (std::size_t i = 0; i < files.streams(); ++i) {
    const auto stream = files.open(i, traces::maximum_cores);
    traces::OrderedOperation one;
    for (std::uint64_t n = 0; n < count && stream->next({&one, 1}) == 1; ++n) {
      const traces::Operation& operation = one.operation;
      if (operation.kind == Kind::work) {
        std::printf("core %u  work   %u cycles\n", one.core, operation.gap_cycles);
        continue;
      }
      if (!is_access(operation.kind)) {
        if (traces::is_lock(operation.address) || traces::is_sum(operation.address)) {
          const bool awaits = operation.kind == Kind::await;
          std::printf("core %u  %-5s  %s\n", one.core,
                      awaits                               ? "await"
                      : traces::is_lock(operation.address) ? "frees"
                                                           : "signal",
                      traces::describe_await(operation.address, operation.gap_cycles).c_str());
          continue;
        }
        std::printf("core %u  %-5s  counter %" PRIu64 " at %u\n", one.core,
                    operation.kind == Kind::await ? "await" : "advance", operation.address,
                    operation.gap_cycles);
        continue;
      }
      std::printf("core %u  %-5s  0x%" PRIx64 "  %u bytes  after %u cycles\n", one.core,
                  names[static_cast<std::size_t>(operation.kind)], operation.address,
                  unsigned{operation.size}, operation.gap_cycles);
    }
  }
  std::fflush(stdout);
}

void print_summary(const traces::TraceParameters& parameters, const traces::TraceSummary& summary) {
  const auto row = [](const char* name, std::uint64_t value) {
    std::printf("%-24s%" PRIu64 "\n", name, value);
  };
  std::printf("%-24s%s\n", "format", summary.format.c_str());
  if (const auto recording = traces::open_recording(parameters)) {
    for (const auto& [key, value] : recording->properties()) {
      std::printf("%-24s%s\n", key.c_str(), value.c_str());
    }
    std::uint64_t records = 0;
    for (std::uint32_t thread = 0; thread < recording->threads(); ++thread)
      records += recording->records(thread);
    row("records", records);
    for (const std::string& damage : recording->damage()) std::printf("%-24s%s\n", "damage", damage.c_str());
  }
  if (summary.accesses == 0) std::printf("%-24s%s\n", "note", "it has no access: nothing to replay");
  row("cores", summary.cores);
  row("accesses", summary.accesses);
  row("loads", summary.loads);
  row("stores", summary.stores);
  row("rmws", summary.rmws);
  row("bytes", summary.bytes);
  row("work cycles", summary.work_cycles);
  row("order events", summary.awaits);
  row("footprint lines", summary.footprint_lines);
  const auto touches = std::accumulate(summary.accesses_of.begin(), summary.accesses_of.end(), 0.0);
  for (std::size_t i = 0; i < traces::sharings; ++i) {
    const auto share = touches == 0 ? 0 : 100.0 * static_cast<double>(summary.accesses_of[i]) / touches;
    std::printf("  %-22s%" PRIu64 " lines, %.1f %% of accesses\n",
                traces::name_of(static_cast<traces::Sharing>(i)), summary.lines_of[i], share);
  }
}

void print_statistics(const traces::TraceParameters& parameters, const traces::TraceSummary& summary) {
  std::printf("\n core    accesses       loads      stores        rmws     work cycles\n");
  for (std::size_t core = 0; core < summary.by_core.size(); ++core) {
    const traces::CoreSummary& one = summary.by_core[core];
    std::printf("%5zu %11" PRIu64 " %11" PRIu64 " %11" PRIu64 " %11" PRIu64 " %15" PRIu64 "\n", core,
                one.accesses, one.loads, one.stores, one.rmws, one.work_cycles);
  }
  std::printf("\nbytes    accesses\n");
  for (const auto& [size, accesses] : summary.sizes) std::printf("%5u %11" PRIu64 "\n", size, accesses);
  if (!summary.hottest.empty()) std::printf("\nmost accessed shared lines\n");
  for (const traces::LineSummary& line : summary.hottest) {
    std::printf("0x%-16" PRIx64 " %11" PRIu64 "  %s\n", line.line, line.accesses,
                traces::name_of(line.sharing));
  }
  if (const auto recording = traces::open_recording(parameters)) print_events(*recording);
}

}  // namespace baton::cli
