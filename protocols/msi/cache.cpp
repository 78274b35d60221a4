// The private cache of directory MSI: Primer, 2nd ed., table 8.1 (cache controller of the MSI directory
// protocol).

#include "protocols/directory/cache_actions.hpp"
#include "protocols/msi/msi.hpp"

namespace baton::msi {
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
      {any(S, M, SM_AD, SM_A),         Load,                            {perform},                       stay },
      {M,                              any(Store, Rmw),                 {perform},                       M    },
      {S,                              any(Store, Rmw),                 {send_GetM},                     SM_AD},

      {IM_AD,                          DataLast,                        {fill, expect_acks, perform},    M    },
      {IM_AD,                          DataMore,                        {fill, expect_acks},             IM_A },
      {any(IM_AD, IM_A, SM_AD, SM_A),  InvAck,                          {count_ack},                     stay },
      {any(IM_A, SM_A),                LastInvAck,                      {count_ack, perform},            M    },
      {any(IM_AD, IM_A, SM_AD, SM_A),  any(FwdGetS, FwdGetM),           stall                                 },
      // Another writer's GetM came first at the home; ours will be answered with that writer's data.
      {SM_AD,                          Inv,                             {send_InvAck},                   IM_AD},

      {S,                              Inv,                             {send_InvAck},                   I    },
      {M,                              FwdGetS,                         {data_to_requestor, data_to_home}, S  },
      {M,                              FwdGetM,                         {data_to_requestor},             I    },

      {M,                              Replace,                         {send_PutM},                     MI_A },
      {MI_A,                           FwdGetS,                         {data_to_requestor, data_to_home}, SI_A},
      {MI_A,                           FwdGetM,                         {data_to_requestor},             II_A },
      {SI_A,                           Inv,                             {send_InvAck},                   II_A },
      {any(MI_A, SI_A, II_A),          PutAck,                          {},                              I    },

      {any(IS_D, IM_AD, IM_A, MI_A, SI_A, II_A), any(Load, Store, Rmw, Replace), stall                  },
      {any(SM_AD, SM_A),               any(Store, Rmw, Replace),        stall                                 },
  };

  // The home knows its sharers (full_map, limited), so it is told when one leaves.
  static constexpr Row<C> exact[] = {
      // The home knows that this cache has the data; had it lost its copy meanwhile, it would be in IM_AD.
      {SM_AD,                          AckCountLast,                    {expect_acks, perform},          M    },
      {SM_AD,                          AckCountMore,                    {expect_acks},                   SM_A },
      {S,                              Replace,                         {send_PutS},                     SI_A },
      // The home counts this cache among the sharers, so data is on its way; the new writer waits for the ack.
      {IS_D,                           Inv,                             stall                                 },
  };
  static constexpr Row<C> full_map[] = {
      {IS_D,                           DataLast,                        {fill, perform},                 S    },
  };

  // A reader may take another sharer's pointer; it then waits until that one has given its copy up.
  static constexpr Row<C> limited[] = {
      {IS_D,                           DataLast,                        {fill, expect_acks, perform},    S    },
      {IS_D,                           DataMore,                        {fill, expect_acks},             IS_A },
      {IS_D,                           InvAck,                          {count_ack},                     stay },
      {IS_A,                           LastInvAck,                      {count_ack, perform},            S    },
      {IS_A,                           Inv,                             stall                                 },
      {IS_A,                           any(Load, Store, Rmw, Replace),  stall                                 },
      // The home took our pointer before our GetM came, so it sends data, and that may overtake the Inv. A reader
      // waits for the ack, and we for the reader: nobody can write meanwhile.
      {SM_AD,                          DataMore,                        {fill, expect_acks},             SM_A },
      {SM_A,                           Inv,                             {send_InvAck},                   stay },
  };

  // Where the home may count caches that have no copy, an Inv reaches every cache, also long after it gave up its
  // copy. Its requestor may be the very cache that has to answer this one's GetS, so the ack must never wait.
  static constexpr Row<C> coarse[] = {
      {IS_D,                           DataLast,                        {fill, perform},                 S    },
      {SM_AD,                          DataLast,                        {fill, expect_acks, perform},    M    },
      {SM_AD,                          DataMore,                        {fill, expect_acks},             SM_A },
      {S,                              Replace,                         {},                              I    },
      {any(I, II_A, IM_AD, IS_D_I),    Inv,                             {send_InvAck},                   stay },
      {IS_D,                           Inv,                             {send_InvAck},                   IS_D_I},
      // Either the Inv is younger than our GetS: the data was current when the home answered, but is no longer
      // ours. Or it is older and the data could stay; the cache cannot tell, and nobody misses a copy that was
      // dropped.
      {IS_D_I,                         DataLast,                        {use_once},                      I    },
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

}  // namespace baton::msi
