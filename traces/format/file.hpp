#pragma once
// An open recording: its blocks, and what all but those of records hold. Only of reader.cpp.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "traces/error.hpp"
#include "traces/format/block.hpp"
#include "traces/format/entries.hpp"
#include "traces/format/reader.hpp"

namespace baton::traces::format {

/// More threads than any program has; a damaged number must not cost memory.
inline constexpr std::uint32_t maximum_threads = 1u << 20;
/// More records than a file holds: sums of such numbers do not wrap.
inline constexpr std::uint64_t maximum_first = std::uint64_t{1} << 62;

/// A file of which any part can be read, from any thread.
class FileBytes {
 public:
  explicit FileBytes(const std::string& path);
  ~FileBytes();
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  std::uint64_t size() const { return size_; }
  const std::string& path() const { return path_; }

  /// Fewer than asked for only at the end of the file.
  std::string read(std::uint64_t offset, std::size_t bytes) const;
  [[noreturn]] void fail(std::uint64_t offset, const std::string& problem) const;

 private:
  std::string path_;
  int descriptor_;
  std::uint64_t size_ = 0;
};

struct Block {
  std::uint64_t offset = 0;
  BlockHeader header;
};

class Recording::File {
 public:
  struct Thread {
    std::vector<Block> blocks;  ///< by their first record
    std::uint64_t records = 0;  ///< in these blocks
    std::uint64_t end = 0;      ///< the number after the last one's
  };

  File(const std::string& path, Damage damage);

  /// Throws at the block's offset.
  void content_of(const Block& block, std::string& content) const;
  [[noreturn]] void fail(std::uint64_t offset, const std::string& problem) const {
    bytes_.fail(offset, problem);
  }

  const std::string& path() const { return bytes_.path(); }
  const Properties& properties() const { return properties_; }
  const std::vector<Thread>& threads() const { return threads_; }
  const std::vector<Location>& locations() const { return locations_; }
  const std::vector<DataSymbol>& symbols() const { return symbols_; }
  const std::vector<Type>& types() const { return types_; }
  const std::vector<DomainOrder>& orders() const { return orders_; }
  const std::vector<std::string>& damage() const { return damage_; }

 private:
  // A whole file (file.cpp).
  [[noreturn]] void fail_truncated(std::uint64_t offset) const;
  std::uint64_t read_file_header();
  void read_index(std::uint64_t first_block);
  Block block_at(std::uint64_t offset) const;
  void take(const Block& block);
  void check_threads();
  bool add_locations(const BlockHeader& header, std::string_view content);
  bool add_symbols(const BlockHeader& header, std::string_view content);
  bool add_types(const BlockHeader& header, std::string_view content);

  // A damaged one (salvage.cpp).
  /// A block's content, thread and first: two that agree in it are the same.
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint64_t>;
  struct Found {
    std::map<Key, std::uint32_t> counts;  ///< of the blocks that are kept
    std::vector<IndexEntry> index;        ///< empty if there is none
  };
  void salvage();
  bool of_another_version() const;
  void scan(std::uint64_t offset, Found& found);
  void keep(const Block& block, Found& found);
  std::uint64_t next_magic(std::uint64_t offset) const;
  void leave_out_overlaps();
  void tell_lost_records(const Found& found);
  void tell_lost_entries(const Found& found);

  FileBytes bytes_;
  std::uint32_t version_ = 0;  ///< 0: not known yet
  Properties properties_;
  std::vector<Thread> threads_;
  std::vector<Location> locations_ = std::vector<Location>(1);
  std::vector<DataSymbol> symbols_;
  std::vector<Type> types_ = std::vector<Type>(1);
  std::vector<DomainOrder> orders_;
  std::vector<std::string> damage_;
};

}  // namespace baton::traces::format
