#pragma once
// Tardis: Yu and Devadas, Tardis: Time Traveling Coherence Algorithm for Distributed Shared Memory, PACT 2015
// (tables II and III); Yu, Vijayaraghavan and Devadas, A Proof of Correctness for the Tardis Cache Coherence
// Protocol, arXiv 1505.06459. Copies are leased in logical time, so nobody is ever invalidated: a writer
// jumps behind all leases instead. README.md says what differs from the paper.

#include <array>
#include <cstdint>
#include <string_view>

#include "protocols/core/types.hpp"
#include "protocols/core/variant.hpp"

namespace baton::tardis {

enum class CacheState : std::uint8_t {
  I,
  S,  ///< a version that may be read until its lease ends, perhaps long after others have written newer ones
  M,  ///< the owner: has the newest version, and may write the next
  IS_D,  ///< waits for data
  SS_D,  ///< the lease has ended: waits for a longer one, or for a newer version
  IM_D,
  SM_D,  ///< waits to own the line, and for data if its version is an old one
  MI_A,  ///< evicting; keeps the data until PutAck, because a forward may be on its way
  II_A,  ///< evicting, and the home has the data already
};

enum class CacheEvent : std::uint8_t {
  Load,  ///< also of a copy whose lease lasts
  Store,
  Rmw,
  Replace,
  LoadExpired,  ///< the core's clock is behind the end of the lease
  FwdGetS,
  FwdGetM,
  PutAck,
  Data,
  Renewed,   ///< the lease lasts longer; the version is still the newest
  Upgraded,  ///< the cache owns the line; its version was still the newest
};

enum class HomeState : std::uint8_t {
  S,    ///< the home has the newest version; caches may have leases of it, and of older ones
  M,    ///< a cache owns the line
  S_D,  ///< waits for the owner's data, for a reader
  M_D,  ///< waits for the owner's data, for a writer
};

enum class HomeEvent : std::uint8_t {
  GetS,
  Renew,  ///< from a reader that has the newest version
  GetM,
  Upgrade,  ///< from a writer that has the newest version
  PutMOwner,
  PutMOther,  ///< a forward to the evicting cache is on its way
  Data,
};

/// The paper's names: SH_REQ (GetS, and Renew from a cache that has a version), EX_REQ (GetM, and Upgrade),
/// WB_REQ (FwdGetS), FLUSH_REQ (FwdGetM), SH_REP, EX_REP, WB_REP and FLUSH_REP (Data), RENEW_REP (Renewed),
/// UPGRADE_REP (Upgraded).
enum class Kind : std::uint8_t {
  GetS,      ///< rts: the reader's clock
  Renew,     ///< the same; wts: of the version it has
  GetM,      ///<
  Upgrade,   ///< wts: of the version it has
  PutM,      ///< wts, rts: of the version
  FwdGetS,   ///< rts: until when the reader's lease has to last
  FwdGetM,   ///<
  PutAck,    ///<
  Data,      ///< wts, rts: of the version
  Renewed,   ///< rts
  Upgraded,  ///< rts
};

using enum CacheState;

struct Line {
  CacheState state = CacheState::I;
  Tick wts = 0;    ///< when the version was written
  Tick rts = 0;    ///< it may be read until then
  Tick since = 0;  ///< while a load waits: the clock at its issue
  Value data = 0;

  template <class Codec>
  void code(Codec& codec) {
    codec(state);
    if (any(S, M, SS_D, MI_A).has(state)) {
      codec.version(wts);
      codec(data);
    }
    if (any(S, M, MI_A).has(state)) codec.until(rts);
    if (any(IS_D, SS_D).has(state)) codec(since);
    if (state == SM_D) codec(data);
  }
};

struct Entry {
  HomeState state = HomeState::S;
  NodeId owner = no_node;  ///< in S_D and M_D: who waits for the data
  Tick wts = 1;            ///< when the newest version was written; memory's own: when time began
  Tick rts = 1;            ///< no lease lasts longer
  Value data = 0;

  template <class Codec>
  void code(Codec& codec) {
    codec(state);
    if (state != HomeState::S) return codec(owner);
    codec.version(wts);
    codec.until(rts);
    codec(data);
  }
};

struct Protocol {
  static constexpr std::string_view name = "tardis";
  static constexpr std::string_view summary =
      "Tardis: copies are leased in logical time, writers jump behind the leases, nobody is invalidated";
  static constexpr bool logical_time = true;

  using CacheState = tardis::CacheState;
  using CacheEvent = tardis::CacheEvent;
  using HomeState = tardis::HomeState;
  using HomeEvent = tardis::HomeEvent;
  using Kind = tardis::Kind;
  using Line = tardis::Line;
  using Entry = tardis::Entry;

  static constexpr std::array<KindInfo, enum_count<Kind>> kinds{{
      {"GetS", VirtualNetwork::request, false},
      {"Renew", VirtualNetwork::request, false},
      {"GetM", VirtualNetwork::request, false},
      {"Upgrade", VirtualNetwork::request, false},
      {"PutM", VirtualNetwork::request, true},
      {"FwdGetS", VirtualNetwork::forward, false},
      {"FwdGetM", VirtualNetwork::forward, false},
      {"PutAck", VirtualNetwork::forward, false},
      {"Data", VirtualNetwork::response, true},
      {"Renewed", VirtualNetwork::response, false},
      {"Upgraded", VirtualNetwork::response, false},
  }};
  /// PutAck must not overtake a forward that the home sent before it.
  static constexpr bool ordered[virtual_networks] = {false, true, false};

  static constexpr std::string_view lease[] = {"10", "1", "2", "5", "20", "50", "100"};
  static constexpr std::string_view self_increment[] = {"100", "1", "10", "1000", "10000"};
  static constexpr std::string_view checked_lease[] = {"10"};
  static constexpr std::string_view checked_increment[] = {"100"};
  static constexpr std::array<ProtocolOption, 2> options{{
      {"lease", lease, "for how many ticks of logical time a reader may keep its copy", checked_lease},
      {"self_increment", self_increment,
       "at every so many accesses a core's clock goes on by a tick: without it a core that only reads would "
       "read old versions for ever",
       checked_increment},
  }};

  /// The only guard on a core's access: has the copy's lease ended?
  static CacheEvent classify_access(const Line& line, const Clock& clock, CacheEvent event) {
    return event == CacheEvent::Load && line.state == S && clock.now > line.rts ? CacheEvent::LoadExpired
                                                                                : event;
  }
  static CacheEvent classify(const Line&, const Message& message);
  static HomeEvent classify(const Entry& entry, const Message& message);

  static Variant<Protocol> variant(const OptionValues& values);
};

using CacheView = TableView<CacheContext<Protocol>>;
using HomeView = TableView<HomeContext<Protocol>>;

CacheView cache_table();
HomeView home_table();

inline CacheEvent Protocol::classify(const Line&, const Message& message) {
  using enum CacheEvent;
  switch (static_cast<Kind>(message.kind)) {
    case Kind::FwdGetS:
      return FwdGetS;
    case Kind::FwdGetM:
      return FwdGetM;
    case Kind::PutAck:
      return PutAck;
    case Kind::Renewed:
      return Renewed;
    case Kind::Upgraded:
      return Upgraded;
    default:
      return Data;
  }
}

inline HomeEvent Protocol::classify(const Entry& entry, const Message& message) {
  using enum HomeEvent;
  const bool is_newest = entry.state == HomeState::S && entry.wts == message.wts;
  switch (static_cast<Kind>(message.kind)) {
    case Kind::GetS:
      return GetS;
    case Kind::Renew:
      return is_newest ? Renew : GetS;
    case Kind::GetM:
      return GetM;
    case Kind::Upgrade:
      return is_newest ? Upgrade : GetM;
    case Kind::PutM:
      return entry.state == HomeState::M && entry.owner == message.requestor ? PutMOwner : PutMOther;
    default:
      return Data;
  }
}

static_assert(CoherenceProtocol<Protocol>);

}  // namespace baton::tardis
