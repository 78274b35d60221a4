#include "sim/experiment/output_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/experiment/problem.hpp"
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

/// A device or pipe (/dev/null, /dev/stdout) is written in place.
bool in_place(const std::string& path) {
  struct stat file {};
  return stat(path.c_str(), &file) == 0 && !S_ISREG(file.st_mode);
}

void write_all(int descriptor, std::string_view text, const std::string& path, const std::string& made) {
  while (!text.empty()) {
    const ssize_t n = write(descriptor, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const std::string why = std::strerror(errno);
      close(descriptor);
      if (!made.empty()) unlink(made.c_str());
      refuse(path, "cannot be written: " + why);
    }
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

void check_writable(const std::string& path) {
  std::error_code error;
  if (path.empty()) refuse("-o", "needs the name of a file");
  if (fs::is_directory(path, error)) refuse(path, "cannot be written: it is a folder");
  const std::string folder = folder_of(path);
  if (!fs::exists(folder, error)) refuse(path, "cannot be written: there is no folder \"" + folder + "\"");
  if (!fs::is_directory(folder, error)) refuse(path, "cannot be written: \"" + folder + "\" is no folder");
  if (in_place(path)) {
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
  if (in_place(path)) {
    const int descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) refuse(path, std::string("cannot be written: ") + std::strerror(errno));
    write_all(descriptor, text, path, "");
    close(descriptor);
    return;
  }
  const std::string made = path + ".new" + std::to_string(getpid());
  const int descriptor = open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) refuse(path, std::string("cannot be written: ") + std::strerror(errno));
  write_all(descriptor, text, path, made);
  const bool synced = fsync(descriptor) == 0;
  if (close(descriptor) != 0 || !synced || std::rename(made.c_str(), path.c_str()) != 0) {
    const std::string why = std::strerror(errno);
    unlink(made.c_str());
    refuse(path, "cannot be written: " + why);
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
