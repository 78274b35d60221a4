#pragma once
// Snooping protocols on an atomic bus: Nagarajan et al., Primer, 2nd ed., section 7.2 (atomic requests,
// atomic transactions); Culler, Singh and Gupta, Parallel Computer Architecture (1999), chapter 5. A
// transaction is one step: the cache that has the bus asks, all other caches react, the cache takes what it
// has asked for. So there is one table, that of the cache, and no state is transient.
//
// How an access that is no hit is served, all in one tenure of the bus: the row of the core's event names a
// transaction; every other cache runs the row of that transaction; this cache runs the row of its own
// transaction's end; then the access is presented again, until it has been performed.

#include <array>
#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>

#include "protocols/core/context.hpp"
#include "protocols/core/table.hpp"
#include "protocols/core/variant.hpp"

namespace baton::snooping {

/// Loads of a line that is about to be read, or written (X: exclusive); a copy that is about to be written; a
/// word written in all copies; a line written back.
enum class Kind : std::uint8_t { BusRd, BusRdX, BusUpgr, BusUpd, BusWB, Data, Flush, Supply };

/// What goes over the bus. A word of BusUpd is 8 bytes, beside a control message's.
inline constexpr std::array<KindInfo, enum_count<Kind>> kinds{{
    {"BusRd", VirtualNetwork::request, false},
    {"BusRdX", VirtualNetwork::request, false},
    {"BusUpgr", VirtualNetwork::request, false},
    {"BusUpd", VirtualNetwork::request, false},
    {"BusWB", VirtualNetwork::request, true},
    {"Data", VirtualNetwork::response, true},    // from memory
    {"Flush", VirtualNetwork::response, true},   // from a cache; memory takes it, too
    {"Supply", VirtualNetwork::response, true},  // from a cache; memory does not take it
}};

enum class Event : std::uint8_t {
  Load,
  Store,
  Rmw,
  Replace,
  OwnRdAlone,   ///< this cache's BusRd has ended, and no other cache has a copy
  OwnRdShared,  ///< …, and another one has
  OwnRdX,
  OwnUpgr,
  OwnUpdAlone,
  OwnUpdShared,
  BusRd,  ///< from another cache
  BusRdX,
  BusUpgr,
  BusUpd,
};

/// The bus during one transaction.
struct Bus {
  bool asked = false;  ///< a row of the core's event has named a transaction
  Kind kind = Kind::BusRd;
  bool shared = false;    ///< the shared line: another cache has a copy
  bool supplied = false;  ///< the data come from a cache
  bool flushed = false;   ///< memory takes what is on the data lines
  Value data = 0;         ///< memory's, unless a cache supplies it or the asking one sends it

  void ask(Kind k) {
    asked = true;
    kind = k;
  }
};

template <class P>
struct Context {
  using State = typename P::CacheState;
  using Event = snooping::Event;

  typename P::Line& line;
  PendingAccess& access;
  Bus& bus;
};

template <class State>
struct Line {
  State state = State::I;
  Value data = 0;
};

/// What a traits class of a snooping protocol must look like; see protocols/README.md.
template <class P>
concept Protocol = requires(const OptionValues& values) {
  requires std::same_as<decltype(P::name), const std::string_view>;
  requires std::same_as<decltype(P::summary), const std::string_view>;
  requires index(P::CacheState::I)
  == 0;
  requires std::same_as<typename P::Line, Line<typename P::CacheState>>;
  {std::span<const ProtocolOption>(P::options)};
  { P::table(values) } -> std::same_as<TableView<Context<P>>>;
};

constexpr Event event_of(Kind kind) {
  constexpr Event events[] = {Event::BusRd, Event::BusRdX, Event::BusUpgr, Event::BusUpd};
  return events[index(kind)];
}
constexpr Event end_of(const Bus& bus) {
  switch (bus.kind) {
    case Kind::BusRd:
      return bus.shared ? Event::OwnRdShared : Event::OwnRdAlone;
    case Kind::BusRdX:
      return Event::OwnRdX;
    case Kind::BusUpgr:
      return Event::OwnUpgr;
    default:
      return bus.shared ? Event::OwnUpdShared : Event::OwnUpdAlone;
  }
}
/// Another cache has to look whether it has the line.
constexpr bool is_snooped(Kind kind) {
  return kind <= Kind::BusUpd;
}
/// Someone has to send the line to the cache that asks.
constexpr bool wants_data(Kind kind) {
  return kind == Kind::BusRd || kind == Kind::BusRdX;
}

/// The actions that all these protocols share.
template <class P>
struct Actions {
  using C = Context<P>;
  using A = Action<C>;

  static constexpr A perform{"perform", Effect::performs,
                             [](C& c) { c.line.data = c.access.perform(c.line.data); }};
  static constexpr A bus_read{"BusRd", Effect::sends, [](C& c) { c.bus.ask(Kind::BusRd); }};
  static constexpr A bus_read_exclusive{"BusRdX", Effect::sends, [](C& c) { c.bus.ask(Kind::BusRdX); }};
  static constexpr A bus_upgrade{"BusUpgr", Effect::sends, [](C& c) { c.bus.ask(Kind::BusUpgr); }};
  static constexpr A bus_update{"BusUpd", Effect::sends, [](C& c) {
                                  c.bus.ask(Kind::BusUpd);
                                  c.bus.data = c.line.data;
                                }};
  static constexpr A write_back{"BusWB", Effect::sends, [](C& c) {
                                  c.bus.ask(Kind::BusWB);
                                  c.bus.data = c.line.data;
                                  c.bus.flushed = true;
                                }};
  static constexpr A fill{"fill", Effect::local, [](C& c) { c.line.data = c.bus.data; }};
  static constexpr A shared{"shared", Effect::local, [](C& c) { c.bus.shared = true; }};
  static constexpr A flush{"Flush", Effect::local, [](C& c) {
                             c.bus.data = c.line.data;
                             c.bus.supplied = true;
                             c.bus.flushed = true;
                           }};
  static constexpr A supply{"Supply", Effect::local, [](C& c) {
                              c.bus.data = c.line.data;
                              c.bus.supplied = true;
                            }};
};

/// Permissions follow from the table: what a hit cell allows.
template <class P>
constexpr bool may_read(const TableView<Context<P>>& table, typename P::CacheState state) {
  return table.is_hit(state, Event::Load);
}
template <class P>
constexpr bool may_write(const TableView<Context<P>>& table, typename P::CacheState state) {
  return table.is_hit(state, Event::Store);
}

}  // namespace baton::snooping
