#pragma once
// Writes a recording.

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "traces/format/layout.hpp"
#include "traces/format/record.hpp"

namespace baton::traces::format {

class Writer {
 public:
  /// Writes to a new file beside `path`, which finish() renames to it: `path` appears whole or not at all.
  /// Throws InputError if the file cannot be written; so do all others.
  Writer(const std::string& path, const Properties& properties);
  ~Writer();  ///< without finish(): leaves nothing
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// The next records of a thread. Threads are numbered from 0 without gaps, of each the records in its
  /// order. Keeps at most one block a thread in memory.
  void append(std::uint32_t thread, std::span<const Record> records);
  /// The number of a location; the same for the same one.
  std::uint32_t location(const Location& location);
  /// The same place, or the unknown one, for allocations of a type.
  std::uint32_t location(std::uint32_t number, std::uint32_t type);
  void symbol(const DataSymbol& symbol);
  /// The number of a type, from 1. It consists of types before it; maximum_types at most.
  std::uint32_t type(const Type& type);
  /// Known only at the end; takes the place of one of the same key.
  void property(const std::string& key, const std::string& value);
  /// Written to the file so far: all but the threads' unfinished blocks and the names.
  std::uint64_t bytes() const;
  /// Writes the unfinished blocks; nothing but properties may follow. The bytes that the file will have, with
  /// the properties so far.
  std::uint64_t end_blocks();
  void finish();

 private:
  class File;
  std::unique_ptr<File> file_;
};

}  // namespace baton::traces::format
