#pragma once
// Runs a function in a process of its own: SystemC elaborates once a process, and a test case wants many
// machines.

#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/machine/simulate.hpp"
#include "traces/error.hpp"

namespace baton::test {

struct Ended {
  enum class How : char { value = 'v', run_failure = 'r', input_error = 'i', other = 'o' };
  How how = How::other;
  std::string text;  ///< what the function returned, or what() of what it threw
};

/// A child that runs longer than this many seconds is killed: it hangs.
inline constexpr unsigned child_limit_s = 30;

namespace detail {

template <class F>
std::string run_tagged(F& f) {
  try {
    return 'v' + f();
  } catch (const sim::RunFailure& failure) {
    return std::string("r") + failure.what();
  } catch (const traces::InputError& error) {
    return std::string("i") + error.what();
  } catch (const std::exception& error) {
    return std::string("o") + error.what();
  }
}

template <class F>
[[noreturn]] void child_main(F& f, int out) {
  for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGILL, SIGTERM}) std::signal(signal, SIG_DFL);
  alarm(child_limit_s);
  const int null = open("/dev/null", O_WRONLY);
  dup2(null, STDOUT_FILENO);  // SystemC announces that it stops
  const std::string text = run_tagged(f);
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = write(out, text.data() + done, text.size() - done);
    if (n <= 0) _exit(1);
    done += static_cast<std::size_t>(n);
  }
  _exit(0);
}

}  // namespace detail

/// `f` returns a std::string. Assertions of the test framework have no effect in it.
template <class F>
Ended in_child(F f) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("pipe");
  std::fflush(nullptr);
  const pid_t process = fork();
  if (process < 0) throw std::runtime_error("fork");
  if (process == 0) {
    close(ends[0]);
    detail::child_main(f, ends[1]);
  }
  close(ends[1]);
  std::string text;
  char buffer[65536];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  waitpid(process, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || text.empty())
    return {Ended::How::other, WIFSIGNALED(status) ? "killed by signal " + std::to_string(WTERMSIG(status))
                                                   : std::string("the child failed")};
  return {static_cast<Ended::How>(text[0]), text.substr(1)};
}

}  // namespace baton::test
