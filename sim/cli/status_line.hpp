#pragma once
// A line on the terminal that says how far long work is.

#include <cstddef>
#include <string>

namespace baton::cli {

/// "3m07s".
std::string duration_text(double seconds);

/// Of standard error, in characters; no limit if it is no terminal.
std::size_t terminal_width();

class StatusLine {
 public:
  /// Shows nothing if `quiet` or if standard error is no terminal.
  explicit StatusLine(bool quiet);
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;
  /// Wipes the line.
  ~StatusLine();

  bool active() const { return active_; }
  /// Shows the text, cut to the terminal's width, instead of what is there.
  void show(const std::string& text);

 private:
  bool active_;
  bool shown_ = false;
};

}  // namespace baton::cli
