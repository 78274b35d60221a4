#include "traces/format/codec.hpp"

#include <stdexcept>

#include "traces/format/bytes.hpp"

namespace baton::traces::format {
namespace {

// The first byte of a record.
constexpr std::uint8_t event_bits = 0x1f;
constexpr std::uint8_t has_work = 0x20;
constexpr std::uint8_t has_location = 0x40;  ///< not the predicted one
constexpr std::uint8_t has_details = 0x80;   ///< not those of the event before

// Details.
constexpr std::uint8_t order_bits = 0x07;
constexpr std::uint8_t failed = 0x08;
constexpr std::uint8_t has_sequence = 0x10;
constexpr std::uint8_t has_value = 0x20;
constexpr std::uint8_t all_flags = 0x3f;
constexpr auto last_order = static_cast<std::uint8_t>(MemoryOrder::seq_cst);

History::Details details_of(const Record& record) {
  auto flags = static_cast<std::uint8_t>(record.order);
  if (!record.success) flags |= failed;
  if (record.sequence != unordered) flags |= has_sequence;
  if (record.value != 0) flags |= has_value;
  return {record.size, flags};
}

}  // namespace

History::History() : orders_(order_domains) {
  clear();
}

void History::clear() {
  if (++block_ == 0) {  // the counter has come round: what it marks is older than it looks
    places_.clear();
    orders_.assign(order_domains, {});
    block_ = 1;
  }
  location = 0;
  details_.fill({});
  addresses_.fill(0);
}

std::uint32_t History::successor(std::uint32_t before) const {
  return before < places_.size() && places_[before].next_block == block_ ? places_[before].next : 0;
}

Address History::predicted_address(std::uint32_t at, Event event) const {
  if (at < places_.size() && places_[at].block == block_) return places_[at].address;
  return addresses_[static_cast<std::size_t>(event)];
}

std::uint64_t History::predicted_sequence(Address address) const {
  const Order& order = orders_[order_domain(address)];
  return order.block == block_ ? order.next : 0;
}

void History::remember(const Record& record) {
  const std::uint32_t highest = std::max(location, record.location);
  if (highest >= places_.size()) places_.resize(std::max<std::size_t>(highest + 1, places_.size() * 2));
  Place& before = places_[location];
  before.next = record.location;
  before.next_block = block_;
  Place& place = places_[record.location];
  place.address = record.address;
  place.block = block_;
  addresses_[static_cast<std::size_t>(record.event)] = record.address;
  if (record.sequence != unordered) orders_[order_domain(record.address)] = {block_, record.sequence + 1};
  location = record.location;
}

void Encoder::put(const Record& record) {
  if (static_cast<int>(record.event) >= events) throw std::invalid_argument("unknown event of a record");
  if (record.location > maximum_locations) throw std::invalid_argument("too many locations");
  const History::Details details = details_of(record);
  const bool located = record.location != history_.successor(history_.location);
  auto first = static_cast<std::uint8_t>(record.event);
  if (record.work_cycles != 0) first |= has_work;
  if (located) first |= has_location;
  if (details != history_.details(record.event)) first |= has_details;
  put_byte(bytes_, first);
  if ((first & has_details) != 0) {
    put_byte(bytes_, details.flags);
    put_varint(bytes_, details.size);
    history_.details(record.event) = details;
  }
  if (located) put_varint(bytes_, zigzag(record.location, history_.location));
  put_varint(bytes_, zigzag(record.address, history_.predicted_address(record.location, record.event)));
  if (record.work_cycles != 0) put_varint(bytes_, record.work_cycles);
  if ((details.flags & has_sequence) != 0) {
    put_varint(bytes_, zigzag(record.sequence, history_.predicted_sequence(record.address)));
  }
  if (record.value != 0) put_varint(bytes_, record.value);
  history_.remember(record);
  ++records_;
}

void Encoder::clear() {
  history_.clear();
  bytes_.clear();
  records_ = 0;
}

void Decoder::begin(std::string_view bytes) {
  history_.clear();
  next_ = bytes.data();
  end_ = next_ + bytes.size();
}

bool Decoder::byte(std::uint8_t& value) {
  if (next_ == end_) return false;
  value = static_cast<std::uint8_t>(*next_++);
  return true;
}

bool Decoder::varint(std::uint64_t& value) {
  return get_varint(next_, end_, value);
}

bool Decoder::get(Record& record) {
  std::uint8_t first = 0;
  if (!byte(first) || (first & event_bits) >= events) return false;
  record.event = static_cast<Event>(first & event_bits);
  History::Details& details = history_.details(record.event);
  std::uint64_t number = 0;
  if ((first & has_details) != 0) {
    if (!byte(details.flags) || (details.flags & ~all_flags) != 0) return false;
    if ((details.flags & order_bits) > last_order) return false;
    if (!varint(number) || number > std::numeric_limits<std::uint32_t>::max()) return false;
    details.size = static_cast<std::uint32_t>(number);
  }
  record.size = details.size;
  record.order = static_cast<MemoryOrder>(details.flags & order_bits);
  record.success = (details.flags & failed) == 0;
  record.location = history_.successor(history_.location);
  if ((first & has_location) != 0) {
    if (!varint(number)) return false;
    const std::uint64_t location = unzigzag(number, history_.location);
    if (location > maximum_locations) return false;
    record.location = static_cast<std::uint32_t>(location);
  }
  if (!varint(number)) return false;
  record.address = unzigzag(number, history_.predicted_address(record.location, record.event));
  record.work_cycles = 0;
  if ((first & has_work) != 0) {
    if (!varint(number) || number > std::numeric_limits<std::uint32_t>::max()) return false;
    record.work_cycles = static_cast<std::uint32_t>(number);
  }
  record.sequence = unordered;
  if ((details.flags & has_sequence) != 0) {
    if (!varint(number)) return false;
    record.sequence = unzigzag(number, history_.predicted_sequence(record.address));
  }
  record.value = 0;
  if ((details.flags & has_value) != 0 && !varint(record.value)) return false;
  history_.remember(record);
  return true;
}

}  // namespace baton::traces::format
