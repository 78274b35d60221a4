#include "traces/programs/runtime/contents.hpp"

#include <algorithm>
#include <bit>
#include <charconv>

namespace baton::programs {

std::string address_text(Address address) {
  char digits[16];
  const char* end = std::to_chars(digits, digits + sizeof digits, address, 16).ptr;
  return "0x" + std::string(static_cast<const char*>(digits), end);
}

Contents::Contents(Address base, std::uint32_t line_bytes, std::size_t history_bytes)
    : base_(base),
      words_(line_bytes / word_bytes),
      line_shift_(static_cast<std::uint32_t>(std::countr_zero(line_bytes))),
      zeros_(words_),
      ring_size_(std::max<std::size_t>(history_bytes / (line_bytes + sizeof(Replaced)), 1)) {}

void Contents::extend(Address end) {
  const std::size_t lines = ((end - base_ + line_bytes() - 1) >> line_shift_);
  if (lines > lines_.size()) lines_.resize(lines);
}

std::size_t Contents::index(Address word) const {
  const Address offset = word - base_;  // wraps for a word below the base: then it is too large
  if (word < base_ || offset >> line_shift_ >= lines_.size())
    throw ProgramFailure("the program accesses " + address_text(word) + ", outside its memory from " +
                         address_text(base_) + " to " +
                         address_text(base_ + (Address{lines_.size()} << line_shift_)));
  if (word % word_bytes != 0)
    throw ProgramFailure("the program accesses " + address_text(word) +
                         ", which is not the address of a word");
  return static_cast<std::size_t>(offset >> line_shift_);
}

std::uint64_t* Contents::own_image(Line& line) {
  if (line.image == no_image) {
    if (images_ % images_per_block == 0)
      blocks_.push_back(std::make_unique<std::uint64_t[]>(std::size_t{images_per_block} * words_));
    line.image = images_++;
  }
  return image(line.image);
}

void Contents::set_initial(Address word, std::uint64_t value) {
  Line& line = lines_[index(word)];
  if (value == 0 && line.image == no_image) return;
  own_image(line)[offset(word)] = value;
}

const std::uint64_t* Contents::find(std::size_t index, Version version) const {
  const Line& line = lines_[index];
  if (line.version == version) return line.image == no_image ? zeros_.data() : image(line.image);
  // Back through the line's replaced versions, the newest first, as far as the ring has them.
  std::uint64_t number = line.replaced;
  while (number != nothing && replacements_ - number <= ring_size_) {
    const std::size_t slot = number % ring_size_;
    if (ring_[slot].version == version) return ring_words_.data() + slot * words_;
    number = ring_[slot].before;
  }
  const std::string place = "line " + std::to_string((base_ >> line_shift_) + index) +
                            ": the machine gave version " + std::to_string(version) + " of its content";
  if (number == nothing)
    throw ProgramFailure(place + ", which this line has never had (its newest is " +
                         std::to_string(line.version) + ")");
  throw ProgramFailure(place + ", which was replaced more than " + std::to_string(ring_size_) +
                       " stores ago (its newest is " + std::to_string(line.version) + ")");
}

std::uint64_t Contents::read(Address word, Version seen) const {
  return find(index(word), seen)[offset(word)];
}

// The line's newest version is about to be replaced.
void Contents::remember(std::size_t index) {
  Line& line = lines_[index];
  const std::size_t slot = replacements_ % ring_size_;
  if (slot == ring_.size()) {  // the ring grows to its size as the run needs it
    ring_.emplace_back();
    ring_words_.resize(ring_words_.size() + words_);
  }
  ring_[slot] = {line.version, line.replaced};
  const std::uint64_t* from = line.image == no_image ? zeros_.data() : image(line.image);
  std::copy_n(from, words_, ring_words_.begin() + static_cast<std::ptrdiff_t>(slot * words_));
  line.replaced = replacements_++;
}

Version Contents::write(Address word, Version seen, std::uint64_t value) {
  const std::size_t at = index(word);
  Line& line = lines_[at];
  if (line.version == seen) {
    remember(at);
    own_image(line)[offset(word)] = value;
  } else {
    // Somebody stored in between: their words are lost, as on a machine that let this happen.
    const std::uint64_t* stale = find(at, seen);
    std::vector<std::uint64_t> words(stale, stale + words_);
    words[offset(word)] = value;
    remember(at);
    std::copy(words.begin(), words.end(), own_image(line));
  }
  return line.version = ++versions_;
}

}  // namespace baton::programs
