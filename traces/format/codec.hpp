#pragma once
// Records as bytes, and back: what a block of records holds, before compression. README.md has the bytes.

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traces/format/record.hpp"

namespace baton::traces::format {

/// Locations are numbered from 1; more than a program has, and little enough that a damaged number costs no
/// memory.
inline constexpr std::uint32_t maximum_locations = 1u << 22;

/// What encoder and decoder both remember of the records before, within one block.
class History {
 public:
  History();
  /// Forgets all: at the beginning of a block.
  void clear();

  struct Details {
    std::uint32_t size = 8;
    std::uint8_t flags = 0;
    bool operator==(const Details&) const = default;
  };

  std::uint32_t location = 0;  ///< of the record before
  Details& details(Event event) { return details_[static_cast<std::size_t>(event)]; }
  /// The location that came after `before` the last time; 0 if it has not been seen.
  std::uint32_t successor(std::uint32_t before) const;
  /// The address at the same location the last time, else the last one of the same event.
  Address predicted_address(std::uint32_t location, Event event) const;
  std::uint64_t predicted_sequence(Address address) const;
  void remember(const Record& record);

 private:
  struct Place {
    std::uint32_t block = 0;       ///< the block that wrote `address`
    std::uint32_t next_block = 0;  ///< the block that wrote `next`
    std::uint32_t next = 0;
    Address address = 0;
  };
  struct Order {
    std::uint32_t block = 0;
    std::uint64_t next = 0;
  };

  std::uint32_t block_ = 0;
  std::vector<Place> places_;  ///< by location
  std::vector<Order> orders_;  ///< by domain
  std::array<Details, events> details_{};
  std::array<Address, events> addresses_{};
};

class Encoder {
 public:
  /// Throws std::invalid_argument for an event or a location that the file cannot hold.
  void put(const Record& record);
  std::size_t records() const { return records_; }
  const std::string& bytes() const { return bytes_; }
  /// Begins a new block.
  void clear();

 private:
  History history_;
  std::string bytes_;
  std::size_t records_ = 0;
};

class Decoder {
 public:
  /// Begins a block; `bytes` must live while it is read.
  void begin(std::string_view bytes);
  /// False if the bytes are not a record.
  bool get(Record& record);
  bool at_end() const { return next_ == end_; }

 private:
  bool varint(std::uint64_t& value);
  bool byte(std::uint8_t& value);

  History history_;
  const char* next_ = nullptr;
  const char* end_ = nullptr;
};

}  // namespace baton::traces::format
