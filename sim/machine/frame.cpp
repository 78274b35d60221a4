#include "sim/machine/frame.hpp"

#include <algorithm>
#include <sstream>

#include "protocols/core/enum_names.hpp"
#include "sim/machine/timeline.hpp"
#include "traces/gates.hpp"

namespace baton::sim {
namespace {

sc_core::sc_time clock_period(std::uint64_t clock_hz) {
  return sc_core::sc_time(1e12 / static_cast<double>(clock_hz), sc_core::SC_PS);
}

}  // namespace

MachineFrame::MachineFrame(const sc_core::sc_module_name& name, const MachineParameters& parameters,
                           const RunOptions& options)
    : sc_module(name),
      options_(options),
      calendar_("calendar", clock_period(parameters.clock_hz)),
      shared_{parameters,
              HomeMap(parameters.cores, parameters.home.interleave == "hash"),
              calendar_,
              {},
              {},
              options.check ? &monitor_ : nullptr,
              options.exact_events} {
  shared_.statistics.cores.resize(parameters.cores);
  shared_.lines = options.lines;
  shared_.touches = options.touches;
  shared_.timeline = options.timeline;
  if (options.timeline != nullptr) options.timeline->set_machine(parameters);
  const std::uint32_t controllers =
      parameters.memory.controllers != 0 ? parameters.memory.controllers : (parameters.cores + 15) / 16;
  for (std::uint32_t i = 0; i < controllers; ++i)
    memories_.push_back(
        std::make_unique<MemoryController>(("memory_" + std::to_string(i)).c_str(), parameters));
}

Core& MachineFrame::add_core() {
  const std::size_t i = cores_.size();
  cores_.push_back(
      std::make_unique<Core>(("core_" + std::to_string(i)).c_str(), static_cast<NodeId>(i), shared_));
  return *cores_.back();
}

void MachineFrame::load(traces::Workload& workload) {
  std::vector<Core*> cores;
  for (auto& core : cores_) cores.push_back(core.get());
  if (options_.driver) {
    driver_ = options_.driver(cores, shared_);
    return;
  }
  if (auto ordered = workload.ordered()) {
    replay_ = std::make_unique<OrderedReplay>(std::move(ordered), std::move(cores), calendar_);
    return;
  }
  if (workload.gates() != traces::Gates::none) {
    // One core alone has nobody to wait for.
    order_.emplace(workload.gates() == traces::Gates::obeyed && !options_.first_core_only);
    shared_.order = &*order_;
  }
  if (const auto* program = workload.program()) {
    system_ = std::make_unique<System>(*program, cores, shared_, options_);
    return;
  }
  for (std::uint32_t i = 0; i < cores_.size(); ++i) {
    const bool runs = static_cast<int>(i) < workload.cores() && (i == 0 || !options_.first_core_only);
    cores_[i]->set_stream(runs ? workload.stream(static_cast<int>(i)) : nullptr);
  }
}

std::vector<Measurement> MachineFrame::run(traces::Workload& workload) {
  calendar_.set_inspection(std::max<Cycle>(options_.watchdog_cycles / 2, 1), [this] { inspect(); });
  try {
    load(workload);
    calendar_.run();
  } catch (const RunFailure& failure) {
    throw RunFailure(report(failure.what()));
  } catch (const programs::ProgramFailure& failure) {
    throw RunFailure(report(failure.what()));
  }
  check_end();
  if (system_) system_->check();
  auto rows = measured();
  if (system_) {
    system_->add_measurements(rows);
    if (options_.profile != nullptr) *options_.profile = system_->folded_profile();
  }
  return rows;
}

bool MachineFrame::all_finished() const {
  if (replay_) return replay_->finished();
  if (driver_) return driver_->finished();
  if (system_) return system_->finished();
  return std::all_of(cores_.begin(), cores_.end(), [](const auto& core) { return core->finished(); });
}

namespace {

// A machine that is only slow gets here, too: its user must know which limit to raise.
std::string no_progress(Cycle cycles, Cycle allowed, Cycle stale) {
  return "no access has completed for " + std::to_string(cycles) +
         " cycles (/options/watchdog_cycles allows " + std::to_string(allowed) +
         (stale == 0 ? "" : ", leases " + std::to_string(stale) + " more") + ")";
}

}  // namespace

// The watchdog: nobody has made progress for long, and all have waited for others all the time.
void MachineFrame::inspect() const {
  const Cycle now = calendar_.now();
  const Cycle allowed = options_.watchdog_cycles + longest_stale();
  const auto is_long_ago = [&](Cycle since) { return since + allowed < now; };
  if (!is_long_ago(shared_.statistics.last_progress) || all_finished()) return;
  if (system_) {
    if (system_->progresses(allowed)) return;
    throw RunFailure(
        no_progress(now - shared_.statistics.last_progress, options_.watchdog_cycles, longest_stale()));
  }
  for (const auto& core : cores_) {
    const auto waiting = core->waiting();
    const bool idle =
        !waiting && (core->finished() || replay_ || driver_);  // all cores but those that act are idle
    if (!idle && (!waiting || !is_long_ago(waiting->since))) return;
  }
  throw RunFailure(
      no_progress(now - shared_.statistics.last_progress, options_.watchdog_cycles, longest_stale()));
}

void MachineFrame::check_end() const {
  if (!all_finished()) throw RunFailure(report("deadlock: cores wait, and nothing is scheduled"));
  if (unfinished() != 0)
    throw RunFailure(report("the run has ended with transactions that nobody completes"));
}

// What is wrong, who waits for whom, what is in flight, and how the oldest stuck line got there.
std::string MachineFrame::report(const std::string& what) const {
  std::ostringstream text;
  text << what << "\nat cycle " << calendar_.now() << "\n";
  std::optional<Core::Waiting> oldest;
  int shown = 0;
  for (std::size_t i = 0; i < cores_.size(); ++i) {
    const auto waiting = cores_[i]->waiting();
    if (!waiting) continue;
    const bool turn = waiting->kind == traces::Kind::await;
    if (!turn && (!oldest || waiting->since < oldest->since)) oldest = waiting;
    if (++shown > most_reported) continue;
    if (turn) {
      text << "  core " << i << " waits since cycle " << waiting->since << " for "
           << traces::describe_await(waiting->line, waiting->value) << "; it stands at "
           << order_->value(waiting->line) << "\n";
      continue;
    }
    text << "  core " << i << " waits since cycle " << waiting->since << " for a " << name_of(waiting->kind)
         << " of line " << waiting->line << ": " << describe(static_cast<NodeId>(i), waiting->line) << "\n";
  }
  if (shown > most_reported) text << "  and " << shown - most_reported << " more cores wait\n";
  if (system_) text << system_->report();
  text << describe_flights();
  if (oldest) {
    text << "last transitions of line " << oldest->line << ":\n";
    shared_.log.each([&](const Transition& t) {
      if (t.line == oldest->line) text << "  " << describe(t) << "\n";
    });
  }
  return text.str();
}

}  // namespace baton::sim
