#pragma once
// Runs the program as a user does.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

namespace baton::test {

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

/// A folder of its own, the working directory while it lives.
class Sandbox {
 public:
  Sandbox() : before_(std::filesystem::current_path()) {
    std::string name = (std::filesystem::temp_directory_path() / "baton_XXXXXX").string();
    folder_ = mkdtemp(name.data());
    std::filesystem::current_path(folder_);
  }
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;
  ~Sandbox() {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder_);
  }

  /// How many files are in it.
  std::size_t files() const {
    const std::filesystem::directory_iterator all(folder_);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

 private:
  std::filesystem::path before_;
  std::filesystem::path folder_;
};

struct Ran {
  int status;
  std::string out;
  std::string err;
};

/// `arguments` as for a shell.
inline Ran baton(const std::string& arguments) {
  std::string folder = (std::filesystem::temp_directory_path() / "baton_out_XXXXXX").string();
  const std::filesystem::path place = mkdtemp(folder.data());
  const std::string command = std::string(BATON_PROGRAM) + " " + arguments + " >" + (place / "out").string() +
                              " 2>" + (place / "err").string() + " </dev/null";
  const int status = std::system(command.c_str());
  Ran ran{WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(place / "out"), read_file(place / "err")};
  std::filesystem::remove_all(place);
  return ran;
}

/// Results without "host", which may differ.
inline std::string without_host(const std::string& results) {
  const auto at = results.rfind("\"host\"");
  return at == std::string::npos ? "no results: " + results : results.substr(0, at);
}

}  // namespace baton::test
