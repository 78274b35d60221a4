#pragma once
// The words in the lines. On the simulated machine the content of a whole line travels as one opaque number:
// here that number is a version of the line's image. A store makes a new version out of the version that the
// cache really had, so a protocol that hands out a stale line really loses the updates since; nothing is ever
// read but the version that the machine delivered.
//
// Each line keeps its newest image. Images that were replaced stay in a ring for as long as a message may
// still carry them (a snapshot on its way, or a stale copy under a broken protocol).

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "traces/operation.hpp"

namespace baton::programs {

using traces::Address;

/// Identifies a line's image; 0 is the initial one. No two stores of a run make the same version.
using Version = std::uint64_t;

/// A simulated program has gone wrong: an access outside its memory, a deadlock, a failed self-check.
class ProgramFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline constexpr std::uint32_t word_bytes = 8;

/// "0x1000000000040", for reports.
std::string address_text(Address address);

class Contents {
 public:
  /// line_bytes: a power of two, 8 .. 4096. history_bytes: how much of replaced images is kept, >= 1.
  Contents(Address base, std::uint32_t line_bytes, std::size_t history_bytes = std::size_t{64} << 20);

  /// Makes room for all lines below `end`; words begin as 0. Before the run.
  void extend(Address end);
  /// A word's initial value. Before the run.
  void set_initial(Address word, std::uint64_t value);

  /// The word in version `seen` of its line. Throws ProgramFailure for a word that is misaligned or outside
  /// the program's memory, for a version that the line never had, and for one that the ring no longer has.
  std::uint64_t read(Address word, Version seen) const;
  /// Version `seen` of the line with this word replaced, as a new version. Throws as read().
  Version write(Address word, Version seen, std::uint64_t value);

  /// The word after the last store to its line: for self-checks when the run has ended.
  std::uint64_t last(Address word) const { return read(word, line(word).version); }
  /// The line's newest version.
  Version last_version(Address word) const { return line(word).version; }

  /// Versions made so far.
  std::uint64_t stores() const { return versions_; }
  std::uint32_t line_bytes() const { return words_ * word_bytes; }

 private:
  static constexpr std::uint32_t no_image = ~std::uint32_t{0};  // all words are 0
  static constexpr std::uint64_t nothing = ~std::uint64_t{0};
  static constexpr std::uint32_t images_per_block = 1024;

  struct Line {
    Version version = 0;
    std::uint64_t replaced = nothing;  // number of the replacement of the version before this one
    std::uint32_t image = no_image;
  };
  struct Replaced {
    Version version;
    std::uint64_t before;  // number of the replacement before this one in the same line
  };

  std::size_t index(Address word) const;
  const Line& line(Address word) const { return lines_[index(word)]; }
  std::size_t offset(Address word) const { return (word / word_bytes) & (words_ - 1); }
  std::uint64_t* image(std::uint32_t number) {
    return blocks_[number / images_per_block].get() + std::size_t{number % images_per_block} * words_;
  }
  const std::uint64_t* image(std::uint32_t number) const {
    return blocks_[number / images_per_block].get() + std::size_t{number % images_per_block} * words_;
  }
  std::uint64_t* own_image(Line& line);
  const std::uint64_t* find(std::size_t index, Version version) const;
  void remember(std::size_t index);

  Address base_;
  std::uint32_t words_;  // of a line
  std::uint32_t line_shift_;
  std::vector<Line> lines_;
  std::vector<std::unique_ptr<std::uint64_t[]>> blocks_;  // of images
  std::uint32_t images_ = 0;
  std::vector<std::uint64_t> zeros_;

  std::size_t ring_size_;  // replacements that are kept
  std::vector<Replaced> ring_;
  std::vector<std::uint64_t> ring_words_;
  std::uint64_t replacements_ = 0;
  std::uint64_t versions_ = 0;
};

}  // namespace baton::programs
