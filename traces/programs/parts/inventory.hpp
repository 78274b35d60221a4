#pragma once
// Self-check of programs that pass numbered things (blocks, tasks, packets) around: when the run has ended,
// each must be in one place.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traces/programs/parts/blocks.hpp"

namespace baton::programs {

class Inventory {
 public:
  /// Of the numbers 1 .. count. `thing` is their name in what fault() says.
  Inventory(std::string_view thing, std::uint64_t count) : thing_(thing), places_(count + 1) {}

  /// It was found here. `place` must outlive this object. False: something is wrong with it.
  bool found(std::uint64_t number, const char* place) {
    if (number == 0 || number >= places_.size())
      fail(place + (" has " + name(number)) + "; there are 1 to " + std::to_string(places_.size() - 1));
    else if (places_[number] != nullptr)
      fail(name(number) + " is in two places: " + places_[number] + " and " + place);
    else {
      places_[number] = place;
      return true;
    }
    return false;
  }

  /// Something else is wrong at that place, if `right` is false.
  void check(bool right, const char* what) {
    if (!right) fail(what);
  }

  /// A list through the blocks' links, of `length` blocks or, without a length, up to link 0.
  void found_list(const Contents& memory, const Blocks& blocks, Block first,
                  std::optional<std::uint64_t> length, const char* place) {
    std::uint64_t left = length.value_or(places_.size());
    for (Block block = first; left > 0 && (length || block != 0); --left) {
      if (!found(block, place)) return;
      if (left > 1) block = memory.last(blocks.link(block));
    }
  }

  /// The first thing that is wrong, with all numbers from 1 to `most` having been found.
  std::optional<std::string> fault(std::uint64_t most) const {
    if (!fault_.empty()) return fault_;
    for (std::uint64_t number = 1; number <= most; ++number)
      if (places_[number] == nullptr) return name(number) + " is lost: no list has it and nobody holds it";
    return {};
  }

 private:
  std::string name(std::uint64_t number) const { return std::string(thing_) + ' ' + std::to_string(number); }
  void fail(std::string text) {
    if (fault_.empty()) fault_ = std::move(text);
  }

  std::string_view thing_;
  std::vector<const char*> places_;
  std::string fault_;
};

}  // namespace baton::programs
