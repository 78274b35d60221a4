#include "traces/import/trace.hpp"

#include <algorithm>
#include <array>

#include "traces/error.hpp"
#include "traces/import/core_files.hpp"
#include "traces/import/demultiplexer.hpp"

namespace baton::traces {
namespace {

constexpr std::size_t batch = 512;

const Format& named_format(const TraceParameters& parameters) {
  if (const Format* format = find_format(parameters.format)) return *format;
  std::string allowed = "auto";
  for (const Format* format : all_formats()) allowed += ", " + std::string(format->name());
  throw InputError(parameters.path, "",
                   "unknown trace format, found \"" + parameters.format + "\", allowed " + allowed);
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
  for (std::size_t i = 0; i < files.paths.size(); ++i) {
    OrderedOperation first;
    if (files.open(i, cores)->next(std::span(&first, 1)) > 0) return;
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

}  // namespace

std::unique_ptr<OrderedStream> TraceFiles::open(std::size_t index, std::uint32_t cores) const {
  return format->open(paths[index], static_cast<std::uint32_t>(index), cores);
}

TraceFiles find_trace(const TraceParameters& parameters) {
  const std::string& path = parameters.path;
  std::vector<std::string> paths{path};
  if (names_all_cores(path)) paths = core_files(path);
  TraceFiles files;
  files.format = parameters.format == "auto" ? &detect_format(paths.front()) : &named_format(parameters);
  const std::string name(files.format->name());
  if (files.format->file_per_core()) {
    files.paths = core_files(path);
  } else if (names_all_cores(path)) {
    throw InputError(
        path, "",
        "a trace of the format " + name + " has all cores in one file, allowed a path without {core}");
  } else {
    files.paths = paths;
  }
  if (parameters.order == Order::global && files.format->file_per_core()) {
    throw InputError(path, "",
                     "the order \"global\" is not possible: a trace of the format " + name +
                         " records no order between cores, allowed \"free\"");
  }
  return files;
}

TraceWorkload::TraceWorkload(const TraceParameters& parameters)
    : files_(find_trace(parameters)),
      path_(parameters.path),
      order_(parameters.order),
      cores_(parameters.cores),
      backlog_bytes_(parameters.backlog_bytes) {
  const auto found = static_cast<std::uint32_t>(files_.paths.size());
  require_access(files_, path_, cores_ == 0 ? maximum_cores : cores_);
  if (files_.format->file_per_core()) {
    if (cores_ == 0) cores_ = found;
    if (found > cores_) {
      throw InputError(path_, "",
                       "the trace has more cores than the machine, found files of " + std::to_string(found) +
                           " cores, allowed at most " + std::to_string(cores_));
    }
  } else if (cores_ == 0) {
    cores_ = highest_core(*files_.open(0, maximum_cores)) + 1;
  }
}

std::unique_ptr<OperationStream> TraceWorkload::stream(int core) {
  const auto index = static_cast<std::uint32_t>(core);
  if (files_.format->file_per_core()) {
    if (index >= files_.paths.size()) return std::make_unique<Nothing>();
    return std::make_unique<OneCore>(files_.open(index, cores_));
  }
  if (!demultiplexer_) {
    demultiplexer_ = std::make_shared<Demultiplexer>(files_.open(0, cores_), cores_, backlog_bytes_, path_);
  }
  return std::make_unique<Share>(demultiplexer_, index);
}

std::unique_ptr<OrderedStream> TraceWorkload::ordered() {
  return order_ == Order::global ? files_.open(0, cores_) : nullptr;
}

std::unique_ptr<TraceWorkload> open_trace(const TraceParameters& parameters) {
  return std::make_unique<TraceWorkload>(parameters);
}

}  // namespace baton::traces
