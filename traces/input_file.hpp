#pragma once

#include <string>

namespace baton::traces {

/// The descriptor of a file that can be read again and from any place. Throws InputError for what is none: a
/// pipe gives its bytes once, and waits for a writer, while a trace is read by every run anew.
int open_input(const std::string& path);

/// What the file at `path` holds. Throws InputError with the system's reason if it cannot be read.
std::string read_file(const std::string& path);

}  // namespace baton::traces
