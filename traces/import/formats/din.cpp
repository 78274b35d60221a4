// Dinero's din: a label and an address a line, of one core. See traces/import/README.md.

#include "traces/import/formats/gap.hpp"
#include "traces/import/lines.hpp"

namespace baton::traces {
namespace {

class DinGrammar {
 public:
  explicit DinGrammar(std::uint32_t core) : core_(core) {}

  Scanned scan(const char*& p, OrderedOperation& out) {
    const char label = *p++;
    std::uint64_t address = 0;
    if (label < '0' || label > '4' || !is_blank(*p)) return Scanned::wrong;
    skip_blanks(p);
    if (!scan_hex(p, address)) return Scanned::wrong;
    // The rest of a line is for the reader, says din's description.
    while (!at_end(p)) ++p;
    if (label == '4') return Scanned::nothing;  // a flush of all caches: no access of the program
    if (label == '2') {
      work_.add(1);
      return Scanned::nothing;
    }
    out.operation = {.address = address,
                     .gap_cycles = work_.take(),
                     .size = unrecorded_size(address),
                     .kind = label == '1' ? Kind::store : Kind::load};
    out.core = core_;
    return Scanned::access;
  }

  std::string explain(std::string_view line) const {
    const auto fields = fields_of(line);
    if (fields[0].size() != 1 || fields[0][0] < '0' || fields[0][0] > '4') {
      return "unknown label, found " + quoted(fields[0]) +
             ", allowed 0 (read), 1 (write), 2 (instruction fetch), 3 (unknown access), 4 (flush)";
    }
    if (fields.size() < 2) return "the address is missing, found " + quoted(line) + ", allowed label address";
    return hex_problem("the address", fields[1]);
  }

 private:
  std::uint32_t core_;
  Gap work_;
};

class Din final : public Format {
 public:
  std::string_view name() const override { return "din"; }
  std::string_view summary() const override {
    return "label address, one file a core, as in \"1 7f0a3b28\"; by its name only";
  }
  bool file_per_core() const override { return true; }
  // Its lines are also those of the format labels.
  bool matches(std::string_view) const override { return false; }
  std::unique_ptr<OrderedStream> open(const std::string& path, std::uint32_t core,
                                      std::uint32_t) const override {
    return std::make_unique<LineReader<DinGrammar>>(path, DinGrammar(core));
  }
};

}  // namespace

const Format& format_din() {
  static const Din format;
  return format;
}

}  // namespace baton::traces
