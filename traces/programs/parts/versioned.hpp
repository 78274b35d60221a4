#pragma once
// Words that hold the address of a node and, in their upper half, how often the word has been changed: a
// compare-and-swap then fails when the word has changed in between, even if it holds the same address again
// (the ABA problem; IBM System/370 Principles of Operation, appendix A; Michael and Scott, PODC 1996, give
// each pointer such a count). The lower half is the node's place in words, so 32 GiB of memory can be named.

#include "traces/programs/runtime/program.hpp"

namespace baton::programs {

/// A program without the counts is the one that shows the fault.
class VersionedWords {
 public:
  /// counted: false: all counts stay 0.
  explicit VersionedWords(bool counted) : step_(counted ? std::uint64_t{1} << 32 : 0) {}

  /// A word's first value.
  static std::uint64_t first(Address node) { return place_of(node); }
  /// What replaces `before`, to hold `node`, or 0.
  std::uint64_t next(std::uint64_t before, Address node) const {
    return ((before & ~low) + step_) | place_of(node);
  }
  /// The node, or 0.
  static Address node(std::uint64_t word) {
    const std::uint64_t place = word & low;
    return place == 0 ? 0 : traces::region_bytes + (place - 1) * word_bytes;
  }

 private:
  static constexpr std::uint64_t low = 0xFFFF'FFFF;

  static std::uint64_t place_of(Address node) {
    if (node == 0) return 0;
    const std::uint64_t place = (node - traces::region_bytes) / word_bytes + 1;
    if (place > low) throw ProgramFailure("a versioned word cannot hold the address " + address_text(node));
    return place;
  }

  std::uint64_t step_;
};

}  // namespace baton::programs
