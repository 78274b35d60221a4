#include "sim/experiment/task.hpp"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <utility>

#include <sys/stat.h>

#include "sim/experiment/contended_lines.hpp"
#include "sim/experiment/output_file.hpp"
#include "sim/experiment/problem.hpp"
#include "sim/machine/timeline.hpp"
#include "traces/error.hpp"
#include "traces/format/block.hpp"

namespace baton::experiment {
namespace {

Json to_json(const sim::Measurement& measurement) {
  Json value;
  if (const auto* count = std::get_if<std::uint64_t>(&measurement.value)) value = *count;
  // JSON has no NaN: what is no number does not exist.
  if (const auto* real = std::get_if<double>(&measurement.value); real && std::isfinite(*real)) value = *real;
  return Json::array({measurement.name, measurement.unit, measurement.meaning, value});
}

sim::Measurement to_measurement(const Json& json) {
  sim::Measurement measurement{
      json[0].get<std::string>(), json[1].get<std::string>(), json[2].get<std::string>(), {}};
  if (json[3].is_number_float()) {
    measurement.value = json[3].get<double>();
  } else if (json[3].is_number()) {
    measurement.value = json[3].get<std::uint64_t>();
  }
  return measurement;
}

Json failure(const char* status, const std::string& report) {
  return {{"status", status}, {"report", report}};
}

sim::Cycle last_cycle(const std::vector<sim::Measurement>& measurements) {
  for (const sim::Measurement& measurement : measurements)
    if (measurement.name == "cycles") return std::get<std::uint64_t>(measurement.value);
  return 0;
}

/// What went wrong: the figures are worth having without the timeline. Empty: nothing.
std::string write_timeline(const std::string& path, const std::string& text) {
  try {
    write_whole(path, text);
    return "";
  } catch (const InputProblems& problems) {
    return problems.what();
  }
}

/// What the child says to its parent.
Json run(const Task& task) {
  try {
    const PointConfig& config = task.config;
    const auto workload = make_workload(config.workload, config.machine, task.seed);
    sim::RunOptions options;
    options.check = config.options.check;
    options.exact_events = config.options.exact_events;
    options.cells = config.options.cells;
    options.per_core = config.options.per_core;
    options.watchdog_cycles = config.options.watchdog_cycles;
    options.first_core_only = task.baseline;
    options.seed = task.seed;
    std::string profile;
    if (task.profile) options.profile = &profile;
    sim::LineTable lines;
    sim::LineTouches touches(config.machine.cache.line_bytes);
    if (config.options.lines != 0 && !task.baseline) {
      options.lines = &lines;
      options.touches = &touches;
    }
    sim::Timeline timeline;
    if (!task.timeline.empty()) options.timeline = &timeline;
    const auto measurements = sim::simulate(config.machine, config.protocol, *workload, options);
    Json list = Json::array();
    for (const sim::Measurement& measurement : measurements) list.push_back(to_json(measurement));
    Json done{{"status", "done"}, {"measurements", std::move(list)}, {"profile", std::move(profile)}};
    if (options.lines != nullptr) done["lines"] = describe_lines(lines, touches, config, task.seed).dump();
    if (options.timeline != nullptr)
      done["timeline_error"] =
          write_timeline(task.timeline, timeline.json(task.title, last_cycle(measurements)));
    return done;
  } catch (const traces::InputError& error) {
    return failure("bad_input", error.what());
  } catch (const sim::RunFailure& error) {
    return failure("failed", error.what());
  } catch (const std::bad_alloc&) {
    return failure("failed", "there is not enough memory for this point");
  } catch (const std::exception& error) {
    return failure("failed", std::string("unexpected error: ") + error.what());
  }
}

}  // namespace

std::string hash_text(std::string_view bytes) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx",
                static_cast<unsigned long long>(traces::format::checksum(bytes)));
  return digits;
}

std::string Task::key() const {
  std::string text = write_point(config).dump() + "|" + std::to_string(seed);
  if (config.workload.kind == "trace")
    for (const std::string& path : trace_files(config.workload)) {
      struct stat file {};
      if (stat(path.c_str(), &file) != 0) continue;
      text += "|" + std::to_string(file.st_size) + "|" + std::to_string(file.st_mtim.tv_sec) + "." +
              std::to_string(file.st_mtim.tv_nsec);
    }
  return (baseline ? "baseline-" : "point-") + hash_text(text);
}

Child::Child(const Task& task)
    : process_([&] { return run(task).dump(-1, ' ', false, Json::error_handler_t::replace); }) {}

TaskResult Child::finish() {
  ChildProcess::Ended ended = process_.finish();
  TaskResult result;
  result.seconds = ended.seconds;
  const Json json = Json::parse(ended.text, nullptr, false);
  if (!ended.normally || !json.is_object()) {
    result.report = std::move(ended.report);
    return result;
  }
  if (json["status"] == "done") {
    result.status = TaskResult::Status::done;
    for (const Json& item : json["measurements"]) result.measurements.push_back(to_measurement(item));
    result.profile = json["profile"].get<std::string>();
    result.lines = json.value("lines", std::string());
    result.timeline_error = json.value("timeline_error", std::string());
  } else {
    result.status =
        json["status"] == "bad_input" ? TaskResult::Status::bad_input : TaskResult::Status::failed;
    result.report = json["report"].get<std::string>();
  }
  return result;
}

}  // namespace baton::experiment
