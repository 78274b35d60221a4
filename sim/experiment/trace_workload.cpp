// A trace as the workload of a point: its threads on the machine's cores.

#include <algorithm>

#include "sim/experiment/workload.hpp"
#include "sim/machine/system/core_list.hpp"
#include "traces/error.hpp"
#include "traces/import/thread_program.hpp"
#include "traces/import/trace.hpp"

namespace baton::experiment {
namespace {

/// cores: 0: as many as the trace has.
traces::TraceParameters trace_parameters(const WorkloadChoice& workload, std::uint32_t cores) {
  traces::TraceParameters parameters;
  parameters.path = trace_path(workload).string();
  parameters.format = workload.format;
  parameters.order = workload.order == "global"     ? traces::Order::global
                     : workload.order == "recorded" ? traces::Order::recorded
                                                    : traces::Order::free;
  parameters.salvage = workload.salvage;
  parameters.cores = cores;
  return parameters;
}

/// A trace whose thread i runs on the i-th of some cores.
class Pinned final : public traces::Workload {
 public:
  Pinned(std::unique_ptr<traces::Workload> trace, std::vector<std::uint32_t> pins, std::uint32_t cores)
      : trace_(std::move(trace)), pins_(std::move(pins)), cores_(cores) {}

  int cores() const override { return static_cast<int>(cores_); }
  traces::Gates gates() const override { return trace_->gates(); }
  std::unique_ptr<traces::OperationStream> stream(int core) override {
    const auto at = std::ranges::find(pins_, static_cast<std::uint32_t>(core));
    const auto thread = static_cast<int>(at - pins_.begin());
    return thread < trace_->cores() ? trace_->stream(thread) : nullptr;
  }
  std::unique_ptr<traces::OrderedStream> ordered() override {
    auto all = trace_->ordered();
    return all ? std::make_unique<Ordered>(std::move(all), pins_) : nullptr;
  }

 private:
  class Ordered final : public traces::OrderedStream {
   public:
    Ordered(std::unique_ptr<traces::OrderedStream> all, const std::vector<std::uint32_t>& pins)
        : all_(std::move(all)), pins_(pins) {}
    std::size_t next(std::span<traces::OrderedOperation> out) override {
      const std::size_t n = all_->next(out);
      for (auto& one : out.first(n)) one.core = pins_[one.core];
      return n;
    }

   private:
    std::unique_ptr<traces::OrderedStream> all_;
    std::vector<std::uint32_t> pins_;
  };

  std::unique_ptr<traces::Workload> trace_;
  std::vector<std::uint32_t> pins_;
  std::uint32_t cores_;
};

std::unique_ptr<traces::Workload> pinned(const WorkloadChoice& workload,
                                         const sim::MachineParameters& machine) {
  const auto pins = sim::parse_core_list(machine.system.pin, machine.cores);
  auto trace = traces::open_trace(trace_parameters(workload, 0));
  const auto threads = static_cast<std::size_t>(trace->cores());
  auto sorted = pins;
  std::ranges::sort(sorted);
  if (pins.size() < threads || std::ranges::adjacent_find(sorted) != sorted.end())
    throw traces::InputError(trace_path(workload).string(), "",
                             "a core for each thread is needed at /machine/system/pin, found \"" +
                                 machine.system.pin + "\" for " + std::to_string(threads) +
                                 " threads, allowed that many cores, none of them twice (threads that share "
                                 "cores: \"threads\": \"scheduled\")");
  return std::make_unique<Pinned>(std::move(trace), pins, machine.cores);
}

}  // namespace

std::filesystem::path trace_path(const WorkloadChoice& workload) {
  return workload.folder / workload.path;
}

std::vector<std::string> trace_files(const WorkloadChoice& workload) {
  traces::TraceParameters parameters = trace_parameters(workload, 0);
  parameters.order = traces::Order::free;
  try {
    traces::TraceFiles trace = traces::find_trace(parameters);
    const std::string more = trace.format->companion(trace.paths.front());
    if (!more.empty() && std::filesystem::exists(more)) trace.paths.push_back(more);
    return trace.paths;
  } catch (const traces::InputError&) {  // said when it is opened to be run
    return {parameters.path};
  }
}

std::unique_ptr<traces::format::Recording> open_recording(const WorkloadChoice& workload) {
  return traces::open_recording(trace_parameters(workload, 0));
}

Salvaged salvaged(const WorkloadChoice& workload) {
  Salvaged result;
  const auto recording = open_recording(workload);
  if (!recording) return result;  // refused when it is opened to be run
  result.threads = recording->threads();
  for (std::uint32_t thread = 0; thread < result.threads; ++thread)
    result.records += recording->records(thread);
  result.lost = recording->damage();
  return result;
}

int trace_cores(const WorkloadChoice& workload) {
  return traces::open_trace(trace_parameters(workload, 0))->cores();
}

std::unique_ptr<traces::Workload> open_trace_workload(const WorkloadChoice& workload,
                                                      const sim::MachineParameters& machine) {
  if (workload.threads == "scheduled") {
    if (workload.order == "global")
      throw traces::InputError(
          trace_path(workload).string(), "",
          "threads that share cores have no global order, found \"global\", allowed with "
          "\"threads\": \"scheduled\": \"free\" or \"recorded\"");
    return std::make_unique<traces::ThreadedTrace>(traces::open_trace(trace_parameters(workload, 0)),
                                                   machine.cores, machine.cache.line_bytes);
  }
  if (!machine.system.pin.empty()) return pinned(workload, machine);
  return traces::open_trace(trace_parameters(workload, machine.cores));
}

}  // namespace baton::experiment
