#pragma once
// JSON as we read it: objects keep their order, duplicate keys and comments are errors.

#include <stdexcept>
#include <string>
#include <string_view>

// A key that a constant object lacks is undefined behaviour in the library, but for its assertions: here it
// is an exception like all else that is not as expected.
namespace baton::experiment {
[[noreturn]] void throw_key_missing();  // std::out_of_range
}
#define JSON_ASSERT(condition) \
  (static_cast<bool>(condition) ? void() : ::baton::experiment::throw_key_missing())
#include <nlohmann/json.hpp>

namespace baton::experiment {

using Json = nlohmann::ordered_json;

/// The document in `text`. Throws InputProblems, naming `file` and the place, for a syntax error (line and
/// column) or a key given twice.
Json parse_json(std::string_view text, std::string_view file);

[[noreturn]] void not_as_written(const std::string& file, const std::exception& error);
/// Calls f(), which reads a document that Baton has written to `file`. What is not as Baton writes it, since
/// somebody has changed it, is InputProblems.
template <class F>
auto as_written(const std::string& file, F&& f) try {
  return f();
} catch (const Json::exception& error) {
  not_as_written(file, error);
} catch (const std::out_of_range& error) {
  not_as_written(file, error);
}

/// A value as an error message shows it: short, on one line.
std::string found_text(const Json& value);

/// A string without its quotes; all else as JSON.
std::string bare_text(const Json& value);

/// `value` in several lines, but lists of numbers and strings in one.
std::string pretty(const Json& value, int indent = 0);

}  // namespace baton::experiment
