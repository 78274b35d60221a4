// The home of Tardis: the timestamp manager, table III of the paper. It knows the owner, but no sharers.

#include <algorithm>
#include <charconv>

#include "protocols/tardis/tardis.hpp"

namespace baton::tardis {
namespace {

using C = HomeContext<Protocol>;
using A = Action<C>;
using enum HomeState;
using enum HomeEvent;

Message& last(C& c) {
  return c.out.back();
}

/// The reader may keep the version for a lease, from its own time or the version's. message.rts: its clock.
constexpr A lease{"extend_lease", Effect::local, [](C& c) {
                    c.entry.rts = std::max({c.entry.rts, c.entry.wts + c.lease, c.message.rts + c.lease});
                  }};
void send_data(C& c, NodeId cache) {
  c.to_cache(cache, Kind::Data, c.entry.data);
  last(c).wts = c.entry.wts;
  last(c).rts = c.entry.rts;
}
constexpr A data_to_requestor{"data_to_requestor", Effect::sends,
                              [](C& c) { send_data(c, c.message.requestor); }};
constexpr A data_to_owner{"data_to_who_waits", Effect::sends, [](C& c) { send_data(c, c.entry.owner); }};
constexpr A send_Renewed{"send_Renewed", Effect::sends, [](C& c) {
                           c.to_requestor(Kind::Renewed);
                           last(c).rts = c.entry.rts;
                         }};
constexpr A send_Upgraded{"send_Upgraded", Effect::sends, [](C& c) {
                            c.to_requestor(Kind::Upgraded);
                            last(c).rts = c.entry.rts;
                          }};
constexpr A fwd_GetS{"fwd_GetS_to_owner", Effect::sends, [](C& c) {
                       c.to_cache(c.entry.owner, Kind::FwdGetS);
                       last(c).rts = c.message.rts + c.lease;
                     }};
constexpr A fwd_GetM{"fwd_GetM_to_owner", Effect::sends,
                     [](C& c) { c.to_cache(c.entry.owner, Kind::FwdGetM); }};
constexpr A put_ack{"send_PutAck", Effect::sends, [](C& c) { c.to_requestor(Kind::PutAck); }};
constexpr A own{"set_owner", Effect::local, [](C& c) { c.entry.owner = c.message.requestor; }};
constexpr A write_memory{"write_memory", Effect::local, [](C& c) {
                           c.write_memory();
                           c.entry.wts = c.message.wts;
                           c.entry.rts = c.message.rts;
                         }};

// clang-format off
constexpr Row<C> rows[] = {
    // state               event                       actions                                 next
    {S,                    GetS,                       {lease, data_to_requestor},             stay},
    {S,                    Renew,                      {lease, send_Renewed},                  stay},
    {S,                    GetM,                       {data_to_requestor, own},               M   },
    {S,                    Upgrade,                    {send_Upgraded, own},                   M   },

    {M,                    GetS,                       {fwd_GetS, own},                        S_D },
    {M,                    GetM,                       {fwd_GetM, own},                        M_D },
    {S_D,                  Data,                       {write_memory, data_to_owner},          S   },
    {M_D,                  Data,                       {write_memory, data_to_owner},          M   },
    {any(S_D, M_D),        any(GetS, GetM),            stall                                       },

    {M,                    PutMOwner,                  {write_memory, put_ack},                S   },
    {any(S, M, S_D, M_D),  PutMOther,                  {put_ack},                              stay},
};
// clang-format on

constexpr Table table{rows};

std::uint32_t number(std::string_view digits) {
  std::uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

}  // namespace

HomeView home_table() {
  return table;
}

Variant<Protocol> Protocol::variant(const OptionValues& values) {
  Variant<Protocol> result{cache_table(), home_table()};
  result.lease = number(chosen(values, options[0]));
  result.self_increment = number(chosen(values, options[1]));
  return result;
}

}  // namespace baton::tardis
