#pragma once
// Files that appear whole or not at all.

#include <string>
#include <string_view>

namespace baton::experiment {

/// Whether a file can be written at `path` (its folder exists and allows it, and it is no folder itself).
/// Throws InputProblems that says why not. Changes nothing.
void check_writable(const std::string& path);

/// Writes a file beside `path` and renames it. Throws InputProblems if that fails, leaving nothing behind.
void write_whole(const std::string& path, std::string_view text);

/// Makes the folder at `path` if there is none. Throws InputProblems.
void make_folder(const std::string& path);

}  // namespace baton::experiment
