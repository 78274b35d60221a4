// SST Prospero's text traces: cycle R|W address size. See traces/import/README.md.

#include "traces/import/core_files.hpp"
#include "traces/import/formats/gap.hpp"
#include "traces/import/lines.hpp"

namespace baton::traces {
namespace {

/// Decimal, of 64 bits.
bool scan_number(const char*& p, std::uint64_t& value) {
  value = 0;
  const char* const first = p;
  for (std::uint64_t digit; (digit = digit_values[static_cast<unsigned char>(*p)]) < 10; ++p) {
    if (__builtin_mul_overflow(value, std::uint64_t{10}, &value) ||
        __builtin_add_overflow(value, digit, &value)) {
      return false;
    }
  }
  return p != first && at_field_end(p);
}

class ProsperoGrammar {
 public:
  explicit ProsperoGrammar(std::uint32_t core) : core_(core) {}

  Scanned scan(const char*& p, OrderedOperation& out) {
    std::uint64_t cycle = 0;
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    if (!scan_number(p, cycle)) return Scanned::wrong;
    skip_blanks(p);
    const char op = *p;
    if (op != 'R' && op != 'r' && op != 'W' && op != 'w') return Scanned::wrong;
    ++p;
    if (!is_blank(*p)) return Scanned::wrong;
    skip_blanks(p);
    if (!scan_number(p, address)) return Scanned::wrong;
    skip_blanks(p);
    if (!scan_decimal(p, longest_access, size) || size == 0) return Scanned::wrong;
    // Prospero's tracer counts the instructions before (from those of thread 0, where another one begins):
    // what lies between two accesses are those without one.
    Gap work;
    if (cycle > next_) work.add(cycle - next_);
    next_ = cycle == std::numeric_limits<std::uint64_t>::max() ? cycle : cycle + 1;
    out.operation = {.address = address,
                     .gap_cycles = work.take(),
                     .size = static_cast<std::uint16_t>(size),
                     .kind = op == 'R' || op == 'r' ? Kind::load : Kind::store};
    out.core = core_;
    return Scanned::access;
  }

  std::string explain(std::string_view line) const {
    const auto fields = fields_of(line);
    constexpr const char* allowed = ", allowed cycle R|W address size, numbers decimal, a size of 1 to 65535";
    if (fields.size() != 4) return "not a record of Prospero, found " + quoted(line) + allowed;
    return "a wrong field, found " + quoted(line) + allowed;
  }

 private:
  std::uint32_t core_;
  std::uint64_t next_ = 0;  ///< the cycle after that of the access before
};

class Prospero final : public Format {
 public:
  std::string_view name() const override { return "prospero"; }
  std::string_view summary() const override {
    return "cycle R|W address size, one file a core, as in \"1042 R 140723 8\"; by its name only";
  }
  bool file_per_core() const override { return true; }
  // Its lines are also those of the format text, with decimal numbers taken for hexadecimal ones.
  bool matches(std::string_view) const override { return false; }
  bool claims(std::string_view file_name) const override {
    return Format::claims(file_name) || file_name.starts_with("sstprospero-");
  }
  std::string numbered(const std::string& name) const override {
    // NAME-THREAD-FILE.trace
    const std::size_t file = name.rfind('-');
    const std::size_t thread = file == std::string::npos || file == 0 ? file : name.rfind('-', file - 1);
    if (names_all_cores(name) || thread == std::string::npos || thread == file) return name;
    const std::string number = name.substr(thread + 1, file - thread - 1);
    if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos) return name;
    return name.substr(0, thread + 1) + "{core}" + name.substr(file);
  }
  std::unique_ptr<OrderedStream> open(const std::string& path, std::uint32_t core,
                                      std::uint32_t) const override {
    return std::make_unique<LineReader<ProsperoGrammar>>(path, ProsperoGrammar(core));
  }
};

}  // namespace

const Format& format_prospero() {
  static const Prospero format;
  return format;
}

}  // namespace baton::traces
