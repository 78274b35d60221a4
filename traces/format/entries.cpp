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

bool get_locations(std::string_view content, std::uint32_t count, std::vector<Location>& locations) {
  return get_entries(content, count, locations, [](const char*& next, const char* end, Location& location) {
    std::uint64_t line = 0;
    if (!get_text(next, end, location.function) || !get_text(next, end, location.file) ||
        !get_varint(next, end, line) || line > 0xffffffff) {
      return false;
    }
    location.line = static_cast<std::uint32_t>(line);
    return true;
  });
}

bool get_symbols(std::string_view content, std::uint32_t count, std::vector<DataSymbol>& symbols) {
  return get_entries(content, count, symbols, [](const char*& next, const char* end, DataSymbol& symbol) {
    return get_varint(next, end, symbol.address) && get_varint(next, end, symbol.bytes) &&
           get_text(next, end, symbol.name);
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
