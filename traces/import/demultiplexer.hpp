#pragma once
// One stream of all cores' accesses as a stream a core, in bounded memory: cores advance at different speeds,
// and in the extreme a file holds all of core 0's accesses before core 1's.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "traces/operation.hpp"

namespace baton::traces {

/// Reads on in the common stream when a core has nothing waiting, and keeps what it finds for the others: up
/// to backlog_bytes in memory, the rest in an unnamed temporary file (std::tmpfile), whose space is used
/// again. Not for several threads.
class Demultiplexer {
 public:
  /// `input`'s cores are below `cores`. `name` is the trace's, for errors. Memory is bounded by about
  /// backlog_bytes + 1 KiB a core, besides 0.5 % of what lies in the temporary file at most.
  Demultiplexer(std::unique_ptr<OrderedStream> input, std::uint32_t cores, std::size_t backlog_bytes,
                std::string name);

  /// As OperationStream::next, for one core. Throws InputError if the input does (then at every later call
  /// that needs more of it), or if the temporary file fails.
  std::size_t next(std::uint32_t core, std::span<Operation> out);

  std::size_t spilled_chunks() const { return spilled_; }

 private:
  using Chunk = std::vector<Operation>;
  struct Waiting {
    Chunk chunk;             ///< empty if it lies in the temporary file
    std::uint64_t slot = 0;  ///< there
  };
  struct Queue {
    std::deque<Waiting> full;  ///< chunks of chunk_operations_, oldest first
    Chunk tail;                ///< the newest, not yet full
    Chunk head;                ///< being handed out, from `taken`
    std::size_t taken = 0;
  };
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  bool take_next_chunk(Queue& queue);
  void read_input();
  void keep(Queue& queue);
  std::uint64_t spill(const Chunk& chunk);
  Chunk fetch(std::uint64_t slot);
  [[noreturn]] void fail(const char* what) const;

  std::unique_ptr<OrderedStream> input_;
  std::vector<Queue> queues_;
  std::vector<OrderedOperation> batch_;
  std::size_t chunk_operations_;
  std::size_t backlog_bytes_;
  std::size_t resident_bytes_ = 0;  ///< of full chunks in memory
  std::string name_;
  bool ended_ = false;
  std::exception_ptr failure_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::uint64_t slots_ = 0;  ///< of the file
  std::vector<std::uint64_t> free_slots_;
  std::size_t spilled_ = 0;
};

}  // namespace baton::traces
