#include "traces/programs/runtime/arena.hpp"

#include <stdexcept>

namespace baton::programs {

Array Arena::array(std::uint64_t size, std::uint64_t words, Placement placement) {
  if (words == 0) throw std::invalid_argument("an element needs a word");
  if (placement.padding_bytes % word_bytes != 0)
    throw std::invalid_argument("padding must be a multiple of 8 bytes");
  const std::uint64_t line = contents_.line_bytes();
  const auto whole_lines = [line](std::uint64_t bytes) { return (bytes + line - 1) / line * line; };
  const std::uint64_t bytes = words * word_bytes;
  Array array{end_, 0, size};
  if (placement.kind == Placement::Kind::own_line) {
    array.stride_bytes = whole_lines(bytes);
    end_ += size * array.stride_bytes;
  } else {
    array.stride_bytes = bytes + placement.padding_bytes;
    // The line that packed elements fill may have been the last one taken; if not, it is full or left behind.
    const bool goes_on = next_packed_ % line != 0 && whole_lines(next_packed_) == end_;
    if (goes_on) array.first = next_packed_;
    next_packed_ = array.first + size * array.stride_bytes;
    end_ = whole_lines(next_packed_);
  }
  contents_.extend(end_);
  return array;
}

}  // namespace baton::programs
