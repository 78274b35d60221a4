#pragma once
// The entries of a home's directory, by line. They are many and seldom the last one again, so that most of a
// look-up is waiting for the host's memory: a small index says where an entry is, and both can be asked for
// ahead of time. Entries are never removed, and never move.

#include <cstdint>
#include <deque>
#include <vector>

#include "sim/machine/shared.hpp"

namespace baton::sim {

template <class Entry>
class Directory {
 public:
  /// Of an entry: 0, 1, … in the order in which they were added.
  using Id = std::uint32_t;

  struct Found {
    Id id;
    Entry* entry;  ///< null: the line has none
  };

  Directory() : index_(8) {}

  std::size_t size() const { return records_.size(); }

  /// The line's entry; a new one if it has none yet.
  Found find_or_add(LineNumber line) {
    const std::uint64_t hash = mix(line);
    std::size_t at = search(line, hash);
    if (index_[at].record == nullptr) {
      if (4 * (records_.size() + 1) > 3 * index_.size()) {
        grow();
        at = search(line, hash);
      }
      const auto id = static_cast<Id>(records_.size());
      index_[at] = {&records_.emplace_back(Record{line, {}}), id, tag_of(hash)};
    }
    return {index_[at].id, &index_[at].record->entry};
  }
  Found find(LineNumber line) const {
    const Place& place = index_[search(line, mix(line))];
    return {place.id, place.record == nullptr ? nullptr : &place.record->entry};
  }

  /// Brings the line's place in the index into the host's caches.
  void prefetch_index(LineNumber line) const { __builtin_prefetch(&index_[mix(line) & (index_.size() - 1)]); }
  /// Brings the line's entry, if its place is the first that a search looks at.
  void prefetch_entry(LineNumber line) const {
    const Record* record = index_[mix(line) & (index_.size() - 1)].record;
    if (record != nullptr) prefetch_range(record, record + 1);
  }

 private:
  struct alignas(64) Record {  // nearly all are not larger than a host cache line
    LineNumber line;
    Entry entry;
  };
  struct Place {
    Record* record = nullptr;
    Id id = 0;
    std::uint32_t tag = 0;  // of the line's hash: an entry is looked at only if it is likely the right one
  };

  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

  // Where the line's place is, or where it would be added.
  std::size_t search(LineNumber line, std::uint64_t hash) const {
    const std::size_t mask = index_.size() - 1;
    std::size_t at = hash & mask;
    while (index_[at].record != nullptr &&
           (index_[at].tag != tag_of(hash) || index_[at].record->line != line))
      at = (at + 1) & mask;
    return at;
  }
  void grow() {
    index_.assign(2 * index_.size(), {});
    Id id = 0;
    for (Record& record : records_) {
      const std::uint64_t hash = mix(record.line);
      index_[search(record.line, hash)] = {&record, id++, tag_of(hash)};
    }
  }

  std::vector<Place> index_;  // a power of two of places, at most three quarters in use
  std::deque<Record> records_;
};

}  // namespace baton::sim
