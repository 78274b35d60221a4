#include "traces/format/block.hpp"

#include <algorithm>
#include <new>

#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

#include "traces/format/bytes.hpp"

namespace baton::traces::format {
namespace {

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
constexpr bool any_checksum = true;
#else
constexpr bool any_checksum = false;
#endif

/// Where the checksum lies in a block's header.
constexpr std::size_t checksum_at = 32;
/// Recordings are long: faster levels cost up to a third more bytes, slower ones save a few percent.
constexpr int level = 3;

std::uint64_t checksum(std::string_view header, std::string_view stored) {
  XXH64_state_t state;
  XXH64_reset(&state, 0);
  XXH64_update(&state, header.data(), checksum_at);
  XXH64_update(&state, stored.data(), stored.size());
  return XXH64_digest(&state);
}

}  // namespace

std::uint64_t checksum(std::string_view bytes) {
  return XXH64(bytes.data(), bytes.size(), 0);
}

bool has_checksum(std::string_view bytes, std::uint64_t expected) {
  return any_checksum || checksum(bytes) == expected;
}

std::string pack(BlockHeader header, std::string_view content) {
  std::string stored(ZSTD_compressBound(content.size()), '\0');
  const std::size_t n = ZSTD_compress(stored.data(), stored.size(), content.data(), content.size(), level);
  if (ZSTD_isError(n) != 0) throw std::bad_alloc();  // the bound leaves no other reason
  stored.resize(n);
  header.stored = static_cast<std::uint32_t>(n);
  header.raw = static_cast<std::uint32_t>(content.size());
  std::string block(block_magics.at(header.version - 1));
  put_number(block, static_cast<std::uint32_t>(header.content));
  put_number(block, header.thread);
  put_number(block, header.count);
  put_number(block, header.first);
  put_number(block, header.stored);
  put_number(block, header.raw);
  put_number(block, checksum(block, stored));
  return block + stored;
}

bool read_header(std::string_view bytes, BlockHeader& header) {
  if (bytes.size() < block_header_bytes) return false;
  const auto* const magic = std::ranges::find(block_magics, bytes.substr(0, block_magic.size()));
  if (magic == block_magics.end()) return false;
  header.version = static_cast<std::uint32_t>(magic - block_magics.begin()) + 1;
  const char* at = bytes.data();
  const auto content = get_number<std::uint32_t>(at + 4);
  header.content = static_cast<Content>(content);
  header.thread = get_number<std::uint32_t>(at + 8);
  header.count = get_number<std::uint32_t>(at + 12);
  header.first = get_number<std::uint64_t>(at + 16);
  header.stored = get_number<std::uint32_t>(at + 24);
  header.raw = get_number<std::uint32_t>(at + 28);
  header.checksum = get_number<std::uint64_t>(at + checksum_at);
  if (header.content == Content::types && header.version < first_version_with_types) return false;
  return content < contents && header.stored <= maximum_block_bytes && header.raw <= maximum_block_bytes;
}

std::string unpack(const BlockHeader& header, std::string_view header_bytes, std::string_view stored,
                   std::string& content) {
  const std::uint64_t found = checksum(header_bytes, stored);
  if (!any_checksum && found != header.checksum) {
    return "the block is corrupt, found checksum " + std::to_string(found) + ", allowed " +
           std::to_string(header.checksum);
  }
  content.resize(header.raw);
  const std::size_t n = ZSTD_decompress(content.data(), content.size(), stored.data(), stored.size());
  if (ZSTD_isError(n) != 0) return std::string("the block cannot be decompressed: ") + ZSTD_getErrorName(n);
  if (n != header.raw) {
    return "the block has another length, found " + std::to_string(n) + " bytes, allowed " +
           std::to_string(header.raw);
  }
  return "";
}

}  // namespace baton::traces::format
