#include "traces/import/recording_stream.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "traces/error.hpp"

namespace baton::traces {
namespace {

using format::Event;
using format::Record;

constexpr std::size_t batch = 512;
/// Larger accesses (of whole ranges) are made of pieces that end at multiples of it.
constexpr std::uint32_t piece_bytes = 64;
/// What a lock, a condition and a barrier access: a word of theirs.
constexpr std::uint16_t word_bytes = 4;
constexpr std::uint64_t longest = std::numeric_limits<std::uint32_t>::max();

bool accesses(Event event) {
  return event <= Event::rmw;
}

/// An object of synchronisation is changed by an atomic instruction, but a barrier is left, and a finished
/// once seen, by reading.
bool synchronises(Event event) {
  return event >= Event::mutex_lock && event <= Event::once;
}
Kind kind_of(Event event) {
  switch (event) {
    case Event::load:
    case Event::barrier_leave:
    case Event::once:
      return Kind::load;
    case Event::store:
      return Kind::store;
    default:
      return Kind::rmw;
  }
}

class RecordedStream final : public OrderedStream {
 public:
  RecordedStream(std::shared_ptr<const RecordedThreads> all, std::unique_ptr<format::RecordStream> input,
                 std::string path, std::uint32_t thread)
      : all_(std::move(all)), input_(std::move(input)), path_(std::move(path)), thread_(thread) {}

  std::size_t next(std::span<OrderedOperation> out) override {
    std::size_t n = 0;
    while (n < out.size()) {
      if (given_ == waiting_.size() && !read_record()) break;
      const std::size_t take = std::min(out.size() - n, waiting_.size() - given_);
      for (std::size_t i = 0; i < take; ++i) out[n++] = {waiting_[given_++], thread_};
    }
    return n;
  }

 private:
  /// The operations of the next record, which may be none, to waiting_.
  bool read_record() {
    waiting_.clear();
    given_ = 0;
    if (next_ == count_) {
      count_ = input_->next(records_);
      next_ = 0;
      if (count_ == 0) {
        put_work();
        return !waiting_.empty();
      }
    }
    take(records_[next_++]);
    return true;
  }

  void take(const Record& record) {
    work_ = std::min(work_ + record.work_cycles, longest);
    // Also a record that is no access, as of memory that is freed, may have its turn.
    const bool ordered = record.sequence != format::unordered;
    const std::uint32_t domain = format::order_domain(record.address);
    const std::uint64_t turn = ordered ? all_->turn(domain, record.sequence) : 0;
    const bool is_access = accesses(record.event) || synchronises(record.event);
    // The work before an access is done before it waits for its turn, so it goes with the access; but not
    // beyond a gate that has no access.
    if (ordered ? !is_access || alone_ : is_access && alone_) put_work();
    alone_ = false;
    if (ordered) gate(Kind::await, domain, turn);
    if (is_access) {
      access(record);
    } else {
      take_life(record);
      alone_ = ordered || alone_;
    }
    if (ordered) gate(Kind::advance, domain, turn + 1);
  }

  void put_work() {
    if (work_ != 0) {
      waiting_.push_back({.gap_cycles = static_cast<std::uint32_t>(work_),
                          .size = 0,
                          .kind = Kind::work,
                          .completes = false});
    }
    work_ = 0;
  }

  void gate_alone(Kind kind, Address counter) {
    put_work();
    gate(kind, counter, 1);
    alone_ = true;
  }

  /// Threads begin and end.
  void take_life(const Record& record) {
    switch (record.event) {
      case Event::thread_create:
        return gate_alone(Kind::advance, started_counter(record.value));
      case Event::thread_start:
        if (!all_->created(thread_)) return;
        gate(Kind::await, started_counter(thread_), 1);  // what it has worked it did after that
        alone_ = true;
        return;
      case Event::thread_join:
        return all_->ended(record.value) ? gate_alone(Kind::await, ended_counter(record.value)) : void();
      case Event::thread_end:
        return gate_alone(Kind::advance, ended_counter(thread_));
      default:
        return;  // no access
    }
  }

  void gate(Kind kind, Address counter, std::uint64_t value) {
    if (value > longest) {
      throw InputError(path_, "",
                       "the recorded order is too long, found " + std::to_string(value) +
                           " ordered accesses to lines of one domain, allowed " + std::to_string(longest));
    }
    waiting_.push_back({.address = counter,
                        .gap_cycles = static_cast<std::uint32_t>(value),
                        .size = 0,
                        .kind = kind,
                        .completes = false});
  }

  void access(const Record& record) {
    Operation operation{.address = record.address,
                        .gap_cycles = static_cast<std::uint32_t>(work_),
                        .size = word_bytes,
                        .kind = kind_of(record.event)};
    work_ = 0;
    if (synchronises(record.event)) return waiting_.push_back(operation);
    std::uint64_t left = std::max<std::uint32_t>(record.size, 1);
    while (left > 0) {
      const std::uint64_t to_end = piece_bytes - operation.address % piece_bytes;
      // An access of the program stays one, even where it straddles a line: the machine splits it.
      const std::uint64_t size = record.size <= piece_bytes ? left : std::min(left, to_end);
      operation.size = static_cast<std::uint16_t>(size);
      operation.completes = size == left;
      waiting_.push_back(operation);
      operation.address += size;
      operation.gap_cycles = 0;
      left -= size;
    }
  }

  std::shared_ptr<const RecordedThreads> all_;
  std::unique_ptr<format::RecordStream> input_;
  std::string path_;
  std::uint32_t thread_;
  std::vector<Record> records_ = std::vector<Record>(batch);
  std::size_t count_ = 0;
  std::size_t next_ = 0;
  std::vector<Operation> waiting_;
  std::size_t given_ = 0;
  std::uint64_t work_ = 0;  ///< cycles since the last access, at most `longest`
  bool alone_ = false;      ///< the last operation is a gate without an access
};

}  // namespace

RecordedThreads::RecordedThreads(std::shared_ptr<const format::Recording> recording)
    : recording_(std::move(recording)),
      orders_(recording_->orders()),
      created_(threads(), true),
      ranks_(format::order_domains) {
  find_ends();
  const bool damaged =
      !recording_->damage().empty() || !recording_->property("salvaged").empty() || orders_.empty();
  if (damaged || !std::ranges::all_of(orders_, [](const auto& order) { return order.whole(); }))
    rank_domains();
}

void RecordedThreads::find_ends() {
  for (std::uint32_t thread = 0; thread < threads(); ++thread) {
    const auto stream = recording_->stream(thread);
    Record last;
    bool found = false;
    if (const std::uint64_t end = recording_->end(thread); end > 0) {
      stream->seek(end - 1);
      found = stream->next({&last, 1}) == 1;
    }
    ended_.push_back(found && last.event == Event::thread_end);
  }
}

/// Until f(record) is false.
template <class F>
void RecordedThreads::each_record(F f) const {
  std::vector<Record> records(batch);
  for (std::uint32_t thread = 0; thread < threads(); ++thread) {
    const auto stream = recording_->stream(thread);
    while (const std::size_t n = stream->next(records)) {
      for (std::size_t i = 0; i < n; ++i) {
        if (!f(records[i])) return;
      }
    }
  }
}

bool RecordedThreads::ordered() const {
  if (threads() < 2 || std::ranges::any_of(orders_, [](const auto& order) { return order.count != 0; }))
    return true;
  bool found = false;
  each_record([&](const Record& record) {
    found = record.event == Event::thread_create || record.event == Event::thread_join;
    return !found;
  });
  return found;
}

void RecordedThreads::fail_twice(std::uint32_t domain) const {
  throw InputError(recording_->path(), "",
                   "the recorded order is corrupt: two records are the same turn of order domain " +
                       std::to_string(domain));
}

void RecordedThreads::rank_domains() {
  orders_.assign(format::order_domains, {});
  created_.assign(threads(), false);
  each_record([&](const Record& record) {
    if (record.event == Event::thread_create && record.value < threads()) created_[record.value] = true;
    if (record.sequence != format::unordered)
      orders_[format::order_domain(record.address)].add(record.sequence);
    return true;
  });
  // The numbers themselves are kept only where some are missing: they are many.
  std::vector<std::vector<bool>> seen(format::order_domains);
  each_record([&](const Record& record) {
    if (record.sequence == format::unordered) return true;
    const std::uint32_t domain = format::order_domain(record.address);
    const format::DomainOrder& order = orders_[domain];
    if (!order.whole()) {
      ranks_[domain].push_back(record.sequence);
    } else {
      seen[domain].resize(order.count);
      const std::uint64_t at = record.sequence - order.first;
      if (seen[domain][at]) fail_twice(domain);
      seen[domain][at] = true;
    }
    return true;
  });
  for (std::uint32_t domain = 0; domain < format::order_domains; ++domain) {
    auto& numbers = ranks_[domain];
    std::ranges::sort(numbers);
    if (std::ranges::adjacent_find(numbers) != numbers.end()) fail_twice(domain);
  }
}

std::uint64_t RecordedThreads::turn(std::uint32_t domain, std::uint64_t sequence) const {
  const auto& numbers = ranks_[domain];
  if (numbers.empty()) return sequence - orders_[domain].first;
  return static_cast<std::uint64_t>(std::ranges::lower_bound(numbers, sequence) - numbers.begin());
}

std::unique_ptr<OrderedStream> RecordedThreads::stream(std::uint32_t thread) const {
  return std::make_unique<RecordedStream>(shared_from_this(), recording_->stream(thread), recording_->path(),
                                          thread);
}

}  // namespace baton::traces
