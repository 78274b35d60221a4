#pragma once
// Blocks of memory that free lists link through their first words. Only a block's first line is simulated,
// whatever the block's size: the link that a free list keeps there, and a word that its user writes. So
// taking a block from a list that another core put it into transfers a line, as it does in an allocator that
// links blocks in place; what a user does with the rest of a block is not part of the workload.

#include <cstdint>
#include <string>

#include "traces/programs/runtime/program.hpp"

namespace baton::programs {

/// A block's number, from 1; 0 is no block. Numbers have 32 bits, so that a version fits into a list's head.
using Block = std::uint64_t;

/// Blocks that one thread alone has, first to last through their links. The last one's link says nothing.
struct Chain {
  Block first = 0;
  Block last = 0;
  std::uint64_t length = 0;
  explicit operator bool() const { return length != 0; }
};

class Blocks {
 public:
  Blocks(Setup& setup, std::uint64_t count) : lines_(setup.memory.array(count, 2)) {}

  std::uint64_t count() const { return lines_.size; }
  /// The word that leads to the next block of a list. Throws ProgramFailure for a number that is no
  /// block's: lists that have been corrupted lead anywhere.
  Address link(Block block) const {
    if (block == 0 || block > lines_.size)
      throw ProgramFailure("a list leads to number " + std::to_string(block) + "; there are 1 to " +
                           std::to_string(lines_.size));
    return lines_[block - 1];
  }
  /// The word that the block's user writes, in the same line.
  Address user_word(Block block) const { return link(block) + word_bytes; }

 private:
  Array lines_;
};

}  // namespace baton::programs
