// The home of directory MESIF: the Primer's MESI (2nd ed., table 8.4) with F: the home knows which cache
// answers reads of a clean line, and forwards to it. A copy-back ends F_D; nothing else makes the home wait,
// but for its own recalls. As in MESI, a sharer's upgrade is answered without data (AckCount).

#include "protocols/directory/home_actions.hpp"
#include "protocols/mesif/mesif.hpp"

namespace baton::mesif {
namespace {

using namespace directory;

struct Tables : HomeActions<Protocol> {
  using enum HomeState;
  using enum HomeEvent;

  // clang-format off
  static constexpr Row<C> common[] = {
      // state               event                        actions                                         next
      {I,                    GetS,                        {dataE_to_requestor, own},                      EM  },
      {I,                    GetM,                        {data_to_requestor, own},                       EM  },
      {S,                    GetS,                        {data_to_requestor, own},                       F   },
      {EM,                   GetS,                        {fwd_GetS, share_owner, own},                   F_D },
      {EM,                   GetM,                        {fwd_GetM, own},                                stay},
      {F,                    GetMOwner,                   {acks_and_inv_sharers, unshare_all},            EM  },
      {EM,                   PutMOwner,                   {write_memory, put_ack, disown},                I   },
      {EM,                   PutEOwner,                   {put_ack, disown},                              I   },
      {F,                    PutFOwnerShared,             {put_ack, disown},                              S   },
      // The new F may have got its data, and want to write or evict it, before the copy-back comes.
      {F_D,                  any(GetS, GetM, GetMOwner, PutFOwnerShared), stall                                               },
      {F_D,                  Data,                        {write_memory},                                 F   },
  };

  // The home knows its sharers: full_map, limited.
  static constexpr Row<C> exact[] = {
      {S,                    GetM,                        {data_and_inv_sharers, unshare_all, own},       EM  },
      {S,                    GetMSharer,                  {acks_and_inv_sharers, unshare_all, own},       EM  },
      {F,                    any(GetM, GetMSharer),       {fwd_GetM_and_inv_sharers, unshare_all, own},   EM  },
      {F_D,                  any(GetMSharer, PutFOwner),  stall                                               },
      {F,                    PutFOwner,                   {put_ack, disown},                              I   },
      // A Put that crossed an Inv or a forward: the cache is no longer what it thought, but waits for its ack.
      {any(I, S, EM, F, F_D), PutOther,                    {unshare, put_ack},                             stay},
      {any(F, F_D),          PutOtherLast,                {unshare, put_ack},                             stay},
      {S,                    PutOtherLast,                {unshare, put_ack},                             I   },
  };
  static constexpr Row<C> full_map[] = {
      {F,                    GetS,                        {fwd_GetS, share_owner, own},                   stay},
  };
  static constexpr Row<C> limited[] = {
      {F,                    GetS,                        {fwd_GetS_and_make_room, share_owner, own},     stay},
  };
  // The home may count caches among the sharers that have no copy, so it cannot spare a writer the data, unless it
  // is the one in F.
  static constexpr Row<C> coarse[] = {
      {F,                    GetS,                        {fwd_GetS, share_owner, own},                   stay},
      {S,                    GetM,                        {data_and_inv_sharers, unshare_all, own},       EM  },
      {F,                    GetM,                        {fwd_GetM_and_inv_sharers, unshare_all, own},   EM  },
      {any(I, S, EM, F, F_D), PutOther,                    {put_ack},                                      stay},
  };

  // The entry has to give way to another line's.
  static constexpr Row<C> recalls[] = {
      {S,                    Recall,                      {recall_sharers, unshare_all},                  I_A },
      {EM,                   Recall,                      {recall_owner, disown},                         I_A },
      {F,                    Recall,                      {recall_owner, recall_sharers, unshare_all, disown}, I_A },
      {I_A,                  InvAck,                      {count_answer},                                 stay},
      {I_A,                  LastInvAck,                  {count_answer},                                 I   },
      {I_A,                  Data,                        {write_memory, count_answer},                   stay},
      {I_A,                  LastData,                    {write_memory, count_answer},                   I   },
      {I_A,                  any(GetS, GetM),             stall                                               },
      {I_A,                  PutOther,                    {put_ack},                                      stay},
  };
  // clang-format on

  template <Precision precision, bool recalled>
  static consteval auto rows() {
    if constexpr (recalled)
      return join(rows<precision, false>(), recalls);
    else if constexpr (precision == Precision::exact)
      return join(common, exact, full_map);
    else if constexpr (precision == Precision::limited)
      return join(common, exact, limited);
    else
      return join(common, coarse);
  }
  template <Precision precision, bool recalled>
  static constexpr Table table{rows<precision, recalled>()};
};

}  // namespace

HomeView home_table(const Organisation& organisation) {
  return choose(organisation.precision, [&](auto precision) {
    return choose(organisation.entries != 0,
                  [&](auto recalled) -> HomeView { return Tables::table<precision(), recalled()>; });
  });
}

}  // namespace baton::mesif
