#include "traces/import/core_files.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string_view>
#include <system_error>

#include "traces/error.hpp"
#include "traces/import/format.hpp"

namespace baton::traces {
namespace {

namespace fs = std::filesystem;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// What stands before and after the number in the files' names.
struct NameParts {
  std::string before, after;
};

/// False if a name has neither the core_placeholder nor a number before its first dot.
bool split(const std::string& name, NameParts& parts) {
  std::size_t first = name.find(core_placeholder);
  std::size_t end = first + core_placeholder.size();
  if (first == std::string::npos) {
    end = name.find('.');
    if (end == std::string::npos) end = name.size();
    first = end;
    while (first > 0 && is_digit(name[first - 1])) --first;
    if (first == end) return false;
  }
  parts = {name.substr(0, first), name.substr(end)};
  return true;
}

/// The number between them, or false.
bool number_of(const std::string& name, const NameParts& parts, std::uint32_t& number) {
  if (name.size() <= parts.before.size() + parts.after.size()) return false;
  if (!name.starts_with(parts.before) || !name.ends_with(parts.after)) return false;
  const char* first = name.data() + parts.before.size();
  const char* last = name.data() + name.size() - parts.after.size();
  const auto result = std::from_chars(first, last, number);
  return is_digit(*first) && result.ec == std::errc() && result.ptr == last && number < maximum_cores;
}

}  // namespace

bool names_all_cores(const std::string& path) {
  return path.find(core_placeholder) != std::string::npos;
}

std::vector<std::string> core_files(const std::string& path, std::uint32_t first) {
  const fs::path whole(path);
  const fs::path directory = whole.parent_path();
  NameParts parts;
  if (!split(whole.filename().string(), parts)) {
    if (names_all_cores(path))
      throw InputError(path, "", "{core} is misplaced, allowed only in the file's name");
    return {path};
  }
  std::map<std::uint32_t, std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(directory.empty() ? "." : directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::uint32_t number = 0;
    if (!number_of(name, parts, number)) continue;
    const std::string file = (directory / name).string();
    const auto [other, added] = files.emplace(number, file);
    if (!added)
      throw InputError(path, "",
                       "two files for core " + std::to_string(number) + ", found " +
                           std::min(file, other->second) + " and " + std::max(file, other->second));
  }
  if (error) throw InputError(path, "", "the folder cannot be read: " + error.message());
  if (files.empty())
    throw InputError(path, "",
                     "no file of any core was found, allowed " + parts.before + std::to_string(first) +
                         parts.after + " and so on");
  std::vector<std::string> result;
  for (const auto& [number, file] : files) {
    if (number != first + result.size()) {
      throw InputError(path, "",
                       "the file of core " + std::to_string(first + result.size()) +
                           " is missing, found one of core " + std::to_string(number) + ", allowed cores " +
                           std::to_string(first) + ", " + std::to_string(first + 1) + ", " +
                           std::to_string(first + 2) + ", … without a gap");
    }
    result.push_back(file);
  }
  return result;
}

}  // namespace baton::traces
