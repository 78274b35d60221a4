#pragma once
// The memory file that the program and the collector share.

#include <string>

#include "traces/record/recorder.hpp"
#include "traces/record/runtime/shared.hpp"

namespace baton::record {

class SharedMemory {
 public:
  /// Throws std::system_error.
  explicit SharedMemory(const Options& options);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  Control& control() const { return *control_; }
  /// By which another process of the same user opens it.
  std::string path() const;

 private:
  int file_ = -1;
  Control* control_ = nullptr;
};

/// Of the time stamp counter that work is measured with.
double cycles_per_second();

}  // namespace baton::record
