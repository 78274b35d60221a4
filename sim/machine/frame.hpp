#pragma once
// What machines have in common, whatever their protocol: time, cores, memory controllers, a workload that
// runs on the cores, the watchdog and its report.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/machine/core.hpp"
#include "sim/machine/memory.hpp"
#include "sim/machine/order.hpp"
#include "sim/machine/system/system.hpp"

namespace baton::sim {

class MachineFrame : public sc_core::sc_module {
 public:
  /// Runs the workload to its end, once. Throws RunFailure.
  std::vector<Measurement> run(traces::Workload& workload);

  const Shared& shared() const { return shared_; }

 protected:
  MachineFrame(const sc_core::sc_module_name& name, const MachineParameters& parameters,
               const RunOptions& options);

  /// What has been measured, when the run has ended.
  virtual std::vector<Measurement> measured() = 0;
  /// How many transactions nobody has completed.
  virtual std::uint64_t unfinished() const = 0;
  /// For so many cycles a spin may read an old value though the new one has been there, in protocols with
  /// leases.
  virtual Cycle longest_stale() const { return 0; }
  /// Of a core that waits: what its cache and the others make of the line.
  virtual std::string describe(NodeId core, LineNumber line) const = 0;
  /// What is in flight.
  virtual std::string describe_flights() const = 0;
  virtual std::string describe(const Transition& transition) const = 0;

  /// The next tile's. Within a cycle, cores act in the order in which they and other sleepers were made.
  Core& add_core();
  /// That of the node's tile.
  MemoryController& memory_of(std::uint32_t node) {
    return *memories_[std::size_t{node} * memories_.size() / shared_.parameters.cores];
  }

  static constexpr int most_reported = 32;

  RunOptions options_;
  Calendar calendar_;
  Monitor monitor_;
  Shared shared_;
  std::vector<std::unique_ptr<MemoryController>> memories_;
  std::vector<std::unique_ptr<Core>> cores_;

 private:
  void load(traces::Workload& workload);
  bool all_finished() const;
  void inspect() const;
  void check_end() const;
  std::string report(const std::string& what) const;

  std::optional<RecordedOrder> order_;
  std::unique_ptr<OrderedReplay> replay_;
  std::unique_ptr<System> system_;
  std::unique_ptr<Driver> driver_;
};

}  // namespace baton::sim
