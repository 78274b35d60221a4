#pragma once
// Runs a program that is linked to the recorder's runtime library, and writes what its threads do to a file.

#include <cstdint>
#include <string>
#include <vector>

namespace baton::record {

struct Options {
  std::string output;
  std::vector<std::string> command;  ///< the program and its arguments
  // Limits; the program runs on without being recorded. 0: none.
  std::uint64_t records = 0;
  /// Of the file; exceeded by what the threads had under way, at most 11 million records, as blocks are
  /// whole.
  std::uint64_t bytes = std::uint64_t{1} << 30;
  double seconds = 0;  ///< since the program's start
  // What is recorded.
  bool region = false;            ///< only between the program's marks
  bool work = true;               ///< measures the work between accesses
  bool own_stack = true;          ///< also a thread's plain accesses to its own stack
  std::uint32_t yield_every = 0;  ///< one in so many ordered records follows a sched_yield; 0: none
  std::uint32_t work_cap_us = 0;  ///< longer work is cut to this; 0: only to 4e9 cycles
};

struct Outcome {
  bool exited = false;  ///< else it was killed
  int status = 0;       ///< of its exit, or the number of the signal
  std::uint64_t records = 0;
  std::uint32_t threads = 0;
  std::uint64_t bytes = 0;  ///< of the file
  std::string
      limited;  ///< "records", "bytes", "seconds", "disk": what ended the recording before the program
  bool too_large = false;            ///< the file, though nothing more was recorded after the limit of bytes
  std::vector<std::string> remarks;  ///< what the recording lacks, a line each
};

/// Runs the program to its end. Throws traces::InputError if the file cannot be written (before the program
/// runs, or when the disk is full), the program cannot be run or is not instrumented; there is no file then.
Outcome record(const Options& options);

}  // namespace baton::record
