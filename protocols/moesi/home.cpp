// The home of directory MOESI: Primer, 2nd ed., section 8.4 (the MOSI directory protocol) with the E of
// section 8.3. In O the owner answers reads; nobody copies back, so the home waits for nothing but its own
// recalls. Beyond the book: a sharer's upgrade in S is answered without data (AckCount), as an owner's is.

#include "protocols/directory/home_actions.hpp"
#include "protocols/moesi/moesi.hpp"

namespace baton::moesi {
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
      {EM,                   GetM,                        {fwd_GetM, own},                                stay},
      {O,                    GetMOwner,                   {acks_and_inv_sharers, unshare_all},            EM  },
      {EM,                   PutMOwner,                   {write_memory, put_ack, disown},                I   },
      // E in the cache: a reader may have made the home's entry O meanwhile, but what memory has is current.
      {EM,                   PutEOwner,                   {put_ack, disown},                              I   },
      {O,                    PutMOwnerShared,             {write_memory, put_ack, disown},                S   },
      {O,                    PutEOwnerShared,             {put_ack, disown},                              S   },
  };

  // The home knows its sharers: full_map, limited.
  static constexpr Row<C> exact[] = {
      {S,                    GetM,                        {data_and_inv_sharers, unshare_all, own},       EM  },
      {S,                    GetMSharer,                  {acks_and_inv_sharers, unshare_all, own},       EM  },
      {O,                    any(GetM, GetMSharer),       {fwd_GetM_and_inv_sharers, unshare_all, own},   EM  },
      {O,                    PutMOwner,                   {write_memory, put_ack, disown},                I   },
      {O,                    PutEOwner,                   {put_ack, disown},                              I   },
      // A Put that crossed an Inv or a forward: the cache is no longer what it thought, but waits for its ack.
      {any(I, S, EM, O),     PutOther,                    {unshare, put_ack},                             stay},
      {O,                    PutOtherLast,                {unshare, put_ack},                             stay},
      {S,                    PutOtherLast,                {unshare, put_ack},                             I   },
  };
  static constexpr Row<C> full_map[] = {
      {S,                    GetS,                        {data_to_requestor, share},                     stay},
      {any(EM, O),           GetS,                        {fwd_GetS, share},                              O   },
  };
  static constexpr Row<C> limited[] = {
      {S,                    GetS,                        {data_and_make_room, share},                    stay},
      {any(EM, O),           GetS,                        {fwd_GetS_and_make_room, share},                O   },
  };
  // The home may count caches among the sharers that have no copy, so it cannot spare a writer the data.
  static constexpr Row<C> coarse[] = {
      {S,                    GetS,                        {data_to_requestor, share},                     stay},
      {S,                    GetM,                        {data_and_inv_sharers, unshare_all, own},       EM  },
      {any(EM, O),           GetS,                        {fwd_GetS, share},                              O   },
      {O,                    GetM,                        {fwd_GetM_and_inv_sharers, unshare_all, own},   EM  },
      {any(I, S, EM, O),     PutOther,                    {put_ack},                                      stay},
  };

  // The entry has to give way to another line's.
  static constexpr Row<C> recalls[] = {
      {S,                    Recall,                      {recall_sharers, unshare_all},                  I_A },
      {EM,                   Recall,                      {recall_owner, disown},                         I_A },
      {O,                    Recall,                      {recall_owner, recall_sharers, unshare_all, disown}, I_A},
      {I_A,                  Data,                        {write_memory, count_answer},                   stay},
      {I_A,                  InvAck,                      {count_answer},                                 stay},
      {I_A,                  LastInvAck,                  {count_answer},                                 I   },
      {I_A,                  LastData,                    {write_memory, count_answer},                   I   },
      {I_A,                  any(GetS, GetM),             stall                                               },
      {I_A,                  PutOther,                    {put_ack},                                      stay},
  };

  // A far atomic recalls all copies, then the home performs it; the line stays there.
  static constexpr Row<C> far[] = {
      {I,                    Atomic,                      {perform_far, answer_far},                      stay},
      {EM,                   Atomic,                      {recall_owner, own},                            I_AP},
      {O,                    Atomic,                      {recall_owner, recall_sharers, unshare_all, own}, I_AP},
      {I_AP,                 Data,                        {write_memory, count_answer},                   stay},
      {I_AP,                 InvAck,                      {count_answer},                                 stay},
      {I_AP,                 LastInvAck,                  {count_answer, perform_owners, answer_owner, disown}, I},
      {I_AP,                 LastData,                    {write_memory, count_answer, perform_owners, answer_owner, disown}, I},
      {I_AP,                 Atomic,                      stall                                               },
      {I_AP,                 any(GetS, GetM),             stall                                               },
      {I_AP,                 PutOther,                    {put_ack},                                      stay},
  };
  static constexpr Row<C> exact_far[] = {
      {S,                    Atomic,                      {recall_sharers, unshare_all, own},             I_AP},
      {S,                    AtomicAlone,                 {perform_far, answer_far, unshare_all},         I   },
  };
  // The list may name nobody but the requestor, who has given its copy up: it acknowledges, too, or none would.
  static constexpr Row<C> coarse_far[] = {
      {S,                    Atomic,                      {recall_all_sharers, unshare_all, own},         I_AP},
  };
  static constexpr Row<C> recalls_and_far[] = {
      {I_A,                  Atomic,                      stall                                               },
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
  template <Precision precision, bool recalled, bool is_far>
  static consteval auto rows() {
    constexpr bool is_exact = precision != Precision::coarse;
    if constexpr (!is_far)
      return rows<precision, recalled>();
    else if constexpr (recalled)
      return join(rows<precision, false, true>(), recalls, recalls_and_far);
    else if constexpr (is_exact)
      return join(rows<precision, false>(), far, exact_far);
    else
      return join(rows<precision, false>(), far, coarse_far);
  }
  template <Precision precision, bool recalled, bool is_far>
  static constexpr Table table{rows<precision, recalled, is_far>()};
};

}  // namespace

HomeView home_table(const Organisation& organisation) {
  return choose(organisation.precision, [&](auto precision) {
    return choose(organisation.entries != 0, [&](auto recalled) {
      return choose(organisation.atomics != Atomics::near, [&](auto is_far) -> HomeView {
        return Tables::table<precision(), recalled(), is_far()>;
      });
    });
  });
}

}  // namespace baton::moesi
