#include "traces/programs/runtime/run.hpp"

#include <stdexcept>

namespace baton::programs {

Run::Run(const Program& program, const ParameterValues& values, const RunSetup& setup)
    : environment_{setup.threads, setup.cores, setup.seed, setup.pause_cycles, {}, {}, true},
      has_values_(program.has_values()),
      contents_(traces::region_bytes, setup.line_bytes) {
  Setup stage(values, environment_, contents_, names_);
  instance_ = program.set_up(stage);
  environment_.counters.resize(names_.counters.size());
  if (setup.injection) {
    const InjectionChoice& choice = *setup.injection;
    const int point = names_.preemption_points.find(choice.point);
    if (point < 0) throw std::invalid_argument("the program names no place \"" + choice.point + "\"");
    environment_.injection = Injection{{static_cast<std::uint16_t>(point)},
                                       choice.probability,
                                       choice.min_ps,
                                       choice.max_ps,
                                       choice.log_uniform};
  }
  for (std::uint32_t i = 0; i < setup.threads; ++i) threads_.emplace_back(environment_, i);
}

Thread& Run::thread(std::uint32_t index) {
  Thread& thread = threads_[index];
  if (!thread.started() && !thread.ended()) thread.start(instance_->run(thread));
  return thread;
}

Names names_of(const Program& program, const ParameterValues& values) {
  const Environment environment;
  Contents contents(traces::region_bytes, 64);
  Names names;
  Setup setup(values, environment, contents, names);
  program.set_up(setup);
  return names;
}

}  // namespace baton::programs
