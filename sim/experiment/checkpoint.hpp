#pragma once
// What a sweep has finished, kept on disk as it goes: RESULTS.json.partial, a JSON line a task or column.

#include <cstddef>
#include <map>
#include <string>

#include "sim/experiment/measured.hpp"

namespace baton::experiment {

class Checkpoint {
 public:
  enum class Mode {
    fresh,    ///< the file must not exist
    resume,   ///< take what the file has, if it exists
    restart,  ///< discard what the file has
  };

  /// Opens or makes the file beside `output` and locks it. Throws InputProblems if that cannot be done, if
  /// another process holds it, if it exists in Mode::fresh or is not one of this program's version in
  /// Mode::resume.
  Checkpoint(const std::string& output, Mode mode, ColumnTable& columns);
  Checkpoint(const Checkpoint&) = delete;
  Checkpoint& operator=(const Checkpoint&) = delete;
  /// Leaves the file, unless it has nothing in it.
  ~Checkpoint();

  /// Where the file lies for results at `output`.
  static std::string path_for(const std::string& output);

  /// What earlier runs finished, by Task::key().
  const std::map<std::string, Measured>& finished() const { return finished_; }
  std::size_t size() const { return lines_; }
  const std::string& path() const { return path_; }

  /// Appends a line and waits until it is on disk. Throws std::runtime_error if it cannot.
  void add(const std::string& key, const Measured& measured);

  /// Deletes the file: the results are complete.
  void remove();

 private:
  void read(const std::string& text);
  void write(const std::string& text);
  void write_new_columns();

  std::string path_;
  ColumnTable& columns_;
  std::size_t columns_written_ = 0;
  std::size_t lines_ = 0;  ///< tasks in the file
  int descriptor_ = -1;
  std::map<std::string, Measured> finished_;
};

}  // namespace baton::experiment
