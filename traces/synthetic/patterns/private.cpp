#include "traces/synthetic/common.hpp"

namespace baton::traces {
namespace {

constexpr auto table = with_common({
    lines_parameter(128, "lines of each core's own working set, accessed uniformly"),
    fraction_parameter("read_fraction", 0.7, "loads among the accesses; the rest are stores"),
});

class Private final : public Pattern {
 public:
  std::string_view name() const override { return "private"; }
  std::string_view summary() const override {
    return "Each core reads and writes lines of its own: no sharing, stresses only the caches (hits, "
           "capacity) and "
           "shows what coherence costs when nothing is shared.";
  }
  std::span<const Parameter> parameters() const override { return table; }

  std::unique_ptr<OperationStream> stream(const ParameterValues& values,
                                          const PatternContext& context) const override {
    const std::uint64_t lines = values.integer("lines");
    const std::uint64_t first = lines * static_cast<std::uint64_t>(context.core);
    return generate(values.integer("operations_per_core"),
                    [context, lines, first, work = work_cycles(values),
                     random = Random(context.seed, static_cast<std::uint64_t>(context.core)),
                     kind = KindChoice(values["read_fraction"], 0)]() mutable {
                      return Operation{.address = context.line(first + random.below(lines)),
                                       .gap_cycles = work,
                                       .kind = kind(random)};
                    });
  }
};

}  // namespace

const Pattern& pattern_private() {
  static const Private pattern;
  return pattern;
}

}  // namespace baton::traces
