#include "traces/import/demultiplexer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <unistd.h>

#include "traces/error.hpp"

namespace baton::traces {

Demultiplexer::Demultiplexer(std::unique_ptr<OrderedStream> input, std::uint32_t cores,
                             std::size_t backlog_bytes, std::string name)
    : input_(std::move(input)),
      queues_(cores),
      batch_(1024),
      // The chunks that every core is filling shall not exceed a quarter of the limit, if they can.
      chunk_operations_(std::clamp<std::size_t>(backlog_bytes / 4 / cores / sizeof(Operation), 64, 4096)),
      backlog_bytes_(backlog_bytes),
      name_(std::move(name)) {}

std::size_t Demultiplexer::next(std::uint32_t core, std::span<Operation> out) {
  Queue& queue = queues_[core];
  while (queue.taken == queue.head.size()) {
    if (take_next_chunk(queue)) break;
    if (failure_) std::rethrow_exception(failure_);
    if (ended_) return 0;
    read_input();
  }
  const std::size_t n = std::min(out.size(), queue.head.size() - queue.taken);
  std::copy_n(queue.head.begin() + static_cast<std::ptrdiff_t>(queue.taken), n, out.begin());
  queue.taken += n;
  return n;
}

/// Makes the oldest accesses that wait the head; false if none do.
bool Demultiplexer::take_next_chunk(Queue& queue) {
  queue.taken = 0;
  queue.head.clear();
  if (queue.full.empty()) {
    std::swap(queue.head, queue.tail);
    return !queue.head.empty();
  }
  Waiting& oldest = queue.full.front();
  if (oldest.chunk.empty()) {
    queue.head = fetch(oldest.slot);
  } else {
    queue.head = std::move(oldest.chunk);
    resident_bytes_ -= chunk_operations_ * sizeof(Operation);
  }
  queue.full.pop_front();
  return true;
}

void Demultiplexer::read_input() {
  std::size_t n = 0;
  try {
    n = input_->next(batch_);
  } catch (...) {
    failure_ = std::current_exception();
    return;
  }
  ended_ = n == 0;
  for (std::size_t i = 0; i < n; ++i) {
    Queue& queue = queues_[batch_[i].core];
    queue.tail.push_back(batch_[i].operation);
    if (queue.tail.size() == chunk_operations_) keep(queue);
  }
}

/// A full tail waits in memory if there is room. The newest chunk goes to the file, as it is wanted last.
void Demultiplexer::keep(Queue& queue) {
  const std::size_t bytes = chunk_operations_ * sizeof(Operation);
  if (resident_bytes_ + bytes <= backlog_bytes_) {
    resident_bytes_ += bytes;
    queue.full.push_back({std::move(queue.tail), 0});
    queue.tail = {};
  } else {
    queue.full.push_back({{}, spill(queue.tail)});
    queue.tail.clear();
  }
}

std::uint64_t Demultiplexer::spill(const Chunk& chunk) {
  if (!file_) file_.reset(std::tmpfile());
  if (!file_) fail("cannot be made");
  std::uint64_t slot = slots_;
  if (free_slots_.empty()) {
    ++slots_;
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  const std::size_t bytes = chunk.size() * sizeof(Operation);
  const char* from = reinterpret_cast<const char*>(chunk.data());
  for (std::size_t done = 0; done < bytes;) {
    const ssize_t n =
        pwrite(fileno(file_.get()), from + done, bytes - done, static_cast<off_t>(slot * bytes + done));
    if (n < 0 && errno != EINTR) fail("cannot be written");
    if (n > 0) done += static_cast<std::size_t>(n);
  }
  ++spilled_;
  return slot;
}

Demultiplexer::Chunk Demultiplexer::fetch(std::uint64_t slot) {
  Chunk chunk(chunk_operations_);
  const std::size_t bytes = chunk.size() * sizeof(Operation);
  char* to = reinterpret_cast<char*>(chunk.data());
  for (std::size_t done = 0; done < bytes;) {
    const ssize_t n =
        pread(fileno(file_.get()), to + done, bytes - done, static_cast<off_t>(slot * bytes + done));
    if (n == 0) errno = EIO;
    if (n == 0 || (n < 0 && errno != EINTR)) fail("cannot be read");
    if (n > 0) done += static_cast<std::size_t>(n);
  }
  free_slots_.push_back(slot);
  return chunk;
}

void Demultiplexer::fail(const char* what) const {
  throw InputError(
      name_, "",
      std::string("the temporary file for the order \"free\" ") + what + ": " + std::strerror(errno));
}

}  // namespace baton::traces
