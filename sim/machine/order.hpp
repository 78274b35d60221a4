#pragma once
// Replays a trace in its own order: one operation at a time in the whole machine, on the core that it names.

#include <memory>
#include <vector>

#include "sim/machine/core.hpp"

namespace baton::sim {

class OrderedReplay : private Sleeper, private Core::Dispatcher {
 public:
  OrderedReplay(std::unique_ptr<traces::OrderedStream> stream, std::vector<Core*> cores, Calendar& calendar);

  bool finished() const { return finished_; }

 private:
  void wake() override;
  void soon(Cycle) const override {}
  void ready(NodeId node, Cycle at) override;
  bool find_access();

  std::unique_ptr<traces::OrderedStream> stream_;
  std::vector<Core*> cores_;
  Calendar& calendar_;
  std::uint32_t sleeper_;
  std::vector<traces::OrderedOperation> fetched_;
  std::size_t count_ = 0;
  std::size_t next_ = 0;
  bool finished_ = false;
};

}  // namespace baton::sim
