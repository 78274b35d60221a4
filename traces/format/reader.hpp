#pragma once
// Reads a recording. Threads can be read in parallel, each by its own RecordStream.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "traces/format/layout.hpp"
#include "traces/format/record.hpp"

namespace baton::traces::format {

class RecordStream {
 public:
  virtual ~RecordStream() = default;
  /// Writes the next records to `out` (not empty) and returns how many; 0 means the end. Throws InputError
  /// at the byte offset of a damaged block.
  virtual std::size_t next(std::span<Record> out) = 0;
  /// Goes on at the record `index` of the thread; past its end: at the end.
  virtual void seek(std::uint64_t index) = 0;
};

enum class Damage : std::uint8_t {
  refuse,   ///< InputError
  salvage,  ///< leaves out damaged blocks and what has lost its index; damage() tells what
};

class Recording {
 public:
  class File;  ///< the open file, shared with the streams

  /// Throws InputError for a file that is missing, not a recording, of another version, truncated or corrupt.
  explicit Recording(const std::string& path, Damage damage = Damage::refuse);
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  const std::string& path() const;
  const Properties& properties() const;
  /// Empty if there is none.
  std::string property(const std::string& key) const;
  std::uint32_t threads() const;
  std::uint64_t records(std::uint32_t thread) const;
  /// The number after that of its last record: records(thread), but for damage.
  std::uint64_t end(std::uint32_t thread) const;
  /// By number; 0 is unknown.
  const std::vector<Location>& locations() const;
  /// Sorted by address.
  const std::vector<DataSymbol>& symbols() const;
  /// By number; 0 is unknown. Only that one in recordings of version 1.
  const std::vector<Type>& types() const;
  /// By domain, order_domains of them. After Damage::salvage they are those of the whole recording, or empty.
  const std::vector<DomainOrder>& orders() const;
  std::unique_ptr<RecordStream> stream(std::uint32_t thread) const;
  /// What is missing, a line each; only after Damage::salvage.
  const std::vector<std::string>& damage() const;

 private:
  std::shared_ptr<const File> file_;
};

}  // namespace baton::traces::format
