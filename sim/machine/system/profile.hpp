#pragma once
// Simulated time by operation, phases, request and cause: folded stacks, one line each, "frame;frame count",
// as FlameGraph and speedscope read them. Counts are cycles.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/machine/system/cause.hpp"
#include "traces/programs/runtime/names.hpp"
#include "traces/programs/runtime/request.hpp"

namespace baton::sim {

class Profile {
 public:
  using Node = std::uint32_t;
  static constexpr Node root = 0;  ///< outside of operations and phases

  explicit Profile(const programs::Names& names) : names_(names), nodes_(1) {}

  /// The frame of a kind of operation, or of a phase, within another frame.
  Node operation(Node parent, std::uint16_t kind) { return child(parent, kind, false); }
  Node phase(Node parent, std::uint16_t phase) { return child(parent, phase, true); }

  void add(Node node, programs::Action action, Cause cause, std::uint64_t cycles) {
    nodes_[node].cycles[static_cast<std::size_t>(action)][static_cast<std::size_t>(cause)] += cycles;
  }
  /// The stacks that have any cycles, in the order of the frames' first use.
  std::string folded() const;

 private:
  static constexpr std::size_t actions = static_cast<std::size_t>(programs::Action::end) + 1;
  struct Frame {
    Node parent = root;
    std::uint16_t number = 0;
    bool is_phase = false;
    std::array<std::array<std::uint64_t, causes>, actions> cycles{};
  };
  Node child(Node parent, std::uint16_t number, bool is_phase);
  std::string stack(Node node) const;

  const programs::Names& names_;
  std::vector<Frame> nodes_;
  std::map<std::pair<Node, std::uint32_t>, Node> children_;
};

}  // namespace baton::sim
