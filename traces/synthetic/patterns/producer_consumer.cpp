#include "traces/synthetic/common.hpp"

namespace baton::traces {
namespace {

constexpr auto table = with_common({
    lines_parameter(16, "lines of each group's ring"),
    {"consumers", Parameter::Type::integer, 1, 0, 65535, "cores",
     "readers of each producer; consumers + 1 divides the cores; 0: all other cores"},
});

class ProducerConsumer final : public Pattern {
 public:
  std::string_view name() const override { return "producer_consumer"; }
  std::string_view summary() const override {
    return "In each group of cores the first writes a ring of lines and the others read it in the same "
           "order, without "
           "waiting for each other: stresses the way of fresh data from one writer to its readers.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  std::vector<ParameterError> check(const ParameterValues& values, int cores) const override {
    return check_groups(values, "consumers", 1, cores);
  }

  // The seed has no effect.
  std::unique_ptr<OperationStream> stream(const ParameterValues& values,
                                          const PatternContext& context) const override {
    const std::uint64_t consumers = values.integer("consumers");
    const Group group = group_of(context, consumers == 0 ? 0 : consumers + 1);
    const std::uint64_t lines = values.integer("lines");
    return generate(
        values.integer("operations_per_core"),
        [context, lines, first = group.index * lines, kind = group.member == 0 ? Kind::store : Kind::load,
         work = work_cycles(values), slot = std::uint64_t{0}]() mutable {
          const Operation made{.address = context.line(first + slot), .gap_cycles = work, .kind = kind};
          if (++slot == lines) slot = 0;
          return made;
        });
  }
};

}  // namespace

const Pattern& pattern_producer_consumer() {
  static const ProducerConsumer pattern;
  return pattern;
}

}  // namespace baton::traces
