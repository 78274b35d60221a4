#pragma once
// What blocks other than those of records hold. README.md has the bytes.

#include <cstdint>
#include <string_view>
#include <vector>

#include "traces/format/block.hpp"
#include "traces/format/layout.hpp"
#include "traces/format/record.hpp"

namespace baton::traces::format {

/// Where a block lies, and what its header must say.
struct IndexEntry {
  std::uint64_t offset = 0;
  std::uint64_t first = 0;
  std::uint32_t content = 0;
  std::uint32_t thread = 0;
  std::uint32_t count = 0;

  bool names(const BlockHeader& header) const {
    return first == header.first && content == static_cast<std::uint32_t>(header.content) &&
           thread == header.thread && count == header.count;
  }
};

// Each takes the content of a block with this header, or whose header says `count`; false if it is not that.

bool get_properties(std::string_view content, Properties& properties);
bool get_locations(std::string_view content, const BlockHeader& header, std::vector<Location>& locations);
bool get_symbols(std::string_view content, const BlockHeader& header, std::vector<DataSymbol>& symbols);
bool get_types(std::string_view content, const BlockHeader& header, std::vector<Type>& types);
bool get_orders(std::string_view content, std::uint32_t count, std::vector<DomainOrder>& orders);
bool get_index(std::string_view content, std::uint32_t count, std::vector<IndexEntry>& index);

}  // namespace baton::traces::format
