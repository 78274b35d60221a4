#include "traces/synthetic/common.hpp"
#include "traces/synthetic/zipf.hpp"

namespace baton::traces {
namespace {

constexpr auto table = with_common({
    lines_parameter(1024, "lines shared by all cores"),
    {"zipf", Parameter::Type::real, 0, 0, 10, "",
     "skew: line i is accessed in proportion to 1/(i+1)^zipf; 0 is uniform"},
    fraction_parameter("read_fraction", 0.7, "loads among the accesses"),
    fraction_parameter("rmw_fraction", 0, "read-modify-writes among the accesses; the rest are stores"),
});

template <class Pick>
std::unique_ptr<OperationStream> accesses(const ParameterValues& values, const PatternContext& context,
                                          Pick pick) {
  return generate(values.integer("operations_per_core"),
                  [context, pick, work = work_cycles(values),
                   random = Random(context.seed, static_cast<std::uint64_t>(context.core)),
                   kind = KindChoice(values["read_fraction"], values["rmw_fraction"])]() mutable {
                    return Operation{
                        .address = context.line(pick(random)), .gap_cycles = work, .kind = kind(random)};
                  });
}

class Uniform final : public Pattern {
 public:
  std::string_view name() const override { return "uniform"; }
  std::string_view summary() const override {
    return "All cores read and write the same lines at random, uniformly or with a Zipf skew: stresses every "
           "transition of the protocol, the homes and the network.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  std::vector<ParameterError> check(const ParameterValues& values, int) const override {
    return check_fractions(values);
  }

  std::unique_ptr<OperationStream> stream(const ParameterValues& values,
                                          const PatternContext& context) const override {
    const std::uint64_t lines = values.integer("lines");
    const double skew = values["zipf"];
    if (skew > 0) return accesses(values, context, Zipf(lines, skew));
    return accesses(values, context, [lines](Random& random) { return random.below(lines); });
  }
};

}  // namespace

const Pattern& pattern_uniform() {
  static const Uniform pattern;
  return pattern;
}

}  // namespace baton::traces
