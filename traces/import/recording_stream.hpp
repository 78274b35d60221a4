#pragma once
// A recording's threads as streams of accesses.

#include <memory>
#include <string>
#include <vector>

#include "traces/format/reader.hpp"
#include "traces/import/format.hpp"

namespace baton::traces {

/// Counters of a recording's streams: one an order domain, then two a thread.
constexpr Address started_counter(std::uint64_t thread) {
  return format::order_domains + 2 * thread;
}
constexpr Address ended_counter(std::uint64_t thread) {
  return started_counter(thread) + 1;
}

class RecordedThreads final : public ThreadFile, public std::enable_shared_from_this<RecordedThreads> {
 public:
  /// Reads what the order needs; with sequence numbers missing, all of the recording.
  explicit RecordedThreads(std::shared_ptr<const format::Recording> recording);

  std::uint32_t threads() const override { return recording_->threads(); }
  std::unique_ptr<OrderedStream> stream(std::uint32_t thread) const override;
  bool ordered() const override;

  /// False if that part of the recording is missing: nothing may wait for it.
  bool created(std::uint64_t thread) const { return thread < created_.size() && created_[thread]; }
  bool ended(std::uint64_t thread) const { return thread < ended_.size() && ended_[thread]; }
  /// How many ordered records of its domain come before the one of this number.
  std::uint64_t turn(std::uint32_t domain, std::uint64_t sequence) const;

 private:
  template <class F>
  void each_record(F f) const;
  [[noreturn]] void fail_twice(std::uint32_t domain) const;
  void rank_domains();
  void find_ends();

  std::shared_ptr<const format::Recording> recording_;
  std::vector<format::DomainOrder> orders_;
  std::vector<bool> created_;
  std::vector<bool> ended_;
  std::vector<std::vector<std::uint64_t>> ranks_;  ///< by domain: its numbers, sorted, where some are missing
};

}  // namespace baton::traces
