// The private cache of directory MOESI: Primer, 2nd ed., section 8.4 (the MOSI directory protocol, to which
// it adds O) with the E of section 8.3.

#include "protocols/directory/cache_actions.hpp"
#include "protocols/moesi/moesi.hpp"

namespace baton::moesi {
namespace {

using namespace directory;

struct Tables : CacheActions<Protocol> {
  using enum CacheState;
  using enum CacheEvent;

  // clang-format off
  static constexpr Row<C> common[] = {
      // state                         event                            actions                          next
      {I,                              Load,                            {send_GetS},                     IS_D },
      {I,                              Store,                           {send_GetM},                     IM_AD},
      {any(S, E, O, M, SM_AD, SM_A, OM_AC, OM_A), Load,                            {perform},                       stay },
      {any(E, M),                      any(Store, Rmw),                 {perform},                       M    },
      {S,                              Store,                           {send_GetM},                     SM_AD},

      {O,                              any(Store, Rmw),                 {send_GetM},                     OM_AC},

      {IS_D,                           DataE,                           {fill, perform},                 E    },
      // The home made this cache the owner, but its data is still on the way.
      {IS_D,                           any(FwdGetS, FwdGetM),           stall                                 },

      {IM_AD,                          DataLast,                        {fill, expect_acks, perform},    M    },
      {IM_AD,                          DataMore,                        {fill, expect_acks},             IM_A },
      {any(IM_AD, IM_A, SM_AD, SM_A, OM_AC, OM_A), InvAck,                          {count_ack},                     stay },
      {any(IM_A, SM_A, OM_A),          LastInvAck,                      {count_ack, perform},            M    },
      {any(IM_AD, IM_A, SM_AD, SM_A, OM_A), any(FwdGetS, FwdGetM),           stall                                 },
      // The owner sends data to a writer, also to one that has a copy.
      {SM_AD,                          DataLast,                        {fill, expect_acks, perform},    M    },
      {SM_AD,                          DataMore,                        {fill, expect_acks},             SM_A },
      {OM_AC,                          AckCountLast,                    {expect_acks, perform},          M    },
      {OM_AC,                          AckCountMore,                    {expect_acks},                   OM_A },
      // These the home has sent before it saw our GetM: AckCount keeps its place among the forwards.
      {OM_AC,                          FwdGetS,                         {data_to_requestor},             stay },
      {OM_AC,                          FwdGetM,                         {data_to_requestor},             IM_AD},
      // Another writer's GetM came first at the home; ours will be answered with that writer's data.
      {SM_AD,                          Inv,                             {send_InvAck},                   IM_AD},

      {S,                              Inv,                             {send_InvAck},                   I    },
      {any(E, O, M),                   FwdGetS,                         {data_to_requestor},             O    },
      {any(E, O, M),                   FwdGetM,                         {data_to_requestor},             I    },

      {E,                              Replace,                         {send_PutE},                     EI_A },
      {O,                              Replace,                         {send_PutO},                     OI_A },
      {M,                              Replace,                         {send_PutM},                     MI_A },
      {any(EI_A, MI_A, OI_A),          FwdGetS,                         {data_to_requestor},             OI_A },
      {any(EI_A, MI_A, OI_A),          FwdGetM,                         {data_to_requestor},             II_A },
      {any(MI_A, EI_A, OI_A, II_A),    PutAck,                          {},                              I    },

      {any(IS_D, IM_AD, IM_A, MI_A, EI_A, OI_A, II_A), any(Load, Store, Rmw, Replace), stall                  },
      {any(SM_AD, SM_A, OM_AC, OM_A),  any(Store, Rmw, Replace),        stall                                 },
  };

  // The home knows its sharers (full_map, limited), so it is told when one leaves.
  static constexpr Row<C> exact[] = {
      // The home knows that this cache has the data; had it lost its copy meanwhile, it would be in IM_AD.
      {SM_AD,                          AckCountLast,                    {expect_acks, perform},          M    },
      {SM_AD,                          AckCountMore,                    {expect_acks},                   SM_A },
      {S,                              Replace,                         {send_PutS},                     SI_A },
      {SI_A,                           Inv,                             {send_InvAck},                   II_A },
      {SI_A,                           PutAck,                          {},                              I    },
      {SI_A,                           any(Load, Store, Rmw, Replace),  stall                                 },
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
      // The home took our pointer before our GetM came, and the data may overtake the Inv. A reader waits for the
      // ack, and we for the reader: nobody can write meanwhile.
      {SM_A,                           Inv,                             {send_InvAck},                   stay },
  };

  // Where the home may count caches that have no copy, an Inv reaches every cache, also long after it gave up its
  // copy. Its requestor may be the very cache that has to answer this one's GetS, so the ack must never wait.
  static constexpr Row<C> coarse[] = {
      {IS_D,                           DataLast,                        {fill, perform},                 S    },
      {S,                              Replace,                         {},                              I    },
      {any(I, II_A, IM_AD, IS_D_I),    Inv,                             {send_InvAck},                   stay },
      {IS_D,                           Inv,                             {send_InvAck},                   IS_D_I},
      // Either the Inv is younger than our GetS: the data was current when the home answered, but is no longer
      // ours. Or it is older and the data could stay; the cache cannot tell, and nobody misses a copy that was
      // dropped.
      {IS_D_I,                         DataLast,                        {use_once},                      I    },
      // Here it is older for sure: the home gave the line exclusively after that writer had finished.
      {IS_D_I,                         DataE,                           {fill, perform},                 E    },
      {IS_D_I,                         any(FwdGetS, FwdGetM),           stall                                 },
      {IS_D_I,                         any(Load, Store, Rmw, Replace),  stall                                 },
  };

  static constexpr Row<C> near_atomics[] = {
      {I,                              Rmw,                             {send_GetM},                     IM_AD},
      {S,                              Rmw,                             {send_GetM},                     SM_AD},
  };
  // A sharer gives its copy up as it sends the atomic: the home need not invalidate it.
  static constexpr Row<C> far_atomics[] = {
      {any(I, S),                      Rmw,                             {send_Atomic},                   IF_D },
  };
  static constexpr Row<C> predicted_atomics[] = {
      {any(I, S),                      RmwFar,                          {send_Atomic},                   IF_D },
  };
  static constexpr Row<C> far_waits[] = {
      {IF_D,                           Result,                          {finish_far},                    I    },
      {IF_D,                           Inv,                             {send_InvAck},                   stay },
      {IF_D,                           any(Load, Store, Rmw, Replace),  stall                                 },
  };
  // clang-format on

  template <Precision precision>
  static consteval auto rows() {
    if constexpr (precision == Precision::exact) return join(common, exact, full_map);
    if constexpr (precision == Precision::limited) return join(common, exact, limited);
    if constexpr (precision == Precision::coarse) return join(common, coarse);
  }
  template <Atomics atomics>
  static consteval auto rows_of_atomics() {
    if constexpr (atomics == Atomics::near) return join(near_atomics);
    if constexpr (atomics == Atomics::far) return join(far_atomics, far_waits);
    if constexpr (atomics == Atomics::predict) return join(near_atomics, predicted_atomics, far_waits);
  }
  template <Precision precision, Atomics atomics>
  static constexpr Table table{join(rows<precision>(), rows_of_atomics<atomics>())};
};

}  // namespace

CacheView cache_table(const Organisation& organisation) {
  return choose(organisation.precision, [&](auto precision) {
    return choose(organisation.atomics,
                  [&](auto atomics) -> CacheView { return Tables::table<precision(), atomics()>; });
  });
}

}  // namespace baton::moesi
