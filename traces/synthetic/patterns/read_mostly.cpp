#include "traces/synthetic/common.hpp"

namespace baton::traces {
namespace {

constexpr auto table = with_common({
    lines_parameter(64, "lines shared by all cores, accessed uniformly"),
    fraction_parameter("write_fraction", 0.01, "stores among the accesses, by any core; the rest are loads"),
});

class ReadMostly final : public Pattern {
 public:
  std::string_view name() const override { return "read_mostly"; }
  std::string_view summary() const override {
    return "All cores read the same lines and rarely write one: stresses wide sharing, and the invalidation "
           "of many "
           "copies by each store.";
  }
  std::span<const Parameter> parameters() const override { return table; }

  std::unique_ptr<OperationStream> stream(const ParameterValues& values,
                                          const PatternContext& context) const override {
    return generate(values.integer("operations_per_core"),
                    [context, lines = values.integer("lines"), work = work_cycles(values),
                     random = Random(context.seed, static_cast<std::uint64_t>(context.core)),
                     write = Chance(values["write_fraction"])]() mutable {
                      const Address address = context.line(random.below(lines));
                      return Operation{.address = address,
                                       .gap_cycles = work,
                                       .kind = write(random) ? Kind::store : Kind::load};
                    });
  }
};

}  // namespace

const Pattern& pattern_read_mostly() {
  static const ReadMostly pattern;
  return pattern;
}

}  // namespace baton::traces
