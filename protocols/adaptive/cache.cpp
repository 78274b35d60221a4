// The private cache of adaptive ownership: that of directory MESI (Primer, 2nd ed., table 8.3), which also
// gives its line to a reader, and keeps such a line in G until it writes it.

#include "protocols/adaptive/adaptive.hpp"
#include "protocols/directory/cache_actions.hpp"

namespace baton::adaptive {
namespace {

struct Tables : directory::CacheActions<Protocol> {
  using enum CacheState;
  using enum CacheEvent;

  static constexpr A give_clean{"dataE_to_requestor", Effect::sends,
                                [](C& c) { c.to_requestor(Kind::DataE, c.line.data); }};
  static constexpr A give_dirty{"dataG_to_requestor", Effect::sends,
                                [](C& c) { c.to_requestor(Kind::DataG, c.line.data); }};
  static constexpr A send_Unwritten{"send_Unwritten", Effect::sends,
                                    [](C& c) { c.to_home_for(no_node, Kind::Unwritten); }};
  static constexpr A send_Written{"send_Written", Effect::sends,
                                  [](C& c) { c.to_home_for(no_node, Kind::Written); }};

  // clang-format off
  static constexpr Row<C> rows[] = {
      // state                         event                            actions                          next
      {I,                              Load,                            {send_GetS},                     IS_D },
      {I,                              any(Store, Rmw),                 {send_GetM},                     IM_AD},
      {any(S, E, G, M, SM_AD, SM_A),   Load,                            {perform},                       stay },
      {any(E, G, M),                   any(Store, Rmw),                 {perform},                       M    },
      {S,                              any(Store, Rmw),                 {send_GetM},                     SM_AD},

      {IS_D,                           DataE,                           {fill, perform},                 E    },
      {IS_D,                           DataG,                           {fill, perform},                 G    },
      {IS_D,                           DataLast,                        {fill, perform},                 S    },
      // The home counts this cache as the owner or a sharer, but its data is still on the way.
      {IS_D,                           any(FwdGetS, FwdGetM, FwdGive, FwdGiveAgain, Inv), stall                },

      {IM_AD,                          DataLast,                        {fill, expect_acks, perform},    M    },
      {IM_AD,                          DataMore,                        {fill, expect_acks},             IM_A },
      {SM_AD,                          AckCountLast,                    {expect_acks, perform},          M    },
      {SM_AD,                          AckCountMore,                    {expect_acks},                   SM_A },
      {any(IM_AD, IM_A, SM_AD, SM_A),  InvAck,                          {count_ack},                     stay },
      {any(IM_A, SM_A),                LastInvAck,                      {count_ack, perform},            M    },
      // No FwdGiveAgain: its GetM has made the home forget the former owners.
      {any(IM_AD, IM_A, SM_AD, SM_A),  any(FwdGetS, FwdGetM, FwdGive),  stall                                 },
      // Another writer's GetM came first at the home; ours will be answered with that writer's data.
      {SM_AD,                          Inv,                             {send_InvAck},                   IM_AD},

      {S,                              Inv,                             {send_InvAck},                   I    },
      {any(E, G, M),                   FwdGetS,                         {data_to_requestor, data_to_home}, S  },
      {any(E, G, M),                   FwdGetM,                         {data_to_requestor},             I    },
      {E,                              FwdGive,                         {give_clean},                    I    },
      {any(G, M),                      FwdGive,                         {give_dirty},                    I    },
      {E,                              FwdGiveAgain,                    {give_clean, send_Unwritten},    I    },
      {G,                              FwdGiveAgain,                    {give_dirty, send_Unwritten},    I    },
      {M,                              FwdGiveAgain,                    {give_dirty, send_Written},      I    },

      {S,                              Replace,                         {send_PutS},                     SI_A },
      {E,                              Replace,                         {send_PutE},                     EI_A },
      {any(G, M),                      Replace,                         {send_PutM},                     MI_A },
      {any(EI_A, MI_A),                FwdGetS,                         {data_to_requestor, data_to_home}, SI_A},
      {any(EI_A, MI_A),                FwdGetM,                         {data_to_requestor},             II_A },
      {EI_A,                           FwdGive,                         {give_clean},                    II_A },
      {MI_A,                           FwdGive,                         {give_dirty},                    II_A },
      {EI_A,                           FwdGiveAgain,                    {give_clean, send_Unwritten},    II_A },
      {MI_A,                           FwdGiveAgain,                    {give_dirty, send_Written},      II_A },
      {SI_A,                           Inv,                             {send_InvAck},                   II_A },
      {any(MI_A, EI_A, SI_A, II_A),    PutAck,                          {},                              I    },

      {any(IS_D, IM_AD, IM_A, MI_A, EI_A, SI_A, II_A), any(Load, Store, Rmw, Replace), stall                  },
      {any(SM_AD, SM_A),               any(Store, Rmw, Replace),        stall                                 },
  };
  // clang-format on

  static constexpr Table table{rows};
};

}  // namespace

CacheView cache_table() {
  return Tables::table;
}

}  // namespace baton::adaptive
