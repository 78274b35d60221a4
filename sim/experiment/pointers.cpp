#include "sim/experiment/pointers.hpp"

#include <algorithm>

#include "sim/experiment/machine_fields.hpp"
#include "sim/experiment/workload.hpp"

namespace baton::experiment {
namespace {

void add(std::vector<std::string>& pointers, const std::string& parent, const Section& section) {
  pointers.push_back(parent);
  for (const Field& field : section.fields) pointers.push_back(parent + "/" + field.name);
  for (const Section& inner : section.sections) add(pointers, parent + "/" + inner.name, inner);
}

std::vector<std::string> collect() {
  std::vector<std::string> pointers{"/name",  "/description", "/seeds",    "/seeds/*",
                                    "/plots", "/plots/*",     "/plots/*/*"};
  sim::MachineParameters machine;
  add(pointers, "/machine", describe(machine));
  pointers.emplace_back("/protocol/name");
  for (const ProtocolInfo* protocol : all_protocols()) {
    sim::ProtocolChoice choice;
    add(pointers, "/protocol", describe(choice, *protocol));
  }
  pointers.emplace_back("/workload");
  for (const std::string& key : workload_keys("trace", "")) pointers.push_back("/workload/" + key);
  for (const std::string& pattern : pattern_names()) {
    for (const std::string& key : workload_keys("synthetic", pattern)) {
      pointers.push_back("/workload/" + key);
      if (pattern != "mix" && key != "kind" && key != "operations_per_core") {
        pointers.push_back("/workload/parts/*/" + key);
      }
    }
  }
  for (const std::string& program : program_names()) {
    ProgramSettings settings;
    pointers.emplace_back("/workload/program");
    add(pointers, "/workload", describe_program(settings, program));
  }
  for (const char* place :
       {"/workload/parts/*", "/workload/parts/*/weight", "/sweep", "/sweep/*", "/sweep/*/path",
        "/sweep/*/values", "/sweep/*/values/*", "/sweep/*/variants", "/sweep/*/variants/*"}) {
    pointers.emplace_back(place);
  }
  RunSettings settings;
  add(pointers, "/options", describe(settings));
  std::vector<std::string> distinct;
  for (std::string& pointer : pointers) {
    if (std::ranges::find(distinct, pointer) == distinct.end()) distinct.push_back(std::move(pointer));
  }
  return distinct;
}

std::vector<std::string> tokens(const std::string& pointer) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at != std::string::npos && at < pointer.size();) {
    const std::size_t end = pointer.find('/', at + 1);
    parts.push_back(pointer.substr(at + 1, end == std::string::npos ? end : end - at - 1));
    at = end;
  }
  return parts;
}

bool matches(const std::string& known, const std::vector<std::string>& given) {
  const std::vector<std::string> parts = tokens(known);
  if (parts.size() != given.size()) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] != "*" && parts[i] != given[i]) return false;
  }
  return true;
}

}  // namespace

const std::vector<std::string>& known_pointers() {
  static const std::vector<std::string> pointers = collect();
  return pointers;
}

void check_pointer(const std::string& pointer, const std::string& place, Problems& problems) {
  if (!pointer.starts_with('/') || pointer.ends_with('/')) {
    problems.push_back(
        {place, "must be a JSON pointer such as \"/machine/cores\", found \"" + pointer + "\""});
    return;
  }
  const std::vector<std::string> given = tokens(pointer);
  // Below a variant's label everything is a patch, which is checked with the points that it makes.
  const bool in_variant = given.size() > 4 && given[0] == "sweep" && given[2] == "variants";
  const auto fits = [&](const std::string& known) { return matches(known, given); };
  if (in_variant || std::ranges::any_of(known_pointers(), fits)) return;
  std::vector<std::string> candidates = known_pointers();
  std::erase_if(candidates, [](const std::string& known) { return known.find('*') != std::string::npos; });
  problems.push_back(
      {place, "there is no \"" + pointer + "\" in a config" + did_you_mean(pointer, candidates)});
}

}  // namespace baton::experiment
