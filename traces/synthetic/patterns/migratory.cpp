#include "traces/synthetic/common.hpp"

namespace baton::traces {
namespace {

constexpr auto table = with_common({
    lines_parameter(16, "lines that migrate"),
    {"lines_per_operation", Parameter::Type::integer, 1, 1, 1024, "lines",
     "lines that an operation reads and writes; divides lines"},
});

class Migratory final : public Pattern {
 public:
  std::string_view name() const override { return "migratory"; }
  std::string_view summary() const override {
    return "A core reads and then writes a line (or several), then the next core does, as with the data of a "
           "critical "
           "section: stresses the hand-over of lines, and the upgrade that a protocol pays for the load "
           "before the store.";
  }
  std::span<const Parameter> parameters() const override { return table; }

  std::vector<ParameterError> check(const ParameterValues& values, int) const override {
    const std::uint64_t lines = values.integer("lines");
    const std::uint64_t each = values.integer("lines_per_operation");
    if (lines % each == 0) return {};
    return {{"lines_per_operation", "the operations do not fill the lines, found " + std::to_string(each) +
                                        " with " + std::to_string(lines) +
                                        " lines, allowed divisors of lines"}};
  }

  // Every core goes through the sections in the same cyclic order, each from another one, so that a section
  // goes from core to core. The seed has no effect.
  std::unique_ptr<OperationStream> stream(const ParameterValues& values,
                                          const PatternContext& context) const override {
    const std::uint64_t lines = values.integer("lines");
    const std::uint64_t each = values.integer("lines_per_operation");
    const std::uint64_t sections = lines / each;
    const std::uint64_t accesses = 2 * each;
    return generate(
        values.integer("operations_per_core") * accesses,
        [=, work = work_cycles(values), section = static_cast<std::uint64_t>(context.core) % sections,
         access = std::uint64_t{0}]() mutable {
          Operation made{.address = context.line(section * each + access / 2),
                         .gap_cycles = access == 0 ? work : 0,
                         .kind = access % 2 == 0 ? Kind::load : Kind::store,
                         .completes = access + 1 == accesses};
          if (++access == accesses) {
            access = 0;
            if (++section == sections) section = 0;
          }
          return made;
        });
  }
};

}  // namespace

const Pattern& pattern_migratory() {
  static const Migratory pattern;
  return pattern;
}

}  // namespace baton::traces
