#include <algorithm>

#include "sim/experiment/workload.hpp"

namespace baton::experiment {
namespace {

/// {"if": the key has the value, "then": schema}.
Json when(const char* key, const std::string& value, Json schema) {
  return {{"if", {{"properties", {{key, {{"const", value}}}}}, {"required", Json{key}}}},
          {"then", std::move(schema)}};
}

Json closed(Json properties) {
  return {{"properties", std::move(properties)}, {"additionalProperties", false}};
}

}  // namespace

Json workload_schema() {
  const Json patterns = pattern_names();
  const std::vector<std::string> parts = part_names();
  Json by_pattern = Json::array();
  Json by_part = Json::array();
  Json by_kind = Json::array();
  Json by_program = Json::array();
  Json of_programs;
  for (const WorkloadDescription& workload : describe_workloads()) {
    Json properties = Json::object();
    for (const Field& field : workload.fields) properties[field.name] = field_schema(field);
    if (workload.title == "trace") {
      properties["kind"] = true;
      properties["path"].erase("default");
      by_kind.push_back(when("kind", "trace", closed(properties)));
      continue;
    }
    const std::string name = workload.title.substr(workload.title.find(' ') + 1);
    if (workload.title == "program") {
      for (const Section& section : workload.sections) properties[section.name] = section_schema(section);
      for (const char* key : {"kind", "program"}) properties[key] = true;
      of_programs = properties;
      continue;
    }
    if (workload.title.starts_with("program ")) {
      properties.update(of_programs);
      by_program.push_back(when("program", name, closed(properties)));
      continue;
    }
    properties["pattern"] = true;
    if (std::ranges::find(parts, name) != parts.end()) {
      Json part = properties;
      part.erase("operations_per_core");
      part["weight"] = true;
      by_part.push_back(when("pattern", name, closed(part)));
    }
    properties["kind"] = true;
    if (name == "mix") properties["parts"] = true;
    by_pattern.push_back(when("pattern", name, closed(properties)));
  }
  Json part{{"type", "object"}};
  part["properties"]["pattern"] = Json{{"enum", parts}};
  part["properties"]["weight"] = Json{{"type", "number"},
                                      {"minimum", 1e-6},
                                      {"maximum", 1e6},
                                      {"default", 1},
                                      {"description", "its share of the operations"}};
  part["required"] = Json{"pattern"};
  part["allOf"] = by_part;
  by_kind.push_back({{"properties", {{"parts", {{"type", "array"}, {"minItems", 1}, {"items", part}}}}}});
  by_kind.push_back(when("kind", "synthetic", {{"allOf", by_pattern}}));
  by_kind.push_back(when("kind", "program", {{"required", Json{"program"}}, {"allOf", by_program}}));
  Json schema{{"type", "object"}, {"description", "what the cores run"}};
  schema["properties"]["kind"] = Json{{"enum", {"synthetic", "trace", "program"}}};
  schema["properties"]["pattern"] = Json{{"enum", patterns}};
  schema["properties"]["program"] = Json{{"enum", program_names()}};
  schema["allOf"] = by_kind;
  return schema;
}

}  // namespace baton::experiment
