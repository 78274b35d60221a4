#include "traces/synthetic/common.hpp"

namespace baton::traces {
namespace {

constexpr auto table = with_common({
    {"sharers", Parameter::Type::integer, 4, 0, 65536, "cores",
     "cores that share each line; divides the cores; 0: all cores"},
    lines_parameter(16, "lines of each group of sharers, accessed uniformly"),
    fraction_parameter("read_fraction", 0.9, "loads among the accesses"),
    fraction_parameter("rmw_fraction", 0, "read-modify-writes among the accesses; the rest are stores"),
});

class Sharing final : public Pattern {
 public:
  std::string_view name() const override { return "sharing"; }
  std::string_view summary() const override {
    return "Groups of a given number of cores share lines with a given fraction of reads: the plane of "
           "sharers and "
           "reads on which one protocol or another wins.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  std::vector<ParameterError> check(const ParameterValues& values, int cores) const override {
    std::vector<ParameterError> errors = check_groups(values, "sharers", 0, cores);
    for (ParameterError& error : check_fractions(values)) errors.push_back(std::move(error));
    return errors;
  }

  std::unique_ptr<OperationStream> stream(const ParameterValues& values,
                                          const PatternContext& context) const override {
    const std::uint64_t lines = values.integer("lines");
    const std::uint64_t first = group_of(context, values.integer("sharers")).index * lines;
    return generate(values.integer("operations_per_core"),
                    [context, lines, first, work = work_cycles(values),
                     random = Random(context.seed, static_cast<std::uint64_t>(context.core)),
                     kind = KindChoice(values["read_fraction"], values["rmw_fraction"])]() mutable {
                      return Operation{.address = context.line(first + random.below(lines)),
                                       .gap_cycles = work,
                                       .kind = kind(random)};
                    });
  }
};

}  // namespace

const Pattern& pattern_sharing() {
  static const Sharing pattern;
  return pattern;
}

}  // namespace baton::traces
