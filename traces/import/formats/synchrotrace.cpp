// SynchroTrace's event traces, as Sigil2 (Prism) writes them as text. See traces/import/README.md.

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include "traces/gates.hpp"
#include "traces/import/core_files.hpp"
#include "traces/import/formats/gap.hpp"
#include "traces/import/lines.hpp"
#include "traces/import/sigil_threads.hpp"

namespace baton::traces {
namespace {

constexpr std::uint64_t longest_number = 0xffffffff;
/// What the operating system has written is from this thread, which has no events.
constexpr std::uint64_t system_thread = 30000;
/// Counters have 32 bits, and reach the number after an event's.
constexpr std::uint64_t last_event = longest_number - 1;
constexpr std::uint32_t word_bytes = 8;
/// What an operation of a lock, a condition or a barrier accesses of it.
constexpr std::uint16_t object_bytes = 4;

enum class Sync : std::uint64_t {
  mutex_lock = 1,
  mutex_unlock = 2,
  create = 3,
  join = 4,
  barrier = 5,
  cond_wait = 6,
  cond_signal = 7,
  cond_broadcast = 8,
  spin_lock = 9,
  spin_unlock = 10,
  last = 15,
};

// Counters: three a thread, then one a thread that waits at a barrier.
constexpr Address events_counter(std::uint64_t thread) {
  return 3 * thread;
}
constexpr Address started_counter(std::uint64_t thread) {
  return 3 * thread + 1;
}
constexpr Address ended_counter(std::uint64_t thread) {
  return 3 * thread + 2;
}

class EventGrammar {
 public:
  static constexpr bool comments = false;

  EventGrammar(std::uint32_t core, std::string threads_path)
      : core_(core), thread_(core + 1), threads_path_(std::move(threads_path)) {
    if (std::filesystem::exists(threads_path_))
      threads_ = read_sigil_threads(threads_path_, events_counter(maximum_sigil_threads));
    if (threads_ && threads_->created.contains(thread_)) gate(Kind::await, started_counter(thread_), 1);
  }

  Scanned scan(const char*& p, OrderedOperation&) {
    problem_.clear();
    bool right = false;
    if (event_ > last_event && *p != '!') return number_is(event_), Scanned::wrong;
    if (*p == '!') {  // instructions so far
      ++p;
      skip_blanks(p);
      std::uint64_t count = 0;
      return scan_decimal(p, longest_number, count) ? Scanned::nothing : Scanned::wrong;
    }
    if (*p == '@') {
      ++p;
      skip_blanks(p);
      right = computation(p);
    } else if (*p == '#') {
      right = communication(p);
    } else if (*p == '^') {
      ++p;
      skip_blanks(p);
      right = synchronisation(p);
    } else {
      right = numbered_event(p);
    }
    if (!right) return Scanned::wrong;
    ++event_;
    gate(Kind::advance, events_counter(thread_), event_);
    return Scanned::nothing;
  }

  bool more(OrderedOperation& out) {
    if (given_ == waiting_.size()) {
      waiting_.clear();
      given_ = 0;
      return false;
    }
    out = {waiting_[given_++], core_};
    return true;
  }

  void finish() {
    // The trace ends before these were given back.
    for (const auto& [object, times] : held_) gate(Kind::advance, lock_counter(object), 1);
    gate(Kind::advance, ended_counter(thread_), 1);
  }

  std::string explain(std::string_view line) const {
    if (!problem_.empty()) return problem_ + ", found " + quoted(line);
    return "not an event of SynchroTrace, found " + quoted(line) +
           ", allowed as in \"12,1,4,0,2,1 $ 0x10 0x17 * 0x20 0x27\", \"13,1 # 2 7 0x10 0x17\", "
           "\"14,1,pth_ty:1^0x40\", or without numbers \"@ 4,0,2,1 $ …\", \"# 2 7 …\", \"^ 1^0x40\"";
  }

 private:
  /// EVENT,THREAD and what "@", "#" or "^" begin in the newer form.
  bool numbered_event(const char*& p) {
    std::uint64_t event = 0;
    std::uint64_t thread = 0;
    if (!number(p, event)) return false;
    if (event > last_event) return number_is(event);
    if (*p++ != ',' || !number(p, thread)) return false;
    if (thread != thread_) {
      problem_ = "an event of another thread, allowed thread " + std::to_string(thread_) + " in this file";
      return false;
    }
    event_ = event;
    if (is_blank(*p)) {
      skip_blanks(p);
      return communication(p);
    }
    if (*p++ != ',') return false;
    constexpr std::string_view sync = "pth_ty:";
    const char* at = p;
    for (const char c : sync) {
      if (*at++ != c) return computation(p);
    }
    p = at;
    return synchronisation(p);
  }

  /// IOPS,FLOPS,READS,WRITES and ranges: "$ FIRST LAST" written, "* FIRST LAST" read.
  bool computation(const char*& p) {
    std::uint64_t numbers[4] = {};
    for (int i = 0; i < 4; ++i) {
      if ((i > 0 && *p++ != ',') || !number(p, numbers[i])) return false;
    }
    work_.add(numbers[0] + numbers[1]);
    writes_.clear();
    skip_blanks(p);
    while (*p == '$' || *p == '*') {
      const bool writes = *p++ == '$';
      Address first = 0;
      Address last = 0;
      if (!range(p, first, last)) return false;
      if (writes) {
        writes_.emplace_back(first, last);
      } else {
        accesses(Kind::load, first, last);
      }
      skip_blanks(p);
    }
    // A computation reads its operands before it writes its results.
    for (const auto& [first, last] : writes_) accesses(Kind::store, first, last);
    return true;
  }

  /// "# THREAD EVENT FIRST LAST" once or more: read here after that event has written it.
  bool communication(const char*& p) {
    if (*p != '#') return false;
    while (*p == '#') {
      ++p;
      skip_blanks(p);
      std::uint64_t thread = 0;
      std::uint64_t event = 0;
      Address first = 0;
      Address last = 0;
      if (!number(p, thread) || thread == 0 || thread >= maximum_sigil_threads) return false;
      skip_blanks(p);
      if (!number(p, event)) return false;
      if (event > last_event) return number_is(event);
      if (!range(p, first, last)) return false;
      // Who has a lock may have come to it before the one it reads from, who then waits for the lock.
      if (thread != thread_ && thread != system_thread && held_.empty())
        gate(Kind::await, events_counter(thread), event + 1);
      accesses(Kind::load, first, last);
      skip_blanks(p);
    }
    return true;
  }

  /// TYPE^ADDRESS[&ADDRESS]
  bool synchronisation(const char*& p) {
    std::uint64_t type = 0;
    std::uint64_t address = 0;
    if (!number(p, type) || type == 0 || type > static_cast<std::uint64_t>(Sync::last) || *p++ != '^')
      return false;
    if (!hexadecimal(p, address)) return false;
    std::uint64_t mutex = 0;
    bool with_mutex = false;
    for (; *p == '&'; with_mutex = true) {
      if (!hexadecimal(++p, mutex)) return false;
    }
    switch (static_cast<Sync>(type)) {
      case Sync::create:
      case Sync::join: {
        const std::uint64_t* const thread = thread_at(address);
        if (thread == nullptr) return false;
        if (static_cast<Sync>(type) == Sync::create) {
          gate(Kind::advance, started_counter(*thread), 1);
        } else {
          gate(Kind::await, ended_counter(*thread), 1);
        }
        return true;
      }
      case Sync::barrier:
        return barrier(address);
      case Sync::mutex_lock:
      case Sync::spin_lock:
        lock(address);
        return true;
      case Sync::mutex_unlock:
      case Sync::spin_unlock:
        unlock(address);
        return true;
      case Sync::cond_wait:
        access(Kind::rmw, address, object_bytes);
        if (with_mutex) unlock(mutex);
        gate(Kind::await, sum_counter(address), ++waits_[address]);
        if (with_mutex) lock(mutex);
        return true;
      case Sync::cond_signal:
      case Sync::cond_broadcast:
        access(Kind::rmw, address, object_bytes);
        gate(Kind::advance, sum_counter(address), 1);
        return true;
      default:
        // A semaphore: what it began with is not in the trace.
        access(Kind::rmw, address, object_bytes);
        return true;
    }
  }

  /// Who has it when is not in the trace: who comes first in the replay. One that a thread takes again and
  /// again it has until it has given it back as often.
  void lock(Address object) {
    if (held_[object]++ == 0) gate(Kind::await, lock_counter(object), 1);
    access(Kind::rmw, object, object_bytes);
  }

  void unlock(Address object) {
    access(Kind::rmw, object, object_bytes);
    const auto held = held_.find(object);
    if (held == held_.end() || --held->second != 0) return;
    held_.erase(held);
    gate(Kind::advance, lock_counter(object), 1);
  }

  bool barrier(std::uint64_t address) {
    if (!threads_ || !threads_->barriers.contains(address)) {
      return lacks("the barrier " + std::to_string(address));
    }
    access(Kind::rmw, address, object_bytes);
    const std::uint64_t time = ++arrivals_[address];
    const SigilThreads::Barrier& barrier = threads_->barriers.at(address);
    for (std::size_t i = 0; i < barrier.threads.size(); ++i) {
      if (barrier.threads[i] == thread_) gate(Kind::advance, barrier.first_counter + i, time);
    }
    for (std::size_t i = 0; i < barrier.threads.size(); ++i) {
      if (barrier.threads[i] != thread_) gate(Kind::await, barrier.first_counter + i, time);
    }
    return true;
  }

  const std::uint64_t* thread_at(std::uint64_t address) {
    if (threads_) {
      const auto place = threads_->by_address.find(address);
      if (place != threads_->by_address.end()) return &place->second;
    }
    lacks("the thread at " + std::to_string(address));
    return nullptr;
  }

  bool number_is(std::uint64_t event) {
    problem_ = "an event's number is too large, found " + std::to_string(event) + ", allowed at most " +
               std::to_string(last_event);
    return false;
  }

  bool lacks(const std::string& what) {
    problem_ = threads_path_ + (threads_ ? " lacks " : " is missing, which names ") + what;
    return false;
  }

  static bool number(const char*& p, std::uint64_t& value) {
    const char* const first = p;
    for (value = 0; *p >= '0' && *p <= '9'; ++p) {
      value = value * 10 + static_cast<std::uint64_t>(*p - '0');
      if (value > longest_number) return false;
    }
    return p != first;
  }

  /// Up to anything else: '&' may follow.
  static bool hexadecimal(const char*& p, std::uint64_t& value) {
    if (p[0] == '0' && p[1] == 'x') p += 2;
    return scan_hex_digits(p, value);
  }

  static bool range(const char*& p, Address& first, Address& last) {
    skip_blanks(p);
    if (!hexadecimal(p, first)) return false;
    skip_blanks(p);
    // One access of a program, or a hundred of a compressed event: far below 2^24 bytes.
    return hexadecimal(p, last) && first <= last && last - first < (std::uint64_t{1} << 24);
  }

  /// By words: how the bytes were accessed is not in the trace.
  void accesses(Kind kind, Address first, Address last) {
    while (true) {
      const Address end = std::min(last, first | (word_bytes - 1));
      access(kind, first, static_cast<std::uint16_t>(end - first + 1));
      if (end == last) return;
      first = end + 1;
    }
  }

  void access(Kind kind, Address address, std::uint16_t size) {
    waiting_.push_back({.address = address, .gap_cycles = work_.take(), .size = size, .kind = kind});
  }

  void gate(Kind kind, Address counter, std::uint64_t value) {
    // What a thread has worked before it waits, or lets others go on, it has done by then.
    if (const std::uint32_t cycles = work_.take(); cycles != 0) {
      waiting_.push_back({.gap_cycles = cycles, .size = 0, .kind = Kind::work, .completes = false});
    }
    waiting_.push_back({.address = counter,
                        .gap_cycles = static_cast<std::uint32_t>(value),
                        .size = 0,
                        .kind = kind,
                        .completes = false});
  }

  std::uint32_t core_;
  std::uint64_t thread_;  ///< SynchroTrace counts from 1
  std::string threads_path_;
  std::optional<SigilThreads> threads_;
  std::uint64_t event_ = 0;  ///< the next one's number, or the current one's where it is written
  Gap work_;
  std::vector<std::pair<Address, Address>> writes_;
  std::map<std::uint64_t, std::uint64_t> arrivals_;  ///< at barriers
  std::map<Address, std::uint64_t> held_;   ///< locks that the thread has: how often it has taken them
  std::map<Address, std::uint32_t> waits_;  ///< for conditions
  std::vector<Operation> waiting_;
  std::size_t given_ = 0;
  std::string problem_;
};

class SynchroTrace final : public Format {
 public:
  std::string_view name() const override { return "synchrotrace"; }
  std::string_view summary() const override {
    return "SynchroTrace events of Sigil2, one file a thread, as in \"12,1,4,0,2,1 $ 0x10 0x17\"";
  }
  bool file_per_core() const override { return true; }
  bool gates() const override { return true; }
  std::uint32_t first_number() const override { return 1; }
  std::string numbered(const std::string& name) const override {
    // sigil.events.out-THREAD.gz
    const std::size_t dash = name.rfind('-');
    if (names_all_cores(name) || dash == std::string::npos) return name;
    const std::size_t end = name.find_first_not_of("0123456789", dash + 1);
    if (end == dash + 1) return name;
    return name.substr(0, dash + 1) + "{core}" + (end == std::string::npos ? "" : name.substr(end));
  }
  bool claims(std::string_view file_name) const override {
    return Format::claims(file_name) || file_name.starts_with("sigil.events.out-");
  }
  bool matches(std::string_view head) const override {
    const auto fields = fields_of(first_record_line(head).text);
    if (fields.empty()) return false;
    const std::string_view first = fields[0];
    if (fields.size() >= 2 && (first == "@" || first == "^")) return true;
    return std::count(first.begin(), first.end(), ',') == 5 ||
           first.find(",pth_ty:") != std::string_view::npos;
  }
  std::string companion(const std::string& path) const override {
    return (std::filesystem::path(path).parent_path() / "sigil.pthread.out").string();
  }
  std::unique_ptr<OrderedStream> open(const std::string& path, std::uint32_t core,
                                      std::uint32_t) const override {
    return std::make_unique<LineReader<EventGrammar>>(path, EventGrammar(core, companion(path)));
  }
};

}  // namespace

const Format& format_synchrotrace() {
  static const SynchroTrace format;
  return format;
}

}  // namespace baton::traces
