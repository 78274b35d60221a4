#pragma once
// MESI on an atomic bus (the Illinois protocol): Papamarcos and Patel, ISCA 1984; Culler, Singh and Gupta,
// section 5.3.2. The table is in cache.cpp.

#include "protocols/core/snooping/snooping.hpp"

namespace baton::snooping_mesi {

enum class CacheState : std::uint8_t { I, S, E, M };

struct Protocol {
  static constexpr std::string_view name = "snooping_mesi";
  static constexpr std::string_view summary =
      "MESI on an atomic bus (Illinois): all caches see every transaction";

  using CacheState = snooping_mesi::CacheState;
  using Line = snooping::Line<CacheState>;

  static constexpr std::string_view supplier_values[] = {"memory", "cache"};
  static constexpr std::array<ProtocolOption, 1> options{{
      {"clean_data", supplier_values,
       "a line that is clean in another cache comes from memory, or from a cache (as in the Illinois "
       "protocol)"},
  }};
  static TableView<snooping::Context<Protocol>> table(const OptionValues& values);
};

static_assert(snooping::Protocol<Protocol>);

}  // namespace baton::snooping_mesi
