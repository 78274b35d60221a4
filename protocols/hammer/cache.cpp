// The private cache of Hammer. A probe is always answered at once. While a cache waits for responses it can
// only be probed for requests that the home served before its own: the home serves one at a time.

#include "protocols/hammer/hammer.hpp"

namespace baton::hammer {
namespace {

using C = CacheContext<Protocol>;
using A = Action<C>;
using enum CacheState;
using enum CacheEvent;

constexpr A send_GetS{"send_GetS", Effect::sends, [](C& c) { c.to_home(Kind::GetS); }};
constexpr A send_GetM{"send_GetM", Effect::sends, [](C& c) { c.to_home(Kind::GetM); }};
constexpr A send_Put{"send_Put", Effect::sends, [](C& c) { c.to_home(Kind::Put); }};
constexpr A unblock{"send_Unblock", Effect::sends, [](C& c) { c.to_home(Kind::Unblock); }};
constexpr A write_back{"send_WriteBack", Effect::sends,
                       [](C& c) { c.to_home(Kind::WriteBack, c.line.data); }};
constexpr A no_write_back{"send_NoWriteBack", Effect::sends, [](C& c) { c.to_home(Kind::NoWriteBack); }};
constexpr A send_data{"data_to_requestor", Effect::sends,
                      [](C& c) { c.to_requestor(Kind::Data, c.line.data); }};
constexpr A send_ack{"ack_to_requestor", Effect::sends, [](C& c) { c.to_requestor(Kind::Ack); }};
constexpr A send_shared{"ackShared_to_requestor", Effect::sends,
                        [](C& c) { c.to_requestor(Kind::AckShared); }};

/// Counts a response, and keeps the newest data: an owner's rather than memory's.
constexpr A collect{"collect", Effect::local, [](C& c) {
                      const auto kind = static_cast<Kind>(c.message.kind);
                      const bool from_memory = kind == Kind::MemoryData;
                      c.line.acks =
                          static_cast<std::int16_t>(c.line.acks + (from_memory ? c.message.acks : -1));
                      c.line.shared = c.line.shared || kind == Kind::Data || kind == Kind::AckShared;
                      if (kind == Kind::Data || (from_memory && !c.line.owned)) c.line.data = c.message.data;
                      c.line.owned = c.line.owned || kind == Kind::Data;
                    }};
constexpr A keep_own{"keep_own_data", Effect::local, [](C& c) { c.line.owned = true; }};
constexpr A lose_own{"lose_own_data", Effect::local, [](C& c) { c.line.owned = false; }};
constexpr A perform{"perform", Effect::performs, [](C& c) { c.line.data = c.access.perform(c.line.data); }};

// clang-format off
constexpr Row<C> rows[] = {
    // state                      event                      actions                        next
    {I,                           Load,                      {send_GetS},                   IS_D},
    {I,                           any(Store, Rmw),           {send_GetM},                   IM_D},
    {any(S, E, O, M, SM_D, OM_D), Load,                      {perform},                     stay},
    {any(E, M),                   any(Store, Rmw),           {perform},                     M   },
    {S,                           any(Store, Rmw),           {keep_own, send_GetM},         SM_D},
    {O,                           any(Store, Rmw),           {keep_own, send_GetM},         OM_D},

    {any(IS_D, IM_D, SM_D, OM_D), Response,                  {collect},                     stay},
    {IS_D,                        Last,                      {collect, perform, unblock},   E   },
    {IS_D,                        LastShared,                {collect, perform, unblock},   S   },
    {any(IM_D, SM_D, OM_D),       Last,                      {collect, perform, unblock},   M   },
    {IM_D,                        LastShared,                {collect, perform, unblock},   M   },
    {SM_D,                        LastShared,                {collect, perform, unblock},   M   },

    {any(I, IS_D, IM_D, II_A),    any(ProbeS, ProbeM),       {send_ack},                    stay},
    // Memory is current, and its data are on their way.
    {any(S, E),                   ProbeS,                    {send_shared},                 S   },
    {any(S, E),                   ProbeM,                    {send_ack},                    I   },
    {any(O, M),                   ProbeS,                    {send_data},                   O   },
    {any(O, M),                   ProbeM,                    {send_data},                   I   },
    {SM_D,                        ProbeS,                    {send_shared},                 stay},
    {SM_D,                        ProbeM,                    {send_ack, lose_own},          IM_D},
    {OM_D,                        ProbeS,                    {send_data},                   stay},
    {OM_D,                        ProbeM,                    {send_data, lose_own},         IM_D},

    {any(S, E),                   Replace,                   {},                            I   },
    {M,                           Replace,                   {send_Put},                    MI_A},
    {O,                           Replace,                   {send_Put},                    OI_A},
    {any(MI_A, OI_A),             ProbeS,                    {send_data},                   OI_A},
    {any(MI_A, OI_A),             ProbeM,                    {send_data},                   II_A},
    {any(MI_A, OI_A),             PutAck,                    {write_back},                  I   },
    {II_A,                        PutAck,                    {no_write_back},               I   },

    {any(IS_D, IM_D, MI_A, OI_A, II_A), any(Load, Store, Rmw, Replace), stall                   },
    {any(SM_D, OM_D),             any(Store, Rmw, Replace),  stall                              },
};
// clang-format on

constexpr Table table{rows};

}  // namespace

CacheView cache_table() {
  return table;
}

}  // namespace baton::hammer
