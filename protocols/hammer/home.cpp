// The home of Hammer. It keeps no state of a line but a transaction in progress: it probes all other caches
// and sends what memory contains, which may be old; the requestor finds out. An eviction has two phases,
// since the home cannot know whether the line has gone to another cache meanwhile.

#include "protocols/hammer/hammer.hpp"

namespace baton::hammer {
namespace {

using C = HomeContext<Protocol>;
using A = Action<C>;
using enum HomeState;
using enum HomeEvent;

void probe_others(C& c, Kind kind) {
  for (NodeId cache = 0; cache < c.caches; ++cache)
    if (cache != c.message.requestor) c.to_cache(cache, kind);
}

constexpr A data_to_requestor{
    "data_to_requestor", Effect::sends,
    [](C& c) { c.to_requestor(Kind::MemoryData, c.entry.data, static_cast<std::int16_t>(c.caches - 1)); }};
constexpr A probe_read{"ProbeS_to_others", Effect::sends, [](C& c) { probe_others(c, Kind::ProbeS); }};
constexpr A probe_write{"ProbeM_to_others", Effect::sends, [](C& c) { probe_others(c, Kind::ProbeM); }};
constexpr A put_ack{"send_PutAck", Effect::sends, [](C& c) { c.to_requestor(Kind::PutAck); }};
constexpr A write_memory{"write_memory", Effect::local, [](C& c) { c.write_memory(); }};

// clang-format off
constexpr Row<C> rows[] = {
    // state          event                   actions                               next
    {I,               GetS,                   {probe_read, data_to_requestor},      I_U },
    {I,               GetM,                   {probe_write, data_to_requestor},     I_U },
    {I,               Put,                    {put_ack},                            I_W },
    {any(I_U, I_W),   any(GetS, GetM, Put),   stall                                     },
    {I_U,             Unblock,                {},                                   I   },
    {I_W,             WriteBack,              {write_memory},                       I   },
    {I_W,             NoWriteBack,            {},                                   I   },
};
// clang-format on

constexpr Table table{rows};

}  // namespace

HomeView home_table() {
  return table;
}

}  // namespace baton::hammer
