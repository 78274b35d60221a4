#include "protocols/dragon/dragon.hpp"

namespace baton::dragon {
namespace {

using C = snooping::Context<Protocol>;
using A = snooping::Actions<Protocol>;
using enum CacheState;
using enum snooping::Event;

// clang-format off
constexpr Row<C> rows[] = {
    // state             event                     actions                        next
    // A write miss reads the line first and then, if others have it, updates them: the store is presented again.
    {I,                  any(Load, Store, Rmw),    {A::bus_read},                 stay},
    {any(E, Sc, Sm, M),  Load,                     {A::perform},                  stay},
    {any(E, M),          any(Store, Rmw),          {A::perform},                  M   },
    {any(Sc, Sm),        any(Store, Rmw),          {A::perform, A::bus_update},   stay},

    {I,                  OwnRdAlone,               {A::fill},                     E   },
    {I,                  OwnRdShared,              {A::fill},                     Sc  },
    {any(Sc, Sm),        OwnUpdAlone,              {},                            M   },
    {any(Sc, Sm),        OwnUpdShared,             {},                            Sm  },

    {I,                  any(BusRd, BusUpd),       {},                            stay},
    {any(E, Sc),         BusRd,                    {A::shared},                   Sc  },
    {any(Sm, M),         BusRd,                    {A::shared, A::supply},        Sm  },
    // The writer is responsible for memory from now on.
    {any(Sc, Sm),        BusUpd,                   {A::shared, A::fill},          Sc  },

    {any(E, Sc),         Replace,                  {},                            I   },
    {any(Sm, M),         Replace,                  {A::write_back},               I   },
};
// clang-format on

constexpr Table the_table{rows};

}  // namespace

TableView<C> Protocol::table(const OptionValues&) {
  return the_table;
}

}  // namespace baton::dragon
