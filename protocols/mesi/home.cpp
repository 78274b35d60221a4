// The home of directory MESI: Primer, 2nd ed., table 8.4 (directory controller). A copy-back from the owner
// ends S_D; nothing else makes the home wait: in EM a GetM swaps the owner and is forwarded at once. Beyond
// the book: an upgrade is answered without data (AckCount, as the Primer's MOESI does), for the home knows
// that the requestor has it.

#include "protocols/mesi/mesi.hpp"

namespace baton::mesi {
namespace {

using C = HomeContext<Protocol>;
using A = Action<C>;
using enum HomeState;
using enum HomeEvent;

constexpr A data_to_requestor{"data_to_requestor", Effect::sends,
                              [](C& c) { c.to_requestor(Kind::Data, c.entry.data); }};
constexpr A dataE_to_requestor{"dataE_to_requestor", Effect::sends,
                               [](C& c) { c.to_requestor(Kind::DataE, c.entry.data); }};
constexpr A fwd_GetS{"fwd_GetS_to_owner", Effect::sends,
                     [](C& c) { c.to_cache(c.entry.owner, Kind::FwdGetS); }};
constexpr A fwd_GetM{"fwd_GetM_to_owner", Effect::sends,
                     [](C& c) { c.to_cache(c.entry.owner, Kind::FwdGetM); }};
constexpr A put_ack{"send_PutAck", Effect::sends, [](C& c) { c.to_requestor(Kind::PutAck); }};

void invalidate_other_sharers(C& c) {
  c.entry.sharers.for_each([&](NodeId sharer) {
    if (sharer != c.message.requestor) c.to_cache(sharer, Kind::Inv);
  });
}

// The answer leaves before the Invs: the requestor can do nothing before it has both.
constexpr A data_and_inv_sharers{"data_and_inv_sharers", Effect::sends, [](C& c) {
                                   const auto sharers = c.entry.sharers.size();
                                   c.to_requestor(Kind::Data, c.entry.data,
                                                  static_cast<std::int16_t>(sharers));
                                   invalidate_other_sharers(c);
                                 }};
constexpr A acks_and_inv_sharers{"acks_and_inv_sharers", Effect::sends, [](C& c) {
                                   const auto others = c.entry.sharers.size() - 1;
                                   c.to_requestor(Kind::AckCount, 0, static_cast<std::int16_t>(others));
                                   invalidate_other_sharers(c);
                                 }};
constexpr A data_and_inv_all{"data_and_inv_all", Effect::sends, [](C& c) {
                               c.to_requestor(Kind::Data, c.entry.data,
                                              static_cast<std::int16_t>(c.caches - 1));
                               for (NodeId cache = 0; cache < c.caches; ++cache)
                                 if (cache != c.message.requestor) c.to_cache(cache, Kind::Inv);
                             }};

constexpr A own{"set_owner", Effect::local, [](C& c) { c.entry.owner = c.message.requestor; }};
constexpr A disown{"clear_owner", Effect::local, [](C& c) { c.entry.owner = no_node; }};
constexpr A share{"add_sharer", Effect::local, [](C& c) { c.entry.sharers.insert(c.message.requestor); }};
constexpr A share_owner{"owner_to_sharers", Effect::local,
                        [](C& c) { c.entry.sharers.insert(c.entry.owner); }};
constexpr A unshare{"remove_sharer", Effect::local, [](C& c) { c.entry.sharers.erase(c.message.requestor); }};
constexpr A unshare_all{"clear_sharers", Effect::local, [](C& c) { c.entry.sharers.clear(); }};
constexpr A write_memory{"write_memory", Effect::local, [](C& c) { c.entry.data = c.message.data; }};

// clang-format off
constexpr Row<C> common[] = {
    // state              event                        actions                                           next
    {I,                   GetS,                        {dataE_to_requestor, own},                        EM  },
    {I,                   GetM,                        {data_to_requestor, own},                         EM  },
    {EM,                  GetM,                        {fwd_GetM, own},                                  stay},
    {EM,                  PutMOwner,                   {write_memory, put_ack, disown},                  I   },
    {EM,                  PutEOwner,                   {put_ack, disown},                                I   },
    {S_D,                 any(GetS, GetM),             stall                                                 },
    {S_D,                 Data,                        {write_memory},                                   S   },
};

constexpr Row<C> full_map[] = {
    {S,                   GetS,                        {data_to_requestor, share},                       stay},
    {S,                   GetM,                        {data_and_inv_sharers, unshare_all, own},         EM  },
    {S,                   GetMSharer,                  {acks_and_inv_sharers, unshare_all, own},         EM  },
    {S_D,                 GetMSharer,                  stall                                                 },
    {EM,                  GetS,                        {fwd_GetS, share, share_owner, disown},           S_D },
    // A Put that crossed an Inv or a forward: the cache is no longer what it thought, but waits for its ack.
    {any(I, S, EM, S_D),  PutOther,                    {unshare, put_ack},                               stay},
    {any(S_D),            PutOtherLast,                {unshare, put_ack},                               stay},
    {S,                   PutOtherLast,                {unshare, put_ack},                               I   },
};

constexpr Row<C> broadcast[] = {
    {S,                   GetS,                        {data_to_requestor},                              stay},
    {S,                   GetM,                        {data_and_inv_all, own},                          EM  },
    {EM,                  GetS,                        {fwd_GetS, disown},                               S_D },
    {any(I, S, EM, S_D),  PutOther,                    {put_ack},                                        stay},
};
// clang-format on

constexpr Table full_map_table{join(common, full_map)};
constexpr Table broadcast_table{join(common, broadcast)};

}  // namespace

HomeView home_table(bool is_broadcast) {
  return is_broadcast ? HomeView(broadcast_table) : full_map_table;
}

}  // namespace baton::mesi
