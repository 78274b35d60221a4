#include "sim/experiment/stress/shrink.hpp"

#include <algorithm>

namespace baton::experiment {
namespace {

using Fails = std::function<bool(const StressCase&)>;
using Stop = std::function<bool()>;

StressCase without(const StressCase& all, std::size_t begin, std::size_t end) {
  StressCase part = all;
  part.accesses.erase(part.accesses.begin() + static_cast<std::ptrdiff_t>(begin),
                      part.accesses.begin() + static_cast<std::ptrdiff_t>(end));
  return part;
}

// Halves, then quarters, … of the accesses are left out; after a success with pieces of the same size again.
void remove_accesses(StressCase& failing, const Fails& fails, const Stop& stop) {
  for (std::size_t piece = (failing.accesses.size() + 1) / 2; piece > 0;) {
    bool removed = false;
    for (std::size_t at = 0; at < failing.accesses.size() && failing.accesses.size() > 1;) {
      if (stop()) return;
      StressCase candidate = without(failing, at, std::min(at + piece, failing.accesses.size()));
      if (!candidate.accesses.empty() && fails(candidate)) {
        failing = std::move(candidate);
        removed = true;
      } else {
        at += piece;
      }
    }
    if (!removed || piece > failing.accesses.size()) piece /= 2;
  }
}

void remove_gaps(StressCase& failing, const Fails& fails, const Stop& stop) {
  for (std::size_t i = 0; i < failing.accesses.size() && !stop(); ++i) {
    if (failing.accesses[i].operation.gap_cycles == 0) continue;
    StressCase candidate = failing;
    candidate.accesses[i].operation.gap_cycles = 0;
    if (fails(candidate)) failing = std::move(candidate);
  }
}

// A field that is left out has its default. The number of cores must stay: the trace names them.
void remove_parameters(StressCase& failing, const Fails& fails, const Stop& stop) {
  const Json machine = failing.config["machine"];  // a copy: the failing case changes
  for (const auto& [section, fields] : machine.items()) {
    if (!fields.is_object()) continue;
    for (const auto& [field, value] : fields.items()) {
      if (stop()) return;
      StressCase candidate = failing;
      candidate.config["machine"][section].erase(field);
      if (fails(candidate)) failing = std::move(candidate);
    }
  }
}

}  // namespace

StressCase shrink(StressCase failing, const Fails& fails, const Stop& stop) {
  remove_accesses(failing, fails, stop);
  remove_gaps(failing, fails, stop);
  remove_parameters(failing, fails, stop);
  remove_accesses(failing, fails, stop);
  return failing;
}

}  // namespace baton::experiment
