#pragma once
// MSI on an atomic bus: Culler, Singh and Gupta, section 5.3.1 (with the upgrade of section 5.3's exercise);
// Primer, 2nd ed., table 7.5 and 7.6. The table is in cache.cpp. No cache drives the shared
// line, which would make no difference: the end of a read is always OwnRdAlone.

#include "protocols/core/snooping/snooping.hpp"

namespace baton::snooping_msi {

enum class CacheState : std::uint8_t { I, S, M };

struct Protocol {
  static constexpr std::string_view name = "snooping_msi";
  static constexpr std::string_view summary = "MSI on an atomic bus: all caches see every transaction";

  using CacheState = snooping_msi::CacheState;
  using Line = snooping::Line<CacheState>;

  static constexpr std::string_view upgrade_values[] = {"BusUpgr", "BusRdX"};
  static constexpr std::array<ProtocolOption, 1> options{{
      {"upgrade", upgrade_values,
       "a write to a copy in S asks for the right to write (BusUpgr), or reads the line again (BusRdX)"},
  }};
  static TableView<snooping::Context<Protocol>> table(const OptionValues& values);
};

static_assert(snooping::Protocol<Protocol>);

}  // namespace baton::snooping_msi
