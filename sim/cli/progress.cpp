#include "sim/cli/progress.hpp"

#include <cstdio>
#include <string>

#include <sys/ioctl.h>
#include <unistd.h>

namespace baton::cli {
namespace {

std::string duration(double seconds) {
  const auto whole = static_cast<long>(seconds + 0.5);
  char text[32];
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%ldh%02ldm", whole / 3600, whole / 60 % 60);
  } else if (whole >= 60) {
    std::snprintf(text, sizeof text, "%ldm%02lds", whole / 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%lds", whole);
  }
  return text;
}

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// At most `width` characters of UTF-8 text.
std::string cut(const std::string& text, std::size_t width) {
  std::size_t shown = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) continue;
    if (shown++ == width) return text.substr(0, i);
  }
  return text;
}

}  // namespace

ProgressLine::ProgressLine(bool quiet) : active_(!quiet && isatty(STDERR_FILENO) != 0) {}

ProgressLine::~ProgressLine() {
  if (shown_) std::fputs("\r\033[K", stderr);
}

void ProgressLine::show(const experiment::Progress& progress) {
  if (!active_) return;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const auto fresh = static_cast<double>(progress.done - progress.resumed);
  std::string text = std::to_string(progress.done) + "/" + std::to_string(progress.total) + " simulations";
  if (fresh > 0) {
    char rate[32];
    std::snprintf(rate, sizeof rate, ", %.3g/s", fresh / seconds);
    text += rate;
    text += ", " + duration(static_cast<double>(progress.total - progress.done) * seconds / fresh) + " left";
  } else {
    text += ", " + duration(seconds);
  }
  for (std::size_t i = 0; i < progress.running.size(); ++i) {
    text += (i == 0 ? ": " : " | ") + progress.running[i];
  }
  std::fprintf(stderr, "\r%s\033[K", cut(text, terminal_width() - 1).c_str());
  std::fflush(stderr);
  shown_ = true;
}

}  // namespace baton::cli
