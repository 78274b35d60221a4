#pragma once
// The blocks that a file consists of. README.md has the bytes.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace baton::traces::format {

inline constexpr std::string_view file_magic = "BATONREC";
inline constexpr std::uint32_t file_version = 2;
inline constexpr std::uint32_t first_version_with_types = 2;
inline constexpr std::string_view end_magic = "BATONEND";
inline constexpr std::size_t trailer_bytes = 8 + 8 + 8;  ///< offset of the index, its XXH64, end_magic
/// Of version 1, 2, …; they begin with block_magic_begin.
inline constexpr std::array<std::string_view, file_version> block_magics{"BBLK", "BBL2"};
inline constexpr std::string_view block_magic = block_magics.back();
inline constexpr std::string_view block_magic_begin = "BBL";
inline constexpr std::size_t block_header_bytes = 40;
/// Of what a block holds before compression and of what is stored: a damaged number must not cost memory.
inline constexpr std::uint32_t maximum_block_bytes = 1u << 28;

enum class Content : std::uint8_t {
  records = 0,
  locations = 1,
  symbols = 2,
  properties = 3,
  index = 4,
  orders = 5,
  types = 6
};
inline constexpr int contents = 7;

struct BlockHeader {
  std::uint32_t version = file_version;  ///< of the file, told by the magic
  Content content = Content::records;
  std::uint32_t thread = 0;
  std::uint32_t count = 0;     ///< of records or entries
  std::uint64_t first = 0;     ///< number of the first one
  std::uint32_t stored = 0;    ///< bytes that follow the header: one zstd frame
  std::uint32_t raw = 0;       ///< bytes of its content
  std::uint64_t checksum = 0;  ///< XXH64 of the header before it and of what is stored

  bool operator==(const BlockHeader&) const = default;
};

/// XXH64 with seed 0.
std::uint64_t checksum(std::string_view bytes);

/// Always true in a fuzzer, which could not find its way past checksums.
bool has_checksum(std::string_view bytes, std::uint64_t expected);

/// A whole block: header and content, compressed. `header` needs version, content, thread, count and first.
std::string pack(BlockHeader header, std::string_view content);

/// False if it is none. `bytes` has block_header_bytes at least.
bool read_header(std::string_view bytes, BlockHeader& header);

/// The content of a block, into `content`. `header_bytes` and `stored` as they lie in the file. Returns what
/// is wrong; empty if nothing is.
std::string unpack(const BlockHeader& header, std::string_view header_bytes, std::string_view stored,
                   std::string& content);

}  // namespace baton::traces::format
