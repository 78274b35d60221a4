#pragma once
// Directory MESI: Nagarajan, Sorin, Hill and Wood, A Primer on Memory Consistency and Cache Coherence, 2nd
// ed., chapter 8. The tables are in cache.cpp and home.cpp; README.md says how it differs from the book.

#include <array>
#include <cstdint>
#include <string_view>

#include "protocols/core/node_set.hpp"
#include "protocols/core/types.hpp"
#include "protocols/core/variant.hpp"

namespace baton::mesi {

enum class CacheState : std::uint8_t {
  I,
  S,
  E,
  M,
  IS_D,    ///< waits for data
  IS_D_I,  ///< waits for data, invalidated meanwhile: uses it once and does not keep it
  IM_AD,
  IM_A,
  SM_AD,
  SM_A,
  MI_A,
  EI_A,
  SI_A,
  II_A,
};

enum class CacheEvent : std::uint8_t {
  Load,
  Store,
  Rmw,
  Replace,
  FwdGetS,
  FwdGetM,
  Inv,
  PutAck,
  DataE,     ///< exclusive: nobody else has the line
  DataLast,  ///< no acknowledgement is outstanding any more (from the owner, or from the home without
             ///< sharers)
  DataMore,  ///< acknowledgements are outstanding
  AckCountLast,
  AckCountMore,  ///< the same for an upgrade: the cache has the data, so none is sent
  InvAck,
  LastInvAck,
};

enum class HomeState : std::uint8_t {
  I,    ///< no cache has the line
  S,    ///< caches may share it; memory is current
  EM,   ///< one cache owns it; it is E or M there
  S_D,  ///< becomes S when the previous owner's copy-back arrives
};

enum class HomeEvent : std::uint8_t {
  GetS,
  GetM,
  GetMSharer,  ///< from a sharer that the home knows: an upgrade
  PutMOwner,
  PutEOwner,
  PutOther,      ///< any Put that does not come from the registered owner
  PutOtherLast,  ///< the same, and it was the last sharer
  Data,          ///< copy-back
};

enum class Kind : std::uint8_t {
  GetS,
  GetM,
  PutS,
  PutE,
  PutM,
  FwdGetS,
  FwdGetM,
  Inv,
  PutAck,
  Data,
  DataE,
  AckCount,
  InvAck
};

struct Line {
  CacheState state = CacheState::I;
  std::int16_t acks =
      0;  ///< InvAcks still to come; negative while they overtake the data that announces them
  Value data = 0;

  /// The checker's key: only what later behaviour depends on.
  template <class Codec>
  void code(Codec& codec) {
    using enum CacheState;
    codec(state);
    if (any(IM_AD, IM_A, SM_AD, SM_A).has(state)) codec(acks);
    if (any(S, E, M, IM_A, SM_AD, SM_A, MI_A, EI_A).has(state)) codec(data);
  }
};

struct Entry {
  HomeState state = HomeState::I;
  NodeId owner = no_node;
  Value data = 0;
  NodeSet sharers;  ///< always empty under directory=broadcast

  template <class Codec>
  void code(Codec& codec) {
    codec(state);
    codec(owner);
    codec(sharers);
    if (state != HomeState::S_D) codec(data);
  }
};

struct Protocol {
  static constexpr std::string_view name = "mesi";
  static constexpr std::string_view summary =
      "directory MESI of the Primer (ch. 8): the home forwards and invalidates, the requestor collects acks";

  using CacheState = mesi::CacheState;
  using CacheEvent = mesi::CacheEvent;
  using HomeState = mesi::HomeState;
  using HomeEvent = mesi::HomeEvent;
  using Kind = mesi::Kind;
  using Line = mesi::Line;
  using Entry = mesi::Entry;

  static constexpr std::array<KindInfo, enum_count<Kind>> kinds{{
      {"GetS", VirtualNetwork::request, false},
      {"GetM", VirtualNetwork::request, false},
      {"PutS", VirtualNetwork::request, false},
      {"PutE", VirtualNetwork::request, false},
      {"PutM", VirtualNetwork::request, true},
      {"FwdGetS", VirtualNetwork::forward, false},
      {"FwdGetM", VirtualNetwork::forward, false},
      {"Inv", VirtualNetwork::forward, false},
      {"PutAck", VirtualNetwork::forward, false},
      {"Data", VirtualNetwork::response, true},
      {"DataE", VirtualNetwork::response, true},
      {"AckCount", VirtualNetwork::response, false},
      {"InvAck", VirtualNetwork::response, false},
  }};
  /// PutAck must not overtake a forward that the home sent before it (Primer, section 8.2.3 and 8.7.3).
  static constexpr bool ordered[virtual_networks] = {false, true, false};

  static constexpr std::string_view directories[] = {"full_map", "broadcast"};
  static constexpr std::array<ProtocolOption, 1> options{{
      {"directory", directories,
       "full_map: the home knows every sharer; broadcast: it keeps no list, so a write to a line in S "
       "invalidates "
       "all other caches"},
  }};

  static CacheEvent classify(const Line& line, const Message& message) {
    const bool has_all_acks = line.acks + message.acks == 0;
    switch (static_cast<Kind>(message.kind)) {
      case Kind::FwdGetS:
        return CacheEvent::FwdGetS;
      case Kind::FwdGetM:
        return CacheEvent::FwdGetM;
      case Kind::Inv:
        return CacheEvent::Inv;
      case Kind::PutAck:
        return CacheEvent::PutAck;
      case Kind::DataE:
        return CacheEvent::DataE;
      case Kind::InvAck:
        return line.acks == 1 ? CacheEvent::LastInvAck : CacheEvent::InvAck;
      case Kind::AckCount:
        return has_all_acks ? CacheEvent::AckCountLast : CacheEvent::AckCountMore;
      default:
        return has_all_acks ? CacheEvent::DataLast : CacheEvent::DataMore;
    }
  }

  static HomeEvent classify(const Entry& entry, const Message& message) {
    const NodeId from = message.requestor;
    const bool from_owner = entry.state == HomeState::EM && entry.owner == from;
    switch (static_cast<Kind>(message.kind)) {
      case Kind::GetS:
        return HomeEvent::GetS;
      case Kind::GetM:
        return entry.sharers.contains(from) ? HomeEvent::GetMSharer : HomeEvent::GetM;
      case Kind::PutM:
        if (from_owner) return HomeEvent::PutMOwner;
        break;
      case Kind::PutE:
        if (from_owner) return HomeEvent::PutEOwner;
        break;
      case Kind::PutS:
        break;
      default:
        return HomeEvent::Data;
    }
    return entry.sharers.size() == 1 && entry.sharers.contains(from) ? HomeEvent::PutOtherLast
                                                                     : HomeEvent::PutOther;
  }

  static Variant<Protocol> variant(const OptionValues& values);
};

using CacheView = TableView<CacheContext<Protocol>>;
using HomeView = TableView<HomeContext<Protocol>>;

CacheView cache_table(bool broadcast);
HomeView home_table(bool broadcast);

inline Variant<Protocol> Protocol::variant(const OptionValues& values) {
  const bool broadcast = chosen(values, options[0]) == "broadcast";
  return {cache_table(broadcast), home_table(broadcast)};
}

static_assert(CoherenceProtocol<Protocol>);

}  // namespace baton::mesi
