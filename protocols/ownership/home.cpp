// The home under ownership transfer: it never waits and never stalls, and no message to it needs an answer
// that depends on a third party.

#include "protocols/ownership/ownership.hpp"

namespace baton::ownership {
namespace {

using C = HomeContext<Protocol>;
using A = Action<C>;
using enum HomeState;
using enum HomeEvent;

constexpr A data_to_requestor{"data_to_requestor", Effect::sends,
                              [](C& c) { c.to_requestor(Kind::Data, c.entry.data); }};
constexpr A fwd_GetS{"fwd_GetS_to_owner", Effect::sends,
                     [](C& c) { c.to_cache(c.entry.owner, Kind::FwdGetS); }};
constexpr A fwd_GetM{"fwd_GetM_to_owner", Effect::sends,
                     [](C& c) { c.to_cache(c.entry.owner, Kind::FwdGetM); }};
constexpr A put_ack{"send_PutAck", Effect::sends, [](C& c) { c.to_requestor(Kind::PutAck); }};
constexpr A own{"set_owner", Effect::local, [](C& c) { c.entry.owner = c.message.requestor; }};
constexpr A disown{"clear_owner", Effect::local, [](C& c) { c.entry.owner = no_node; }};
constexpr A write_memory{"write_memory", Effect::local, [](C& c) { c.write_memory(); }};

// clang-format off
constexpr Row<C> common[] = {
    // state        event        actions                             next
    {I,             GetM,        {data_to_requestor, own},           M   },
    {M,             GetM,        {fwd_GetM, own},                    stay},
    {M,             PutMOwner,   {write_memory, put_ack, disown},    I   },
    // The line left the evicting cache, or will when the forward arrives that travels before this PutAck.
    {any(I, M),     PutMOther,   {put_ack},                          stay},
};

constexpr Row<C> snapshot[] = {
    {I,             GetS,        {data_to_requestor},                stay},
    {M,             GetS,        {fwd_GetS},                         stay},
};
// clang-format on

constexpr Table migrate_table{common};
constexpr Table snapshot_table{join(common, snapshot)};

}  // namespace

HomeView home_table(bool is_snapshot) {
  return is_snapshot ? HomeView(snapshot_table) : migrate_table;
}

}  // namespace baton::ownership
