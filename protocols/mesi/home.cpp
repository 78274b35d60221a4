// The home of directory MESI: Primer, 2nd ed., table 8.4 (directory controller). A copy-back from the owner
// ends S_D; nothing else makes the home wait, but for its own recalls: in EM a GetM swaps the owner and is
// forwarded at once. Beyond the book: an upgrade is answered without data (AckCount, as the Primer's MOSI
// does), for the home knows that the requestor has it.

#include "protocols/directory/home_actions.hpp"
#include "protocols/mesi/mesi.hpp"

namespace baton::mesi {
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
      {EM,                   PutMOwner,                   {write_memory, put_ack, disown},                I   },
      {EM,                   PutEOwner,                   {put_ack, disown},                              I   },
      {S_D,                  any(GetS, GetM),             stall                                               },
      {S_D,                  Data,                        {write_memory},                                 S   },
  };

  // The home knows its sharers: full_map, limited.
  static constexpr Row<C> exact[] = {
      {S,                    GetM,                        {data_and_inv_sharers, unshare_all, own},       EM  },
      {S,                    GetMSharer,                  {acks_and_inv_sharers, unshare_all, own},       EM  },
      {S_D,                  GetMSharer,                  stall                                               },
      // A Put that crossed an Inv or a forward: the cache is no longer what it thought, but waits for its ack.
      {any(I, S, EM, S_D),   PutOther,                    {unshare, put_ack},                             stay},
      {S_D,                  PutOtherLast,                {unshare, put_ack},                             stay},
      {S,                    PutOtherLast,                {unshare, put_ack},                             I   },
  };
  static constexpr Row<C> full_map[] = {
      {S,                    GetS,                        {data_to_requestor, share},                     stay},
      {EM,                   GetS,                        {fwd_GetS, share, share_owner, disown},         S_D },
  };
  static constexpr Row<C> limited[] = {
      {S,                    GetS,                        {data_and_make_room, share},                    stay},
      {EM,                   GetS,                        {share_owner, fwd_GetS_and_make_room, share, disown}, S_D},
  };
  // The home may count caches among the sharers that have no copy, so it cannot spare a writer the data.
  static constexpr Row<C> coarse[] = {
      {S,                    GetS,                        {data_to_requestor, share},                     stay},
      {S,                    GetM,                        {data_and_inv_sharers, unshare_all, own},       EM  },
      {EM,                   GetS,                        {fwd_GetS, share, share_owner, disown},         S_D },
      {any(I, S, EM, S_D),   PutOther,                    {put_ack},                                      stay},
  };

  // The entry has to give way to another line's.
  static constexpr Row<C> recalls[] = {
      {S,                    Recall,                      {recall_sharers, unshare_all},                  I_A },
      {EM,                   Recall,                      {recall_owner, disown},                         I_A },
      {I_A,                  InvAck,                      {count_answer},                                 stay},
      {I_A,                  LastInvAck,                  {count_answer},                                 I   },
      {I_A,                  LastData,                    {write_memory, count_answer},                   I   },
      {I_A,                  any(GetS, GetM),             stall                                               },
      {I_A,                  PutOther,                    {put_ack},                                      stay},
  };
  static constexpr Row<C> exact_recalls[] = {
      {S,                    RecallUnused,                {},                                             I   },
  };

  // A far atomic recalls all copies, then the home performs it; the line stays there.
  static constexpr Row<C> far[] = {
      {I,                    Atomic,                      {perform_far, answer_far},                      stay},
      {EM,                   Atomic,                      {recall_owner, own},                            I_AP},
      {I_AP,                 InvAck,                      {count_answer},                                 stay},
      {I_AP,                 LastInvAck,                  {count_answer, perform_owners, answer_owner, disown}, I},
      {I_AP,                 LastData,                    {write_memory, count_answer, perform_owners, answer_owner, disown}, I},
      {any(S_D, I_AP),       Atomic,                      stall                                               },
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
    constexpr bool is_exact = precision != Precision::coarse;
    if constexpr (recalled && is_exact)
      return join(rows<precision, false>(), recalls, exact_recalls);
    else if constexpr (recalled)
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
    else if constexpr (recalled && is_exact)
      return join(rows<precision, false, true>(), recalls, exact_recalls, recalls_and_far);
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

}  // namespace baton::mesi
