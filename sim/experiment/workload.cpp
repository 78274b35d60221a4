#include "sim/experiment/workload.hpp"

#include <algorithm>
#include <limits>

#include "traces/error.hpp"
#include "traces/synthetic/pattern.hpp"

namespace baton::experiment {
namespace {

constexpr const char* mix_name = "mix";

const std::vector<std::string>& kinds() {
  static const std::vector<std::string> names{"synthetic", "trace"};
  return names;
}

/// The parameters of a pattern, bound to the values in `choice`; those it lacks get their defaults.
Section describe(PatternChoice& choice, const traces::Pattern& pattern) {
  Section section{"workload", std::string(pattern.meaning()), {}, {}};
  for (const traces::Parameter& parameter : pattern.parameters()) {
    double& value =
        choice.values.try_emplace(std::string(parameter.name), parameter.default_value).first->second;
    Field field = real(std::string(parameter.name), value, parameter.min, parameter.max,
                       std::string(parameter.meaning));
    if (parameter.type == traces::ParameterType::integer) field.type = Type::integer;
    if (parameter.type == traces::ParameterType::bytes) field.type = Type::bytes;
    if (!parameter.unit.empty() && parameter.unit != "1" && field.type != Type::bytes) {
      field.meaning += " (" + std::string(parameter.unit) + ")";
    }
    section.fields.push_back(std::move(field));
  }
  return section;
}

Section describe_trace(WorkloadChoice& workload) {
  return {
      "workload",
      "A recorded trace, replayed",
      {
          text("path", workload.path,
               "the file; relative to the config's folder, or to the working directory where "
               "the command line gives it"),
          one_of("format", workload.format, {"auto"}, "how the file is written; auto: by its content"),
          one_of("order", workload.order, {"free", "global"},
                 "free: each core runs its own accesses; global: one access at a time in the trace's order"),
      },
      {}};
}

std::string string_at(const Json& object, const char* key) {
  return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : std::string();
}

/// Reads the pattern of `object` and its parameters into `choice`.
void read_pattern(const Json& object, const std::string& pointer, const std::vector<std::string>& also,
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
  read_section(describe(choice, *pattern), object, pointer, problems, also);
  if (problems.size() > before) return;
  traces::ParameterValues values(choice.values.begin(), choice.values.end());
  for (const std::string& message : pattern->check(values, cores)) problems.push_back({pointer, message});
}

void read_mix(const Json& object, int cores, WorkloadChoice& workload, Problems& problems) {
  const std::vector<std::string> keys{"kind", "pattern", "parts"};
  for (const auto& item : object.items()) {
    if (std::ranges::find(keys, item.key()) == keys.end())
      problems.push_back(unknown_key("/workload", item.key(), keys));
  }
  if (!object.contains("parts") || !object["parts"].is_array() || object["parts"].empty()) {
    problems.push_back(
        {"/workload/parts", "must be a list of at least one pattern with its weight, found " +
                                (object.contains("parts") ? found_text(object["parts"]) : "nothing")});
    return;
  }
  std::vector<std::string> allowed = pattern_names();
  std::erase(allowed, mix_name);
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
    read_pattern(part, pointer, {"pattern", "weight"}, allowed, cores, choice, problems);
  }
}

Json write_pattern(const PatternChoice& choice) {
  PatternChoice copy = choice;
  Json object{{"pattern", copy.pattern}};
  if (const traces::Pattern* pattern = traces::find_pattern(copy.pattern)) {
    object.update(write_section(describe(copy, *pattern)));
  }
  return object;
}

}  // namespace

std::vector<std::string> pattern_names() {
  std::vector<std::string> names;
  for (const traces::Pattern* pattern : traces::all_patterns()) names.emplace_back(pattern->name());
  if (std::ranges::find(names, mix_name) == names.end()) names.emplace_back(mix_name);
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> workload_keys(const std::string& kind, const std::string& pattern) {
  if (kind == "trace") return {"kind", "path", "format", "order"};
  if (kind != "synthetic" && !kind.empty()) return {};
  std::vector<std::string> keys{"kind", "pattern"};
  if (pattern == mix_name) {
    keys.emplace_back("parts");
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
  } else if (string_at(object, "pattern") == mix_name) {
    workload.mix = true;
    read_mix(object, cores, workload, problems);
  } else {
    workload.parts.emplace_back();
    read_pattern(object, "/workload", {"kind", "pattern"}, pattern_names(), cores, workload.parts.front(),
                 problems);
  }
}

Json write_workload(const WorkloadChoice& workload) {
  Json object{{"kind", workload.kind}};
  if (workload.kind == "trace") {
    WorkloadChoice copy = workload;
    object.update(write_section(describe_trace(copy)));
  } else if (workload.mix) {
    object["pattern"] = mix_name;
    object["parts"] = Json::array();
    for (const PatternChoice& choice : workload.parts) {
      Json part = write_pattern(choice);
      part["weight"] = choice.weight;
      object["parts"].push_back(std::move(part));
    }
  } else if (!workload.parts.empty()) {
    object.update(write_pattern(workload.parts.front()));
  }
  return object;
}

std::vector<WorkloadDescription> describe_workloads() {
  std::vector<WorkloadDescription> list;
  for (const traces::Pattern* pattern : traces::all_patterns()) {
    if (pattern->name() == mix_name) continue;
    auto storage = std::make_shared<PatternChoice>();
    Section section = describe(*storage, *pattern);
    list.push_back({"synthetic " + std::string(pattern->name()), section.meaning, section.fields, storage});
  }
  auto storage = std::make_shared<WorkloadChoice>();
  Section section = describe_trace(*storage);
  list.push_back({"trace", section.meaning, section.fields, storage});
  return list;
}

std::string workload_label(const WorkloadChoice& workload) {
  if (workload.kind == "trace") return std::filesystem::path(workload.path).filename().string();
  return workload.mix ? mix_name : workload.parts.front().pattern;
}

std::filesystem::path trace_path(const WorkloadChoice& workload) {
  return workload.folder / workload.path;
}

}  // namespace baton::experiment
