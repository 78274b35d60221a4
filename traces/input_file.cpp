#include "traces/input_file.hpp"

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

}  // namespace baton::traces
