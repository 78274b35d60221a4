#include "traces/format/in_order.hpp"

#include <algorithm>

namespace baton::traces::format {
namespace {

/// A thread's records, one after the other.
class Reading {
 public:
  explicit Reading(std::unique_ptr<RecordStream> stream) : stream_(std::move(stream)), records_(512) {
    fill();
  }
  bool at_end() const { return size_ == 0; }
  const Record& record() const { return records_[at_]; }
  void advance() {
    if (++at_ == size_) fill();
  }

 private:
  void fill() {
    at_ = 0;
    size_ = stream_->next(records_);
  }

  std::unique_ptr<RecordStream> stream_;
  std::vector<Record> records_;
  std::size_t at_ = 0;
  std::size_t size_ = 0;
};

class InOrder {
 public:
  explicit InOrder(const Recording& recording)
      : created_(recording.threads(), false), next_(order_domains, 0) {
    for (std::uint32_t thread = 0; thread < recording.threads(); ++thread)
      threads_.emplace_back(recording.stream(thread));
    for (std::size_t domain = 0; domain < recording.orders().size(); ++domain)
      next_[domain] = recording.orders()[domain].first;
  }

  void read(const std::function<void(const Record&, std::uint32_t)>& f) {
    for (bool more = true; more;) {
      bool went_on = false;
      more = false;
      for (std::uint32_t thread = 0; thread < threads_.size(); ++thread) {
        for (; !threads_[thread].at_end() && may_come(thread); went_on = true) take(thread, f);
        more = more || !threads_[thread].at_end();
      }
      if (more && !went_on) take_first(f);
    }
  }

 private:
  bool may_come(std::uint32_t thread) const {
    const Record& record = threads_[thread].record();
    if (record.sequence != unordered && record.sequence > next_[order_domain(record.address)]) return false;
    if (record.event == Event::thread_start)
      return created_[thread] || record.value == thread || record.value >= threads_.size() ||
             threads_[record.value].at_end();
    return record.event != Event::thread_join || record.value == thread || record.value >= threads_.size() ||
           threads_[record.value].at_end();
  }
  void take(std::uint32_t thread, const std::function<void(const Record&, std::uint32_t)>& f) {
    const Record& record = threads_[thread].record();
    if (record.sequence != unordered) {
      std::uint64_t& next = next_[order_domain(record.address)];
      next = std::max(next, record.sequence + 1);
    }
    if (record.event == Event::thread_create && record.value < created_.size()) created_[record.value] = true;
    f(record, thread);
    threads_[thread].advance();
  }
  void take_first(const std::function<void(const Record&, std::uint32_t)>& f) {
    for (std::uint32_t thread = 0; thread < threads_.size(); ++thread)
      if (!threads_[thread].at_end()) return take(thread, f);
  }

  std::vector<Reading> threads_;
  std::vector<bool> created_;
  std::vector<std::uint64_t> next_;  ///< sequence number, by domain
};

}  // namespace

void each_in_order(const Recording& recording, const std::function<void(const Record&, std::uint32_t)>& f) {
  InOrder(recording).read(f);
}

}  // namespace baton::traces::format
