#include "sim/experiment/hardware/preset.hpp"

#include <algorithm>

#include "sim/experiment/field.hpp"
#include "sim/experiment/input_file.hpp"

namespace baton::experiment {
namespace {

void add_leaves(const Json& value, const std::string& pointer,
                std::vector<std::pair<std::string, Json>>& found) {
  if (!value.is_object()) {
    found.emplace_back(pointer, value);
    return;
  }
  for (const auto& [key, inner] : value.items()) add_leaves(inner, pointer + "/" + pointer_token(key), found);
}

/// Whether `pointer` is `outer` or lies in it.
bool lies_in(const std::string& pointer, const std::string& outer) {
  return pointer.starts_with(outer) && (pointer.size() == outer.size() || pointer[outer.size()] == '/');
}

void check_sources(const Preset& preset, Problems& problems) {
  const auto parameters = leaves(preset.parameters);
  for (const auto& [source, words] : preset.sources) {
    const auto used = [&](const auto& leaf) { return lies_in(leaf.first, source); };
    if (std::ranges::none_of(parameters, used))
      problems.push_back({"/sources/" + pointer_token(source), "the preset has no such parameter"});
  }
  for (const auto& [pointer, value] : parameters) {
    const auto covers = [&](const auto& source) { return lies_in(pointer, source.first); };
    if (std::ranges::none_of(preset.sources, covers))
      problems.push_back({"/sources", "lacks the source of \"" + pointer + "\""});
  }
}

Preset read_preset(const std::string& path) {
  const Json document = parse_json(read_whole(path, "a preset"), path);
  if (!document.is_object())
    throw InputProblems(path, Problems{{"", "must be a JSON object, found " + found_text(document)}});
  Preset preset;
  preset.parameters = Json::object();
  Problems problems;
  for (const auto& [key, value] : document.items()) {
    if (key == "machine" || key == "protocol") {
      preset.parameters[key] = value;
      if (!value.is_object())
        problems.push_back({"/" + key, "must be an object, found " + found_text(value)});
    } else if (key == "description") {
      read_field(baton::experiment::text("description", preset.description, ""), value, "/description",
                 problems);
    } else if (key == "sources") {
      if (!value.is_object()) {
        problems.push_back(
            {"/sources", "must be an object of JSON pointers and texts, found " + found_text(value)});
        continue;
      }
      for (const auto& [pointer, words] : value.items()) {
        std::string source;
        read_field(baton::experiment::text(pointer, source, ""), words, "/sources/" + pointer_token(pointer),
                   problems);
        preset.sources.emplace_back(pointer, source);
      }
    } else if (key != "$schema") {
      problems.push_back(unknown_key("", key, {"description", "machine", "protocol", "sources"}));
    }
  }
  if (problems.empty()) check_sources(preset, problems);
  if (!problems.empty()) throw InputProblems(path, problems);
  return preset;
}

}  // namespace

std::vector<std::pair<std::string, Json>> leaves(const Json& object) {
  std::vector<std::pair<std::string, Json>> found;
  add_leaves(object, "", found);
  return found;
}

Preset apply_preset(Json& document, const std::string& file, const std::filesystem::path& folder) {
  if (!document.contains("preset")) return {};
  const Json& name = document["preset"];
  if (!name.is_string())
    throw InputProblems(file, Problems{{"/preset", "must be the path of a file, found " + found_text(name)}});
  Preset preset = read_preset((folder / name.get_ref<const std::string&>()).lexically_normal().string());
  preset.file = (folder / name.get_ref<const std::string&>()).lexically_normal().string();
  document.erase("preset");
  for (const auto& [key, value] : preset.parameters.items()) {
    Json below = value;
    // What is no object is said to be wrong where the config is read.
    if (document.contains(key)) below.merge_patch(document[key]);
    document[key] = std::move(below);
  }
  return preset;
}

}  // namespace baton::experiment
