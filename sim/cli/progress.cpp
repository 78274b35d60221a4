#include "sim/cli/progress.hpp"

#include <cstdio>
#include <string>

namespace baton::cli {

void ProgressLine::show(const experiment::Progress& progress) {
  if (!line_.active()) return;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const auto fresh = static_cast<double>(progress.done - progress.resumed);
  std::string text = std::to_string(progress.done) + "/" + std::to_string(progress.total) + " simulations";
  if (fresh > 0) {
    char rate[32];
    std::snprintf(rate, sizeof rate, ", %.3g/s", fresh / seconds);
    text += rate;
    text +=
        ", " + duration_text(static_cast<double>(progress.total - progress.done) * seconds / fresh) + " left";
  } else {
    text += ", " + duration_text(seconds);
  }
  for (std::size_t i = 0; i < progress.running.size(); ++i) {
    text += (i == 0 ? ": " : " | ") + progress.running[i];
  }
  line_.show(text);
}

}  // namespace baton::cli
