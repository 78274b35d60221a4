#pragma once
// Numbers as bytes: little-endian, or as varints (7 bits a byte, the lowest first, the top bit says that more
// follow), signed differences as zigzag: 0, -1, 1, -2, … are 0, 1, 2, 3, …

#include <cstdint>
#include <string>
#include <string_view>

namespace baton::traces::format {

inline void put_byte(std::string& out, std::uint8_t value) {
  out.push_back(static_cast<char>(value));
}

template <class Number>
void put_number(std::string& out, Number value) {
  for (std::size_t i = 0; i < sizeof(Number); ++i) put_byte(out, static_cast<std::uint8_t>(value >> (8 * i)));
}

inline void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) put_byte(out, static_cast<std::uint8_t>(value | 0x80));
  put_byte(out, static_cast<std::uint8_t>(value));
}

/// The length, then the bytes.
inline void put_text(std::string& out, std::string_view text) {
  put_varint(out, text.size());
  out += text;
}

/// The difference wraps, as the addresses that it is of.
constexpr std::uint64_t zigzag(std::uint64_t value, std::uint64_t before) {
  const std::uint64_t difference = value - before;
  return (difference << 1) ^ (0 - (difference >> 63));
}
constexpr std::uint64_t unzigzag(std::uint64_t coded, std::uint64_t before) {
  return before + ((coded >> 1) ^ (0 - (coded & 1)));
}

/// `at` has at least sizeof(Number) bytes.
template <class Number>
Number get_number(const char* at) {
  Number value = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    value = static_cast<Number>(
        value | static_cast<Number>(static_cast<Number>(static_cast<std::uint8_t>(at[i])) << (8 * i)));
  }
  return value;
}

/// False if the bytes end too early or the number has more than 64 bits.
inline bool get_varint(const char*& next, const char* end, std::uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (next == end) return false;
    const auto byte = static_cast<std::uint8_t>(*next++);
    if (shift == 63 && byte > 1) return false;
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

inline bool get_text(const char*& next, const char* end, std::string& text) {
  std::uint64_t size = 0;
  if (!get_varint(next, end, size) || size > static_cast<std::uint64_t>(end - next)) return false;
  text.assign(next, static_cast<std::size_t>(size));
  next += size;
  return true;
}

}  // namespace baton::traces::format
