// The text that DynamoRIO's drmemtrace view tool prints. See traces/import/README.md.

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "traces/import/formats/gap.hpp"
#include "traces/import/lines.hpp"

namespace baton::traces {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The text up to the next blank or the line's end, which is skipped over.
std::string_view word(const char*& p) {
  const char* const first = p;
  while (!is_blank(*p) && *p != '\n') ++p;
  const std::string_view text(first, static_cast<std::size_t>(p - first));
  skip_blanks(p);
  return text;
}

void skip_line(const char*& p) {
  while (*p != '\n') ++p;
}

class ViewGrammar {
 public:
  static constexpr bool comments = false;

  explicit ViewGrammar(std::uint32_t cores) : cores_(cores) {}

  Scanned scan(const char*& p, OrderedOperation& out) {
    // What the tool and drrun print around the records.
    if (ended_ || *p == '-' || *p == '<' || *p == 'O') {
      skip_line(p);
      return Scanned::nothing;
    }
    if (*p == 'V') {  // "View tool results:", then counts
      ended_ = true;
      skip_line(p);
      return Scanned::nothing;
    }
    std::string_view thread = word(p);
    while (!thread.empty() && is_digit(thread.front()) && is_digit(*p)) thread = word(p);  // record#, instr#:
    if (thread.ends_with(':')) thread = word(p);
    if (thread.empty() || *p == '\n') return Scanned::wrong;
    const char* const details = p;
    const std::string_view kind = word(p);
    if (kind == "ifetch" || kind == "non-fetched") {
      Thread* const one = find(thread);
      if (one == nullptr) return Scanned::wrong;
      one->work.add(1);
      one->locked = is_locked(p);
      skip_line(p);
      return Scanned::nothing;
    }
    if (kind != "read" && kind != "write") {
      skip_line(p);
      return *details == '<' || is_other(kind) ? Scanned::nothing : Scanned::wrong;
    }
    return access(p, thread, kind == "write", out);
  }

  std::string explain(std::string_view line) const {
    if (too_many_) {
      return "the trace has more threads than the machine has cores, found thread number " +
             std::to_string(threads_.size() + 1) + " in " + quoted(line) + ", allowed " +
             std::to_string(cores_);
    }
    return "not a line of drmemtrace's view tool, found " + quoted(line) +
           ", allowed lines as in \"12 7: 3264190 read 8 byte(s) @ 0x00007fdf64e2adc8 by PC "
           "0x0000000000404a7e\"";
  }

 private:
  struct Thread {
    std::uint32_t core = 0;
    bool locked = false;  ///< its last instruction was a locked one
    Gap work;
  };

  Scanned access(const char*& p, std::string_view thread, bool write, OrderedOperation& out) {
    std::uint64_t size = 0;
    std::uint64_t address = 0;
    if (!scan_decimal(p, longest_access, size) || size == 0) return Scanned::wrong;
    skip_blanks(p);
    if (word(p) != "byte(s)" || word(p) != "@") return Scanned::wrong;
    if (!scan_hex(p, address)) return Scanned::wrong;
    skip_line(p);
    Thread* const one = find(thread);
    if (one == nullptr) return Scanned::wrong;
    // A locked instruction's read and write are one.
    if (one->locked && !write) return Scanned::nothing;
    out.operation = {.address = address,
                     .gap_cycles = one->work.take(),
                     .size = static_cast<std::uint16_t>(size),
                     .kind = !write        ? Kind::load
                             : one->locked ? Kind::rmw
                                           : Kind::store};
    out.core = one->core;
    return Scanned::access;
  }

  /// Null if there are too many.
  Thread* find(std::string_view name) {
    if (name == last_name_) return last_;
    const auto place = threads_.find(std::string(name));
    too_many_ = place == threads_.end() && threads_.size() >= cores_;
    if (too_many_) return nullptr;
    Thread& thread = threads_[std::string(name)];
    if (place == threads_.end()) thread.core = static_cast<std::uint32_t>(threads_.size() - 1);
    last_name_ = name;
    last_ = &thread;
    return last_;
  }

  /// Is the instruction that `p`'s line shows an x86 one with a lock prefix, or xchg, which locks by itself?
  static bool is_locked(const char* p) {
    const char* const end = std::find(p, p + LineInput::maximum_line_bytes, '\n');
    const std::string_view line(p, static_cast<std::size_t>(end - p));
    return line.find(" lock ") != std::string_view::npos || line.find(" xchg ") != std::string_view::npos;
  }

  /// Records that are no access of the program's.
  static bool is_other(std::string_view kind) {
    static constexpr std::array<std::string_view, 9> kinds{
        "iflush", "dflush", "pref", "invalid", "thread", "hardware", "header", "footer", "entry"};
    return std::any_of(kinds.begin(), kinds.end(),
                       [&](std::string_view one) { return kind.starts_with(one); });
  }

  std::uint32_t cores_;
  std::unordered_map<std::string, Thread> threads_;  ///< by the tool's name for it
  std::string last_name_;
  Thread* last_ = nullptr;
  bool ended_ = false;
  bool too_many_ = false;
};

class DrMemTrace final : public Format {
 public:
  std::string_view name() const override { return "drmemtrace"; }
  std::string_view summary() const override {
    return "DynamoRIO's drmemtrace view, as in \"9 5: 3264190 read 8 byte(s) @ 0x7fdf64e2adc8 by PC …\"";
  }
  bool file_per_core() const override { return false; }
  bool matches(std::string_view head) const override {
    const std::string_view line = first_record_line(head).text;
    return line.starts_with("Output format:") || line.find(" byte(s) @ 0x") != std::string_view::npos ||
           line.find(" <marker: ") != std::string_view::npos;
  }
  std::unique_ptr<OrderedStream> open(const std::string& path, std::uint32_t,
                                      std::uint32_t cores) const override {
    return std::make_unique<LineReader<ViewGrammar>>(path, ViewGrammar(cores));
  }
};

}  // namespace

const Format& format_drmemtrace() {
  static const DrMemTrace format;
  return format;
}

}  // namespace baton::traces
