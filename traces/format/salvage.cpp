// What is whole of a damaged recording. Blocks are found by their magic and checksum; the index, if it is
// whole, tells what else there was.

#include <algorithm>
#include <optional>

#include "traces/format/codec.hpp"
#include "traces/format/file.hpp"

namespace baton::traces::format {
namespace {

std::string at(std::uint64_t offset) {
  return "byte offset " + std::to_string(offset) + ": ";
}

/// "7 to 9", of first and count.
std::string range(std::uint64_t first, std::uint64_t end) {
  return std::to_string(first) + " to " + std::to_string(end - 1);
}

std::string name_of(const BlockHeader& header) {
  const std::string numbers = range(header.first, header.first + std::max(header.count, 1u));
  switch (header.content) {
    case Content::records:
      return "records " + numbers + " of thread " + std::to_string(header.thread);
    case Content::locations:
      return "locations " + numbers;
    case Content::symbols:
      return "symbols " + numbers;
    case Content::types:
      return "types " + numbers;
    case Content::properties:
      return "the properties";
    case Content::index:
      return "the index";
    default:
      return "the orders";
  }
}

/// Calls lost(first, end) for each stretch from `begin` that none of the blocks has: those of one content and
/// thread among `counts`, and nothing between the last of them and `end`.
template <class Counts, class Lost>
void each_gap(const Counts& counts, Content content, std::uint32_t thread, std::uint64_t begin,
              std::uint64_t end, Lost lost) {
  const auto kind = static_cast<std::uint32_t>(content);
  for (auto one = counts.lower_bound({kind, thread, 0}); one != counts.end(); ++one) {
    const auto& [block_kind, block_thread, first] = one->first;
    if (block_kind != kind || block_thread != thread) break;
    if (first > begin) lost(begin, first);
    begin = std::max(begin, first + one->second);
  }
  if (end > begin) lost(begin, end);
}

bool take_index(const std::string& content, std::uint32_t count, std::vector<IndexEntry>& index) {
  std::vector<IndexEntry> read;
  if (!get_index(content, count, read)) return false;
  const auto impossible = [](const IndexEntry& entry) {
    return entry.thread >= maximum_threads || entry.first > maximum_first;
  };
  if (std::ranges::any_of(read, impossible)) return false;
  index = std::move(read);
  return true;
}

bool decodes(const BlockHeader& header, const std::string& content) {
  Decoder decoder;
  decoder.begin(content);
  Record record;
  for (std::uint32_t i = 0; i < header.count; ++i) {
    if (!decoder.get(record)) return false;
  }
  return decoder.at_end();
}

}  // namespace

void Recording::File::salvage() {
  std::optional<InputError> no_header;
  std::uint64_t first_block = 0;
  try {
    first_block = read_file_header();
  } catch (const InputError& error) {
    if (of_another_version()) throw;  // its blocks may be others, too
    no_header = error;
    first_block = next_magic(0);
    damage_.push_back(std::string(error.what()).substr(error.file().size() + 2));
  }
  Found found;
  scan(first_block, found);
  if (no_header && found.counts.empty()) throw *no_header;
  leave_out_overlaps();
  tell_lost_records(found);
  tell_lost_entries(found);
}

/// All good blocks of the file, whatever is between them.
void Recording::File::scan(std::uint64_t offset, Found& found) {
  constexpr std::uint64_t nowhere = ~std::uint64_t{0};
  std::uint64_t bad_since = nowhere;
  const auto end_of_bad = [&] {
    if (bad_since != nowhere)
      damage_.push_back(at(bad_since) + std::to_string(offset - bad_since) + " bytes are damaged");
    bad_since = nowhere;
  };
  const std::uint64_t end = bytes_.size() - std::min<std::uint64_t>(bytes_.size(), trailer_bytes);
  while (offset < bytes_.size()) {
    if (offset == end && bytes_.read(end + 16, 8) == end_magic) break;
    try {
      const Block block = block_at(offset);
      keep(block, found);
      end_of_bad();
      offset += block_header_bytes + block.header.stored;
    } catch (const InputError&) {
      if (bad_since == nowhere) bad_since = offset;
      offset = next_magic(offset + 1);
    }
  }
  end_of_bad();
}

/// Throws InputError if it is not good; a second one of the same is left out.
void Recording::File::keep(const Block& block, Found& found) {
  const BlockHeader& header = block.header;
  std::string content;
  content_of(block, content);
  const Key key{static_cast<std::uint32_t>(header.content), header.thread, header.first};
  if (found.counts.contains(key)) {
    damage_.push_back(at(block.offset) + name_of(header) + " a second time, left out");
    return;
  }
  const bool good = header.content == Content::index     ? take_index(content, header.count, found.index)
                    : header.content == Content::records ? decodes(header, content)
                                                         : true;
  if (!good) fail(block.offset, "the block is corrupt: what it holds cannot be read");
  take(block);
  version_ = header.version;
  found.counts.emplace(key, header.count);
}

std::uint64_t Recording::File::next_magic(std::uint64_t offset) const {
  constexpr std::size_t window = 1 << 16;
  while (offset < bytes_.size()) {
    const std::string text = bytes_.read(offset, window);
    const std::size_t found = text.find(block_magic_begin);
    if (found != std::string::npos) return offset + found;
    if (text.size() < window) break;
    offset += window - (block_magic_begin.size() - 1);
  }
  return bytes_.size();
}

/// Blocks that begin inside of another one: they are of another recording.
void Recording::File::leave_out_overlaps() {
  for (Thread& thread : threads_) {
    std::ranges::stable_sort(thread.blocks, {}, [](const Block& block) { return block.header.first; });
    std::erase_if(thread.blocks, [&](const Block& block) {
      if (block.header.first < thread.end) {
        damage_.push_back(at(block.offset) + name_of(block.header) + " in part a second time, left out");
        return true;
      }
      thread.records += block.header.count;
      thread.end = block.header.first + block.header.count;
      return false;
    });
  }
}

void Recording::File::tell_lost_records(const Found& found) {
  std::map<std::uint32_t, std::uint64_t> ends;  // of the threads, as the index has them
  for (const IndexEntry& entry : found.index) {
    if (entry.content != static_cast<std::uint32_t>(Content::records)) continue;
    std::uint64_t& end = ends[entry.thread];
    end = std::max(end, entry.first + entry.count);
  }
  if (!ends.empty() && ends.rbegin()->first >= threads_.size()) threads_.resize(ends.rbegin()->first + 1);
  for (std::uint32_t number = 0; number < threads_.size(); ++number) {
    const std::string lacks = "thread " + std::to_string(number) + " lacks ";
    if (threads_[number].blocks.empty() && !ends.contains(number))
      damage_.push_back(lacks + "all its records");
    each_gap(found.counts, Content::records, number, 0, ends[number],
             [&](auto first, auto end) { damage_.push_back(lacks + "records " + range(first, end)); });
  }
}

void Recording::File::tell_lost_entries(const Found& found) {
  const auto has = [&](Content content) {
    return found.counts.contains({static_cast<std::uint32_t>(content), 0, 0});
  };
  const auto end_of = [&](Content content, std::uint64_t begin) {
    for (const IndexEntry& entry : found.index) {
      if (entry.content == static_cast<std::uint32_t>(content))
        begin = std::max(begin, entry.first + entry.count);
    }
    return begin;
  };
  each_gap(found.counts, Content::locations, 0, 1, end_of(Content::locations, 1), [&](auto first, auto end) {
    damage_.push_back("locations " + range(first, end) +
                      " are lost: what was recorded there is kept, its place is unknown");
  });
  each_gap(found.counts, Content::symbols, 0, 0, end_of(Content::symbols, 0), [&](auto first, auto end) {
    damage_.push_back("the names of variables " + range(first, end) + " are lost");
  });
  each_gap(found.counts, Content::types, 0, 1, end_of(Content::types, 1), [&](auto first, auto end) {
    damage_.push_back("types " + range(first, end) +
                      " are lost: what is of them is kept, its fields are unknown");
  });
  if (!has(Content::properties)) damage_.push_back("the properties known only at the end are lost");
  if (!has(Content::orders))
    damage_.push_back("the summary of the orders is lost: it is made anew of what is kept");
  if (!has(Content::index)) {
    damage_.push_back(
        "the index is lost, so what else was at the ends of threads and of the file is not known");
  }
}

}  // namespace baton::traces::format
