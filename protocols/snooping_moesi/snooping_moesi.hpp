#pragma once
// MOESI on an atomic bus: Sweazey and Smith, ISCA 1986. A dirty line that is read by others stays dirty with
// its owner (O), who supplies it; memory is written when the owner replaces it. The table is in cache.cpp.

#include "protocols/core/snooping/snooping.hpp"

namespace baton::snooping_moesi {

enum class CacheState : std::uint8_t { I, S, E, O, M };

struct Protocol {
  static constexpr std::string_view name = "snooping_moesi";
  static constexpr std::string_view summary =
      "MOESI on an atomic bus: a dirty line is shared without being written to memory";

  using CacheState = snooping_moesi::CacheState;
  using Line = snooping::Line<CacheState>;

  static constexpr std::array<ProtocolOption, 0> options{};
  static TableView<snooping::Context<Protocol>> table(const OptionValues& values);
};

static_assert(snooping::Protocol<Protocol>);

}  // namespace baton::snooping_moesi
