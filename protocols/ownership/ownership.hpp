#pragma once
// Ownership transfer: every line has exactly one owner, a cache or its home, and there is no shared state.
// The home's owner register is swapped by each request, so the owners form a queue as in a CLH lock. See
// README.md.

#include <array>
#include <cstdint>
#include <string_view>

#include "protocols/core/node_set.hpp"
#include "protocols/core/types.hpp"
#include "protocols/core/variant.hpp"

namespace baton::ownership {

// The owner's state is called M: the field's O means "owned, but others may share it" (Primer,
// section 6.4.1), and here nobody else ever holds a copy; M is "valid, exclusive, owned and potentially
// dirty", which is exactly this.
enum class CacheState : std::uint8_t {
  I,
  M,       ///< the owner: may read and write
  II_D,    ///< waits for a snapshot, which is used once and not kept
  IM_D,    ///< waits for the line
  IM_D_I,  ///< waits for the line and will pass it on to a known successor
  MI_A,    ///< evicting; keeps the data until PutAck, because a forward may be on its way
  II_A,    ///< evicting, and the line is passed on already
};

enum class CacheEvent : std::uint8_t { Load, Store, Rmw, Replace, FwdGetS, FwdGetM, PutAck, Data };

enum class HomeState : std::uint8_t {
  I,  ///< the home owns the line; memory is current
  M,  ///< the cache in the owner register owns it, or will once the queue before it has passed the line on
};

enum class HomeEvent : std::uint8_t {
  GetS,
  GetM,
  PutMOwner,
  PutMOther,  ///< another owner is registered: a forward to the evicting cache is on its way
};

enum class Kind : std::uint8_t { GetS, GetM, PutM, FwdGetS, FwdGetM, PutAck, Data };

struct Line {
  CacheState state = CacheState::I;
  NodeId successor = no_node;  ///< in IM_D_I: who gets the line next. The register names a cache once a
                               ///< tenure, so there is never a second one
  Value data = 0;
  NodeSet readers;  ///< waiting: snapshot readers that were forwarded before the successor

  template <class Codec>
  void code(Codec& codec) {
    using enum CacheState;
    codec(state);
    if (state == IM_D_I) codec(successor);
    if (any(IM_D, IM_D_I).has(state)) codec(readers);
    if (any(M, MI_A).has(state)) codec(data);
  }
};

struct Entry {
  HomeState state = HomeState::I;
  NodeId owner = no_node;  ///< the owner register: the last cache in the queue
  Value data = 0;

  template <class Codec>
  void code(Codec& codec) {
    codec(state);
    codec(owner);
    if (state == HomeState::I) codec(data);
  }
};

struct Protocol {
  static constexpr std::string_view name = "ownership";
  static constexpr std::string_view summary =
      "ownership transfer: one owner a line, requests swap the home's owner register, owners pass the line "
      "on";

  using CacheState = ownership::CacheState;
  using CacheEvent = ownership::CacheEvent;
  using HomeState = ownership::HomeState;
  using HomeEvent = ownership::HomeEvent;
  using Kind = ownership::Kind;
  using Line = ownership::Line;
  using Entry = ownership::Entry;

  static constexpr std::array<KindInfo, enum_count<Kind>> kinds{{
      {"GetS", VirtualNetwork::request, false},
      {"GetM", VirtualNetwork::request, false},
      {"PutM", VirtualNetwork::request, true},
      {"FwdGetS", VirtualNetwork::forward, false},
      {"FwdGetM", VirtualNetwork::forward, false},
      {"PutAck", VirtualNetwork::forward, false},
      {"Data", VirtualNetwork::response, true},
  }};
  /// A reader must not overtake the successor's forward, nor PutAck any forward sent before it.
  static constexpr bool ordered[virtual_networks] = {false, true, false};

  static constexpr std::string_view reads[] = {"migrate", "snapshot"};
  static constexpr std::string_view transfer[] = {"network", "ideal"};
  static constexpr std::array<ProtocolOption, 2> options{{
      {"reads", reads,
       "migrate: a load takes ownership like a store; snapshot: the owner answers a load with the value, "
       "which is "
       "used once and not cached"},
      {"transfer", transfer,
       "network: messages over real distances; ideal: ownership and data move in transfer_cycles, whatever "
       "the "
       "distance (the white paper's claim)"},
  }};

  static CacheEvent classify(const Line&, const Message& message) {
    switch (static_cast<Kind>(message.kind)) {
      case Kind::FwdGetS:
        return CacheEvent::FwdGetS;
      case Kind::FwdGetM:
        return CacheEvent::FwdGetM;
      case Kind::PutAck:
        return CacheEvent::PutAck;
      default:
        return CacheEvent::Data;
    }
  }

  static HomeEvent classify(const Entry& entry, const Message& message) {
    switch (static_cast<Kind>(message.kind)) {
      case Kind::GetS:
        return HomeEvent::GetS;
      case Kind::GetM:
        return HomeEvent::GetM;
      default:
        return entry.state == HomeState::M && entry.owner == message.requestor ? HomeEvent::PutMOwner
                                                                               : HomeEvent::PutMOther;
    }
  }

  static Variant<Protocol> variant(const OptionValues& values);
};

using CacheView = TableView<CacheContext<Protocol>>;
using HomeView = TableView<HomeContext<Protocol>>;

CacheView cache_table(bool snapshot);
HomeView home_table(bool snapshot);

inline Variant<Protocol> Protocol::variant(const OptionValues& values) {
  const bool snapshot = chosen(values, options[0]) == "snapshot";
  return {cache_table(snapshot), home_table(snapshot), chosen(values, options[1]) == "ideal"};
}

static_assert(CoherenceProtocol<Protocol>);

}  // namespace baton::ownership
