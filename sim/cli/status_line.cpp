#include "sim/cli/status_line.hpp"

#include <cstdio>
#include <string>

#include <sys/ioctl.h>
#include <unistd.h>

namespace baton::cli {
namespace {

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

std::size_t terminal_width() {
  if (isatty(STDERR_FILENO) == 0) return std::string::npos;
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string duration_text(double seconds) {
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

StatusLine::StatusLine(bool quiet) : active_(!quiet && isatty(STDERR_FILENO) != 0) {}

StatusLine::~StatusLine() {
  if (shown_) std::fputs("\r\033[K", stderr);
}

void StatusLine::show(const std::string& text) {
  if (!active_) return;
  std::fprintf(stderr, "\r%s\033[K", cut(text, terminal_width() - 1).c_str());
  std::fflush(stderr);
  shown_ = true;
}

}  // namespace baton::cli
