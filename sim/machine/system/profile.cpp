#include "sim/machine/system/profile.hpp"

namespace baton::sim {
namespace {

constexpr std::string_view action_names[] = {
    "load",  "store",      "fetch_add", "fetch_and", "fetch_or",   "exchange", "compare_exchange",
    "spin",  "futex_wait", "fence",     "compute",   "futex_wake", "sleep",    "preempt",
    "yield", "await",      "advance",   "end"};
static_assert(std::size(action_names) == static_cast<std::size_t>(programs::Action::end) + 1);

/// Causes that have nothing to do with what the thread asks for.
bool has_action(Cause cause) {
  return cause != Cause::compute && cause != Cause::run_queue && cause != Cause::context_switch &&
         cause != Cause::spin && cause != Cause::preempted;
}

}  // namespace

Profile::Node Profile::child(Node parent, std::uint16_t number, bool is_phase) {
  const std::uint32_t label = number * 2U + (is_phase ? 1U : 0U);
  const auto [place, fresh] = children_.try_emplace({parent, label}, static_cast<Node>(nodes_.size()));
  if (fresh) nodes_.push_back({parent, number, is_phase, {}});
  return place->second;
}

std::string Profile::stack(Node node) const {
  if (node == root) return "";
  const Frame& frame = nodes_[node];
  return stack(frame.parent) + (frame.is_phase ? names_.phases : names_.kinds)[frame.number] + ";";
}

std::string Profile::folded() const {
  std::string text;
  for (Node node = 0; node < nodes_.size(); ++node) {
    const std::string frames = stack(node);
    // Actions that a cause does not tell apart share a line.
    for (std::size_t cause = 0; cause < causes; ++cause) {
      const bool apart = has_action(static_cast<Cause>(cause));
      std::uint64_t together = 0;
      for (std::size_t action = 0; action < actions; ++action) {
        const std::uint64_t cycles = nodes_[node].cycles[action][cause];
        if (!apart) together += cycles;
        if (apart && cycles != 0)
          text.append(frames).append(action_names[action]).append(";").append(cause_infos[cause].name) +=
              " " + std::to_string(cycles) + "\n";
      }
      if (together != 0)
        text.append(frames).append(cause_infos[cause].name) += " " + std::to_string(together) + "\n";
    }
  }
  return text;
}

}  // namespace baton::sim
