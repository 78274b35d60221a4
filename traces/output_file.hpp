#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace baton::traces {

/// Whether both names are of one regular file, or would be of one that does not exist yet. A device or pipe
/// can have several uses.
bool same_file(const std::string& a, const std::string& b);

/// Where a symbolic link leads, whether there is a file or not; `path` itself if it is none.
std::string link_target(const std::string& path);

/// A file that appears whole or not at all: written beside `path`, renamed to it by finish(). A device or
/// pipe is written in place; a symbolic link stays, and its target is written.
class OutputFile {
 public:
  /// Throws InputError if the file cannot be written; so do all others.
  explicit OutputFile(const std::string& path);
  ~OutputFile();  ///< without finish(): leaves nothing
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view bytes);
  std::uint64_t bytes() const { return written_; }
  void finish();

 private:
  [[noreturn]] void fail() const;
  bool in_place() const { return beside_.empty(); }

  std::string path_;
  std::string beside_;  ///< the name until finish(); empty if written in place
  int descriptor_ = -1;
  std::uint64_t written_ = 0;
};

}  // namespace baton::traces
