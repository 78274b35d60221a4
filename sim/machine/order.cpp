#include "sim/machine/order.hpp"

#include "sim/machine/simulate.hpp"

namespace baton::sim {

OrderedReplay::OrderedReplay(std::unique_ptr<traces::OrderedStream> stream, std::vector<Core*> cores,
                             Calendar& calendar)
    : stream_(std::move(stream)),
      cores_(std::move(cores)),
      calendar_(calendar),
      sleeper_(calendar.add_sleeper(*this)),
      fetched_(256) {
  for (auto* core : cores_) core->set_dispatcher(*this);
  ready(0, calendar_.now());
}

// Gates say nothing that the order does not.
bool OrderedReplay::find_access() {
  for (;; ++next_) {
    if (next_ == count_) {
      count_ = stream_->next(fetched_);
      next_ = 0;
      if (count_ == 0) return false;
    }
    if (traces::is_access(fetched_[next_].operation.kind)) return true;
  }
}

void OrderedReplay::ready(NodeId, Cycle at) {
  finished_ = !find_access();
  if (!finished_) calendar_.set_wake(sleeper_, at + fetched_[next_].operation.gap_cycles);
}

void OrderedReplay::wake() {
  const traces::OrderedOperation& next = fetched_[next_++];
  if (next.core >= cores_.size())
    throw RunFailure("the trace names core " + std::to_string(next.core) + " of " +
                     std::to_string(cores_.size()));
  cores_[next.core]->start(next.operation);
}

}  // namespace baton::sim
