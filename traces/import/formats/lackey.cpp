// What valgrind --tool=lackey --trace-mem=yes prints. See traces/import/README.md.

#include "traces/import/formats/gap.hpp"
#include "traces/import/lines.hpp"

namespace baton::traces {
namespace {

/// Valgrind's own lines: ==PID== and --PID--.
bool is_message(const char* p) {
  return (p[0] == '=' && p[1] == '=') || (p[0] == '-' && p[1] == '-');
}

class LackeyGrammar {
 public:
  explicit LackeyGrammar(std::uint32_t core) : core_(core) {}

  Scanned scan(const char*& p, OrderedOperation& out) {
    if (is_message(p)) {
      while (*p != '\n') ++p;
      return Scanned::nothing;
    }
    const char label = *p++;
    if ((label != 'I' && label != 'L' && label != 'S' && label != 'M') || !is_blank(*p))
      return Scanned::wrong;
    skip_blanks(p);
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    if (!scan_hex_digits(p, address) || *p != ',') return Scanned::wrong;
    ++p;
    if (!scan_decimal(p, longest_access, size) || size == 0) return Scanned::wrong;
    if (label == 'I') {
      work_.add(1);
      return Scanned::nothing;
    }
    out.operation = {.address = address,
                     .gap_cycles = work_.take(),
                     .size = static_cast<std::uint16_t>(size),
                     .kind = label == 'S' ? Kind::store : Kind::load};
    out.core = core_;
    if (label == 'M') {
      modified_ = out;
      modified_.operation.kind = Kind::store;
      modified_.operation.gap_cycles = 0;
      modifies_ = true;
    }
    return Scanned::access;
  }

  bool more(OrderedOperation& out) {
    if (!modifies_) return false;
    out = modified_;
    modifies_ = false;
    return true;
  }

  std::string explain(std::string_view line) const {
    return "not a line of lackey, found " + quoted(line) +
           ", allowed I, L, S or M and address,size as in \"L 1ffefff7e0,8\"; let valgrind write to a file "
           "of "
           "its own with --log-file";
  }

 private:
  std::uint32_t core_;
  Gap work_;
  OrderedOperation modified_;
  bool modifies_ = false;
};

class Lackey final : public Format {
 public:
  std::string_view name() const override { return "lackey"; }
  std::string_view summary() const override {
    return "valgrind's lackey, one file a core, as in \" L 1ffefff7e0,8\"";
  }
  bool file_per_core() const override { return true; }
  bool matches(std::string_view head) const override {
    const std::string_view line = first_record_line(head).text;
    if (line.starts_with("==") && head.find("Lackey") != std::string_view::npos) return true;
    const auto fields = fields_of(line);
    return fields.size() == 2 && fields[0].size() == 1 &&
           std::string_view("ILSM").find(fields[0][0]) != std::string_view::npos &&
           fields[1].find(',') != std::string_view::npos;
  }
  std::unique_ptr<OrderedStream> open(const std::string& path, std::uint32_t core,
                                      std::uint32_t) const override {
    return std::make_unique<LineReader<LackeyGrammar>>(path, LackeyGrammar(core));
  }
};

}  // namespace

const Format& format_lackey() {
  static const Lackey format;
  return format;
}

}  // namespace baton::traces
