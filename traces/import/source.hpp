#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace baton::traces {

/// The bytes of a file, decompressed.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Writes up to `size` (> 0) bytes to `buffer` and returns how many; 0 only at the end.
  /// Throws InputError, placed at the byte offset in the file as it lies on the disk.
  virtual std::size_t read(char* buffer, std::size_t size) = 0;
};

/// By the path's extension: .gz is gzip (RFC 1952), .zst is zstd (RFC 8878), each of any number of members or
/// frames; all else is read as it is. Throws InputError if the path is missing, unreadable or a directory.
std::unique_ptr<ByteSource> open_source(const std::string& path);

}  // namespace baton::traces
