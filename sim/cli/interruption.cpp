#include "sim/cli/interruption.hpp"

namespace baton::cli {
namespace {

volatile std::sig_atomic_t stopped = 0;

void stop(int) {
  stopped = 1;
}

}  // namespace

Interruption::Interruption() {
  stopped = 0;
  struct sigaction action {};
  action.sa_handler = stop;  // without SA_RESTART: a poll() must return
  sigaction(SIGINT, &action, &interrupt_);
  sigaction(SIGTERM, &action, &terminate_);
}

Interruption::~Interruption() {
  sigaction(SIGINT, &interrupt_, nullptr);
  sigaction(SIGTERM, &terminate_, nullptr);
}

bool Interruption::requested() const {
  return stopped != 0;
}

}  // namespace baton::cli
