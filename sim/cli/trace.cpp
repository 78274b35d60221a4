// baton trace

#include "sim/cli/command.hpp"

namespace baton::cli {

int trace_command(const Arguments&) {
  bad_usage("baton trace", "is not there yet");
}

}  // namespace baton::cli
