#include "sim/experiment/task.hpp"

#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "traces/error.hpp"

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
    std::string profile;
    if (task.profile) options.profile = &profile;
    Json list = Json::array();
    for (const sim::Measurement& measurement :
         sim::simulate(config.machine, config.protocol, *workload, options)) {
      list.push_back(to_json(measurement));
    }
    return {{"status", "done"}, {"measurements", std::move(list)}, {"profile", std::move(profile)}};
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

[[noreturn]] void child_main(const Task& task, pid_t parent, int result, int errors) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);   // not even kill -9 of the parent leaves children behind
  if (getppid() != parent) _exit(1);  // it died before prctl
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
  std::signal(SIGPIPE, SIG_DFL);
  const int null = open("/dev/null", O_RDWR);
  dup2(null, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);  // SystemC announces itself on standard output
  dup2(errors, STDERR_FILENO);
  const std::string text = run(task).dump(-1, ' ', false, Json::error_handler_t::replace);
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t n = write(result, text.data() + sent, text.size() - sent);
    if (n < 0 && errno != EINTR) _exit(1);
    if (n > 0) sent += static_cast<std::size_t>(n);
  }
  _exit(0);  // no destructors: the parent's buffers and SystemC's modules are not ours to tidy
}

std::string signal_text(int signal) {
  const char* name = sigabbrev_np(signal);
  return std::string("SIG") + (name == nullptr ? std::to_string(signal) : name);
}

}  // namespace

std::string Task::key() const {
  std::string text = write_point(config).dump() + "|" + std::to_string(seed);
  struct stat file {};
  if (config.workload.kind == "trace" && stat(trace_path(config.workload).c_str(), &file) == 0) {
    text += "|" + std::to_string(file.st_size) + "|" + std::to_string(file.st_mtim.tv_sec) + "." +
            std::to_string(file.st_mtim.tv_nsec);
  }
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
  return (baseline ? "baseline-" : "point-") + std::string(digits);
}

Child::Child(const Task& task) : start_(std::chrono::steady_clock::now()) {
  int result[2];
  int errors[2];
  if (pipe2(result, O_CLOEXEC) != 0)
    throw std::runtime_error(std::string("no pipe: ") + std::strerror(errno));
  if (pipe2(errors, O_CLOEXEC) != 0) {
    close(result[0]);
    close(result[1]);
    throw std::runtime_error(std::string("no pipe: ") + std::strerror(errno));
  }
  std::fflush(nullptr);  // or the child would write the parent's buffers once more
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ == 0) child_main(task, parent, result[1], errors[1]);
  close(result[1]);
  close(errors[1]);
  result_.descriptor = result[0];
  errors_.descriptor = errors[0];
  for (const int descriptor : {result[0], errors[0]}) fcntl(descriptor, F_SETFL, O_NONBLOCK);
  if (process_ < 0) {
    close(result[0]);
    close(errors[0]);
    throw std::runtime_error(std::string("no process: ") + std::strerror(errno));
  }
}

Child::Child(Child&& other) noexcept
    : process_(std::exchange(other.process_, -1)),
      result_(std::exchange(other.result_, {})),
      errors_(std::exchange(other.errors_, {})),
      start_(other.start_) {}

Child::~Child() {
  if (process_ > 0) {
    kill(process_, SIGKILL);
    while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  for (const int descriptor : {result_.descriptor, errors_.descriptor}) {
    if (descriptor >= 0) close(descriptor);
  }
}

void Child::drain(Pipe& pipe, std::size_t keep) {
  char buffer[65536];
  while (pipe.descriptor >= 0) {
    const ssize_t n = read(pipe.descriptor, buffer, sizeof buffer);
    if (n > 0) {
      pipe.text.append(buffer, static_cast<std::size_t>(n));
      if (pipe.text.size() > keep) pipe.text.erase(0, pipe.text.size() - keep);
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    close(pipe.descriptor);
    pipe.descriptor = -1;
  }
}

bool Child::read_some() {
  drain(result_, std::string::npos);
  drain(errors_, 16384);  // the end of what a crash says is enough
  return result_.descriptor < 0 && errors_.descriptor < 0;
}

TaskResult Child::finish() {
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  TaskResult result;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const Json json = Json::parse(result_.text, nullptr, false);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && json.is_object()) {
    if (json["status"] == "done") {
      result.status = TaskResult::Status::done;
      for (const Json& item : json["measurements"]) result.measurements.push_back(to_measurement(item));
      result.profile = json["profile"].get<std::string>();
    } else {
      result.status =
          json["status"] == "bad_input" ? TaskResult::Status::bad_input : TaskResult::Status::failed;
      result.report = json["report"].get<std::string>();
    }
    return result;
  }
  result.report = WIFSIGNALED(status) ? "the simulation crashed (" + signal_text(WTERMSIG(status)) + ")"
                                      : "the simulation ended without a result (status " +
                                            std::to_string(WEXITSTATUS(status)) + ")";
  if (!errors_.text.empty()) result.report += "; its last words:\n" + errors_.text;
  while (result.report.ends_with('\n')) result.report.pop_back();
  return result;
}

}  // namespace baton::experiment
