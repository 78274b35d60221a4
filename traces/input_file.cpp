#include "traces/input_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "traces/error.hpp"

namespace baton::traces {

int open_input(const std::string& path) {
  // O_NONBLOCK: opening a named pipe would wait for its writer, before it can be seen to be a pipe.
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) throw InputError(path, "", std::string("cannot be opened: ") + std::strerror(errno));
  struct stat status {};
  const bool known = fstat(descriptor, &status) == 0;
  if (known && S_ISREG(status.st_mode)) return descriptor;
  close(descriptor);
  throw InputError(path, "",
                   known && S_ISDIR(status.st_mode) ? "is not a trace, found a directory, allowed a file"
                                                    : "is no regular file; a trace is read several times");
}

// Not a stream: that one does not say why it has failed, and a folder is an empty file to it.
std::string read_file(const std::string& path) {
  const auto refuse = [&](int error) {
    throw InputError(path, "",
                     error == ENOENT   ? "there is no such file"
                     : error == EISDIR ? "is a folder"
                                       : std::string("cannot be read: ") + std::strerror(error));
  };
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) refuse(errno);
  std::string text;
  std::array<char, 65536> buffer;
  while (true) {
    const ssize_t n = read(descriptor, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int error = n < 0 ? errno : 0;
      close(descriptor);
      if (error != 0) refuse(error);
      return text;
    }
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

}  // namespace baton::traces
