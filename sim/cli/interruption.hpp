#pragma once
// Ctrl-C as a question: long work looks now and then whether it should stop.

#include <csignal>

namespace baton::cli {

/// While it lives, SIGINT and SIGTERM no longer end the program.
class Interruption {
 public:
  Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  /// Has one of them come since?
  bool requested() const;

 private:
  struct sigaction interrupt_ {};
  struct sigaction terminate_ {};
};

}  // namespace baton::cli
