#pragma once
// A set of nodes: the sharers in a directory entry, the readers that wait for a line.
//
// Nearly all lines have a handful of sharers at most (Primer, ch. 8, limited pointer directories), so a few
// nodes live inline, sorted; more go to a bitmap on the heap that grows to the highest node. Any number of
// nodes below 65,535.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "protocols/core/types.hpp"

namespace baton {

class NodeSet {
 public:
  static constexpr std::size_t inline_capacity = 7;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// no_node never is.
  bool contains(NodeId node) const { return is_inline() ? is_among_few(node) : is_in_bitmap(node); }
  /// No effect if it is a member already.
  void insert(NodeId node);
  /// No effect if it is not a member.
  void erase(NodeId node);
  void clear();

  /// Calls f(NodeId) in ascending order. The set must not change meanwhile.
  template <class F>
  void for_each(F&& f) const {
    if (is_inline()) {
      for (std::size_t i = 0; i < size_; ++i) f(few_[i]);
      return;
    }
    for (std::size_t w = 0; w < bitmap_.size(); ++w)
      for (std::uint64_t word = bitmap_[w]; word != 0; word &= word - 1)
        f(static_cast<NodeId>(w * 64 + static_cast<std::size_t>(std::countr_zero(word))));
  }

  bool operator==(const NodeSet& other) const;

 private:
  static constexpr auto no_nodes = [] {
    std::array<NodeId, inline_capacity> nodes{};
    nodes.fill(no_node);
    return nodes;
  }();
  // The size alone decides which form is in use, so equal sets have equal forms.
  bool is_inline() const { return size_ <= inline_capacity; }
  bool is_among_few(NodeId node) const {
    bool found = false;
    for (const NodeId one : few_) found |= one == node;
    return found & (node != no_node);
  }
  bool is_in_bitmap(NodeId node) const {
    const std::size_t word = node / 64U;
    return word < bitmap_.size() && (bitmap_[word] >> (node % 64U) & 1U) != 0;
  }
  void set_bit(NodeId node);
  void move_to_bitmap();
  void move_inline();

  std::uint16_t size_ = 0;
  // Behind the members no_node, which is above them all. What is done to the few has no branches: whether
  // and where a node is among them, the host could not foresee.
  std::array<NodeId, inline_capacity> few_ = no_nodes;
  std::vector<std::uint64_t> bitmap_;  ///< empty or unused while inline
};

}  // namespace baton
