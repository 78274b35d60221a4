#include "sim/experiment/output_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

#include "sim/experiment/problem.hpp"
#include "traces/error.hpp"
#include "traces/output_file.hpp"

namespace baton::experiment {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw InputProblems(path, Problems{{"", why}});
}

std::string folder_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

void check_writable(const std::string& path) {
  std::error_code error;
  if (path.empty()) refuse("-o", "needs the name of a file");
  if (fs::is_directory(path, error)) refuse(path, "cannot be written: it is a folder");
  const std::string folder = folder_of(traces::link_target(path));
  if (!fs::exists(folder, error)) refuse(path, "cannot be written: there is no folder \"" + folder + "\"");
  if (!fs::is_directory(folder, error)) refuse(path, "cannot be written: \"" + folder + "\" is no folder");
  struct stat file {};
  const bool exists = stat(path.c_str(), &file) == 0;
  if (!exists && errno != ENOENT) refuse(path, std::string("cannot be written: ") + std::strerror(errno));
  if (exists && !S_ISREG(file.st_mode)) {  // a device or pipe (/dev/null, /dev/stdout) is written in place
    if (access(path.c_str(), W_OK) != 0)
      refuse(path, std::string("cannot be written: ") + std::strerror(errno));
  } else if (access(folder.c_str(), W_OK | X_OK) != 0) {
    refuse(path, "cannot be written: folder \"" + folder + "\": " + std::strerror(errno));
  }
}

void check_outputs(std::span<const OutputName> outputs, std::span<const std::string> inputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto& [option, path] = outputs[i];
    if (path.empty()) continue;
    const std::string named = option + " " + path;
    for (const std::string& input : inputs) {
      if (traces::same_file(path, input)) refuse(named, "would overwrite the input \"" + input + "\"");
    }
    for (const OutputName& other : outputs.first(i)) {
      if (!other.path.empty() && traces::same_file(path, other.path))
        refuse(named, "would overwrite the output of " + other.option + " " + other.path);
    }
  }
}

void write_whole(const std::string& path, std::string_view text) {
  check_writable(path);
  try {
    traces::OutputFile file(path);
    file.write(text);
    file.finish();
  } catch (const traces::InputError& error) {
    throw InputProblems(error.what());
  }
}

void make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error || !fs::is_directory(path)) refuse(path, "cannot be made a folder: " + error.message());
  if (access(path.c_str(), W_OK | X_OK) != 0)
    refuse(path, std::string("cannot be written: ") + std::strerror(errno));
}

}  // namespace baton::experiment
