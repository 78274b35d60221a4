#include "traces/format/file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/stat.h>
#include <unistd.h>

#include "traces/format/bytes.hpp"
#include "traces/format/codec.hpp"
#include "traces/input_file.hpp"

namespace baton::traces::format {
namespace {

constexpr std::size_t fixed_header_bytes = 8 + 4 + 4;  ///< magic, version, length of the properties

bool is_known(std::uint32_t version) {
  return version >= 1 && version <= file_version;
}

/// Puts the entries of a block to their numbers. Those between, which are lost, are unknown.
template <class Entry>
void place(std::vector<Entry>& read, std::uint64_t first, std::vector<Entry>& entries) {
  const std::uint64_t end = first + read.size();
  if (entries.size() < end) entries.resize(end);
  std::ranges::move(read, entries.begin() + static_cast<std::ptrdiff_t>(first));
}

}  // namespace

FileBytes::FileBytes(const std::string& path) : path_(path), descriptor_(open_input(path)) {
  struct stat status {};
  const bool known = fstat(descriptor_, &status) == 0;
  const int error = errno;
  if (!known) {
    close(descriptor_);
    throw InputError(path, "", std::string("cannot be read: ") + std::strerror(error));
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

FileBytes::~FileBytes() {
  close(descriptor_);
}

std::string FileBytes::read(std::uint64_t offset, std::size_t bytes) const {
  std::string text(
      offset < size_ ? static_cast<std::size_t>(std::min<std::uint64_t>(bytes, size_ - offset)) : 0, '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t n =
        pread(descriptor_, text.data() + filled, text.size() - filled, static_cast<off_t>(offset + filled));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(offset + filled, std::string("cannot be read: ") + std::strerror(errno));
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  text.resize(filled);
  return text;
}

void FileBytes::fail(std::uint64_t offset, const std::string& problem) const {
  throw InputError(path_, "byte offset " + std::to_string(offset), problem);
}

Recording::File::File(const std::string& path, Damage damage) : bytes_(path) {
  if (damage == Damage::salvage) {
    salvage();
  } else {
    read_index(read_file_header());
    check_threads();
    if (orders_.empty()) fail(bytes_.size(), "the recording is corrupt: it lacks the orders");
  }
  std::stable_sort(symbols_.begin(), symbols_.end(),
                   [](const DataSymbol& a, const DataSymbol& b) { return a.address < b.address; });
}

void Recording::File::content_of(const Block& block, std::string& content) const {
  const std::string stored =
      bytes_.read(block.offset, block_header_bytes + static_cast<std::size_t>(block.header.stored));
  const std::string_view all(stored);
  BlockHeader header;
  if (!read_header(all, header) || !(header == block.header)) {
    fail(block.offset, "the block has changed while it was read");
  }
  if (all.size() < block_header_bytes + header.stored) fail_truncated(block.offset);
  const std::string problem =
      unpack(header, all.substr(0, block_header_bytes), all.substr(block_header_bytes), content);
  if (!problem.empty()) fail(block.offset, problem + "; --salvage leaves it out");
}

void Recording::File::fail_truncated(std::uint64_t offset) const {
  fail(offset, "the recording is truncated, found the end of the file at byte " +
                   std::to_string(bytes_.size()) +
                   ", allowed a whole recording; --salvage keeps its "
                   "whole blocks");
}

std::uint64_t Recording::File::read_file_header() {
  const std::string fixed = bytes_.read(0, fixed_header_bytes);
  if (!std::string_view(fixed).starts_with(file_magic)) {
    fail(0, "is not a recording, found other first bytes, allowed " + std::string(file_magic));
  }
  if (fixed.size() < fixed_header_bytes) fail_truncated(0);
  const auto version = get_number<std::uint32_t>(fixed.data() + 8);
  if (!is_known(version)) {
    fail(8, "a recording of another version, found " + std::to_string(version) + ", allowed 1 to " +
                std::to_string(file_version));
  }
  const auto length = get_number<std::uint32_t>(fixed.data() + 12);
  if (length > maximum_block_bytes) fail(12, "the header is corrupt: too long");
  const std::string header = bytes_.read(0, fixed_header_bytes + length + 8);
  if (header.size() < fixed_header_bytes + length + 8) fail_truncated(0);
  const std::string_view text(header.data(), fixed_header_bytes + length);
  if (!has_checksum(text, get_number<std::uint64_t>(header.data() + text.size()))) {
    fail(0, "the header is corrupt: its checksum is wrong");
  }
  if (!get_properties(text.substr(fixed_header_bytes), properties_)) fail(0, "the header is corrupt");
  version_ = version;
  return header.size();
}

bool Recording::File::of_another_version() const {
  const std::string fixed = bytes_.read(0, fixed_header_bytes);
  if (fixed.size() < fixed_header_bytes || !std::string_view(fixed).starts_with(file_magic) ||
      is_known(get_number<std::uint32_t>(fixed.data() + 8))) {
    return false;
  }
  const auto length = get_number<std::uint32_t>(fixed.data() + 12);
  if (length > maximum_block_bytes) return false;
  const std::string header = bytes_.read(0, fixed_header_bytes + length + 8);
  if (header.size() < fixed_header_bytes + length + 8) return false;
  const std::string_view text(header.data(), fixed_header_bytes + length);
  return has_checksum(text, get_number<std::uint64_t>(header.data() + text.size()));
}

bool Recording::File::add_locations(const BlockHeader& header, std::string_view content) {
  if (header.first == 0 || header.first + header.count > maximum_locations + 1) return false;
  std::vector<Location> read;
  if (!get_locations(content, header, read)) return false;
  place(read, header.first, locations_);
  return true;
}

bool Recording::File::add_symbols(const BlockHeader& header, std::string_view content) {
  std::vector<DataSymbol> read;
  if (!get_symbols(content, header, read)) return false;
  std::ranges::move(read, std::back_inserter(symbols_));
  return true;
}

bool Recording::File::add_types(const BlockHeader& header, std::string_view content) {
  if (header.first == 0 || header.first + header.count > maximum_types + 1) return false;
  std::vector<Type> read;
  if (!get_types(content, header, read)) return false;
  place(read, header.first, types_);
  return true;
}

/// What a block is for: records are read later, all else now. Throws at its offset.
void Recording::File::take(const Block& block) {
  const BlockHeader& header = block.header;
  if (header.content == Content::index) return;
  if (header.first > maximum_first) fail(block.offset, "the block is corrupt: so many records cannot be");
  if (header.content == Content::records) {
    if (header.thread >= maximum_threads) {
      fail(block.offset, "the block is corrupt: there is no thread " + std::to_string(header.thread));
    }
    if (header.thread >= threads_.size()) threads_.resize(header.thread + 1);
    threads_[header.thread].blocks.push_back(block);
    return;
  }
  std::string content;
  content_of(block, content);
  const bool good = header.content == Content::properties  ? get_properties(content, properties_)
                    : header.content == Content::locations ? add_locations(header, content)
                    : header.content == Content::symbols   ? add_symbols(header, content)
                    : header.content == Content::types     ? add_types(header, content)
                                                           : get_orders(content, header.count, orders_);
  if (!good) fail(block.offset, "the block is corrupt: its entries cannot be read");
}

Block Recording::File::block_at(std::uint64_t offset) const {
  Block block{offset, {}};
  const std::string header = bytes_.read(offset, block_header_bytes);
  if (header.size() < block_header_bytes) fail_truncated(offset);
  if (!read_header(header, block.header)) fail(offset, "the block is corrupt: it has no header");
  if (version_ != 0 && block.header.version != version_)
    fail(offset, "the block is corrupt, found one of version " + std::to_string(block.header.version) +
                     ", allowed " + std::to_string(version_));
  if (block.header.stored > bytes_.size() - offset - block_header_bytes) fail_truncated(offset);
  return block;
}

void Recording::File::read_index(std::uint64_t first_block) {
  const std::string trailer = bytes_.size() >= first_block + trailer_bytes
                                  ? bytes_.read(bytes_.size() - trailer_bytes, trailer_bytes)
                                  : "";
  if (!std::string_view(trailer).ends_with(end_magic)) fail_truncated(bytes_.size());
  const std::uint64_t end = bytes_.size() - trailer_bytes;
  const auto at = get_number<std::uint64_t>(trailer.data());
  if (!has_checksum(std::string_view(trailer).substr(0, 8), get_number<std::uint64_t>(trailer.data() + 8)) ||
      at < first_block || at >= end) {
    fail(end, "the end of the recording is corrupt");
  }
  const Block index = block_at(at);
  if (index.header.content != Content::index) fail(at, "the block is corrupt: it is no index");
  std::string content;
  content_of(index, content);
  std::vector<IndexEntry> entries;
  if (!get_index(content, index.header.count, entries)) fail(at, "the index is corrupt");
  for (const IndexEntry& entry : entries) {
    if (entry.offset < first_block || entry.offset > at)
      fail(at, "the index is corrupt: a block outside the file");
    const Block block = block_at(entry.offset);
    if (!entry.names(block.header)) fail(entry.offset, "the block is corrupt: it is not what the index says");
    if (block.header.content == Content::locations && block.header.first != locations_.size())
      fail(entry.offset, "the recording is corrupt: it lacks locations, or has them twice");
    if (block.header.content == Content::types && block.header.first != types_.size())
      fail(entry.offset, "the recording is corrupt: it lacks types, or has them twice");
    take(block);
  }
}

void Recording::File::check_threads() {
  for (std::size_t number = 0; number < threads_.size(); ++number) {
    Thread& thread = threads_[number];
    const auto lacks = [&](const std::string& what, std::uint64_t offset) {
      fail(offset, "the recording is corrupt: thread " + std::to_string(number) + " lacks " + what);
    };
    if (thread.blocks.empty()) lacks("all its records", 0);
    std::ranges::stable_sort(thread.blocks, {}, [](const Block& block) { return block.header.first; });
    for (const Block& block : thread.blocks) {
      if (block.header.first < thread.end) fail(block.offset, "the recording is corrupt: records twice");
      if (block.header.first > thread.end) {
        lacks("records " + std::to_string(thread.end) + " to " + std::to_string(block.header.first - 1),
              block.offset);
      }
      thread.records += block.header.count;
      thread.end = block.header.first + block.header.count;
    }
  }
}

}  // namespace baton::traces::format
