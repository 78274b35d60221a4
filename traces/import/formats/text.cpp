// One access a line, all cores in one file: core op address [size] [gap]. See traces/import/README.md.

#include <array>
#include <limits>

#include "traces/import/formats/gap.hpp"
#include "traces/import/lines.hpp"

namespace baton::traces {
namespace {

constexpr std::uint64_t maximum_gap = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint8_t no_kind = kinds;

/// A table, as a switch on the op would be mispredicted at every other access.
constexpr std::array<std::uint8_t, 256> op_kinds = [] {
  std::array<std::uint8_t, 256> result{};
  result.fill(no_kind);
  for (const char op : {'r', 'R', 'l', 'L'})
    result[static_cast<std::size_t>(op)] = static_cast<std::uint8_t>(Kind::load);
  for (const char op : {'w', 'W', 's', 'S'})
    result[static_cast<std::size_t>(op)] = static_cast<std::uint8_t>(Kind::store);
  for (const char op : {'m', 'M'})
    result[static_cast<std::size_t>(op)] = static_cast<std::uint8_t>(Kind::rmw);
  return result;
}();

std::uint8_t kind_of(char op) {
  return op_kinds[static_cast<unsigned char>(op)];
}

class TextGrammar {
 public:
  explicit TextGrammar(std::uint32_t cores) : cores_(cores) {}

  Scanned scan(const char*& p, OrderedOperation& out) const {
    std::uint64_t core = 0;
    std::uint64_t address = 0;
    if (!scan_decimal(p, cores_ - 1, core)) return Scanned::wrong;
    skip_blanks(p);
    const std::uint8_t kind = kind_of(*p);
    if (kind == no_kind || !is_blank(p[1])) return Scanned::wrong;
    ++p;
    skip_blanks(p);
    if (!scan_hex(p, address)) return Scanned::wrong;
    // An unrecorded size must not make one access two: it ends with its aligned word.
    std::uint64_t size = unrecorded_size(address);
    std::uint64_t gap = 0;
    skip_blanks(p);
    if (!at_end(p)) {
      if (!scan_decimal(p, longest_access, size) || size == 0) return Scanned::wrong;
      skip_blanks(p);
      if (!at_end(p) && !scan_decimal(p, maximum_gap, gap)) return Scanned::wrong;
    }
    out.operation = {.address = address,
                     .gap_cycles = static_cast<std::uint32_t>(gap),
                     .size = static_cast<std::uint16_t>(size),
                     .kind = static_cast<Kind>(kind)};
    out.core = static_cast<std::uint32_t>(core);
    return Scanned::access;
  }

  std::string explain(std::string_view line) const {
    const auto fields = fields_of(line);
    std::string problem = decimal_problem("the core", fields[0], 0, cores_ - 1);
    if (!problem.empty()) return problem;
    if (fields.size() < 3) {
      return std::string(fields.size() < 2 ? "the op is missing" : "the address is missing") + ", found " +
             quoted(line) + ", allowed core op address [size] [gap]";
    }
    if (fields[1].size() != 1 || kind_of(fields[1][0]) == no_kind) {
      return "unknown op, found " + quoted(fields[1]) +
             ", allowed r or l (load), w or s (store), m (read-modify-write)";
    }
    problem = hex_problem("the address", fields[2]);
    if (problem.empty() && fields.size() > 3)
      problem = decimal_problem("the size", fields[3], 1, longest_access);
    if (problem.empty() && fields.size() > 4) problem = decimal_problem("the gap", fields[4], 0, maximum_gap);
    if (!problem.empty()) return problem;
    return "too many fields, found " + quoted(line) + ", allowed core op address [size] [gap]";
  }

 private:
  std::uint64_t cores_;
};

class Text final : public Format {
 public:
  std::string_view name() const override { return "text"; }
  std::string_view summary() const override { return "core op address [size] [gap], as in \"3 r 7f0a3b28\""; }
  bool file_per_core() const override { return false; }
  bool matches(std::string_view head) const override {
    const auto fields = fields_of(first_record_line(head).text);
    // No op is a hexadecimal digit, so no line of labels looks like this.
    return fields.size() >= 2 && fields[1].size() == 1 && kind_of(fields[1][0]) != no_kind;
  }
  std::unique_ptr<OrderedStream> open(const std::string& path, std::uint32_t,
                                      std::uint32_t cores) const override {
    return std::make_unique<LineReader<TextGrammar>>(path, TextGrammar(cores));
  }
};

}  // namespace

const Format& format_text() {
  static const Text format;
  return format;
}

}  // namespace baton::traces
