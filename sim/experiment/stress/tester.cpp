#include "sim/experiment/stress/tester.hpp"

#include <algorithm>
#include <filesystem>
#include <list>

#include <poll.h>

#include "sim/experiment/output_file.hpp"

namespace baton::experiment {
namespace {

constexpr int poll_ms = 100;

/// A case's simulations, which run at once.
class CaseRun {
 public:
  CaseRun(const StressCase& stress_case, const std::string& folder)
      : trace_(std::filesystem::absolute(folder) / (stress_case.name + ".running.trace")) {
    Task task{replay_point(stress_case, trace_), 1, false};
    write_whole(trace_, trace_text(stress_case));
    children_.emplace_back(task);
    if (!stress_case.compares) return;
    task.config.options.exact_events = true;
    children_.emplace_back(task);
  }
  CaseRun(const CaseRun&) = delete;
  CaseRun& operator=(const CaseRun&) = delete;
  ~CaseRun() {
    std::error_code ignored;
    std::filesystem::remove(trace_, ignored);
  }

  void add_descriptors(std::vector<pollfd>& descriptors) const {
    for (const Child& child : children_) {
      // poll() passes over a negative one, which is closed already.
      descriptors.push_back({child.result_descriptor(), POLLIN, 0});
      descriptors.push_back({child.error_descriptor(), POLLIN, 0});
    }
  }
  /// True when all have ended.
  bool read_some() {
    bool ended = true;
    for (Child& child : children_) ended &= child.read_some();
    return ended;
  }
  /// After read_some() has said true: why the case failed, "" if it did not.
  std::string finish() {
    std::vector<TaskResult> results;
    for (Child& child : children_) {
      results.push_back(child.finish());
      if (results.back().status != TaskResult::Status::done) return results.back().report;
    }
    for (const auto& measurement : results.front().measurements)
      if (measurement.name == "messages") messages_ = std::get<std::uint64_t>(measurement.value);
    return results.size() == 1 ? "" : difference(results[0].measurements, results[1].measurements);
  }
  std::uint64_t messages() const { return messages_; }

 private:
  std::string trace_;
  std::vector<Child> children_;
  std::uint64_t messages_ = 0;
};

void wait_for(const std::vector<const CaseRun*>& runs) {
  std::vector<pollfd> descriptors;
  for (const CaseRun* run : runs) run->add_descriptors(descriptors);
  poll(descriptors.data(), descriptors.size(), poll_ms);
}

class Tester {
 public:
  explicit Tester(const StressPlan& plan) : plan_(plan), failed_(plan.subjects.size()) {
    outcome_.tallies.resize(plan.subjects.size());
  }

  StressOutcome run(const std::function<void(const StressOutcome&)>& progress,
                    const std::function<bool()>& stop) {
    while (outcome_.failures.size() < plan_.subjects.size()) {
      while (running_.size() < static_cast<std::size_t>(plan_.jobs)) start_one();
      std::vector<const CaseRun*> runs;
      for (const Running& running : running_) runs.push_back(&running.run);
      wait_for(runs);
      collect();
      progress(outcome_);
      if (stop()) break;
    }
    return std::move(outcome_);
  }

 private:
  struct Running {
    Running(std::size_t s, StressCase c, const std::string& folder)
        : subject(s), stress_case(std::move(c)), run(stress_case, folder) {}
    std::size_t subject;
    StressCase stress_case;
    CaseRun run;
  };

  // The next subject that has not failed, with the next seed after all have had theirs.
  void start_one() {
    while (failed_[next_ % failed_.size()]) ++next_;
    const std::size_t subject = next_ % failed_.size();
    const std::uint64_t seed = plan_.first_seed + next_++ / failed_.size();
    const auto& [protocol, options] = plan_.subjects[subject];
    running_.emplace_back(subject, random_stress_case(*protocol, options, seed, plan_.cores), plan_.folder);
  }

  void collect() {
    for (auto running = running_.begin(); running != running_.end();) {
      if (!running->run.read_some()) {
        ++running;
        continue;
      }
      StressTally& tally = outcome_.tallies[running->subject];
      ++tally.cases;
      tally.accesses += running->stress_case.accesses.size();
      std::string report = running->run.finish();
      tally.messages += running->run.messages();
      if (!report.empty() && !failed_[running->subject]) {
        failed_[running->subject] = true;
        outcome_.failures.push_back({running->subject, std::move(running->stress_case), std::move(report)});
      }
      running = running_.erase(running);
    }
  }

  const StressPlan& plan_;
  std::vector<bool> failed_;
  std::uint64_t next_ = 0;
  std::list<Running> running_;
  StressOutcome outcome_;
};

}  // namespace

std::string difference(std::span<const sim::Measurement> fast, std::span<const sim::Measurement> exact) {
  std::vector<std::string> names;
  const auto add_missing = [&](std::span<const sim::Measurement> these,
                               std::span<const sim::Measurement> those, const auto& same) {
    for (const sim::Measurement& one : these)
      if (std::ranges::none_of(those, [&](const sim::Measurement& other) { return same(one, other); }))
        names.push_back(one.name);
  };
  add_missing(fast, exact, [](const auto& one, const auto& other) {
    return one.name == other.name && one.value == other.value;
  });
  add_missing(exact, fast, [](const auto& one, const auto& other) { return one.name == other.name; });
  if (names.empty()) return "";
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return "exact_events measures something else: " + text;
}

StressOutcome stress(const StressPlan& plan, const std::function<void(const StressOutcome&)>& progress,
                     const std::function<bool()>& stop) {
  return Tester(plan).run(progress, stop);
}

std::optional<std::string> failure_of(const StressCase& stress_case, const std::string& folder) {
  CaseRun run(stress_case, folder);
  while (!run.read_some()) wait_for({&run});
  std::string report = run.finish();
  if (report.empty()) return {};
  return report;
}

}  // namespace baton::experiment
