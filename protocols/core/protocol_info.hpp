#pragma once
// One protocol behind the interface of the registry. Each is compiled in a file of its own, which CMake
// generates from protocol_info.cpp.in.

#include "protocols/core/check_search.hpp"
#include "protocols/core/mutation.hpp"
#include "protocols/core/print.hpp"
#include "protocols/core/registry.hpp"
#include "protocols/core/snooping/info.hpp"

namespace baton {

template <class P>
class Info;

template <snooping::Protocol P>
class Info<P> final : public snooping::Info<P> {};

template <CoherenceProtocol P>
class Info<P> final : public ProtocolInfo {
 public:
  std::string_view name() const override { return P::name; }
  std::string_view summary() const override { return P::summary; }
  std::span<const ProtocolOption> options() const override { return P::options; }
  bool logical_time() const override { return has_logical_time<P>; }
  bool ideal_transfer(const OptionValues& values) const override { return P::variant(values).ideal_transfer; }
  std::string print(const OptionValues& values, TableFormat format) const override {
    return print_as(printed<P>(values), format);
  }
  CheckResult check(const OptionValues& values, const CheckParameters& parameters,
                    const Mutation* mutation) const override {
    if (mutation == nullptr) return baton::check<P>(P::variant(values), parameters);
    return baton::check<P>(MutatedVariant<P>(P::variant(values), *mutation).variant(), parameters);
  }
  std::vector<Mutation> mutations(const OptionValues& values) const override {
    return baton::mutations<P>(P::variant(values));
  }
};

}  // namespace baton
