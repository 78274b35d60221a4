// One record a line, one file a core: 0 HEX load, 1 HEX store, 2 HEX cycles of other work. See
// traces/import/README.md.

#include <limits>

#include "traces/import/formats/gap.hpp"
#include "traces/import/lines.hpp"

namespace baton::traces {
namespace {

constexpr std::uint64_t maximum_gap = std::numeric_limits<std::uint32_t>::max();

class LabelGrammar {
 public:
  explicit LabelGrammar(std::uint32_t core) : core_(core) {}

  Scanned scan(const char*& p, OrderedOperation& out) {
    const char label = *p++;
    std::uint64_t value = 0;
    if (label < '0' || label > '2' || !is_blank(*p)) return Scanned::wrong;
    skip_blanks(p);
    if (!scan_hex(p, value)) return Scanned::wrong;
    if (label == '2') {
      // Work of several records before one access adds up.
      if (value > maximum_gap - work_) return Scanned::wrong;
      work_ += value;
      return Scanned::nothing;
    }
    out.operation = {.address = value,
                     .gap_cycles = static_cast<std::uint32_t>(work_),
                     // As in the text format: an unrecorded size must not make one access two.
                     .size = unrecorded_size(value),
                     .kind = label == '0' ? Kind::load : Kind::store};
    out.core = core_;
    work_ = 0;
    return Scanned::access;
  }

  std::string explain(std::string_view line) const {
    const auto fields = fields_of(line);
    if (fields[0] != "0" && fields[0] != "1" && fields[0] != "2") {
      return "unknown label, found " + quoted(fields[0]) +
             ", allowed 0 (load), 1 (store), 2 (cycles of other work)";
    }
    const std::string what = fields[0] == "2" ? "the number of cycles" : "the address";
    if (fields.size() < 2) return what + " is missing, found " + quoted(line) + ", allowed label value";
    if (fields.size() > 2) return "too many fields, found " + quoted(line) + ", allowed label value";
    const std::string problem = hex_problem(what, fields[1]);
    if (!problem.empty()) return problem;
    return "the other work before one access is too long, found " + quoted(fields[1]) + " after " +
           std::to_string(work_) + " cycles, allowed " + std::to_string(maximum_gap) + " cycles in all";
  }

 private:
  std::uint32_t core_;
  std::uint64_t work_ = 0;  ///< cycles since the last access, at most maximum_gap
};

class Labels final : public Format {
 public:
  std::string_view name() const override { return "labels"; }
  std::string_view summary() const override { return "label value, one file a core, as in \"0 0x7f0a3b28\""; }
  bool file_per_core() const override { return true; }
  bool matches(std::string_view head) const override {
    const auto fields = fields_of(first_record_line(head).text);
    return fields.size() == 2 && (fields[0] == "0" || fields[0] == "1" || fields[0] == "2") &&
           hex_problem("", fields[1]).empty();
  }
  std::unique_ptr<OrderedStream> open(const std::string& path, std::uint32_t core,
                                      std::uint32_t) const override {
    return std::make_unique<LineReader<LabelGrammar>>(path, LabelGrammar(core));
  }
};

}  // namespace

const Format& format_labels() {
  static const Labels format;
  return format;
}

}  // namespace baton::traces
