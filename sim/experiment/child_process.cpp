#include "sim/experiment/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace baton::experiment {
namespace {

[[noreturn]] void child_main(const std::function<std::string()>& work, pid_t parent, int result, int errors) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);   // not even kill -9 of the parent leaves children behind
  if (getppid() != parent) _exit(1);  // it died before prctl
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
  std::signal(SIGPIPE, SIG_DFL);
  const int null = open("/dev/null", O_RDWR);
  dup2(null, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);  // SystemC announces itself on standard output
  dup2(errors, STDERR_FILENO);
  const std::string text = work();
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

ChildProcess::ChildProcess(const std::function<std::string()>& work)
    : start_(std::chrono::steady_clock::now()) {
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
  if (process_ == 0) child_main(work, parent, result[1], errors[1]);
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

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : process_(std::exchange(other.process_, -1)),
      result_(std::exchange(other.result_, {})),
      errors_(std::exchange(other.errors_, {})),
      start_(other.start_) {}

ChildProcess::~ChildProcess() {
  if (process_ > 0) {
    kill(process_, SIGKILL);
    while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  for (const int descriptor : {result_.descriptor, errors_.descriptor}) {
    if (descriptor >= 0) close(descriptor);
  }
}

void ChildProcess::drain(Pipe& pipe, std::size_t keep) {
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

bool ChildProcess::read_some() {
  drain(result_, std::string::npos);
  drain(errors_, 16384);  // the end of what a crash says is enough
  return result_.descriptor < 0 && errors_.descriptor < 0;
}

ChildProcess::Ended ChildProcess::finish() {
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  Ended ended;
  ended.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  ended.normally = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  ended.text = std::move(result_.text);
  ended.report = WIFSIGNALED(status) ? "the simulation crashed (" + signal_text(WTERMSIG(status)) + ")"
                                     : "the simulation ended without a result (status " +
                                           std::to_string(WEXITSTATUS(status)) + ")";
  if (!errors_.text.empty()) ended.report += "; its last words:\n" + errors_.text;
  while (ended.report.ends_with('\n')) ended.report.pop_back();
  return ended;
}

}  // namespace baton::experiment
