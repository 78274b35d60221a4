#pragma once
// A snooping protocol behind the interface of the registry.

#include "protocols/core/mutation.hpp"
#include "protocols/core/print.hpp"
#include "protocols/core/registry.hpp"
#include "protocols/core/snooping/check.hpp"

namespace baton::snooping {

template <Protocol P>
class Info : public ProtocolInfo {
 public:
  std::string_view name() const override { return P::name; }
  std::string_view summary() const override { return P::summary; }
  std::span<const ProtocolOption> options() const override { return P::options; }
  bool snoops() const override { return true; }
  bool ideal_transfer(const OptionValues&) const override { return false; }
  std::string print(const OptionValues& values, TableFormat format) const override {
    PrintedProtocol text{std::string(P::name), std::string(P::summary), {}, {}, {}, {}, {}};
    for (const ProtocolOption& option : P::options)
      text.options.emplace_back(option.name, chosen(values, option));
    text.kinds.assign(kinds.begin(), kinds.end());
    text.ordered.assign(virtual_networks, false);  // one bus
    text.cache = detail::printed(P::table(values));
    return print_as(text, format);
  }
  CheckResult check(const OptionValues& values, const CheckParameters& parameters,
                    const Mutation* mutation) const override {
    require_valid(parameters);
    const MutableTable<Context<P>> table = detail::mutated(P::table(values), mutation);
    return Checker<P>(table.view(), parameters).run();
  }
  std::vector<Mutation> mutations(const OptionValues& values) const override {
    std::vector<Mutation> all;
    detail::add_mutations(P::table(values), false, all);
    return all;
  }
};

}  // namespace baton::snooping
