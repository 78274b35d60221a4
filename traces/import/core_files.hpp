#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace baton::traces {

/// What stands for a core's number in a path.
inline constexpr std::string_view core_placeholder = "{core}";
/// Does the path name the files of all cores by the placeholder {core}?
bool names_all_cores(const std::string& path);

/// The files of a format with one file a core, core 0 first:
/// - "dir/x_{core}.data.gz": the files x_0.data.gz, x_1.data.gz, … of dir; numbers may have leading zeros;
/// - a file whose name has a number before its first dot, "dir/x_2.data.gz": the same, so any one file names
/// all;
/// - any other file: itself, for one core.
/// The numbers must be first, first + 1, … without a gap. Throws InputError if they are not, or if there is
/// no file.
std::vector<std::string> core_files(const std::string& path, std::uint32_t first = 0);

}  // namespace baton::traces
