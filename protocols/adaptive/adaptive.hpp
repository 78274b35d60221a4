#pragma once
// Adaptive ownership: directory MESI whose home hands a line that migrates from writer to writer over to its
// readers, too, as ownership transfer does. README.md says what it observes, and the sources.

#include <array>
#include <cstdint>
#include <string_view>

#include "protocols/core/node_set.hpp"
#include "protocols/core/types.hpp"
#include "protocols/core/variant.hpp"
#include "protocols/directory/classify.hpp"
#include "protocols/directory/entry.hpp"

namespace baton::adaptive {

enum class CacheState : std::uint8_t {
  I,
  S,
  E,
  G,  ///< given by another cache for a load: exclusive and dirty, but not written by this cache
  M,
  IS_D,  ///< waits for data
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
  FwdGive,       ///< for a load: give the line up, the reader becomes its owner
  FwdGiveAgain,  ///< the same, and the reader has owned the line before: did this cache write it since?
  Inv,
  PutAck,
  DataE,     ///< exclusive and clean
  DataG,     ///< exclusive and dirty, for a load
  DataLast,  ///< no acknowledgement is outstanding any more
  DataMore,  ///< acknowledgements are outstanding
  AckCountLast,
  AckCountMore,  ///< the same for an upgrade: the cache has the data, so none is sent
  InvAck,
  LastInvAck,
};

enum class HomeState : std::uint8_t {
  I,    ///< no cache has the line
  S,    ///< caches may share it; memory is current
  EM,   ///< one cache owns it; it is E, G or M there
  S_D,  ///< becomes S when the previous owner's copy-back arrives
};

enum class HomeEvent : std::uint8_t {
  GetS,
  GetSGive,       ///< the line migrates
  GetSGiveAgain,  ///< the same, and the reader is a former owner
  GetM,
  GetMSharer,  ///< from a sharer: an upgrade
  GetMFormer,  ///< from a former owner; in S: an upgrade by the cache that owned the line before
  PutMOwner,
  PutEOwner,
  PutOther,      ///< any Put that does not come from the registered owner
  PutOtherLast,  ///< the same, and it was the last sharer
  Data,          ///< copy-back
  Unwritten,     ///< the line was given to a reader that would still have it, had it been shared
  Written,
};

enum class Kind : std::uint8_t {
  GetS,
  GetM,
  PutS,
  PutE,
  PutM,
  FwdGetS,
  FwdGetM,
  FwdGive,
  FwdGiveAgain,
  Inv,
  PutAck,
  Data,
  DataE,
  DataG,
  AckCount,
  InvAck,
  Unwritten,
  Written
};

using enum CacheState;
using Line = directory::Line<CacheState, any(IS_D, IM_AD, IM_A, SM_AD, SM_A),
                             any(S, E, G, M, IM_A, SM_AD, SM_A, MI_A, EI_A)>;

struct Entry : directory::Entry<HomeState, any(HomeState::S_D)> {
  /// Caches that have owned the line and lost it to a load, since the last request to write. In a machine
  /// these are the sharers' bits where the line has no sharers, and one pointer where it has.
  NodeSet former;
  bool has_asked = false;  ///< for the answer to a FwdGiveAgain; one at a time
  /// Signs of migration that are still needed before the line counts as migratory; it does at 0. For a new
  /// line two suffice (one may be its initialization); after a sign of sharing it takes `patience`.
  std::uint8_t doubt = 2;

  template <class Codec>
  void code(Codec& codec) {
    directory::Entry<HomeState, any(HomeState::S_D)>::code(codec);
    codec(former);
    codec(has_asked);
    codec(doubt);
  }
};

struct Protocol {
  static constexpr std::string_view name = "adaptive";
  static constexpr std::string_view summary =
      "adaptive ownership: MESI for lines that many read, ownership transfer for lines that migrate, by what "
      "the home observes";

  using CacheState = adaptive::CacheState;
  using CacheEvent = adaptive::CacheEvent;
  using HomeState = adaptive::HomeState;
  using HomeEvent = adaptive::HomeEvent;
  using Kind = adaptive::Kind;
  using Line = adaptive::Line;
  using Entry = adaptive::Entry;

  static constexpr std::array<KindInfo, enum_count<Kind>> kinds{{
      {"GetS", VirtualNetwork::request, false},
      {"GetM", VirtualNetwork::request, false},
      {"PutS", VirtualNetwork::request, false},
      {"PutE", VirtualNetwork::request, false},
      {"PutM", VirtualNetwork::request, true},
      {"FwdGetS", VirtualNetwork::forward, false},
      {"FwdGetM", VirtualNetwork::forward, false},
      {"FwdGive", VirtualNetwork::forward, false},
      {"FwdGiveAgain", VirtualNetwork::forward, false},
      {"Inv", VirtualNetwork::forward, false},
      {"PutAck", VirtualNetwork::forward, false},
      {"Data", VirtualNetwork::response, true},
      {"DataE", VirtualNetwork::response, true},
      {"DataG", VirtualNetwork::response, true},
      {"AckCount", VirtualNetwork::response, false},
      {"InvAck", VirtualNetwork::response, false},
      {"Unwritten", VirtualNetwork::response, false},
      {"Written", VirtualNetwork::response, false},
  }};
  /// PutAck must not overtake a forward that the home sent before it (Primer, section 8.2.3 and 8.7.3).
  static constexpr bool ordered[virtual_networks] = {false, true, false};

  static constexpr std::string_view patience[] = {"4", "1", "2", "3", "5", "6", "7"};
  static constexpr std::string_view checked_patience[] = {"4"};
  static constexpr std::array<ProtocolOption, 1> options{
      {{"patience", patience,
        "signs of migration in a row, after a sign of sharing, that make a line migratory",
        checked_patience}}};

  static CacheEvent classify(const Line& line, const Message& message) {
    switch (static_cast<Kind>(message.kind)) {
      case Kind::FwdGive:
        return CacheEvent::FwdGive;
      case Kind::FwdGiveAgain:
        return CacheEvent::FwdGiveAgain;
      case Kind::DataG:
        return CacheEvent::DataG;
      default:
        return directory::classify_at_cache<Protocol>(line, message);
    }
  }
  static HomeEvent classify(const Entry& entry, const Message& message);

  static Variant<Protocol> variant(const OptionValues& values);
};

using CacheView = TableView<CacheContext<Protocol>>;
using HomeView = TableView<HomeContext<Protocol>>;

CacheView cache_table();
HomeView home_table(std::string_view patience);

inline HomeEvent Protocol::classify(const Entry& entry, const Message& message) {
  using enum HomeEvent;
  const bool is_former = entry.former.contains(message.requestor);
  const bool from_sharer = entry.sharers.contains(message.requestor);
  const bool from_owner = entry.owner != no_node && entry.owner == message.requestor;
  switch (static_cast<Kind>(message.kind)) {
    case Kind::GetS:
      if (entry.state != HomeState::EM || entry.doubt != 0) return GetS;
      return is_former && !entry.has_asked ? GetSGiveAgain : GetSGive;
    case Kind::GetM:
      if (is_former && (from_sharer || entry.state == HomeState::EM)) return GetMFormer;
      return from_sharer ? GetMSharer : GetM;
    case Kind::PutM:
      if (from_owner) return PutMOwner;
      break;
    case Kind::PutE:
      if (from_owner) return PutEOwner;
      break;
    case Kind::Data:
      return Data;
    case Kind::Unwritten:
      return Unwritten;
    case Kind::Written:
      return Written;
    default:
      break;
  }
  return from_sharer && entry.sharers.size() == 1 ? PutOtherLast : PutOther;
}

inline Variant<Protocol> Protocol::variant(const OptionValues& values) {
  return {cache_table(), home_table(chosen(values, options[0]))};
}

static_assert(CoherenceProtocol<Protocol>);

}  // namespace baton::adaptive
