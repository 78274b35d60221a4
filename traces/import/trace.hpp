#pragma once
// Recorded traces as workloads.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "traces/format/reader.hpp"
#include "traces/import/format.hpp"
#include "traces/operation.hpp"

namespace baton::traces {

enum class Order : std::uint8_t {
  free,      ///< every core runs its own accesses at its own speed
  recorded,  ///< as free, but what the trace has an order of happens in that order
  global,    ///< one access at a time, in the trace's order
};

struct TraceParameters {
  std::string path;             ///< a file; of formats with one file a core see core_files()
  std::string format = "auto";  ///< a Format's name; auto: by the content
  Order order = Order::free;
  bool salvage = false;  ///< leave out what is damaged, of formats that can tell (recordings)
  std::uint32_t cores =
      0;  ///< of the machine, at least the trace's, at most maximum_cores; 0: as many as the trace has
  std::size_t backlog_bytes =
      std::size_t{64} << 20;  ///< in memory, of accesses that wait for slower cores; more goes to a file
};

/// The files of a trace and their format, checked as far as opening tells.
struct TraceFiles {
  const Format* format = nullptr;
  std::vector<std::string> paths;             ///< one, or one a core
  std::shared_ptr<const ThreadFile> threads;  ///< not null if one file has a stream a thread

  /// One stream a core, or one of all cores?
  bool stream_per_core() const { return threads != nullptr || format->file_per_core(); }
  std::size_t streams() const { return threads ? threads->threads() : paths.size(); }
  /// All of the stream `index`, whose cores are below `cores`, with Kind::await and Kind::advance if the
  /// format has gates().
  std::unique_ptr<OrderedStream> open(std::size_t index, std::uint32_t cores) const;
};

/// Throws InputError for a missing or unreadable file, an unknown format, and contradictions between path and
/// format.
TraceFiles find_trace(const TraceParameters& parameters);

/// The recording itself; null if the trace is none. Throws as find_trace().
std::unique_ptr<format::Recording> open_recording(const TraceParameters& parameters);

class TraceWorkload final : public Workload {
 public:
  /// As open_trace().
  explicit TraceWorkload(const TraceParameters& parameters);

  int cores() const override { return static_cast<int>(cores_); }
  /// A core that the trace lacks has an empty stream. Streams hold open files: read them in the process that
  /// made them. With a file for all cores, the streams share a Demultiplexer: use them from one thread.
  std::unique_ptr<OperationStream> stream(int core) override;
  /// Not null for Order::global.
  std::unique_ptr<OrderedStream> ordered() override;

  const Format& format() const { return *files_.format; }
  Order order() const { return order_; }
  /// Those of Order::free may have gates too, of which nothing is to wait.
  Gates gates() const override {
    if (order_ == Order::recorded) return Gates::obeyed;
    return order_ == Order::free && files_.format->gates() ? Gates::observed : Gates::none;
  }

 private:
  TraceFiles files_;
  std::string path_;
  Order order_;
  std::uint32_t cores_;
  std::size_t backlog_bytes_;
  std::shared_ptr<class Demultiplexer> demultiplexer_;  ///< of a file for all cores
};

/// Throws InputError for what find_trace() does, for a trace without any access, for more cores than `cores`,
/// and for Order::global and Order::recorded of a format that records no such order between cores. Malformed
/// records are found while the streams are read, but for cores = 0, which reads a file of all cores once to
/// its end.
std::unique_ptr<TraceWorkload> open_trace(const TraceParameters& parameters);

}  // namespace baton::traces
