#pragma once

#include <string>

namespace baton::experiment {

/// What the file at `path` holds. `expected` ("a config file") is what should have been there. Throws
/// InputProblems with the system's reason if it cannot be read.
std::string read_whole(const std::string& path, const std::string& expected);

}  // namespace baton::experiment
