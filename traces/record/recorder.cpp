#include "traces/record/recorder.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <optional>
#include <thread>

#include <fcntl.h>
#include <sys/personality.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "traces/error.hpp"
#include "traces/format/writer.hpp"
#include "traces/record/collector.hpp"
#include "traces/record/shared_memory.hpp"

namespace baton::record {
namespace {

using traces::InputError;
using traces::format::Properties;
using Clock = std::chrono::steady_clock;

/// A recording ends when the disk has less room than this.
constexpr std::uint64_t spare_disk_bytes = std::uint64_t{256} << 20;

std::string quoted(const std::vector<std::string>& command) {
  std::string text;
  for (const std::string& word : command) {
    const bool plain =
        !word.empty() && word.find_first_of(" \t\n\"'\\$&|;<>()*?[]{}`#~!") == std::string::npos;
    text += text.empty() ? "" : " ";
    text += plain ? word : "'" + word + "'";
  }
  return text;
}

std::string utc_time() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

Properties first_properties(const Options& options) {
  Properties properties{{"program", options.command[0]},
                        {"command", quoted(options.command)},
                        {"recorder", "baton record 1"},
                        {"started", utc_time()}};
  utsname system{};
  if (uname(&system) == 0) {
    properties.emplace_back("host", std::string(system.sysname) + " " + system.release + " " +
                                        system.machine + ", " +
                                        std::to_string(std::thread::hardware_concurrency()) + " processors");
  }
  if (options.work) {
    properties.emplace_back("work_cycles_per_second",
                            std::to_string(static_cast<std::uint64_t>(cycles_per_second())));
    if (options.work_cap_us != 0) properties.emplace_back("work_cap_us", std::to_string(options.work_cap_us));
  } else {
    properties.emplace_back("work", "not measured");
  }
  if (options.yield_every != 0) properties.emplace_back("yield_every", std::to_string(options.yield_every));
  if (!options.own_stack) properties.emplace_back("own_stack", "left out");
  if (options.region) properties.emplace_back("region", "only inside");
  return properties;
}

volatile pid_t running = 0;

/// The program is to end; then its recording is finished.
void pass_on(int signal) {
  if (running > 0) kill(running, signal);
}

/// The program, as long as it runs. Ctrl-C at the terminal reaches the program by itself; what asks us to end
/// is passed on. Either way its recording is kept.
class Program {
 public:
  Program(const std::vector<std::string>& command, const std::string& memory) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) throw InputError(command[0], "", std::strerror(errno));
    for (std::size_t i = 0; i < signals.size(); ++i) {
      struct sigaction action {};
      action.sa_handler = signals[i] == SIGINT || signals[i] == SIGQUIT ? SIG_IGN : pass_on;
      action.sa_flags = SA_RESTART;
      sigaction(signals[i], &action, &before_[i]);
    }
    running = 0;
    id_ = fork();
    if (id_ == 0) run(command, memory, report[1]);
    running = id_;
    close(report[1]);
    int error = id_ < 0 ? errno : 0;
    if (id_ > 0 && read(report[0], &error, sizeof error) != sizeof error) error = 0;
    close(report[0]);
    if (error == 0) return;
    if (id_ > 0) waitpid(id_, nullptr, 0);
    restore();
    throw InputError(command[0], "", std::string("cannot be run: ") + std::strerror(error));
  }
  ~Program() {
    if (!status_ && id_ > 0) waitpid(id_, nullptr, 0);
    restore();
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  bool ended() {
    int status = 0;
    if (!status_ && waitpid(id_, &status, WNOHANG) == id_) {
      status_ = status;
      running = 0;
    }
    return status_.has_value();
  }
  int status() const { return *status_; }

 private:
  static constexpr std::array<int, 4> signals{SIGINT, SIGQUIT, SIGTERM, SIGHUP};

  [[noreturn]] void run(const std::vector<std::string>& command, const std::string& memory, int report) {
    restore();
    setenv(environment_variable, memory.c_str(), 1);
    // The same addresses in every run, if the system lets us.
    const int persona = personality(0xffffffff);
    if (persona != -1) personality(static_cast<unsigned long>(persona) | ADDR_NO_RANDOMIZE);
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    execvp(arguments[0], arguments.data());
    const int error = errno;
    [[maybe_unused]] const ssize_t told = write(report, &error, sizeof error);
    _exit(127);
  }
  void restore() {
    for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &before_[i], nullptr);
  }

  pid_t id_ = -1;
  std::optional<int> status_;
  std::array<struct sigaction, signals.size()> before_{};
};

bool disk_is_full(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  struct statvfs disk {};
  if (statvfs(folder.empty() ? "." : folder.c_str(), &disk) != 0) return false;
  return std::uint64_t{disk.f_bavail} * disk.f_frsize < spare_disk_bytes;
}

/// Which limit has been reached; empty if none.
class Limits {
 public:
  explicit Limits(const Options& options) : options_(options) {}

  std::string reached(const Control& control, std::uint64_t bytes) {
    if (control.out_of_budget.load(std::memory_order_relaxed) != 0) return "records";
    if (options_.bytes != 0 && bytes >= options_.bytes) return "bytes";
    const auto now = Clock::now();
    if (options_.seconds > 0 && now - begin_ >= std::chrono::duration<double>(options_.seconds))
      return "seconds";
    if (now - disk_seen_ >= std::chrono::milliseconds(200)) {
      disk_seen_ = now;
      if (disk_is_full(options_.output)) return "disk";
    }
    return "";
  }

 private:
  const Options& options_;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point disk_seen_ = begin_ - std::chrono::seconds(1);
};

/// Stops the recording, so that the program does not wait for the collector, however this is left.
class Stop {
 public:
  explicit Stop(Control& control) : control_(control) {}
  ~Stop() { control_.level = Level::off; }

 private:
  Control& control_;
};

std::string ending(int status) {
  if (WIFEXITED(status)) return "exit " + std::to_string(WEXITSTATUS(status));
  return "signal " + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) + ")";
}

/// What the recording lacks, as properties of the file and as remarks.
std::vector<std::string> describe(const Control& control, const Options& options,
                                  traces::format::Writer& writer) {
  std::vector<std::string> remarks;
  const auto count = [&](std::uint64_t number, const char* key, const std::string& what) {
    if (number == 0) return;
    writer.property(key, std::to_string(number));
    remarks.push_back(std::to_string(number) + " " + what);
  };
  count(control.forks, "forks_not_recorded", "forked child(ren) not recorded");
  count(control.others, "processes_not_recorded", "other instrumented process(es) not recorded");
  count(control.threads_refused, "threads_not_recorded", "thread(s) not recorded: too many at once");
  count(control.unrecorded, "events_not_recorded", "event(s) in signal handlers not recorded");
  if (options.work) writer.property("work_capped", std::to_string(control.work_capped.load()));
  if (options.region && control.region_seen == 0) {
    remarks.push_back(
        "the program marked no region (baton_region_begin of baton/record.h), so the recording has no access "
        "and cannot be replayed; without --region it has all");
  }
  return remarks;
}

void run_to_the_end(const Options& options, Control& control, Program& program,
                    traces::format::Writer& writer, Collector& collector, Outcome& outcome) {
  Limits limits(options);
  for (bool ended = false; !ended;) {
    ended = program.ended();
    if (outcome.limited.empty()) outcome.limited = limits.reached(control, writer.bytes());
    if (!outcome.limited.empty()) control.level = Level::off;
    if (!collector.collect() && !ended) std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
}

}  // namespace

Outcome record(const Options& options) {
  traces::format::Writer writer(options.output, first_properties(options));
  const SharedMemory memory(options);
  Control& control = memory.control();
  Collector collector(control, writer);
  Outcome outcome;
  int status = 0;
  {
    Program program(options.command, memory.path());
    const Stop stop(control);
    run_to_the_end(options, control, program, writer, collector, outcome);
    status = program.status();
  }
  if (control.program == 0) {
    throw InputError(
        options.command[0], "",
        "is not instrumented: it ended (" + ending(status) +
            ") without calling the recorder; compile and link it with baton-cc or baton-c++, or with "
            "baton_instrument() in CMake (traces/record/README.md)");
  }
  collector.finish();
  outcome.remarks = describe(control, options, writer);
  if (!outcome.limited.empty()) writer.property("limited", outcome.limited);
  if (const std::string compiler = collector.compiler(); !compiler.empty())
    writer.property("compiler", compiler);
  writer.property("ended", ending(status));
  outcome.too_large = options.bytes != 0 && writer.end_blocks() > options.bytes;
  if (outcome.too_large && outcome.limited.empty())
    writer.property("limited", "bytes, exceeded by the last blocks; complete");
  writer.finish();
  outcome.exited = WIFEXITED(status);
  outcome.status = outcome.exited ? WEXITSTATUS(status) : WTERMSIG(status);
  outcome.records = collector.records();
  outcome.threads = std::max(control.threads.load(), 1U);
  outcome.bytes = writer.bytes();
  return outcome;
}

}  // namespace baton::record
