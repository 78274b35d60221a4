#include "sim/machine/shared.hpp"

#include "sim/machine/timeline.hpp"

namespace baton::sim {

void Shared::tell_permission(LineNumber line, NodeId node, Permission before, Permission after) const {
  if (monitor != nullptr) monitor->permission(line, node, before, after, calendar.now());
  if (timeline != nullptr) timeline->permission(line, node, before, after, calendar.now());
  if (lines != nullptr) lines->permission(line, node, before, after);
}

}  // namespace baton::sim
