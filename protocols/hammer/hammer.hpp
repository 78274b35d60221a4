#pragma once
// Hammer: broadcasts without a directory, as AMD's Opteron has them (Conway, Hughes, The AMD Opteron
// Northbridge Architecture, IEEE Micro 27(2), 2007; gem5's MOESI_hammer). The tables are in cache.cpp and
// home.cpp.

#include <array>
#include <cstdint>
#include <string_view>

#include "protocols/core/types.hpp"
#include "protocols/core/variant.hpp"

namespace baton::hammer {

enum class CacheState : std::uint8_t {
  I,
  S,
  E,
  O,  ///< answers probes with data; memory may be old
  M,
  IS_D,  ///< reading: waits for memory's data and all other caches' responses
  IM_D,
  SM_D,
  OM_D,  ///< the same, and its own data are the newest
  MI_A,
  OI_A,
  II_A,
};

enum class CacheEvent : std::uint8_t {
  Load,
  Store,
  Rmw,
  Replace,
  ProbeS,      ///< another cache reads
  ProbeM,      ///< another cache writes
  PutAck,      ///< the home is ready for what is evicted
  Response,    ///< memory's data or a cache's response, and more are to come
  Last,        ///< the last one, and no other cache has a copy
  LastShared,  ///< the last one, and one has
};

enum class HomeState : std::uint8_t {
  I,    ///< idle: it knows nothing of the line but what memory contains
  I_U,  ///< until the requestor unblocks it
  I_W,  ///< until the evicted line comes, or word that another cache has got it meanwhile
};

enum class HomeEvent : std::uint8_t { GetS, GetM, Put, Unblock, WriteBack, NoWriteBack };

enum class Kind : std::uint8_t {
  GetS,
  GetM,
  Put,
  ProbeS,
  ProbeM,
  PutAck,
  MemoryData,  ///< from the home, and how many responses come
  Data,        ///< an owner's response
  Ack,         ///< the response of a cache that has no copy (any more)
  AckShared,   ///< … of one that shares the line
  Unblock,
  WriteBack,
  NoWriteBack
};

struct Line {
  CacheState state = CacheState::I;
  bool owned = false;     ///< `data` are an owner's: memory's do not count
  bool shared = false;    ///< another cache has a copy
  std::int16_t acks = 0;  ///< responses still to come; negative before MemoryData says how many
  Value data = 0;

  template <class Codec>
  void code(Codec& codec) {
    using enum CacheState;
    codec(state);
    if (any(IS_D, IM_D, SM_D, OM_D).has(state)) {
      codec(owned);
      codec(shared);
      codec(acks);
    }
    if (any(S, E, O, M, IS_D, IM_D, SM_D, OM_D, MI_A, OI_A).has(state)) codec(data);
  }
};

struct Entry {
  HomeState state = HomeState::I;
  Value data = 0;

  template <class Codec>
  void code(Codec& codec) {
    codec(state);
    codec(data);
  }
};

struct Protocol {
  static constexpr std::string_view name = "hammer";
  static constexpr std::string_view summary =
      "broadcasts without a directory (AMD Opteron): every miss asks all other caches and memory at once";

  using CacheState = hammer::CacheState;
  using CacheEvent = hammer::CacheEvent;
  using HomeState = hammer::HomeState;
  using HomeEvent = hammer::HomeEvent;
  using Kind = hammer::Kind;
  using Line = hammer::Line;
  using Entry = hammer::Entry;

  static constexpr std::array<KindInfo, enum_count<Kind>> kinds{{
      {"GetS", VirtualNetwork::request, false},
      {"GetM", VirtualNetwork::request, false},
      {"Put", VirtualNetwork::request, false},
      {"ProbeS", VirtualNetwork::forward, false},
      {"ProbeM", VirtualNetwork::forward, false},
      {"PutAck", VirtualNetwork::forward, false},
      {"MemoryData", VirtualNetwork::response, true},
      {"Data", VirtualNetwork::response, true},
      {"Ack", VirtualNetwork::response, false},
      {"AckShared", VirtualNetwork::response, false},
      {"Unblock", VirtualNetwork::response, false},
      {"WriteBack", VirtualNetwork::response, true},
      {"NoWriteBack", VirtualNetwork::response, false},
  }};
  /// The home handles one transaction of a line at a time, so no two messages of a pair can be confused.
  static constexpr bool ordered[virtual_networks] = {false, false, false};
  static constexpr std::array<ProtocolOption, 0> options{};

  static CacheEvent classify(const Line& line, const Message& message) {
    const auto kind = static_cast<Kind>(message.kind);
    switch (kind) {
      case Kind::ProbeS:
        return CacheEvent::ProbeS;
      case Kind::ProbeM:
        return CacheEvent::ProbeM;
      case Kind::PutAck:
        return CacheEvent::PutAck;
      default:
        break;
    }
    const int left = line.acks + (kind == Kind::MemoryData ? message.acks : -1);
    if (left != 0) return CacheEvent::Response;
    const bool shared = line.shared || kind == Kind::Data || kind == Kind::AckShared;
    return shared ? CacheEvent::LastShared : CacheEvent::Last;
  }

  static HomeEvent classify(const Entry&, const Message& message) {
    switch (static_cast<Kind>(message.kind)) {
      case Kind::GetS:
        return HomeEvent::GetS;
      case Kind::GetM:
        return HomeEvent::GetM;
      case Kind::Put:
        return HomeEvent::Put;
      case Kind::WriteBack:
        return HomeEvent::WriteBack;
      case Kind::NoWriteBack:
        return HomeEvent::NoWriteBack;
      default:
        return HomeEvent::Unblock;
    }
  }

  static Variant<Protocol> variant(const OptionValues& values);
};

using CacheView = TableView<CacheContext<Protocol>>;
using HomeView = TableView<HomeContext<Protocol>>;

CacheView cache_table();
HomeView home_table();

inline Variant<Protocol> Protocol::variant(const OptionValues&) {
  return {cache_table(), home_table()};
}

static_assert(CoherenceProtocol<Protocol>);

}  // namespace baton::hammer
