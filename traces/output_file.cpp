#include "traces/output_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "traces/error.hpp"

namespace baton::traces {

bool same_file(const std::string& a, const std::string& b) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::exists(a, error) && fs::exists(b, error))
    return fs::is_regular_file(a, error) && fs::equivalent(a, b, error);
  const auto canonical = [&](const std::string& path) {
    return fs::weakly_canonical(fs::absolute(path, error), error);
  };
  const fs::path path = canonical(a);
  return !path.empty() && path == canonical(b);
}

std::string link_target(const std::string& path) {
  namespace fs = std::filesystem;
  constexpr int most_links = 40;  // as the system's own limit
  std::error_code error;
  fs::path target = path;
  for (int i = 0; i < most_links && fs::is_symlink(target, error); ++i)
    target = target.parent_path() / fs::read_symlink(target, error);  // an absolute one replaces the folder
  return target.string();
}

OutputFile::OutputFile(const std::string& path) : path_(link_target(path)) {
  struct stat status {};
  const bool exists = stat(path_.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) fail();
  if (exists && !S_ISREG(status.st_mode)) {
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail();
    return;
  }
  beside_ = (std::filesystem::path(path_).parent_path() / ".baton-XXXXXX").string();
  descriptor_ = mkostemp(beside_.data(), O_CLOEXEC);
  if (descriptor_ < 0) fail();
  const mode_t mask = umask(0);
  umask(mask);
  if (fchmod(descriptor_, exists ? status.st_mode & 07777 : 0666 & ~mask) != 0) {
    const int error = errno;
    close(descriptor_);
    unlink(beside_.c_str());
    errno = error;
    fail();
  }
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!beside_.empty()) unlink(beside_.c_str());
}

void OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail();
    bytes.remove_prefix(static_cast<std::size_t>(n));
    written_ += static_cast<std::uint64_t>(n);
  }
}

void OutputFile::finish() {
  const int descriptor = descriptor_;
  descriptor_ = -1;
  const bool synced = in_place() || fsync(descriptor) == 0;
  const int error = errno;
  if (close(descriptor) != 0) fail();
  if (!synced) {
    errno = error;
    fail();
  }
  if (in_place()) return;
  if (rename(beside_.c_str(), path_.c_str()) != 0) fail();
  beside_.clear();
}

void OutputFile::fail() const {
  throw InputError(path_, "", std::string("cannot be written: ") + std::strerror(errno));
}

}  // namespace baton::traces
