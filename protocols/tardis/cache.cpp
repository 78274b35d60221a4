// The private cache of Tardis: table II of the paper. pts is the core's clock.

#include <algorithm>

#include "protocols/tardis/tardis.hpp"

namespace baton::tardis {
namespace {

using C = CacheContext<Protocol>;
using A = Action<C>;
using enum CacheEvent;

Message& last(C& c) {
  return c.out.back();
}

constexpr A send_GetS{"send_GetS", Effect::sends, [](C& c) {
                        c.line.since = c.clock->now;
                        c.to_home(Kind::GetS);
                        last(c).rts = c.line.since;
                      }};
constexpr A send_Renew{"send_Renew", Effect::sends, [](C& c) {
                         c.line.since = c.clock->now;
                         c.to_home(Kind::Renew);
                         last(c).wts = c.line.wts;
                         last(c).rts = c.line.since;
                       }};
constexpr A send_GetM{"send_GetM", Effect::sends, [](C& c) { c.to_home(Kind::GetM); }};
constexpr A send_Upgrade{"send_Upgrade", Effect::sends, [](C& c) {
                           c.to_home(Kind::Upgrade);
                           last(c).wts = c.line.wts;
                         }};

void stamp(C& c) {
  last(c).wts = c.line.wts;
  last(c).rts = c.line.rts;
}
constexpr A send_PutM{"send_PutM", Effect::sends, [](C& c) {
                        c.to_home(Kind::PutM, c.line.data);
                        stamp(c);
                      }};
constexpr A data_to_home{"data_to_home", Effect::sends, [](C& c) {
                           c.to_home_for(c.message.requestor, Kind::Data, c.line.data);
                           stamp(c);
                         }};

constexpr A fill{"fill", Effect::local, [](C& c) {
                   c.line.data = c.message.data;
                   c.line.wts = c.message.wts;
                   c.line.rts = c.message.rts;
                 }};
constexpr A extend{"extend_lease", Effect::local, [](C& c) { c.line.rts = c.message.rts; }};
/// A reader wants the version until then, and this cache keeps it for a lease, too.
constexpr A share{"extend_lease_for_reader", Effect::local, [](C& c) {
                    c.line.rts = std::max({c.line.rts, c.line.wts + c.lease, c.message.rts});
                  }};

void access(C& c, Tick at) {
  c.clock->at = at;
  c.clock->now = std::max(c.clock->now, at);
  c.line.data = c.access.perform(c.line.data);
}
constexpr A read{"read", Effect::performs, [](C& c) { access(c, std::max(c.clock->now, c.line.wts)); }};
/// The home's lease counts from the load's issue. (A core that waits for its load has the same time still;
/// behind a store buffer stores may have moved the clock on, and the load is ordered before them.)
constexpr A read_since{"read_since_issue", Effect::performs,
                       [](C& c) { access(c, std::max(c.line.since, c.line.wts)); }};
/// Nobody else has the version: it may be read at any time.
constexpr A read_own{"read_own", Effect::performs, [](C& c) {
                       access(c, std::max(c.clock->now, c.line.wts));
                       c.line.rts = std::max(c.line.rts, c.clock->now);
                     }};
/// Behind all leases of the version before.
constexpr A write{"write_behind_leases", Effect::performs, [](C& c) {
                    access(c, std::max(c.clock->now, c.line.rts + 1));
                    c.line.wts = c.line.rts = c.clock->now;
                  }};

// No cell of S and a message: nobody invalidates a copy, and it is dropped in silence.
// clang-format off
constexpr Row<C> rows[] = {
    // state                   event                             actions                     next
    {I,                        Load,                             {send_GetS},                IS_D},
    {I,                        any(Store, Rmw),                  {send_GetM},                IM_D},
    {S,                        Load,                             {read},                     stay},
    {S,                        LoadExpired,                      {send_Renew},               SS_D},
    {S,                        any(Store, Rmw),                  {send_Upgrade},             SM_D},
    {M,                        Load,                             {read_own},                 stay},
    {M,                        any(Store, Rmw),                  {write},                    stay},

    {any(IS_D, SS_D),          Data,                             {fill, read_since},         S   },
    {SS_D,                     Renewed,                          {extend, read_since},       S   },
    {any(IM_D, SM_D),          Data,                             {fill, write},              M   },
    {SM_D,                     Upgraded,                         {extend, write},            M   },
    // The home made this cache the owner, but its data is still on the way.
    {any(IM_D, SM_D),          any(FwdGetS, FwdGetM),            stall                           },

    {M,                        FwdGetS,                          {share, data_to_home},      S   },
    {M,                        FwdGetM,                          {data_to_home},             I   },

    {S,                        Replace,                          {},                         I   },
    {M,                        Replace,                          {send_PutM},                MI_A},
    {MI_A,                     FwdGetS,                          {share, data_to_home},      II_A},
    {MI_A,                     FwdGetM,                          {data_to_home},             II_A},
    {any(MI_A, II_A),          PutAck,                           {},                         I   },

    {any(IS_D, SS_D, IM_D, SM_D, MI_A, II_A), any(Load, Store, Rmw, Replace), stall              },
};
// clang-format on

constexpr Table table{rows};

}  // namespace

CacheView cache_table() {
  return table;
}

}  // namespace baton::tardis
