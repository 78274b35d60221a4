// The private cache of directory MESIF: the Primer's MESI (2nd ed., table 8.3) with F. A reader gets F from
// the cache that had it, which keeps S.

#include "protocols/directory/cache_actions.hpp"
#include "protocols/mesif/mesif.hpp"

namespace baton::mesif {
namespace {

using namespace directory;

struct Tables : CacheActions<Protocol> {
  using enum CacheState;
  using enum CacheEvent;

  // clang-format off
  static constexpr Row<C> common[] = {
      // state                         event                            actions                          next
      {I,                              Load,                            {send_GetS},                     IS_D },
      {I,                              any(Store, Rmw),                 {send_GetM},                     IM_AD},
      {any(S, E, F, M, SM_AD, SM_A, FM_AD), Load,                            {perform},                       stay },
      {any(E, M),                      any(Store, Rmw),                 {perform},                       M    },
      {S,                              any(Store, Rmw),                 {send_GetM},                     SM_AD},
      {F,                              any(Store, Rmw),                 {send_GetM},                     FM_AD},

      {IS_D,                           DataE,                           {fill, perform},                 E    },
      // The home made this cache the owner, or gave it F, but its data is still on the way.
      {IS_D,                           any(FwdGetS, FwdGetM),           stall                                 },

      {IM_AD,                          DataLast,                        {fill, expect_acks, perform},    M    },
      {IM_AD,                          DataMore,                        {fill, expect_acks},             IM_A },
      {any(IM_AD, IM_A, SM_AD, SM_A, FM_AD), InvAck,                          {count_ack},                     stay },
      {any(IM_A, SM_A),                LastInvAck,                      {count_ack, perform},            M    },
      {any(IM_AD, IM_A, SM_AD, SM_A),  any(FwdGetS, FwdGetM),           stall                                 },
      // The cache in F sends data to a writer, also to one that has a copy.
      {SM_AD,                          DataLast,                        {fill, expect_acks, perform},    M    },
      {SM_AD,                          DataMore,                        {fill, expect_acks},             SM_A },
      {FM_AD,                          AckCountLast,                    {expect_acks, perform},          M    },
      {FM_AD,                          AckCountMore,                    {expect_acks},                   SM_A },
      // These the home has sent before it saw our GetM: AckCount keeps its place among the forwards.
      {FM_AD,                          FwdGetS,                         {data_to_requestor},             SM_AD},
      {FM_AD,                          FwdGetM,                         {data_to_requestor},             IM_AD},
      // Another writer's GetM came first at the home; ours will be answered with that writer's data.
      {SM_AD,                          Inv,                             {send_InvAck},                   IM_AD},

      {S,                              Inv,                             {send_InvAck},                   I    },
      {any(E, M),                      FwdGetS,                         {data_to_requestor, data_to_home}, S    },
      {F,                              FwdGetS,                         {data_to_requestor},             S    },
      {any(E, F, M),                   FwdGetM,                         {data_to_requestor},             I    },

      {E,                              Replace,                         {send_PutE},                     EI_A },
      {F,                              Replace,                         {send_PutF},                     FI_A },
      {M,                              Replace,                         {send_PutM},                     MI_A },
      {any(EI_A, MI_A),                FwdGetS,                         {data_to_requestor, data_to_home}, SI_A },
      {FI_A,                           FwdGetS,                         {data_to_requestor},             SI_A },
      {any(EI_A, FI_A, MI_A),          FwdGetM,                         {data_to_requestor},             II_A },
      {SI_A,                           Inv,                             {send_InvAck},                   II_A },
      {any(MI_A, EI_A, FI_A, SI_A, II_A), PutAck,                          {},                              I    },

      {any(IS_D, IM_AD, IM_A, MI_A, EI_A, FI_A, SI_A, II_A), any(Load, Store, Rmw, Replace),  stall                                 },
      {any(SM_AD, SM_A, FM_AD),        any(Store, Rmw, Replace),        stall                                 },
  };

  // The home knows its sharers (full_map, limited), so it is told when one leaves.
  static constexpr Row<C> exact[] = {
      // The home knows that this cache has the data; had it lost its copy meanwhile, it would be in IM_AD.
      {SM_AD,                          AckCountLast,                    {expect_acks, perform},          M    },
      {SM_AD,                          AckCountMore,                    {expect_acks},                   SM_A },
      {S,                              Replace,                         {send_PutS},                     SI_A },
  };
  static constexpr Row<C> full_map[] = {
      {IS_D,                           DataLast,                        {fill, perform},                 F    },
  };

  // A reader may take another sharer's pointer; it then waits until that one has given its copy up.
  static constexpr Row<C> limited[] = {
      {IS_D,                           DataLast,                        {fill, expect_acks, perform},    F    },
      {IS_D,                           DataMore,                        {fill, expect_acks},             IS_A },
      {IS_D,                           InvAck,                          {count_ack},                     stay },
      {IS_A,                           LastInvAck,                      {count_ack, perform},            F    },
      {IS_A,                           any(FwdGetS, FwdGetM),           stall                                 },
      {IS_A,                           any(Load, Store, Rmw, Replace),  stall                                 },
  };

  // Where the home may count caches that have no copy, an Inv reaches every cache, also long after it gave up its
  // copy. Its requestor may be the very cache that has to answer this one's GetS, so the ack must never wait.
  static constexpr Row<C> coarse[] = {
      {IS_D,                           DataLast,                        {fill, perform},                 F    },
      {S,                              Replace,                         {},                              I    },
      {any(I, II_A, IM_AD, IS_D_I),    Inv,                             {send_InvAck},                   stay },
      {IS_D,                           Inv,                             {send_InvAck},                   IS_D_I},
      // Either the Inv is younger than our GetS: the data was current when the home answered, but is no longer
      // ours. Or it is older, and the home has given us F. The cache cannot tell: it uses the data once and hands F
      // back, which the home acknowledges either way; until then it can answer a forward.
      {IS_D_I,                         DataLast,                        {use_once, fill, send_PutF},     FI_A },
      // Here it is older for sure: the home gave the line exclusively after that writer had finished.
      {IS_D_I,                         DataE,                           {fill, perform},                 E    },
      {IS_D_I,                         any(FwdGetS, FwdGetM),           stall                                 },
      {IS_D_I,                         any(Load, Store, Rmw, Replace),  stall                                 },
  };
  // clang-format on

  template <Precision precision>
  static consteval auto rows() {
    if constexpr (precision == Precision::exact) return join(common, exact, full_map);
    if constexpr (precision == Precision::limited) return join(common, exact, limited);
    if constexpr (precision == Precision::coarse) return join(common, coarse);
  }
  template <Precision precision>
  static constexpr Table table{rows<precision>()};
};

}  // namespace

CacheView cache_table(const Organisation& organisation) {
  return choose(organisation.precision,
                [](auto precision) -> CacheView { return Tables::table<precision()>; });
}

}  // namespace baton::mesif
