#include "traces/format/reader.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "traces/error.hpp"
#include "traces/format/block.hpp"
#include "traces/format/bytes.hpp"
#include "traces/format/codec.hpp"

namespace baton::traces::format {
namespace {

constexpr std::size_t fixed_header_bytes = 8 + 4 + 4;  ///< magic, version, length of the properties
constexpr std::size_t index_entry_bytes = 28;
/// More threads than any program has; a damaged number must not cost memory.
constexpr std::uint32_t maximum_threads = 1u << 20;

/// A file of which any part can be read, from any thread.
class Bytes {
 public:
  explicit Bytes(const std::string& path)
      : path_(path), descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) throw InputError(path, "", std::string("cannot be opened: ") + std::strerror(errno));
    struct stat status {};
    if (fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
      close(descriptor_);
      throw InputError(path, "", "is not a recording, found no regular file, allowed a file");
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
  }
  ~Bytes() { close(descriptor_); }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  std::uint64_t size() const { return size_; }
  const std::string& path() const { return path_; }

  /// Fewer than asked for only at the end of the file.
  std::string read(std::uint64_t offset, std::size_t bytes) const {
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

  [[noreturn]] void fail(std::uint64_t offset, const std::string& problem) const {
    throw InputError(path_, "byte offset " + std::to_string(offset), problem);
  }

 private:
  std::string path_;
  int descriptor_;
  std::uint64_t size_ = 0;
};

struct Block {
  std::uint64_t offset = 0;
  BlockHeader header;
};

}  // namespace

class Recording::File {
 public:
  struct Thread {
    std::vector<Block> blocks;  ///< by their first record
    std::uint64_t records = 0;  ///< in these blocks
    std::uint64_t end = 0;      ///< the number after the last one's
  };

  File(const std::string& path, Damage damage) : bytes_(path) {
    const std::uint64_t first_block = read_file_header();
    if (damage == Damage::salvage) {
      scan(first_block);
    } else {
      read_index(first_block);
    }
    check_threads(damage);
    if (damage == Damage::refuse && orders_.empty())
      fail(bytes_.size(), "the recording is corrupt: it lacks the orders");
    std::stable_sort(symbols_.begin(), symbols_.end(),
                     [](const DataSymbol& a, const DataSymbol& b) { return a.address < b.address; });
  }

  /// Throws at the block's offset.
  void content_of(const Block& block, std::string& content) const {
    const std::string stored =
        bytes_.read(block.offset, block_header_bytes + static_cast<std::size_t>(block.header.stored));
    const std::string_view all(stored);
    BlockHeader header;
    if (!read_header(all, header) || !(header == block.header)) {
      bytes_.fail(block.offset, "the block has changed while it was read");
    }
    if (all.size() < block_header_bytes + header.stored) fail_truncated(block.offset);
    const std::string problem =
        unpack(header, all.substr(0, block_header_bytes), all.substr(block_header_bytes), content);
    if (!problem.empty()) bytes_.fail(block.offset, problem);
  }

  [[noreturn]] void fail(std::uint64_t offset, const std::string& problem) const {
    bytes_.fail(offset, problem);
  }

  const Bytes& bytes() const { return bytes_; }
  const Properties& properties() const { return properties_; }
  const std::vector<Thread>& threads() const { return threads_; }
  const std::vector<Location>& locations() const { return locations_; }
  const std::vector<DataSymbol>& symbols() const { return symbols_; }
  const std::vector<Type>& types() const { return types_; }
  const std::vector<DomainOrder>& orders() const { return orders_; }
  const std::vector<std::string>& damage() const { return damage_; }

 private:
  [[noreturn]] void fail_truncated(std::uint64_t offset) const {
    bytes_.fail(offset, "the recording is truncated, found the end of the file at byte " +
                            std::to_string(bytes_.size()) +
                            ", allowed a whole recording; --salvage keeps its "
                            "whole blocks");
  }

  std::uint64_t read_file_header() {
    const std::string fixed = bytes_.read(0, fixed_header_bytes);
    if (!std::string_view(fixed).starts_with(file_magic)) {
      bytes_.fail(0, "is not a recording, found other first bytes, allowed " + std::string(file_magic));
    }
    if (fixed.size() < fixed_header_bytes) fail_truncated(0);
    version_ = get_number<std::uint32_t>(fixed.data() + 8);
    if (version_ == 0 || version_ > file_version) {
      bytes_.fail(8, "a recording of another version, found " + std::to_string(version_) + ", allowed 1 to " +
                         std::to_string(file_version));
    }
    const auto length = get_number<std::uint32_t>(fixed.data() + 12);
    if (length > maximum_block_bytes) bytes_.fail(12, "the header is corrupt: too long");
    const std::string header = bytes_.read(0, fixed_header_bytes + length + 8);
    if (header.size() < fixed_header_bytes + length + 8) fail_truncated(0);
    const std::string_view text(header.data(), fixed_header_bytes + length);
    if (!has_checksum(text, get_number<std::uint64_t>(header.data() + text.size()))) {
      bytes_.fail(0, "the header is corrupt: its checksum is wrong");
    }
    if (!read_properties(text.substr(fixed_header_bytes))) bytes_.fail(0, "the header is corrupt");
    return header.size();
  }

  bool read_properties(std::string_view content) {
    Properties read;
    const char* next = content.data();
    const char* const end = next + content.size();
    while (next != end) {
      auto& [key, value] = read.emplace_back();
      if (!get_text(next, end, key) || !get_text(next, end, value)) return false;
    }
    properties_ = std::move(read);
    return true;
  }

  bool read_locations(std::string_view content, std::uint64_t first, std::uint32_t count) {
    if (first != locations_.size() || first + count > maximum_locations + 1) return false;
    const char* next = content.data();
    const char* const end = next + content.size();
    for (std::uint32_t i = 0; i < count; ++i) {
      Location& location = locations_.emplace_back();
      std::uint64_t line = 0;
      if (!get_text(next, end, location.function) || !get_text(next, end, location.file) ||
          !get_varint(next, end, line) || line > 0xffffffff || !get_type_number(next, end, location.type)) {
        return false;
      }
      location.line = static_cast<std::uint32_t>(line);
    }
    return next == end;
  }

  bool read_symbols(std::string_view content, std::uint32_t count) {
    const char* next = content.data();
    const char* const end = next + content.size();
    for (std::uint32_t i = 0; i < count; ++i) {
      DataSymbol& symbol = symbols_.emplace_back();
      if (!get_varint(next, end, symbol.address) || !get_varint(next, end, symbol.bytes) ||
          !get_text(next, end, symbol.name) || !get_type_number(next, end, symbol.type)) {
        return false;
      }
    }
    return next == end;
  }

  /// Version 1 has none. What is no number of a type is none, so that salvaging can lose a block of types.
  bool get_type_number(const char*& next, const char* end, std::uint32_t& type) const {
    std::uint64_t number = 0;
    if (version_ >= first_version_with_types && !get_varint(next, end, number)) return false;
    type = number <= maximum_types ? static_cast<std::uint32_t>(number) : 0;
    return true;
  }

  bool read_types(std::string_view content, std::uint64_t first, std::uint32_t count) {
    if (first != types_.size() || first + count > maximum_types + 1) return false;
    const char* next = content.data();
    const char* const end = next + content.size();
    for (std::uint32_t i = 0; i < count; ++i) {
      Type type;
      std::uint64_t members = 0;
      if (!get_text(next, end, type.name) || !get_varint(next, end, type.bytes) ||
          !get_varint(next, end, type.element_bytes) || !get_lower(next, end, type.element) ||
          !get_varint(next, end, members) || members > maximum_members) {
        return false;
      }
      for (; members != 0; --members) {
        Member& member = type.members.emplace_back();
        if (!get_varint(next, end, member.offset) || !get_varint(next, end, member.bytes) ||
            !get_lower(next, end, member.type) || !get_text(next, end, member.name)) {
          return false;
        }
      }
      types_.push_back(std::move(type));
    }
    return next == end;
  }

  /// The number of a type that another one consists of.
  bool get_lower(const char*& next, const char* end, std::uint32_t& type) const {
    std::uint64_t number = 0;
    if (!get_varint(next, end, number) || number >= types_.size()) return false;
    type = static_cast<std::uint32_t>(number);
    return true;
  }

  bool read_orders(std::string_view content, std::uint32_t count) {
    if (count != order_domains) return false;
    orders_.resize(order_domains);
    const char* next = content.data();
    const char* const end = next + content.size();
    for (DomainOrder& order : orders_) {
      if (!get_varint(next, end, order.first) || !get_varint(next, end, order.last) ||
          !get_varint(next, end, order.count)) {
        return false;
      }
    }
    return next == end;
  }

  /// What a block is for: records are read later, all else now. Throws at its offset.
  void take(const Block& block) {
    const BlockHeader& header = block.header;
    if (header.content == Content::index) return;
    if (header.content == Content::records) {
      if (header.thread >= maximum_threads) {
        bytes_.fail(block.offset,
                    "the block is corrupt: there is no thread " + std::to_string(header.thread));
      }
      if (header.thread >= threads_.size()) threads_.resize(header.thread + 1);
      threads_[header.thread].blocks.push_back(block);
      return;
    }
    std::string content;
    content_of(block, content);
    const bool good = header.content == Content::properties ? read_properties(content)
                      : header.content == Content::locations
                          ? read_locations(content, header.first, header.count)
                      : header.content == Content::symbols ? read_symbols(content, header.count)
                      : header.content == Content::types   ? read_types(content, header.first, header.count)
                                                           : read_orders(content, header.count);
    if (!good) bytes_.fail(block.offset, "the block is corrupt: its entries cannot be read");
  }

  Block block_at(std::uint64_t offset) const {
    Block block{offset, {}};
    const std::string header = bytes_.read(offset, block_header_bytes);
    if (header.size() < block_header_bytes) fail_truncated(offset);
    if (!read_header(header, block.header)) bytes_.fail(offset, "the block is corrupt: it has no header");
    if (block.header.stored > bytes_.size() - offset - block_header_bytes) fail_truncated(offset);
    return block;
  }

  void read_index(std::uint64_t first_block) {
    const std::string trailer = bytes_.size() >= first_block + trailer_bytes
                                    ? bytes_.read(bytes_.size() - trailer_bytes, trailer_bytes)
                                    : "";
    if (!std::string_view(trailer).ends_with(end_magic)) fail_truncated(bytes_.size());
    const std::uint64_t end = bytes_.size() - trailer_bytes;
    const auto at = get_number<std::uint64_t>(trailer.data());
    if (!has_checksum(std::string_view(trailer).substr(0, 8),
                      get_number<std::uint64_t>(trailer.data() + 8)) ||
        at < first_block || at >= end) {
      bytes_.fail(end, "the end of the recording is corrupt");
    }
    const Block index = block_at(at);
    if (index.header.content != Content::index) bytes_.fail(at, "the block is corrupt: it is no index");
    std::string entries;
    content_of(index, entries);
    if (entries.size() != std::size_t{index.header.count} * index_entry_bytes) {
      bytes_.fail(at, "the index is corrupt");
    }
    for (std::size_t i = 0; i < entries.size(); i += index_entry_bytes) {
      const char* const entry = entries.data() + i;
      const auto offset = get_number<std::uint64_t>(entry);
      if (offset < first_block || offset > at)
        bytes_.fail(at, "the index is corrupt: a block outside the file");
      const Block block = block_at(offset);
      if (block.header.first != get_number<std::uint64_t>(entry + 8) ||
          static_cast<std::uint32_t>(block.header.content) != get_number<std::uint32_t>(entry + 16) ||
          block.header.thread != get_number<std::uint32_t>(entry + 20) ||
          block.header.count != get_number<std::uint32_t>(entry + 24)) {
        bytes_.fail(offset, "the block is corrupt: it is not what the index says");
      }
      take(block);
    }
  }

  /// All good blocks of the file, whatever is between them.
  void scan(std::uint64_t offset) {
    std::uint64_t bad_since = 0;
    const auto end_of_bad = [&] {
      if (bad_since != 0) {
        damage_.push_back("byte offset " + std::to_string(bad_since) + ": " +
                          std::to_string(offset - bad_since) + " bytes are damaged");
      }
      bad_since = 0;
    };
    const std::uint64_t end = bytes_.size() - std::min<std::uint64_t>(bytes_.size(), trailer_bytes);
    while (offset < bytes_.size()) {
      if (offset == end && bytes_.read(end + 16, 8) == end_magic) break;
      try {
        const Block block = block_at(offset);
        std::string content;
        content_of(block, content);
        const std::size_t threads = threads_.size();
        try {
          take(block);
        } catch (const InputError&) {
          threads_.resize(threads);
          throw;
        }
        end_of_bad();
        offset += block_header_bytes + block.header.stored;
      } catch (const InputError&) {
        if (bad_since == 0) bad_since = offset;
        offset = next_magic(offset + 1);
      }
    }
    end_of_bad();
  }

  std::uint64_t next_magic(std::uint64_t offset) const {
    constexpr std::size_t window = 1 << 16;
    while (offset < bytes_.size()) {
      const std::string text = bytes_.read(offset, window);
      const std::size_t found = text.find(block_magic);
      if (found != std::string::npos) return offset + found;
      if (text.size() < window) break;
      offset += window - (block_magic.size() - 1);
    }
    return bytes_.size();
  }

  void check_threads(Damage damage) {
    for (std::size_t number = 0; number < threads_.size(); ++number) {
      Thread& thread = threads_[number];
      const auto lacks = [&](const std::string& what, std::uint64_t offset) {
        const std::string problem = "thread " + std::to_string(number) + " lacks " + what;
        if (damage == Damage::refuse) bytes_.fail(offset, "the recording is corrupt: " + problem);
        damage_.push_back(problem);
      };
      if (thread.blocks.empty()) lacks("all its records", 0);
      std::stable_sort(thread.blocks.begin(), thread.blocks.end(),
                       [](const Block& a, const Block& b) { return a.header.first < b.header.first; });
      for (const Block& block : thread.blocks) {
        if (block.header.first < thread.end)
          bytes_.fail(block.offset, "the recording is corrupt: records twice");
        if (block.header.first > thread.end) {
          lacks("records " + std::to_string(thread.end) + " to " + std::to_string(block.header.first - 1),
                block.offset);
        }
        thread.records += block.header.count;
        thread.end = block.header.first + block.header.count;
      }
    }
  }

  Bytes bytes_;
  std::uint32_t version_ = 0;
  Properties properties_;
  std::vector<Thread> threads_;
  std::vector<Location> locations_ = std::vector<Location>(1);
  std::vector<DataSymbol> symbols_;
  std::vector<Type> types_ = std::vector<Type>(1);
  std::vector<DomainOrder> orders_;
  std::vector<std::string> damage_;
};

namespace {

class Stream final : public RecordStream {
 public:
  Stream(std::shared_ptr<const Recording::File> file, std::uint32_t thread)
      : file_(std::move(file)), blocks_(file_->threads()[thread].blocks) {}

  std::size_t next(std::span<Record> out) override {
    while (left_ == 0) {
      if (block_ == blocks_.size()) return 0;
      begin_block(block_++);
    }
    const std::size_t n = std::min<std::size_t>(left_, out.size());
    for (std::size_t i = 0; i < n; ++i) get(out[i]);
    left_ -= static_cast<std::uint32_t>(n);
    if (left_ == 0 && !decoder_.at_end()) corrupt();
    return n;
  }

  void seek(std::uint64_t index) override {
    const auto after = std::upper_bound(
        blocks_.begin(), blocks_.end(), index,
        [](std::uint64_t wanted, const Block& block) { return wanted < block.header.first; });
    left_ = 0;
    block_ = static_cast<std::size_t>(after - blocks_.begin());
    if (block_ == 0) return;
    const BlockHeader& header = blocks_[block_ - 1].header;
    if (index >= header.first + header.count) return;
    begin_block(block_ - 1);
    Record skipped;
    for (std::uint64_t i = header.first; i < index; ++i, --left_) get(skipped);
  }

 private:
  void begin_block(std::size_t block) {
    current_ = block;
    file_->content_of(blocks_[block], content_);
    decoder_.begin(content_);
    left_ = blocks_[block].header.count;
  }

  void get(Record& record) {
    if (!decoder_.get(record)) corrupt();
  }

  [[noreturn]] void corrupt() const {
    file_->fail(blocks_[current_].offset, "the block is corrupt: its records cannot be read");
  }

  std::shared_ptr<const Recording::File> file_;
  const std::vector<Block>& blocks_;
  std::size_t block_ = 0;  ///< to be read next
  std::size_t current_ = 0;
  std::uint32_t left_ = 0;  ///< records of the current block
  std::string content_;
  Decoder decoder_;
};

}  // namespace

Recording::Recording(const std::string& path, Damage damage)
    : file_(std::make_shared<const File>(path, damage)) {}
Recording::~Recording() = default;

const std::string& Recording::path() const {
  return file_->bytes().path();
}
const Properties& Recording::properties() const {
  return file_->properties();
}
std::string Recording::property(const std::string& key) const {
  for (const auto& [name, value] : properties()) {
    if (name == key) return value;
  }
  return "";
}
std::uint32_t Recording::threads() const {
  return static_cast<std::uint32_t>(file_->threads().size());
}
std::uint64_t Recording::records(std::uint32_t thread) const {
  return file_->threads().at(thread).records;
}
std::uint64_t Recording::end(std::uint32_t thread) const {
  return file_->threads().at(thread).end;
}
const std::vector<Location>& Recording::locations() const {
  return file_->locations();
}
const std::vector<DataSymbol>& Recording::symbols() const {
  return file_->symbols();
}
const std::vector<Type>& Recording::types() const {
  return file_->types();
}
std::unique_ptr<RecordStream> Recording::stream(std::uint32_t thread) const {
  return std::make_unique<Stream>(file_, thread);
}
const std::vector<DomainOrder>& Recording::orders() const {
  return file_->orders();
}
const std::vector<std::string>& Recording::damage() const {
  return file_->damage();
}

}  // namespace baton::traces::format
