#include "traces/synthetic/common.hpp"

namespace baton::traces {
namespace {

constexpr std::uint64_t word_bytes = 8;

constexpr auto table = with_common({
    {"padding", Parameter::Type::bytes, 0, 0, 4096, "bytes",
     "unused space after each core's 8-byte word, a multiple of 8; line size - 8 or more removes the false "
     "sharing"},
    fraction_parameter("read_fraction", 0, "loads among the accesses; the rest are stores"),
});

class FalseSharing final : public Pattern {
 public:
  std::string_view name() const override { return "false_sharing"; }
  std::string_view summary() const override {
    return "Each core writes a word of its own, but the words of several cores lie in one line: stresses the "
           "transfer "
           "of lines that carry no information; padding removes it.";
  }
  std::span<const Parameter> parameters() const override { return table; }

  std::vector<ParameterError> check(const ParameterValues& values, int) const override {
    const std::uint64_t padding = values.integer("padding");
    if (padding % word_bytes == 0) return {};
    return {{"padding",
             "words would straddle lines, found " + std::to_string(padding) + ", allowed multiples of 8"}};
  }

  std::unique_ptr<OperationStream> stream(const ParameterValues& values,
                                          const PatternContext& context) const override {
    const Address address =
        context.base + static_cast<std::uint64_t>(context.core) * (word_bytes + values.integer("padding"));
    return generate(values.integer("operations_per_core"),
                    [address, work = work_cycles(values),
                     random = Random(context.seed, static_cast<std::uint64_t>(context.core)),
                     kind = KindChoice(values["read_fraction"], 0)]() mutable {
                      return Operation{.address = address, .gap_cycles = work, .kind = kind(random)};
                    });
  }
};

}  // namespace

const Pattern& pattern_false_sharing() {
  static const FalseSharing pattern;
  return pattern;
}

}  // namespace baton::traces
