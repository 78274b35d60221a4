#pragma once
// The one exception that traces/ throws for malformed input: a file that is missing, corrupt or not in its
// format.

#include <stdexcept>
#include <string>

namespace baton::traces {

class InputError : public std::runtime_error {
 public:
  /// `place`: "line 17" (of the decompressed text), "byte offset 1234" (in the file as it lies on the disk),
  /// or empty when the whole file is meant. `problem`: "what is wrong, found X, allowed Y".
  InputError(std::string file, std::string place, const std::string& problem)
      : std::runtime_error(file + ": " + (place.empty() ? "" : place + ": ") + problem),
        file_(std::move(file)),
        place_(std::move(place)) {}

  const std::string& file() const { return file_; }
  const std::string& place() const { return place_; }

 private:
  std::string file_;
  std::string place_;
};

}  // namespace baton::traces
