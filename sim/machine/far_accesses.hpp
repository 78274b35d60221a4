#pragma once
// Read-modify-writes that a home performs for a core.

#include <memory>
#include <vector>

#include "sim/machine/cache.hpp"

namespace baton::sim {

/// The homes' way to the cores whose accesses they perform.
template <CoherenceProtocol P>
class FarAccesses final : public FarAccess {
 public:
  explicit FarAccesses(const std::vector<std::unique_ptr<Cache<P>>>& caches) : caches_(caches) {}
  Value perform(NodeId requestor, LineNumber line, Value content) override {
    return caches_[requestor]->perform_far(line, content);
  }

 private:
  const std::vector<std::unique_ptr<Cache<P>>>& caches_;
};

}  // namespace baton::sim
