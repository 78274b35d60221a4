#include "traces/synthetic/common.hpp"

namespace baton::traces {
namespace {

constexpr auto table = with_common({
    {"counters", Parameter::Type::integer, 1, 1, maximum_lines, "lines",
     "counters, each in a line of its own, chosen uniformly"},
});

class ContendedCounter final : public Pattern {
 public:
  std::string_view name() const override { return "contended_counter"; }
  std::string_view summary() const override {
    return "All cores add to one counter (or a few) by atomic read-modify-writes: stresses the transfer of "
           "one line "
           "between owners, at its limit of one transfer an operation.";
  }
  std::span<const Parameter> parameters() const override { return table; }

  std::unique_ptr<OperationStream> stream(const ParameterValues& values,
                                          const PatternContext& context) const override {
    return generate(values.integer("operations_per_core"),
                    [context, counters = values.integer("counters"), work = work_cycles(values),
                     random = Random(context.seed, static_cast<std::uint64_t>(context.core))]() mutable {
                      return Operation{.address = context.line(random.below(counters)),
                                       .gap_cycles = work,
                                       .kind = Kind::rmw};
                    });
  }
};

}  // namespace

const Pattern& pattern_contended_counter() {
  static const ContendedCounter pattern;
  return pattern;
}

}  // namespace baton::traces
