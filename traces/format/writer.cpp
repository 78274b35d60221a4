#include "traces/format/writer.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <stdexcept>
#include <vector>

#include "traces/error.hpp"
#include "traces/format/block.hpp"
#include "traces/format/bytes.hpp"
#include "traces/format/codec.hpp"
#include "traces/output_file.hpp"

namespace baton::traces::format {
namespace {

/// Long enough that starting anew costs little, short enough to seek in.
constexpr std::size_t block_records = 128 * 1024;
/// A block's bytes also end it: records of large numbers take up to 50.
constexpr std::size_t block_bytes = 2 * 1024 * 1024;

}  // namespace

class Writer::File {
 public:
  File(const std::string& path, const Properties& properties) : output_(path), properties_(properties) {
    std::string header(file_magic);
    put_number(header, file_version);
    std::string described;
    for (const auto& [key, value] : properties) {
      put_text(described, key);
      put_text(described, value);
    }
    put_number(header, static_cast<std::uint32_t>(described.size()));
    header += described;
    put_number(header, checksum(header));
    output_.write(header);
  }

  void append(std::uint32_t number, std::span<const Record> records) {
    if (number > threads_.size()) throw std::invalid_argument("a thread before those of lower numbers");
    if (number == threads_.size()) threads_.emplace_back();
    Thread& thread = threads_[number];
    for (const Record& record : records) {
      thread.encoder.put(record);
      if (record.sequence != unordered) orders_[order_domain(record.address)].add(record.sequence);
      if (thread.encoder.records() == block_records || thread.encoder.bytes().size() >= block_bytes) {
        end_block(number);
      }
    }
  }

  std::uint32_t location(const Location& location) {
    const auto [place, added] =
        locations_.try_emplace({location.function, location.file, location.line, location.type},
                               static_cast<std::uint32_t>(locations_.size() + 1));
    if (added) in_order_.push_back(&place->first);
    if (in_order_.size() > maximum_locations) throw std::invalid_argument("too many locations");
    return place->second;
  }

  Location location(std::uint32_t number) const {
    if (number == 0) return {};
    const auto& [function, file, line, type] = *in_order_.at(number - 1);
    return {function, file, line, type};
  }

  void symbol(const DataSymbol& symbol) { symbols_.push_back(symbol); }

  std::uint32_t type(const Type& type) {
    if (types_.size() == maximum_types) throw std::invalid_argument("too many types");
    types_.push_back(type);
    return static_cast<std::uint32_t>(types_.size());
  }

  void property(const std::string& key, const std::string& value) {
    const auto same = [&](const auto& property) { return property.first == key; };
    const auto place = std::find_if(properties_.begin(), properties_.end(), same);
    if (place != properties_.end()) {
      place->second = value;
    } else {
      properties_.emplace_back(key, value);
    }
  }

  std::uint64_t bytes() const { return output_.bytes(); }

  std::uint64_t end_blocks() {
    if (!ended_) {
      for (std::uint32_t thread = 0; thread < threads_.size(); ++thread) end_block(thread);
      write_types();
      write_locations();
      write_symbols();
      write_entries(Content::orders, orders_, 0, [](std::string& bytes, const DomainOrder& order) {
        put_varint(bytes, order.first);
        put_varint(bytes, order.last);
        put_varint(bytes, order.count);
      });
      ended_ = true;
    }
    return output_.bytes() + last_blocks().size();
  }

  void finish() {
    end_blocks();
    output_.write(last_blocks());
    output_.finish();
  }

 private:
  struct Thread {
    Encoder encoder;
    std::uint64_t records = 0;  ///< in blocks that have been written
  };

  void end_block(std::uint32_t number) {
    Thread& thread = threads_[number];
    const std::size_t records = thread.encoder.records();
    // A thread without records has an empty block, so that it is known.
    if (records == 0 && thread.records != 0) return;
    put({.content = Content::records,
         .thread = number,
         .count = static_cast<std::uint32_t>(records),
         .first = thread.records},
        thread.encoder.bytes());
    thread.records += records;
    thread.encoder.clear();
  }

  /// In blocks of a bounded size, as all.
  template <class Entries, class Put>
  void write_entries(Content content, const Entries& entries, std::uint64_t first, Put put_entry) {
    std::string bytes;
    std::uint32_t count = 0;
    const auto end_of_block = [&] {
      if (count == 0) return;
      put({.content = content, .count = count, .first = first}, bytes);
      first += count;
      count = 0;
      bytes.clear();
    };
    for (const auto& entry : entries) {
      put_entry(bytes, entry);
      ++count;
      if (bytes.size() >= block_bytes) end_of_block();
    }
    end_of_block();
  }

  void write_locations() {
    write_entries(Content::locations, in_order_, 1, [](std::string& bytes, const Place* place) {
      put_text(bytes, std::get<0>(*place));
      put_text(bytes, std::get<1>(*place));
      put_varint(bytes, std::get<2>(*place));
      put_varint(bytes, std::get<3>(*place));
    });
  }

  void write_types() {
    write_entries(Content::types, types_, 1, [](std::string& bytes, const Type& type) {
      put_text(bytes, type.name);
      put_varint(bytes, type.bytes);
      put_varint(bytes, type.element_bytes);
      put_varint(bytes, type.element);
      put_varint(bytes, type.members.size());
      for (const Member& member : type.members) {
        put_varint(bytes, member.offset);
        put_varint(bytes, member.bytes);
        put_varint(bytes, member.type);
        put_text(bytes, member.name);
      }
    });
  }

  void write_symbols() {
    std::sort(symbols_.begin(), symbols_.end(), [](const DataSymbol& a, const DataSymbol& b) {
      return std::tie(a.address, a.bytes, a.name) < std::tie(b.address, b.bytes, b.name);
    });
    write_entries(Content::symbols, symbols_, 0, [](std::string& bytes, const DataSymbol& symbol) {
      put_varint(bytes, symbol.address);
      put_varint(bytes, symbol.bytes);
      put_text(bytes, symbol.name);
      put_varint(bytes, symbol.type);
    });
  }

  static void put_in_index(std::string& index, std::uint64_t offset, const BlockHeader& header) {
    put_number(index, offset);
    put_number(index, header.first);
    put_number(index, static_cast<std::uint32_t>(header.content));
    put_number(index, header.thread);
    put_number(index, header.count);
  }

  void put(const BlockHeader& header, const std::string& content) {
    put_in_index(index_, output_.bytes(), header);
    ++blocks_;
    output_.write(pack(header, content));
  }

  /// The properties, the index and the trailer.
  std::string last_blocks() const {
    std::string content;
    for (const auto& [key, value] : properties_) {
      put_text(content, key);
      put_text(content, value);
    }
    const BlockHeader header{.content = Content::properties,
                             .count = static_cast<std::uint32_t>(properties_.size())};
    std::string index = index_;
    put_in_index(index, output_.bytes(), header);
    std::string bytes = pack(header, content);
    std::string trailer;
    put_number(trailer, output_.bytes() + bytes.size());
    bytes += pack({.content = Content::index, .count = static_cast<std::uint32_t>(blocks_ + 1)}, index);
    put_number(trailer, checksum(trailer));
    return bytes + trailer + std::string(end_magic);
  }

  using Place = std::tuple<std::string, std::string, std::uint32_t, std::uint32_t>;

  OutputFile output_;
  Properties properties_;
  std::deque<Thread> threads_;
  std::map<Place, std::uint32_t> locations_;
  std::vector<const Place*> in_order_;
  std::vector<DataSymbol> symbols_;
  std::vector<Type> types_;
  std::vector<DomainOrder> orders_ = std::vector<DomainOrder>(order_domains);
  std::string index_;
  std::uint64_t blocks_ = 0;
  bool ended_ = false;  ///< all blocks but the last ones are written
};

Writer::Writer(const std::string& path, const Properties& properties)
    : file_(std::make_unique<File>(path, properties)) {}
Writer::~Writer() = default;

void Writer::append(std::uint32_t thread, std::span<const Record> records) {
  file_->append(thread, records);
}
std::uint32_t Writer::location(const Location& location) {
  return file_->location(location);
}
std::uint32_t Writer::location(std::uint32_t number, std::uint32_t type) {
  Location location = file_->location(number);
  location.type = type;
  return file_->location(location);
}
void Writer::symbol(const DataSymbol& symbol) {
  file_->symbol(symbol);
}
std::uint32_t Writer::type(const Type& type) {
  return file_->type(type);
}
void Writer::property(const std::string& key, const std::string& value) {
  file_->property(key, value);
}
std::uint64_t Writer::bytes() const {
  return file_->bytes();
}
std::uint64_t Writer::end_blocks() {
  return file_->end_blocks();
}
void Writer::finish() {
  file_->finish();
}

}  // namespace baton::traces::format
