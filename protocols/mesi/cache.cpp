// The private cache of directory MESI: Primer, 2nd ed., table 8.3 (cache controller of the MESI directory
// protocol).

#include "protocols/mesi/mesi.hpp"

namespace baton::mesi {
namespace {

using C = CacheContext<Protocol>;
using A = Action<C>;
using enum CacheState;
using enum CacheEvent;

constexpr A send_GetS{"send_GetS", Effect::sends, [](C& c) { c.to_home(Kind::GetS); }};
constexpr A send_GetM{"send_GetM", Effect::sends, [](C& c) { c.to_home(Kind::GetM); }};
constexpr A send_PutS{"send_PutS", Effect::sends, [](C& c) { c.to_home(Kind::PutS); }};
constexpr A send_PutE{"send_PutE", Effect::sends, [](C& c) { c.to_home(Kind::PutE); }};
constexpr A send_PutM{"send_PutM", Effect::sends, [](C& c) { c.to_home(Kind::PutM, c.line.data); }};
constexpr A data_to_requestor{"data_to_requestor", Effect::sends,
                              [](C& c) { c.to_requestor(Kind::Data, c.line.data); }};
constexpr A data_to_home{"data_to_home", Effect::sends,
                         [](C& c) { c.to_home_for(c.message.requestor, Kind::Data, c.line.data); }};
constexpr A send_InvAck{"send_InvAck_to_requestor", Effect::sends,
                        [](C& c) { c.to_requestor(Kind::InvAck); }};

constexpr A fill{"fill", Effect::local, [](C& c) { c.line.data = c.message.data; }};
constexpr A expect_acks{"expect_acks", Effect::local,
                        [](C& c) { c.line.acks = static_cast<std::int16_t>(c.line.acks + c.message.acks); }};
constexpr A count_ack{"count_ack", Effect::local, [](C& c) { --c.line.acks; }};

constexpr A perform{"perform", Effect::performs, [](C& c) { c.line.data = c.access.perform(c.line.data); }};
constexpr A use_once{"use_once", Effect::performs, [](C& c) { c.access.perform_snapshot(c.message.data); }};

// clang-format off
constexpr Row<C> common[] = {
    // state                       event                                actions                              next
    {I,                            Load,                                {send_GetS},                         IS_D },
    {I,                            any(Store, Rmw),                     {send_GetM},                         IM_AD},
    {any(S, E, M, SM_AD, SM_A),    Load,                                {perform},                           stay },
    {any(E, M),                    any(Store, Rmw),                     {perform},                           M    },
    {S,                            any(Store, Rmw),                     {send_GetM},                         SM_AD},

    {IS_D,                         DataLast,                            {fill, perform},                     S    },
    {IS_D,                         DataE,                               {fill, perform},                     E    },
    // The home made this cache the owner, but its data is still on the way.
    {IS_D,                         any(FwdGetS, FwdGetM),               stall                                     },

    {IM_AD,                        DataLast,                            {fill, expect_acks, perform},        M    },
    {IM_AD,                        DataMore,                            {fill, expect_acks},                 IM_A },
    {any(IM_AD, IM_A, SM_AD, SM_A), InvAck,                             {count_ack},                         stay },
    {any(IM_A, SM_A),              LastInvAck,                          {count_ack, perform},                M    },
    {any(IM_AD, IM_A, SM_AD, SM_A), any(FwdGetS, FwdGetM),              stall                                     },
    // Another writer's GetM came first at the home; ours will be answered with that writer's data.
    {SM_AD,                        Inv,                                 {send_InvAck},                       IM_AD},

    {S,                            Inv,                                 {send_InvAck},                       I    },
    {any(E, M),                    FwdGetS,                             {data_to_requestor, data_to_home},   S    },
    {any(E, M),                    FwdGetM,                             {data_to_requestor},                 I    },

    {E,                            Replace,                             {send_PutE},                         EI_A },
    {M,                            Replace,                             {send_PutM},                         MI_A },
    {any(EI_A, MI_A),              FwdGetS,                             {data_to_requestor, data_to_home},   SI_A },
    {any(EI_A, MI_A),              FwdGetM,                             {data_to_requestor},                 II_A },
    {SI_A,                         Inv,                                 {send_InvAck},                       II_A },
    {any(MI_A, EI_A, SI_A, II_A),  PutAck,                              {},                                  I    },

    {any(IS_D, IM_AD, IM_A, MI_A, EI_A, SI_A, II_A), any(Load, Store, Rmw, Replace), stall                        },
    {any(SM_AD, SM_A),             any(Store, Rmw, Replace),            stall                                     },
};

constexpr Row<C> full_map[] = {
    // The home knows that this cache has the data; had it lost its copy meanwhile, it would be in IM_AD.
    {SM_AD,                        AckCountLast,                        {expect_acks, perform},              M    },
    {SM_AD,                        AckCountMore,                        {expect_acks},                       SM_A },
    {S,                            Replace,                             {send_PutS},                         SI_A },
    // The home counts this cache among the sharers, so data is on its way; the new writer waits for the ack.
    {IS_D,                         Inv,                                 stall                                     },
};

// Without a list of sharers an Inv reaches every cache, also long after it gave up its copy. Its requestor may be
// the very cache that has to answer this one's GetS, so the ack must never wait.
constexpr Row<C> broadcast[] = {
    {SM_AD,                        DataLast,                            {fill, expect_acks, perform},        M    },
    {SM_AD,                        DataMore,                            {fill, expect_acks},                 SM_A },
    {S,                            Replace,                             {},                                  I    },
    {any(I, II_A, IM_AD, IS_D_I),  Inv,                                 {send_InvAck},                       stay },
    {IS_D,                         Inv,                                 {send_InvAck},                       IS_D_I},
    // Either the Inv is younger than our GetS: the data was current when the home answered, but is no longer ours.
    // Or it is older and the data could stay; the cache cannot tell, and nobody misses a copy that was dropped.
    {IS_D_I,                       DataLast,                            {use_once},                          I    },
    // Here it is older for sure: the home gave the line exclusively after that writer had finished.
    {IS_D_I,                       DataE,                               {fill, perform},                     E    },
    {IS_D_I,                       any(FwdGetS, FwdGetM),               stall                                     },
    {IS_D_I,                       any(Load, Store, Rmw, Replace),      stall                                     },
};
// clang-format on

constexpr Table full_map_table{join(common, full_map)};
constexpr Table broadcast_table{join(common, broadcast)};

}  // namespace

CacheView cache_table(bool is_broadcast) {
  return is_broadcast ? CacheView(broadcast_table) : full_map_table;
}

}  // namespace baton::mesi
