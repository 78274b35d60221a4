#include "traces/format/entries.hpp"

#include "traces/format/bytes.hpp"

namespace baton::traces::format {
namespace {

constexpr std::size_t index_entry_bytes = 28;

/// `count` entries of varying length, each read by get(next, end, entry); no number that is damaged costs
/// memory, for each entry has at least one byte.
template <class Entry, class Get>
bool get_entries(std::string_view content, std::uint32_t count, std::vector<Entry>& entries, Get get) {
  std::vector<Entry> read;
  const char* next = content.data();
  const char* const end = next + content.size();
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!get(next, end, read.emplace_back())) return false;
  }
  if (next != end) return false;
  entries = std::move(read);
  return true;
}

/// The number of the type of data. Version 1 has none. One that no type can have is none.
bool get_type_number(const BlockHeader& header, const char*& next, const char* end, std::uint32_t& type) {
  std::uint64_t number = 0;
  if (header.version >= first_version_with_types && !get_varint(next, end, number)) return false;
  type = number <= maximum_types ? static_cast<std::uint32_t>(number) : 0;
  return true;
}

/// The number of a type that the one of number `whole` consists of.
bool get_part(const char*& next, const char* end, std::uint64_t whole, std::uint32_t& type) {
  std::uint64_t number = 0;
  if (!get_varint(next, end, number) || number >= whole) return false;
  type = static_cast<std::uint32_t>(number);
  return true;
}

bool get_type(const char*& next, const char* end, std::uint64_t number, Type& type) {
  std::uint64_t members = 0;
  if (!get_text(next, end, type.name) || !get_varint(next, end, type.bytes) ||
      !get_varint(next, end, type.element_bytes) || !get_part(next, end, number, type.element) ||
      !get_varint(next, end, members) || members > maximum_members) {
    return false;
  }
  for (; members != 0; --members) {
    Member& member = type.members.emplace_back();
    if (!get_varint(next, end, member.offset) || !get_varint(next, end, member.bytes) ||
        !get_part(next, end, number, member.type) || !get_text(next, end, member.name)) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool get_properties(std::string_view content, Properties& properties) {
  Properties read;
  const char* next = content.data();
  const char* const end = next + content.size();
  while (next != end) {
    auto& [key, value] = read.emplace_back();
    if (!get_text(next, end, key) || !get_text(next, end, value)) return false;
  }
  properties = std::move(read);
  return true;
}

bool get_locations(std::string_view content, const BlockHeader& header, std::vector<Location>& locations) {
  return get_entries(content, header.count, locations,
                     [&](const char*& next, const char* end, Location& location) {
                       std::uint64_t line = 0;
                       if (!get_text(next, end, location.function) || !get_text(next, end, location.file) ||
                           !get_varint(next, end, line) || line > 0xffffffff ||
                           !get_type_number(header, next, end, location.type)) {
                         return false;
                       }
                       location.line = static_cast<std::uint32_t>(line);
                       return true;
                     });
}

bool get_symbols(std::string_view content, const BlockHeader& header, std::vector<DataSymbol>& symbols) {
  return get_entries(
      content, header.count, symbols, [&](const char*& next, const char* end, DataSymbol& symbol) {
        return get_varint(next, end, symbol.address) && get_varint(next, end, symbol.bytes) &&
               get_text(next, end, symbol.name) && get_type_number(header, next, end, symbol.type);
      });
}

bool get_types(std::string_view content, const BlockHeader& header, std::vector<Type>& types) {
  std::uint64_t number = header.first;
  return get_entries(content, header.count, types, [&](const char*& next, const char* end, Type& type) {
    return get_type(next, end, number++, type);
  });
}

bool get_orders(std::string_view content, std::uint32_t count, std::vector<DomainOrder>& orders) {
  return count == order_domains &&
         get_entries(content, count, orders, [](const char*& next, const char* end, DomainOrder& order) {
           return get_varint(next, end, order.first) && get_varint(next, end, order.last) &&
                  get_varint(next, end, order.count);
         });
}

bool get_index(std::string_view content, std::uint32_t count, std::vector<IndexEntry>& index) {
  if (content.size() != std::size_t{count} * index_entry_bytes) return false;
  index.clear();
  for (const char* entry = content.data(); entry != content.data() + content.size();
       entry += index_entry_bytes) {
    index.push_back({.offset = get_number<std::uint64_t>(entry),
                     .first = get_number<std::uint64_t>(entry + 8),
                     .content = get_number<std::uint32_t>(entry + 16),
                     .thread = get_number<std::uint32_t>(entry + 20),
                     .count = get_number<std::uint32_t>(entry + 24)});
  }
  return true;
}

}  // namespace baton::traces::format
