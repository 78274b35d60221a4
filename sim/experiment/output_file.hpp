#pragma once
// Files that appear whole or not at all.

#include <span>
#include <string>
#include <string_view>

namespace baton::experiment {

/// Whether a file can be written at `path` (its folder exists and allows it, and it is no folder itself).
/// Throws InputProblems that says why not. Changes nothing.
void check_writable(const std::string& path);

/// A file of a command, and what gives its name: "-o", "--timeline".
struct OutputName {
  std::string option;
  std::string path;  ///< empty: there is none
};

/// Before anything runs: no output may be an input, or another output. Throws InputProblems.
void check_outputs(std::span<const OutputName> outputs, std::span<const std::string> inputs);

/// As traces::OutputFile, in one step. Throws InputProblems if that fails, leaving nothing behind.
void write_whole(const std::string& path, std::string_view text);

/// Makes the folder at `path` if there is none. Throws InputProblems.
void make_folder(const std::string& path);

}  // namespace baton::experiment
