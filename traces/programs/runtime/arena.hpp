#pragma once
// Where a program's words lie. Placement decides which words share a line, and so what false sharing there
// is: it is always said, never left to chance.

#include <cstdint>

#include "traces/programs/runtime/contents.hpp"

namespace baton::programs {

/// How the elements of an array lie in lines.
struct Placement {
  enum class Kind : std::uint8_t {
    own_line,  ///< each element begins a line and shares it with nothing else
    packed,    ///< one behind the other, also behind what was packed before: false sharing
    padded,    ///< packed, with `padding_bytes` unused behind each element
  };
  Kind kind = Kind::own_line;
  std::uint64_t padding_bytes = 0;  ///< a multiple of 8
};
inline constexpr Placement own_line{Placement::Kind::own_line, 0};
inline constexpr Placement packed{Placement::Kind::packed, 0};
constexpr Placement padded(std::uint64_t padding_bytes) {
  return {Placement::Kind::padded, padding_bytes};
}

/// Equal elements of some words each, in simulated memory.
struct Array {
  Address first = 0;
  std::uint64_t stride_bytes = 0;
  std::uint64_t size = 0;  ///< elements
  /// The first word of an element; its word `word` is word * 8 bytes on.
  Address operator[](std::uint64_t element) const { return first + element * stride_bytes; }
};

class Arena {
 public:
  Arena(Address base, Contents& contents) : contents_(contents), next_packed_(base), end_(base) {}

  /// An array of `size` elements of `words` words each, all 0. `words` >= 1. Throws std::invalid_argument for
  /// padding that is no multiple of 8.
  Array array(std::uint64_t size, std::uint64_t words = 1, Placement placement = own_line);
  /// One element.
  Address object(std::uint64_t words = 1, Placement placement = own_line) {
    return array(1, words, placement)[0];
  }
  /// A word's value before the run.
  void set(Address word, std::uint64_t value) { contents_.set_initial(word, value); }

 private:
  Contents& contents_;
  Address next_packed_;  // where the next packed element may lie, unless it ends a line
  Address end_;          // of all that is taken, a multiple of the line size
};

}  // namespace baton::programs
