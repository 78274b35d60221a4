#pragma once
// JSON as we read it: objects keep their order, duplicate keys and comments are errors.

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace baton::experiment {

using Json = nlohmann::ordered_json;

/// The document in `text`. Throws InputProblems, naming `file` and the place, for a syntax error (line and
/// column) or a key given twice.
Json parse_json(std::string_view text, std::string_view file);

/// A value as an error message shows it: short, on one line.
std::string found_text(const Json& value);

/// `value` in several lines, but lists of numbers and strings in one.
std::string pretty(const Json& value, int indent = 0);

}  // namespace baton::experiment
