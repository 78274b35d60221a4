#pragma once
// Dragon, an update protocol on an atomic bus: McCreight 1984 (Xerox); Archibald and Baer, TOCS 1986; Culler,
// Singh and Gupta, section 5.3.3. The table is in cache.cpp.

#include "protocols/core/snooping/snooping.hpp"

namespace baton::dragon {

enum class CacheState : std::uint8_t {
  I,   ///< not present: Dragon itself has no such state, a line is never invalidated
  E,   ///< exclusive, clean
  Sc,  ///< shared; another cache may be responsible for memory
  Sm,  ///< shared, and this cache is: memory may be stale
  M    ///< exclusive, modified
};

struct Protocol {
  static constexpr std::string_view name = "dragon";
  static constexpr std::string_view summary =
      "Dragon on an atomic bus: a write updates all copies instead of invalidating them";

  using CacheState = dragon::CacheState;
  using Line = snooping::Line<CacheState>;

  static constexpr std::array<ProtocolOption, 0> options{};
  static TableView<snooping::Context<Protocol>> table(const OptionValues& values);
};

static_assert(snooping::Protocol<Protocol>);

}  // namespace baton::dragon
