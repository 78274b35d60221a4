#pragma once
// Runs one simulation point: builds the machine in SystemC, runs a workload to its end, returns what it
// measured.

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/machine/parameters.hpp"
#include "traces/operation.hpp"

namespace baton::sim {

/// One measured column. `value` holds std::monostate where the figure does not exist (a percentile of no
/// operation).
struct Measurement {
  std::string name;  ///< a key of a result row, e.g. "messages_GetS"
  std::string unit;  ///< "1", "cycles", "bytes", "operations/s", …
  std::string meaning;
  std::variant<std::monostate, std::uint64_t, double> value;
};

/// Can a run have a measurement of this name? Known before anything runs, so that a plot of a column that
/// does not exist is refused. Programs name some, too (operations_enqueue): those are not known here.
bool is_measurement(std::string_view name);

class Core;
class LineTable;
class LineTouches;
class Timeline;
struct Shared;

/// Hands operations to the cores of a machine instead of a workload: Core::Dispatcher of those it uses.
class Driver {
 public:
  virtual ~Driver() = default;
  virtual bool finished() const = 0;
};
/// Called when the machine has been built, in its first cycle.
using DriverMaker = std::function<std::unique_ptr<Driver>(const std::vector<Core*>&, Shared&)>;

struct RunOptions {
  bool check = false;  ///< the monitor: golden memory and SWMR, every access and message
  bool exact_events =
      false;              ///< one event per access instead of streaming through hits; the same result, slower
  bool cells = false;     ///< also a column for every cell of the protocol's tables
  bool per_core = false;  ///< also columns for each core: what snooping caches count
  bool first_core_only = false;               ///< only core 0 runs: the baseline of scaling efficiency
  std::uint64_t seed = 1;                     ///< of the machine's jitter
  std::uint64_t watchdog_cycles = 1'000'000;  ///< a run in which no access completes for so long has failed
  DriverMaker driver;              ///< who has the cores instead of the workload; empty: the workload
  std::string* profile = nullptr;  ///< where a program's folded stacks go (system/profile.hpp); null: nowhere
  // Where what lines cost goes, who touches their bytes, and what happened when; null: nowhere.
  LineTable* lines = nullptr;
  LineTouches* touches =
      nullptr;  ///< only of accesses that a stream does not tell: of programs, of values, in order
  Timeline* timeline = nullptr;
};

/// A broken invariant, an impossible cell or a deadlock; what() is the whole report, lines of text.
class RunFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Parameters that contradict each other or the workload; each has the place in the machine
/// ("/network/columns") and what is wrong. Empty: the machine can be built.
struct ParameterError {
  std::string pointer;
  std::string message;
};
std::vector<ParameterError> check_parameters(const MachineParameters& machine,
                                             const ProtocolChoice& protocol);

/// One call a process: SystemC elaborates once. Throws RunFailure; traces::InputError from the workload's
/// streams passes through. The result's names, units and order depend only on the protocol's kinds of
/// messages.
std::vector<Measurement> simulate(const MachineParameters& machine, const ProtocolChoice& protocol,
                                  traces::Workload& workload, const RunOptions& options);

/// The same for a machine whose cores have options.driver, which must not be empty, instead of a workload.
std::vector<Measurement> simulate_driver(const MachineParameters& machine, const ProtocolChoice& protocol,
                                         const RunOptions& options);

}  // namespace baton::sim
