#include "protocols/snooping_moesi/snooping_moesi.hpp"

namespace baton::snooping_moesi {
namespace {

using C = snooping::Context<Protocol>;
using A = snooping::Actions<Protocol>;
using enum CacheState;
using enum snooping::Event;

// clang-format off
constexpr Row<C> rows[] = {
    // state           event                         actions                   next
    {I,                Load,                         {A::bus_read},            stay},
    {I,                any(Store, Rmw),              {A::bus_read_exclusive},  stay},
    {any(S, E, O, M),  Load,                         {A::perform},             stay},
    {any(S, O),        any(Store, Rmw),              {A::bus_upgrade},         stay},
    {any(E, M),        any(Store, Rmw),              {A::perform},             M   },

    {I,                OwnRdAlone,                   {A::fill},                E   },
    {I,                OwnRdShared,                  {A::fill},                S   },
    {I,                OwnRdX,                       {A::fill},                M   },
    {any(S, O),        OwnUpgr,                      {},                       M   },

    {I,                any(BusRd, BusRdX, BusUpgr),  {},                       stay},
    {S,                BusRd,                        {A::shared},              stay},
    {E,                BusRd,                        {A::shared},              S   },
    {any(O, M),        BusRd,                        {A::shared, A::supply},   O   },
    {any(S, E),        BusRdX,                       {},                       I   },
    {any(O, M),        BusRdX,                       {A::supply},              I   },
    // From a sharer, whose copy is current; it becomes the owner, who writes the line back.
    {any(S, O),        BusUpgr,                      {},                       I   },

    {any(S, E),        Replace,                      {},                       I   },
    {any(O, M),        Replace,                      {A::write_back},          I   },
};
// clang-format on

constexpr Table the_table{rows};

}  // namespace

TableView<C> Protocol::table(const OptionValues&) {
  return the_table;
}

}  // namespace baton::snooping_moesi
