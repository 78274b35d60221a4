#include "traces/import/trace.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "traces/error.hpp"
#include "traces/import/core_files.hpp"
#include "traces/import/demultiplexer.hpp"
#include "traces/import/merge.hpp"

namespace baton::traces {
namespace {

constexpr std::size_t batch = 512;

const Format& named_format(const TraceParameters& parameters) {
  if (const Format* format = find_format(parameters.format)) return *format;
  throw InputError(
      parameters.path, "",
      "unknown trace format, found \"" + parameters.format + "\", allowed auto, " + format_names());
}

/// A file with one core's accesses.
class OneCore final : public OperationStream {
 public:
  explicit OneCore(std::unique_ptr<OrderedStream> input) : input_(std::move(input)) {}

  std::size_t next(std::span<Operation> out) override {
    std::array<OrderedOperation, batch> read;
    const std::size_t n = input_->next(std::span(read).first(std::min(batch, out.size())));
    for (std::size_t i = 0; i < n; ++i) out[i] = read[i].operation;
    return n;
  }

 private:
  std::unique_ptr<OrderedStream> input_;
};

/// One core's accesses from a file of all cores.
class Share final : public OperationStream {
 public:
  Share(std::shared_ptr<Demultiplexer> all, std::uint32_t core) : all_(std::move(all)), core_(core) {}
  std::size_t next(std::span<Operation> out) override { return all_->next(core_, out); }

 private:
  std::shared_ptr<Demultiplexer> all_;
  std::uint32_t core_;
};

class Nothing final : public OperationStream {
 public:
  std::size_t next(std::span<Operation>) override { return 0; }
};

/// Not empty: one core's file may be, but not all.
void require_access(const TraceFiles& files, const std::string& path, std::uint32_t cores) {
  for (std::size_t i = 0; i < files.streams(); ++i) {
    OrderedOperation first;
    const auto stream = files.open(i, cores);
    while (stream->next(std::span(&first, 1)) > 0) {
      if (is_access(first.operation.kind)) return;
    }
  }
  throw InputError(path, "", "the trace is empty, found no access, allowed at least one");
}

std::uint32_t highest_core(OrderedStream& input) {
  std::array<OrderedOperation, batch> read;
  std::uint32_t highest = 0;
  while (const std::size_t n = input.next(read)) {
    for (std::size_t i = 0; i < n; ++i) highest = std::max(highest, read[i].core);
  }
  return highest;
}

/// Of the files that {core} stands for, to tell the format by: the first number is the format's to say.
std::string any_core_file(const std::string& path) {
  try {
    return core_files(path, 0).front();
  } catch (const InputError&) {
    try {
      return core_files(path, 1).front();
    } catch (const InputError&) {
    }
    throw;
  }
}

/// Of the trace's file, or of any one of its files.
const Format& format_of(const TraceParameters& parameters) {
  if (parameters.format != "auto") return named_format(parameters);
  return detect_format(names_all_cores(parameters.path) ? any_core_file(parameters.path) : parameters.path);
}

void require_order(const TraceParameters& parameters, const TraceFiles& files) {
  if (parameters.order == Order::free) return;
  const bool in_file = !files.stream_per_core();
  if (files.threads ? files.threads->ordered() : files.format->gates()) return;
  if (parameters.order == Order::global && in_file) return;
  const std::string what = files.threads
                               ? "this recording has"
                               : "a trace of the format " + std::string(files.format->name()) + " records";
  throw InputError(
      parameters.path, "",
      "the order \"" + std::string(parameters.order == Order::global ? "global" : "recorded") +
          "\" is not possible: " + what +
          (in_file         ? " no order of single accesses, allowed \"free\" or \"global\""
           : files.threads ? " no order between threads (no ordered atomics, locks, creation or joining), "
                             "allowed \"free\""
                           : " no order between cores, allowed \"free\""));
}

void require_salvage(const TraceParameters& parameters, const TraceFiles& files) {
  if (!parameters.salvage || files.threads) return;
  throw InputError(parameters.path, "",
                   "only recordings can be salvaged, found a trace of the format " +
                       std::string(files.format->name()) + ", allowed without salvage");
}

}  // namespace

std::unique_ptr<OrderedStream> TraceFiles::open(std::size_t index, std::uint32_t cores) const {
  if (threads) return threads->stream(static_cast<std::uint32_t>(index));
  return format->open(paths[index], static_cast<std::uint32_t>(index), cores);
}

TraceFiles find_trace(const TraceParameters& parameters) {
  const std::string& path = parameters.path;
  TraceFiles files;
  files.format = &format_of(parameters);
  const std::string name(files.format->name());
  if (files.format->file_per_core()) {
    const std::filesystem::path whole(path);
    const std::string numbered = files.format->numbered(whole.filename().string());
    files.paths = core_files((whole.parent_path() / numbered).string(), files.format->first_number());
  } else if (names_all_cores(path)) {
    throw InputError(
        path, "",
        "a trace of the format " + name + " has all cores in one file, allowed a path without {core}");
  } else {
    files.paths = {path};
    files.threads = files.format->threads(path, parameters.salvage);
  }
  require_salvage(parameters, files);
  require_order(parameters, files);
  return files;
}

std::unique_ptr<format::Recording> open_recording(const TraceParameters& parameters) {
  if (format_of(parameters).name() != "recording") return nullptr;
  return std::make_unique<format::Recording>(
      parameters.path, parameters.salvage ? format::Damage::salvage : format::Damage::refuse);
}

TraceWorkload::TraceWorkload(const TraceParameters& parameters)
    : files_(find_trace(parameters)),
      path_(parameters.path),
      order_(parameters.order),
      cores_(parameters.cores),
      backlog_bytes_(parameters.backlog_bytes) {
  const auto found = static_cast<std::uint32_t>(files_.streams());
  require_access(files_, path_, cores_ == 0 ? maximum_cores : cores_);
  if (files_.stream_per_core()) {
    if (cores_ == 0) cores_ = found;
    if (found > cores_) {
      throw InputError(path_, "",
                       "the trace has more cores than the machine, found " +
                           std::string(files_.threads ? "" : "files of ") + std::to_string(found) +
                           (files_.threads ? " threads" : " cores") + ", allowed at most " +
                           std::to_string(cores_) + " (or \"threads\": \"scheduled\": they share cores)");
    }
  } else if (cores_ == 0) {
    cores_ = highest_core(*files_.open(0, maximum_cores)) + 1;
  }
}

std::unique_ptr<OperationStream> TraceWorkload::stream(int core) {
  const auto index = static_cast<std::uint32_t>(core);
  if (files_.stream_per_core()) {
    if (index >= files_.streams()) return std::make_unique<Nothing>();
    return std::make_unique<OneCore>(files_.open(index, cores_));
  }
  if (!demultiplexer_) {
    demultiplexer_ = std::make_shared<Demultiplexer>(files_.open(0, cores_), cores_, backlog_bytes_, path_);
  }
  return std::make_unique<Share>(demultiplexer_, index);
}

std::unique_ptr<OrderedStream> TraceWorkload::ordered() {
  if (order_ != Order::global) return nullptr;
  if (!files_.stream_per_core()) return files_.open(0, cores_);
  std::vector<std::unique_ptr<OrderedStream>> streams;
  for (std::size_t i = 0; i < files_.streams(); ++i) streams.push_back(files_.open(i, cores_));
  return std::make_unique<Merge>(std::move(streams), path_);
}

std::unique_ptr<TraceWorkload> open_trace(const TraceParameters& parameters) {
  return std::make_unique<TraceWorkload>(parameters);
}

}  // namespace baton::traces
