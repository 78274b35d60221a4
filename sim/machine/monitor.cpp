#include "sim/machine/monitor.hpp"

#include <algorithm>
#include <string>

#include "sim/machine/simulate.hpp"

namespace baton::sim {
namespace {

[[noreturn]] void broken(const std::string& what, LineNumber line, NodeId node, Cycle at) {
  throw RunFailure(what + " (line " + std::to_string(line) + ", cache " + std::to_string(node) + ", cycle " +
                   std::to_string(at) + ")");
}

}  // namespace

void Monitor::loaded(LineNumber line, NodeId node, Value seen, Cycle at) {
  if (logical_) return loaded_in_time(line, node, seen, at);
  const Value golden = lines_[line].golden;
  if (seen != golden)
    broken("data-value invariant broken: a load saw content " + std::to_string(seen) +
               ", the last store left " + std::to_string(golden),
           line, node, at);
}

void Monitor::stored(LineNumber line, NodeId node, Value seen, Value left, Cycle at) {
  if (logical_) return stored_in_time(line, node, seen, left, at);
  Line& entry = lines_[line];
  if (seen != entry.golden)
    broken("data-value invariant broken: a store changed content " + std::to_string(seen) +
               ", the last store left " + std::to_string(entry.golden),
           line, node, at);
  entry.earlier.emplace_back(at, entry.golden);
  if (entry.earlier.size() > history) entry.earlier.pop_front();
  entry.golden = left;
}

void Monitor::goes_on(LineNumber line, NodeId node, Cycle at) {
  Tick& last = moments_[node];
  if (in_order_ && moment_ < last)
    broken("program order broken: an access at the logical time " + std::to_string(moment_) +
               " follows one at " + std::to_string(last),
           line, node, at);
  last = moment_;
}

void Monitor::loaded_in_time(LineNumber line, NodeId node, Value seen, Cycle at) {
  goes_on(line, node, at);
  Line& entry = lines_[line];
  entry.last_load = std::max(entry.last_load, moment_);
  const auto version = std::find_if(entry.versions.rbegin(), entry.versions.rend(),
                                    [this](const Version& v) { return v.since <= moment_; });
  if (version == entry.versions.rend()) return;  // older than all that are kept
  if (version->content != seen)
    broken("data-value invariant broken: at the logical time " + std::to_string(moment_) +
               " a load saw content " + std::to_string(seen) + ", the store at " +
               std::to_string(version->since) + " left " + std::to_string(version->content),
           line, node, at);
}

void Monitor::stored_in_time(LineNumber line, NodeId node, Value seen, Value left, Cycle at) {
  goes_on(line, node, at);
  Line& entry = lines_[line];
  const Version& last = entry.versions.back();
  if (seen != last.content)
    broken("data-value invariant broken: a store changed content " + std::to_string(seen) +
               ", the last store left " + std::to_string(last.content),
           line, node, at);
  const std::string when = "a store at the logical time " + std::to_string(moment_);
  if (moment_ <= last.since)
    broken("SWMR broken: " + when + " is not behind the store at " + std::to_string(last.since), line, node,
           at);
  if (moment_ <= entry.last_load)
    broken("SWMR broken: " + when + " is not behind a load of another version at " +
               std::to_string(entry.last_load),
           line, node, at);
  entry.versions.push_back({moment_, left});
  if (entry.versions.size() > history) entry.versions.pop_front();
}

void Monitor::performs_at_home(LineNumber line, NodeId node, Cycle at) const {
  const auto found = lines_.find(line);
  if (found != lines_.end() && found->second.writers + found->second.readers > 0)
    broken("SWMR broken: the home performs an access while " +
               std::to_string(found->second.writers + found->second.readers) + " caches have copies",
           line, node, at);
}

void Monitor::loaded_snapshot(LineNumber line, NodeId node, Value seen, Cycle issued, Cycle at) {
  const Line& entry = lines_[line];
  if (seen == entry.golden || entry.earlier.size() == history) return;
  for (auto former = entry.earlier.rbegin(); former != entry.earlier.rend() && former->first >= issued;
       ++former)
    if (former->second == seen) return;
  broken("data-value invariant broken: a snapshot saw content " + std::to_string(seen) +
             ", which was not current at any time since cycle " + std::to_string(issued),
         line, node, at);
}

void Monitor::permission(LineNumber line, NodeId node, Permission before, Permission after, Cycle at) {
  if (before == after) return;
  Line& entry = lines_[line];
  if (before == Permission::read) --entry.readers;
  if (before == Permission::write) --entry.writers;
  if (after == Permission::read) ++entry.readers;
  if (after == Permission::write) ++entry.writers;
  if (entry.writers > 1 || (!logical_ && entry.writers == 1 && entry.readers > 0))
    broken("SWMR broken: " + std::to_string(entry.writers) + " caches may write and " +
               std::to_string(entry.readers) + " others may read",
           line, node, at);
}

}  // namespace baton::sim
