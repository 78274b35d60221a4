#include "sim/machine/system/ledger.hpp"

#include <algorithm>
#include <cmath>

namespace baton::sim {

using programs::Mark;

Ledger::Ledger(const programs::Run& run, std::uint64_t clock_hz, std::uint64_t granularity_ps, bool profile)
    : run_(run),
      period_ps_(1e12 / static_cast<double>(clock_hz)),
      granularity_ps_(static_cast<double>(granularity_ps)),
      phase_cycles_(run.names().phases.size()),
      latency_(run.names().kinds.size()),
      profile_(profile ? std::make_unique<Profile>(run.names()) : nullptr) {}

// What a clock that ticks so rarely shows: the difference of two readings, in cycles.
Cycle Ledger::measured(Cycle from, Cycle to) const {
  if (granularity_ps_ == 0) return to - from;
  const auto tick = [this](Cycle at) {
    return std::floor(static_cast<double>(at) * period_ps_ / granularity_ps_);
  };
  return static_cast<Cycle>(std::llround((tick(to) - tick(from)) * granularity_ps_ / period_ps_));
}

// The frame of the profile that the thread is in.
void Ledger::locate(Account& account) {
  if (!profile_) return;
  account.node = Profile::root;
  if (account.in_operation) account.node = profile_->operation(account.node, account.kind);
  for (const auto& phase : account.phases) account.node = profile_->phase(account.node, phase.number);
}

bool Ledger::apply(Account& account, const Mark& mark) {
  switch (mark.what) {
    case Mark::What::begin:
      account.in_operation = true;
      account.kind = mark.number;
      account.begun = account.since;
      break;
    case Mark::What::end:
      account.in_operation = false;
      latency_[account.kind].add(measured(account.begun, account.since));
      break;
    case Mark::What::enter: {
      const bool inner = std::any_of(account.phases.begin(), account.phases.end(),
                                     [&](const auto& phase) { return phase.number == mark.number; });
      account.phases.push_back({mark.number, !inner, account.since});
      break;
    }
    case Mark::What::leave:
      leave(account);
      break;
  }
  locate(account);
  return mark.what == Mark::What::end;
}

void Ledger::leave(Account& account) {
  if (account.phases.empty()) throw RunFailure("a program leaves a phase that it has not entered");
  const Account::Phase phase = account.phases.back();
  account.phases.pop_back();
  if (phase.outermost) phase_cycles_[phase.number] += account.since - phase.since;
}

void Ledger::close(Account& account) {
  while (!account.phases.empty()) leave(account);
  account.phases.shrink_to_fit();
}

void Ledger::add_kind(std::size_t kind, double seconds, std::vector<Measurement>& rows) const {
  const std::string& name = run_.names().kinds[kind];
  const Histogram& latency = latency_[kind];
  const bool some = latency.count() != 0;
  rows.push_back(
      {"operations_" + name, "operations", name + " operations that were completed", latency.count()});
  rows.push_back({"throughput_" + name, "operations/s", name + " operations per simulated second", {}});
  if (seconds > 0) rows.back().value = static_cast<double>(latency.count()) / seconds;
  rows.push_back({"latency_mean_" + name, "cycles", "mean latency of " + name, {}});
  if (some) rows.back().value = latency.mean();
  for (const auto& [label, fraction] :
       {std::pair{"p25", 0.25}, {"p50", 0.5}, {"p75", 0.75}, {"p90", 0.9}, {"p99", 0.99}, {"p99_9", 0.999}}) {
    rows.push_back({"latency_" + std::string(label) + "_" + name,
                    "cycles",
                    std::string(label) + " latency of " + name + ", at most 1/64 too high",
                    {}});
    if (some) rows.back().value = latency.percentile(fraction);
  }
  rows.push_back({"latency_max_" + name, "cycles", "longest latency of " + name, {}});
  if (some) rows.back().value = latency.max();
}

void Ledger::add_measurements(Cycle cycles, std::vector<Measurement>& rows) const {
  const programs::Names& names = run_.names();
  const auto count = [&rows](std::string name, std::string unit, std::string meaning, std::uint64_t value) {
    rows.push_back({std::move(name), std::move(unit), std::move(meaning), value});
  };
  const double seconds = static_cast<double>(cycles) * period_ps_ * 1e-12;
  for (std::size_t kind = 0; kind < names.kinds.size(); ++kind) add_kind(kind, seconds, rows);
  for (std::size_t i = 0; i < names.counters.size(); ++i)
    count("count_" + names.counters[i], "1", "the program's counter " + names.counters[i],
          run_.counters()[i]);
  for (std::size_t i = 0; i < names.phases.size(); ++i)
    count("phase_cycles_" + names.phases[i], "cycles",
          "of all threads in the phase " + names.phases[i] + ", waiting and nested phases included",
          phase_cycles_[i]);
  count("thread_count", "1", "threads of the program", run_.threads());
  std::uint64_t all = 0;
  for (const std::uint64_t part : cause_cycles_) all += part;
  count("thread_cycles", "cycles", "lives of all threads", all);
  for (std::size_t i = 0; i < causes; ++i)
    if (static_cast<Cause>(i) != Cause::order || !run_.has_values())
      count("thread_cycles_" + std::string(cause_infos[i].name), "cycles",
            "of all threads " + std::string(cause_infos[i].meaning), cause_cycles_[i]);
  count("context_switches", "1", "a core went over to another thread", counts.context_switches);
  count("migrations", "1", "context switches to a thread that ran on another core before", counts.migrations);
  count("preemptions", "1", "threads that lost their core at the end of a time slice", counts.preemptions);
  count("injected_preemptions", "1", "pre-emptions that the workload injected", counts.injected_preemptions);
  count("futex_waits", "1", "waits on a futex that slept", counts.futex_waits);
  count("futex_wakes", "1", "threads woken from a futex", counts.futex_wakes);
}

}  // namespace baton::sim
