#pragma once
// A preset: the parameters of a real machine, each with its source, in a file that several configs name.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "sim/experiment/json.hpp"

namespace baton::experiment {

struct Preset {
  std::string file;  ///< where it was read
  std::string description;
  /// JSON pointer of a parameter, or of an object of parameters, and where its values are from.
  std::vector<std::pair<std::string, std::string>> sources;
  Json parameters;  ///< {"machine": ..., "protocol": ...}
};

/// Puts the preset that the config's "preset" names, relative to `folder`, below what the config says itself.
/// Throws InputProblems, in the name of the preset's file for what is wrong there.
Preset apply_preset(Json& document, const std::string& file, const std::filesystem::path& folder);

/// Pointer and value of each parameter in an object, in order.
std::vector<std::pair<std::string, Json>> leaves(const Json& object);

}  // namespace baton::experiment
