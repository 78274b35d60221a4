// A program as the workload of a point: its fields, its checks, and the workload itself.

#include <algorithm>
#include <utility>

#include "sim/experiment/workload.hpp"
#include "traces/programs/runtime/workload.hpp"

namespace baton::experiment {
namespace {

constexpr const char* nowhere = "none";

Section describe_preempt(PreemptChoice& preempt) {
  return {"preempt",
          "pre-emption injected at a place that the program names: the thread loses its core for a time",
          {
              text("at", preempt.at, "a place that the program names; none: no pre-emption"),
              real("probability", preempt.probability, 0, 1, "that a thread which comes there is pre-empted"),
              quantity("min", Type::time, preempt.min_ps, 0, 1e12, "the shortest time without its core"),
              quantity("max", Type::time, preempt.max_ps, 0, 1e12, "the longest time"),
              one_of("distribution", preempt.distribution, {"uniform", "log_uniform"},
                     "of the times between min and max: of the time, or of its logarithm, uniform"),
          },
          {}};
}

std::vector<Field> own_fields(ProgramSettings& settings, const programs::Program& program) {
  using Kind = programs::Parameter::Type;
  std::vector<Field> fields;
  for (const programs::Parameter& parameter : program.parameters()) {
    const std::string name(parameter.name);
    const std::string meaning(parameter.meaning);
    if (parameter.type == Kind::flag) {
      bool& value = settings.flags.try_emplace(name, parameter.default_value != 0).first->second;
      fields.push_back(flag(name, value, meaning));
      continue;
    }
    if (parameter.type == Kind::choice) {
      const std::vector<std::string> choices(parameter.choices.begin(), parameter.choices.end());
      const std::string& chosen = choices[static_cast<std::size_t>(parameter.default_value)];
      std::string& value = settings.choices.try_emplace(name, chosen).first->second;
      fields.push_back(one_of(name, value, choices, meaning));
      continue;
    }
    double& value = settings.values.try_emplace(name, parameter.default_value).first->second;
    Field field = real(name, value, parameter.minimum, parameter.maximum, meaning);
    if (parameter.type == Kind::integer) field.type = Type::integer;
    if (parameter.type == Kind::bytes) field.type = Type::bytes;
    fields.push_back(std::move(field));
  }
  return fields;
}

programs::ParameterValues parameter_values(const ProgramSettings& settings,
                                           const programs::Program& program) {
  programs::ParameterValues values(program.parameters());
  for (const auto& [name, value] : settings.values) values.set(name, value);
  for (const auto& [name, value] : settings.choices) values.choose(name, value);
  for (const auto& [name, value] : settings.flags) values.set(name, value ? 1 : 0);
  return values;
}

std::uint32_t threads_of(const ProgramSettings& settings, int cores) {
  return settings.threads == 0 ? static_cast<std::uint32_t>(cores) : settings.threads;
}

void check_preempt(const PreemptChoice& preempt, const programs::Names& names, Problems& problems) {
  std::vector<std::string> allowed = names.preemption_points.all();
  allowed.insert(allowed.begin(), nowhere);
  if (std::ranges::find(allowed, preempt.at) == allowed.end())
    problems.push_back({"/workload/preempt/at", "must be a place that the program names, found \"" +
                                                    preempt.at + "\"; allowed are " + quoted_list(allowed)});
  if (preempt.probability > 0 && preempt.at == nowhere)
    problems.push_back({"/workload/preempt/at", "must be given with a probability above 0; allowed are " +
                                                    quoted_list(names.preemption_points.all())});
  if (preempt.min_ps > preempt.max_ps)
    problems.push_back({"/workload/preempt/min", "is more than max; allowed is at most max"});
  if (preempt.distribution == "log_uniform" && preempt.min_ps == 0)
    problems.push_back({"/workload/preempt/min", "is 0; allowed with log_uniform: at least 1ps"});
}

}  // namespace

std::vector<std::string> program_names() {
  std::vector<std::string> names;
  for (const programs::Program* program : programs::all_programs()) names.emplace_back(program->name());
  return names;
}

Section describe_program(ProgramSettings& settings, const std::string& name) {
  Section section{
      "workload",
      "",
      {
          count("threads", settings.threads, 0, 1'000'000, "threads of the program; 0: as many as cores"),
          quantity(
              "timer_granularity", Type::time, settings.timer_granularity_ps, 0, 1e9,
              "of the clock with which the program measures latencies, an artefact of measuring (41.67ns: a "
              "counter of 24 MHz); 0ps: exact"),
      },
      {describe_preempt(settings.preempt)}};
  const programs::Program* program = programs::find_program(name);
  if (program == nullptr) return section;
  section.meaning = program->summary();
  std::vector<Field> own = own_fields(settings, *program);
  section.fields.insert(section.fields.begin(), own.begin(), own.end());
  return section;
}

void read_program(const Json& object, int cores, ProgramSettings& settings, Problems& problems) {
  const std::vector<std::string> allowed = program_names();
  if (!object.contains("program")) {
    problems.push_back({"/workload/program", "is missing; allowed are " + quoted_list(allowed)});
    return;
  }
  const std::size_t before = problems.size();
  read_field(one_of("program", settings.program, allowed, ""), object["program"], "/workload/program",
             problems);
  const programs::Program* program = programs::find_program(settings.program);
  if (problems.size() > before || program == nullptr) return;
  read_section(describe_program(settings, settings.program), object, "/workload", problems,
               {"kind", "program"});
  if (problems.size() > before) return;
  const programs::ParameterValues values = parameter_values(settings, *program);
  for (const auto& [parameter, message] : program->check(values, threads_of(settings, cores)))
    problems.push_back({"/workload/" + std::string(parameter), message});
  if (problems.size() == before)
    check_preempt(settings.preempt, programs::names_of(*program, values), problems);
}

Json write_program(const ProgramSettings& settings) {
  ProgramSettings copy = settings;
  Json object{{"program", copy.program}};
  object.update(write_section(describe_program(copy, copy.program)));
  return object;
}

std::unique_ptr<traces::Workload> make_program(const ProgramSettings& settings,
                                               const sim::MachineParameters& machine, std::uint64_t seed) {
  programs::ProgramChoice choice;
  choice.program = programs::find_program(settings.program);
  choice.values = parameter_values(settings, *choice.program);
  choice.setup.threads = threads_of(settings, static_cast<int>(machine.cores));
  choice.setup.cores = machine.cores;
  choice.setup.seed = seed;
  choice.setup.line_bytes = machine.cache.line_bytes;
  choice.setup.pause_cycles = machine.core.pause_cycles;
  const PreemptChoice& preempt = settings.preempt;
  if (preempt.probability > 0)
    choice.setup.injection = programs::InjectionChoice{preempt.at, preempt.probability, preempt.min_ps,
                                                       preempt.max_ps, preempt.distribution == "log_uniform"};
  choice.timer_granularity_ps = settings.timer_granularity_ps;
  return std::make_unique<programs::ProgramWorkload>(std::move(choice));
}

}  // namespace baton::experiment
