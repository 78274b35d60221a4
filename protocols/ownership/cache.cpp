// The private cache under ownership transfer.

#include "protocols/ownership/ownership.hpp"

namespace baton::ownership {
namespace {

using C = CacheContext<Protocol>;
using A = Action<C>;
using enum CacheState;
using enum CacheEvent;

constexpr A send_GetS{"send_GetS", Effect::sends, [](C& c) { c.to_home(Kind::GetS); }};
constexpr A send_GetM{"send_GetM", Effect::sends, [](C& c) { c.to_home(Kind::GetM); }};
constexpr A send_PutM{"send_PutM", Effect::sends, [](C& c) { c.to_home(Kind::PutM, c.line.data); }};
constexpr A data_to_requestor{"data_to_requestor", Effect::sends,
                              [](C& c) { c.to_requestor(Kind::Data, c.line.data); }};
constexpr A answer_readers{
    "answer_readers", Effect::sends, [](C& c) {
      c.line.readers.for_each([&](NodeId reader) { c.to_cache(reader, Kind::Data, c.line.data); });
      c.line.readers.clear();
    }};
constexpr A pass_on{"pass_on", Effect::sends, [](C& c) {
                      c.to_cache(c.line.successor, Kind::Data, c.line.data);
                      c.line.successor = no_node;
                    }};

constexpr A remember_reader{"remember_reader", Effect::local,
                            [](C& c) { c.line.readers.insert(c.message.requestor); }};
constexpr A remember_successor{"remember_successor", Effect::local,
                               [](C& c) { c.line.successor = c.message.requestor; }};
constexpr A fill{"fill", Effect::local, [](C& c) { c.line.data = c.message.data; }};

constexpr A perform{"perform", Effect::performs, [](C& c) { c.line.data = c.access.perform(c.line.data); }};
constexpr A use_once{"use_once", Effect::performs, [](C& c) { c.access.perform_snapshot(c.message.data); }};

// An absent cell is a theorem: IM_D_I on FwdGetM says that no second successor comes, IM_D_I on FwdGetS that
// no reader comes behind the successor, I on FwdGetM that an evicted line is not asked for.
// clang-format off
constexpr Row<C> common[] = {
    // state              event                             actions                                    next
    {I,                   any(Store, Rmw),                  {send_GetM},                               IM_D  },
    {M,                   any(Load, Store, Rmw),            {perform},                                 stay  },
    {M,                   FwdGetM,                          {data_to_requestor},                       I     },
    {M,                   Replace,                          {send_PutM},                               MI_A  },

    {IM_D,                FwdGetM,                          {remember_successor},                      IM_D_I},
    {any(IM_D, IM_D_I, MI_A, II_A), any(Load, Store, Rmw, Replace), stall                                    },

    {MI_A,                FwdGetM,                          {data_to_requestor},                       II_A  },
    {any(MI_A, II_A),     PutAck,                           {},                                        I     },
};

constexpr Row<C> migrate[] = {
    {I,                   Load,                             {send_GetM},                               IM_D  },
    {IM_D,                Data,                             {fill, perform},                           M     },
    {IM_D_I,              Data,                             {fill, perform, pass_on},                  I     },
};

constexpr Row<C> snapshot[] = {
    {I,                   Load,                             {send_GetS},                               II_D  },
    {II_D,                Data,                             {use_once},                                I     },
    {II_D,                any(Load, Store, Rmw, Replace),   stall                                            },
    {any(M, MI_A),        FwdGetS,                          {data_to_requestor},                       stay  },
    {IM_D,                FwdGetS,                          {remember_reader},                         stay  },
    {IM_D,                Data,                             {fill, perform, answer_readers},           M     },
    {IM_D_I,              Data,                             {fill, perform, answer_readers, pass_on},  I     },
};
// clang-format on

constexpr Table migrate_table{join(common, migrate)};
constexpr Table snapshot_table{join(common, snapshot)};

}  // namespace

CacheView cache_table(bool is_snapshot) {
  return is_snapshot ? CacheView(snapshot_table) : migrate_table;
}

}  // namespace baton::ownership
