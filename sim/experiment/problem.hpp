#pragma once
// What is wrong with an input, said so that its author can mend it without reading our code.

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace baton::experiment {

/// One fault. `pointer` is an RFC 6901 pointer into the file, or empty for the file as a whole.
struct Problem {
  std::string pointer;
  std::string message;

  bool operator==(const Problem&) const = default;
};
using Problems = std::vector<Problem>;

/// Bad input or usage (exit status 2); what() has one line a fault: "FILE: /pointer: message".
class InputProblems : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  InputProblems(std::string_view file, std::span<const Problem> problems);
};

/// ` (did you mean "cores"?)` for the candidate nearest to `found`, or nothing if none is near.
std::string did_you_mean(std::string_view found, std::span<const std::string> candidates);

/// `"a", "b", "c"`.
std::string quoted_list(std::span<const std::string> words);

/// A key as a token of a JSON pointer: "~" and "/" escaped.
std::string pointer_token(std::string_view key);

}  // namespace baton::experiment
