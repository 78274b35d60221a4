#include "sim/experiment/runner.hpp"

#include <algorithm>
#include <list>
#include <map>

#include <poll.h>

#include "sim/experiment/task.hpp"

namespace baton::experiment {
namespace {

constexpr int poll_ms = 100;
constexpr std::size_t no_task = static_cast<std::size_t>(-1);

/// What the tasks of one experiment are and have become. A task serves every point that needs the same
/// simulation.
struct Plan {
  struct Entry {
    std::size_t point;  ///< the first that needs it
    bool baseline;
    std::string key;
    std::optional<Measured> measured;
    std::string profile;
    std::string timeline_error;
    std::string report;
    bool bad_input = false;
  };
  std::vector<Entry> tasks;
  std::vector<std::size_t> of_point;     ///< task of a point
  std::vector<std::size_t> baseline_of;  ///< no_task if it has none
};

Task make_task(const Point& point, bool baseline) {
  Task task;
  task.config = point.config;
  task.seed = point.seed;
  task.baseline = baseline;
  if (baseline) {
    // What does not change the figures does not make another baseline.
    task.config.options.check = false;
    task.config.options.exact_events = false;
    task.config.options.cells = false;
    task.config.options.per_core = false;
    task.config.options.lines = 0;
  }
  return task;
}

Plan make_plan(const Experiment& experiment) {
  Plan plan;
  std::map<std::string, std::size_t> by_key;
  const auto place = [&](std::size_t point, bool baseline) {
    std::string key = make_task(experiment.points[point], baseline).key();
    const auto [at, fresh] = by_key.try_emplace(key, plan.tasks.size());
    if (fresh) plan.tasks.push_back({point, baseline, std::move(key), {}, {}, {}, {}});
    return at->second;
  };
  for (std::size_t i = 0; i < experiment.points.size(); ++i) {
    plan.of_point.push_back(place(i, false));
    plan.baseline_of.push_back(experiment.points[i].config.options.efficiency ? place(i, true) : no_task);
  }
  return plan;
}

Measured to_measured(const TaskResult& result, ColumnTable& columns) {
  Measured measured;
  measured.seconds = result.seconds;
  measured.lines = result.lines;
  for (const sim::Measurement& item : result.measurements) {
    measured.values.emplace_back(columns.number({item.name, item.unit, item.meaning}), item.value);
  }
  return measured;
}

std::optional<double> throughput(const Measured& measured, const ColumnTable& columns) {
  for (const auto& [column, value] : measured.values) {
    if (columns[column].name != "throughput") continue;
    if (const auto* real = std::get_if<double>(&value)) return *real;
    if (const auto* whole = std::get_if<std::uint64_t>(&value)) return static_cast<double>(*whole);
  }
  return std::nullopt;
}

class Pool {
 public:
  Pool(const Experiment& experiment, const RunnerOptions& options, ColumnTable& columns, Plan& plan)
      : experiment_(experiment), options_(options), columns_(columns), plan_(plan) {}

  /// False if it was stopped.
  bool run() {
    take_finished();
    while (progress_.done < progress_.total) {
      start_more();
      wait();
      collect();
      report();
      if (options_.stop && options_.stop()) return false;
    }
    report();
    return true;
  }

 private:
  struct Running {
    std::size_t task;
    Child child;
  };

  void take_finished() {
    progress_.total = plan_.tasks.size();
    if (options_.checkpoint == nullptr) return;
    for (Plan::Entry& task : plan_.tasks) {
      const auto at = options_.checkpoint->finished().find(task.key);
      if (at == options_.checkpoint->finished().end()) continue;
      task.measured = at->second;
      ++progress_.done;
      ++progress_.resumed;
    }
  }

  void start_more() {
    for (; running_.size() < static_cast<std::size_t>(options_.jobs) && next_ < plan_.tasks.size(); ++next_) {
      const Plan::Entry& task = plan_.tasks[next_];
      if (task.measured) continue;
      Task job = make_task(experiment_.points[task.point], task.baseline);
      job.profile = options_.profile && !task.baseline;
      if (!task.baseline) job.timeline = options_.timeline;
      job.title = experiment_.name + ", " + point_name(experiment_, experiment_.points[task.point]);
      running_.push_back({next_, Child(job)});
    }
  }

  void wait() const {
    std::vector<pollfd> descriptors;
    for (const Running& running : running_) {
      // poll() passes over a negative one, which is closed already.
      descriptors.push_back({running.child.result_descriptor(), POLLIN, 0});
      descriptors.push_back({running.child.error_descriptor(), POLLIN, 0});
    }
    poll(descriptors.data(), descriptors.size(), poll_ms);  // a signal ends it early, and stop() is asked
  }

  void collect() {
    for (auto running = running_.begin(); running != running_.end();) {
      if (!running->child.read_some()) {
        ++running;
        continue;
      }
      finish(plan_.tasks[running->task], running->child.finish());
      running = running_.erase(running);
    }
  }

  void finish(Plan::Entry& task, TaskResult result) {
    ++progress_.done;
    if (result.status != TaskResult::Status::done) {
      task.report = std::move(result.report);
      task.bad_input = result.status == TaskResult::Status::bad_input;
      return;
    }
    task.measured = to_measured(result, columns_);
    task.profile = std::move(result.profile);
    task.timeline_error = std::move(result.timeline_error);
    if (task.baseline) {
      std::erase_if(task.measured->values,
                    [&](const auto& value) { return columns_[value.first].name != "throughput"; });
    }
    if (options_.checkpoint != nullptr) options_.checkpoint->add(task.key, *task.measured);
  }

  void report() {
    if (!options_.progress) return;
    progress_.running.clear();
    for (const Running& running : running_) {
      const Plan::Entry& task = plan_.tasks[running.task];
      progress_.running.push_back(point_name(experiment_, experiment_.points[task.point]) +
                                  (task.baseline ? " (one core)" : ""));
    }
    options_.progress(progress_);
  }

  const Experiment& experiment_;
  const RunnerOptions& options_;
  ColumnTable& columns_;
  Plan& plan_;
  std::size_t next_ = 0;
  std::list<Running> running_;
  Progress progress_;
};

/// At most one failure a point, for failures are counted as points. A simulation that several points need is
/// reported in full at the first: `reported` has the points' names.
void gather_failure(const Experiment& experiment, const Plan& plan, std::size_t point,
                    std::map<std::size_t, std::string>& reported, SweepOutcome& outcome) {
  const std::string name = point_name(experiment, experiment.points[point]);
  std::optional<Failure> failure;
  for (const std::size_t index : {plan.of_point[point], plan.baseline_of[point]}) {
    if (index == no_task || plan.tasks[index].report.empty()) continue;
    const Plan::Entry& task = plan.tasks[index];
    const std::string where = name + (task.baseline ? " (one core)" : "");
    const auto [first, fresh] = reported.try_emplace(index, where);
    const std::string report =
        fresh ? task.report : "it needs the simulation that failed at " + first->second;
    if (!failure) {
      failure = Failure{where, report, task.bad_input};
    } else {
      failure->report += "\nand at " + where + ":\n" + report;
      failure->bad_input &= task.bad_input;
    }
  }
  if (failure) outcome.failures.push_back(*std::move(failure));
}

}  // namespace

namespace {

/// Folded stacks with the point as their outermost frame, in which ';' would be the end of a frame.
std::string under_point(std::string point, const std::string& stacks) {
  std::ranges::replace(point, ';', ',');
  std::string text;
  for (std::size_t at = 0; at < stacks.size();) {
    const std::size_t end = stacks.find('\n', at) + 1;
    text.append(point).append(";").append(stacks, at, end - at);
    at = end;
  }
  return text;
}

}  // namespace

std::string point_name(const Experiment& experiment, const Point& point) {
  std::string name;
  for (std::size_t i = 0; i < experiment.axes.size(); ++i) {
    const Json& label = point.labels[i];
    name.append(experiment.axes[i]).append("=");
    name.append(bare_text(label)).append(", ");
  }
  return name + "seed=" + std::to_string(point.seed);
}

SweepOutcome run_points(const Experiment& experiment, const RunnerOptions& options, ColumnTable& columns) {
  Plan plan = make_plan(experiment);
  SweepOutcome outcome;
  outcome.interrupted = !Pool(experiment, options, columns, plan).run();
  std::map<std::size_t, std::string> reported;
  for (std::size_t i = 0; i < experiment.points.size(); ++i) {
    const Plan::Entry& task = plan.tasks[plan.of_point[i]];
    outcome.points.push_back(task.measured);
    if (!task.timeline_error.empty()) outcome.timeline_error = task.timeline_error;
    if (experiment.points.size() == 1)
      outcome.profile = task.profile;
    else
      outcome.profile += under_point(point_name(experiment, experiment.points[i]), task.profile);
    const std::size_t baseline = plan.baseline_of[i];
    const bool known = baseline != no_task && plan.tasks[baseline].measured;
    outcome.baselines.push_back(known ? throughput(*plan.tasks[baseline].measured, columns) : std::nullopt);
    gather_failure(experiment, plan, i, reported, outcome);
  }
  return outcome;
}

}  // namespace baton::experiment
