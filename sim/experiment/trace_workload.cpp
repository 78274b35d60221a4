#include "sim/experiment/workload.hpp"
#include "traces/import/trace.hpp"

namespace baton::experiment {
namespace {

traces::TraceParameters trace_parameters(const WorkloadChoice& workload, int cores) {
  traces::TraceParameters parameters;
  parameters.path = trace_path(workload).string();
  parameters.format = workload.format;
  parameters.order = workload.order == "global" ? traces::Order::global : traces::Order::free;
  parameters.cores = static_cast<std::uint32_t>(cores);
  return parameters;
}

}  // namespace

std::filesystem::path trace_path(const WorkloadChoice& workload) {
  return workload.folder / workload.path;
}

int trace_cores(const WorkloadChoice& workload) {
  return traces::open_trace(trace_parameters(workload, 0))->cores();
}

std::unique_ptr<traces::Workload> open_trace_workload(const WorkloadChoice& workload, int cores) {
  return traces::open_trace(trace_parameters(workload, cores));
}

}  // namespace baton::experiment
