#pragma once
// Directory MESI: Nagarajan, Sorin, Hill and Wood, A Primer on Memory Consistency and Cache Coherence, 2nd
// ed., chapter 8. The tables are in cache.cpp and home.cpp; README.md says how it differs from the book.

#include <array>
#include <cstdint>
#include <string_view>

#include "protocols/core/types.hpp"
#include "protocols/core/variant.hpp"
#include "protocols/directory/classify.hpp"
#include "protocols/directory/entry.hpp"
#include "protocols/directory/organisation.hpp"

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
  IS_A,  ///< directory=limited: has the data, but another sharer has to give way first
  IF_D,  ///< a far atomic is under way
};

enum class CacheEvent : std::uint8_t {
  Load,
  Store,
  Rmw,
  Replace,
  RmwFar,  ///< a read-modify-write that the predictor sends to the home
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
  Result,  ///< of a far atomic
};

enum class HomeState : std::uint8_t {
  I,     ///< no cache has the line
  S,     ///< caches may share it; memory is current
  EM,    ///< one cache owns it; it is E or M there
  S_D,   ///< becomes S when the previous owner's copy-back arrives
  I_A,   ///< recalled: becomes I when all answers have come
  I_AP,  ///< the same, and then performs a far atomic
};

enum class HomeEvent : std::uint8_t {
  GetS,
  GetM,
  GetMSharer,  ///< from a sharer that the home knows: an upgrade
  PutMOwner,
  PutEOwner,
  PutOther,      ///< any Put that does not come from the registered owner
  PutOtherLast,  ///< the same, and it was the last sharer
  Data,          ///< copy-back, or an owner's answer to a recall
  LastData,
  InvAck,  ///< a sharer's answer to a recall
  LastInvAck,
  Recall,
  RecallUnused,  ///< in S without sharers
  Atomic,
  AtomicAlone,  ///< in S without other sharers
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
  InvAck,
  Atomic,
  Result
};

using enum CacheState;
using Line = directory::Line<CacheState, any(IS_D, IS_A, IM_AD, IM_A, SM_AD, SM_A),
                             any(S, E, M, IS_A, IM_A, SM_AD, SM_A, MI_A, EI_A)>;
using Entry = directory::Entry<HomeState, any(HomeState::S_D)>;

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
      {"Atomic", VirtualNetwork::request, false},
      {"Result", VirtualNetwork::response, false},
  }};
  /// PutAck must not overtake a forward that the home sent before it (Primer, section 8.2.3 and 8.7.3).
  static constexpr bool ordered[virtual_networks] = {false, true, false};

  static constexpr std::array<ProtocolOption, 5> options{
      {directory::directory_option, directory::pointers_option, directory::region_option,
       directory::entries_option, directory::atomics_option}};

  static CacheEvent classify(const Line& line, const Message& message) {
    return directory::classify_at_cache<Protocol>(line, message);
  }
  static HomeEvent classify(const Entry& entry, const Message& message) {
    return directory::classify_at_home<Protocol>(entry, message);
  }
  static HomeEvent classify_recall(const Entry& entry) { return directory::classify_recall<Protocol>(entry); }

  static Variant<Protocol> variant(const OptionValues& values);
};

using CacheView = TableView<CacheContext<Protocol>>;
using HomeView = TableView<HomeContext<Protocol>>;

CacheView cache_table(const directory::Organisation& organisation);
HomeView home_table(const directory::Organisation& organisation);

inline Variant<Protocol> Protocol::variant(const OptionValues& values) {
  const auto organisation = directory::organisation(values);
  return directory::variant<Protocol>(organisation, cache_table(organisation), home_table(organisation));
}

static_assert(CoherenceProtocol<Protocol>);

}  // namespace baton::mesi
