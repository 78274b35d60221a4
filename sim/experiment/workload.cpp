#include "sim/experiment/workload.hpp"

#include <algorithm>

#include "traces/import/format.hpp"
#include "traces/synthetic/workload.hpp"

namespace baton::experiment {
namespace {

constexpr const char* mix_name = "mix";
constexpr const char* operations_key = "operations_per_core";

const std::vector<std::string>& kinds() {
  static const std::vector<std::string> names{"synthetic", "trace", "program"};
  return names;
}

/// The parameters of a pattern, bound to the values in `choice`; those it lacks get their defaults. How long
/// a mix runs is the mix's to say, not its parts'.
Section describe(PatternChoice& choice, const traces::Pattern& pattern, bool part) {
  Section section{"workload", std::string(pattern.summary()), {}, {}};
  for (const traces::Parameter& parameter : pattern.parameters()) {
    const std::string name(parameter.name);
    double& value = choice.values.try_emplace(name, parameter.default_value).first->second;
    if (part && name == operations_key) continue;
    Field field = real(name, value, parameter.minimum, parameter.maximum, std::string(parameter.meaning));
    if (parameter.type == traces::Parameter::Type::integer) field.type = Type::integer;
    if (parameter.type == traces::Parameter::Type::bytes) field.type = Type::bytes;
    section.fields.push_back(std::move(field));
  }
  return section;
}

Section describe_mix(WorkloadChoice& workload) {
  return {"workload",
          "Operations drawn at random from several patterns, each with lines of its own",
          {count(operations_key, workload.operations, 1, 1e12, "operations that each core completes")},
          {}};
}

std::vector<std::string> format_names() {
  std::vector<std::string> names{"auto"};
  for (const traces::Format* format : traces::all_formats()) names.emplace_back(format->name());
  return names;
}

Section describe_trace(WorkloadChoice& workload) {
  Field salvage = flag("salvage", workload.salvage,
                       "of a damaged recording: leave out what cannot be read; if not, damage is an error");
  salvage.optional = true;
  return {
      "workload",
      "A recorded trace, replayed",
      {
          text("path", workload.path,
               "the file; relative to the config's folder, or to the working directory where "
               "the command line gives it"),
          one_of("format", workload.format, format_names(),
                 "how the file is written; auto: by its name and content"),
          one_of(
              "order", workload.order, {"free", "recorded", "global"},
              "free: each core runs its own accesses; recorded: and those whose order a recording has, "
              "atomics and synchronisation, wait for their turn; global: one access at a time in the trace's "
              "order"),
          std::move(salvage),
          one_of("threads", workload.threads, {"as_cores", "scheduled"},
                 "as_cores: each thread has a core, thread i core i or the i-th of /machine/system/pin; "
                 "scheduled: threads share cores under the operating system of /machine/system"),
      },
      {}};
}

std::string string_at(const Json& object, const char* key) {
  return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : std::string();
}

traces::ParameterValues parameter_values(const PatternChoice& choice, const traces::Pattern& pattern) {
  traces::ParameterValues values(pattern.parameters());
  for (const auto& [name, value] : choice.values) values.set(name, value);
  return values;
}

/// Reads the pattern of `object` and its parameters into `choice`.
void read_pattern(const Json& object, const std::string& pointer, bool part,
                  const std::vector<std::string>& allowed, int cores, PatternChoice& choice,
                  Problems& problems) {
  if (!object.contains("pattern")) {
    problems.push_back({pointer + "/pattern", "is missing; allowed are " + quoted_list(allowed)});
    return;
  }
  const std::size_t before = problems.size();
  read_field(one_of("pattern", choice.pattern, allowed, ""), object["pattern"], pointer + "/pattern",
             problems);
  const traces::Pattern* pattern = traces::find_pattern(choice.pattern);
  if (problems.size() > before || pattern == nullptr) return;
  read_section(describe(choice, *pattern, part), object, pointer, problems,
               {"pattern", part ? "weight" : "kind"});
  if (problems.size() > before) return;
  for (const auto& [parameter, message] : pattern->check(parameter_values(choice, *pattern), cores)) {
    problems.push_back({pointer + "/" + std::string(parameter), message});
  }
}

void read_mix(const Json& object, int cores, WorkloadChoice& workload, Problems& problems) {
  read_section(describe_mix(workload), object, "/workload", problems, {"kind", "pattern", "parts"});
  if (!object.contains("parts") || !object["parts"].is_array() || object["parts"].empty()) {
    problems.push_back(
        {"/workload/parts", "must be a list of at least one pattern with its weight, found " +
                                (object.contains("parts") ? found_text(object["parts"]) : "nothing")});
    return;
  }
  const std::vector<std::string> allowed = part_names();
  workload.parts.clear();
  for (std::size_t i = 0; i < object["parts"].size(); ++i) {
    const Json& part = object["parts"][i];
    const std::string pointer = "/workload/parts/" + std::to_string(i);
    PatternChoice& choice = workload.parts.emplace_back();
    if (!part.is_object()) {
      problems.push_back({pointer, "must be an object, found " + found_text(part)});
      continue;
    }
    if (part.contains("weight")) {
      read_field(real("weight", choice.weight, 1e-6, 1e6, ""), part["weight"], pointer + "/weight", problems);
    }
    choice.values[operations_key] = static_cast<double>(workload.operations);
    read_pattern(part, pointer, true, allowed, cores, choice, problems);
  }
}

Json write_pattern(const PatternChoice& choice, bool part) {
  PatternChoice copy = choice;
  Json object{{"pattern", copy.pattern}};
  if (const traces::Pattern* pattern = traces::find_pattern(copy.pattern)) {
    object.update(write_section(describe(copy, *pattern, part)));
  }
  return object;
}

}  // namespace

std::vector<std::string> pattern_names() {
  std::vector<std::string> names{mix_name};
  for (const traces::Pattern* pattern : traces::all_patterns()) names.emplace_back(pattern->name());
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> part_names() {
  std::vector<std::string> names;
  for (const traces::Pattern* pattern : traces::all_patterns()) {
    if (!pattern->value_dependent()) names.emplace_back(pattern->name());
  }
  return names;
}

std::vector<std::string> workload_keys(const std::string& kind, const std::string& pattern) {
  if (kind == "trace") return {"kind", "path", "format", "order", "salvage", "threads"};
  if (kind == "program") {
    const std::vector<std::string> known = program_names();
    if (std::ranges::find(known, pattern) == known.end()) return {};
    ProgramSettings settings;
    const Section section = describe_program(settings, pattern);
    std::vector<std::string> keys{"kind", "program"};
    for (const Field& field : section.fields) keys.push_back(field.name);
    for (const Section& inner : section.sections) keys.push_back(inner.name);
    return keys;
  }
  if (kind != "synthetic" && !kind.empty()) return {};
  std::vector<std::string> keys{"kind", "pattern"};
  if (pattern == mix_name) {
    keys.insert(keys.end(), {operations_key, "parts"});
  } else if (const traces::Pattern* found = traces::find_pattern(pattern)) {
    for (const traces::Parameter& parameter : found->parameters()) keys.emplace_back(parameter.name);
  } else {
    return {};
  }
  return keys;
}

void read_workload(const Json& object, int cores, WorkloadChoice& workload, Problems& problems) {
  if (!object.is_object()) {
    problems.push_back({"/workload", "must be an object, found " + found_text(object)});
    return;
  }
  if (!object.contains("kind")) {
    problems.push_back({"/workload/kind", "is missing; allowed are " + quoted_list(kinds())});
    return;
  }
  const std::size_t before = problems.size();
  read_field(one_of("kind", workload.kind, kinds(), ""), object["kind"], "/workload/kind", problems);
  if (problems.size() > before) return;
  if (workload.kind == "trace") {
    read_section(describe_trace(workload), object, "/workload", problems, {"kind"});
    if (!object.contains("path"))
      problems.push_back({"/workload/path", "is missing; the file of a trace is needed"});
    else if (object["path"] == "")
      problems.push_back({"/workload/path", "is empty; the file of a trace is needed"});
  } else if (workload.kind == "program") {
    read_program(object, cores, workload.program, problems);
  } else if (string_at(object, "pattern") == mix_name) {
    workload.mix = true;
    read_mix(object, cores, workload, problems);
  } else {
    workload.parts.emplace_back();
    read_pattern(object, "/workload", false, pattern_names(), cores, workload.parts.front(), problems);
  }
}

Json write_workload(const WorkloadChoice& workload) {
  Json object{{"kind", workload.kind}};
  if (workload.kind == "trace") {
    WorkloadChoice copy = workload;
    object.update(write_section(describe_trace(copy)));
  } else if (workload.kind == "program") {
    object.update(write_program(workload.program));
  } else if (workload.mix) {
    object["pattern"] = mix_name;
    WorkloadChoice copy = workload;
    object.update(write_section(describe_mix(copy)));
    object["parts"] = Json::array();
    for (const PatternChoice& choice : workload.parts) {
      Json part = write_pattern(choice, true);
      part["weight"] = choice.weight;
      object["parts"].push_back(std::move(part));
    }
  } else if (!workload.parts.empty()) {
    object.update(write_pattern(workload.parts.front(), false));
  }
  return object;
}

std::vector<WorkloadDescription> describe_workloads() {
  std::vector<WorkloadDescription> list;
  for (const traces::Pattern* pattern : traces::all_patterns()) {
    auto storage = std::make_shared<PatternChoice>();
    Section section = describe(*storage, *pattern, false);
    list.push_back(
        {"synthetic " + std::string(pattern->name()), section.meaning, section.fields, {}, storage});
  }
  auto mix = std::make_shared<WorkloadChoice>();
  Section mixed = describe_mix(*mix);
  list.push_back({"synthetic mix", mixed.meaning, mixed.fields, {}, mix});
  auto storage = std::make_shared<WorkloadChoice>();
  Section section = describe_trace(*storage);
  list.push_back({"trace", section.meaning, section.fields, {}, storage});
  auto settings = std::make_shared<ProgramSettings>();
  Section common = describe_program(*settings, "");
  list.push_back({"program", "A program; each has the fields of its own below besides these", common.fields,
                  common.sections, settings});
  for (const std::string& name : program_names()) {
    auto own = std::make_shared<ProgramSettings>();
    Section program = describe_program(*own, name);
    program.fields.resize(program.fields.size() - common.fields.size());
    list.push_back({"program " + name, program.meaning, program.fields, {}, own});
  }
  return list;
}

std::string workload_label(const WorkloadChoice& workload) {
  if (workload.kind == "trace") return std::filesystem::path(workload.path).filename().string();
  if (workload.kind == "program") return workload.program.program;
  return workload.mix ? mix_name : workload.parts.front().pattern;
}

std::unique_ptr<traces::Workload> make_workload(const WorkloadChoice& workload,
                                                const sim::MachineParameters& machine, std::uint64_t seed) {
  const int cores = static_cast<int>(machine.cores);
  if (workload.kind == "trace") return open_trace_workload(workload, machine);
  if (workload.kind == "program") return make_program(workload.program, machine, seed);
  const auto values = [](const PatternChoice& choice) {
    return parameter_values(choice, *traces::find_pattern(choice.pattern));
  };
  const std::uint32_t line_bytes = machine.cache.line_bytes;
  if (!workload.mix) {
    const PatternChoice& choice = workload.parts.front();
    return std::make_unique<traces::SyntheticWorkload>(*traces::find_pattern(choice.pattern), values(choice),
                                                       cores, seed, line_bytes);
  }
  std::vector<traces::MixPart> parts;
  for (const PatternChoice& choice : workload.parts) {
    parts.push_back({traces::find_pattern(choice.pattern), values(choice), choice.weight});
  }
  return std::make_unique<traces::SyntheticWorkload>(std::move(parts), cores, seed, line_bytes);
}

}  // namespace baton::experiment
