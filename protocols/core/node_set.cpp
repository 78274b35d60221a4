#include "protocols/core/node_set.hpp"

#include <algorithm>

namespace baton {

void NodeSet::insert(NodeId node) {
  if (contains(node)) return;
  if (size_ < inline_capacity) {
    for (std::size_t i = inline_capacity - 1; i > 0; --i)
      few_[i] = std::min(few_[i], std::max(few_[i - 1], node));
    few_[0] = std::min(few_[0], node);
  } else {
    if (is_inline()) move_to_bitmap();
    set_bit(node);
  }
  ++size_;
}

void NodeSet::erase(NodeId node) {
  if (!contains(node)) return;
  if (is_inline()) {
    for (std::size_t i = 0; i + 1 < inline_capacity; ++i) few_[i] = few_[i] < node ? few_[i] : few_[i + 1];
    few_.back() = no_node;  // the last member is either the node or one place lower now
    --size_;
    return;
  }
  bitmap_[node / 64U] &= ~(std::uint64_t{1} << (node % 64U));
  --size_;
  if (is_inline()) move_inline();
}

void NodeSet::clear() {
  size_ = 0;
  few_ = no_nodes;
  bitmap_.clear();
}

bool NodeSet::operator==(const NodeSet& other) const {
  if (size_ != other.size_) return false;
  if (is_inline()) return few_ == other.few_;
  // Of two sets of one size, equal where both have words, the longer bitmap has no bits left for its tail.
  const auto words = static_cast<std::ptrdiff_t>(std::min(bitmap_.size(), other.bitmap_.size()));
  return std::equal(bitmap_.begin(), bitmap_.begin() + words, other.bitmap_.begin());
}

void NodeSet::set_bit(NodeId node) {
  const std::size_t word = node / 64U;
  if (word >= bitmap_.size()) bitmap_.resize(word + 1);
  bitmap_[word] |= std::uint64_t{1} << (node % 64U);
}

void NodeSet::move_to_bitmap() {
  bitmap_.assign(few_.back() / 64U + 1, 0);
  for (const NodeId node : few_) set_bit(node);
}

void NodeSet::move_inline() {
  std::size_t next = 0;
  for (std::size_t w = 0; w < bitmap_.size(); ++w)
    for (std::uint64_t word = bitmap_[w]; word != 0; word &= word - 1)
      few_[next++] = static_cast<NodeId>(w * 64 + static_cast<std::size_t>(std::countr_zero(word)));
  bitmap_.clear();  // keeps its memory: a set that was large once tends to become large again
}

}  // namespace baton
