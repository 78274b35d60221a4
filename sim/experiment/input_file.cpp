#include "sim/experiment/input_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "sim/experiment/problem.hpp"

namespace baton::experiment {

// Not a stream: that one does not say why it has failed, and a folder is an empty file to it.
std::string read_whole(const std::string& path, const std::string& expected) {
  const auto refuse = [&](int error) {
    const std::string reason = error == ENOENT   ? "there is no such file"
                               : error == EISDIR ? "is a folder"
                                                 : std::string("cannot be read: ") + std::strerror(error);
    throw InputProblems(path, Problems{{"", reason + "; " + expected + " was expected"}});
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

}  // namespace baton::experiment
