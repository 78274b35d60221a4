#include "protocols/snooping_mesi/snooping_mesi.hpp"

namespace baton::snooping_mesi {
namespace {

using C = snooping::Context<Protocol>;
using A = snooping::Actions<Protocol>;
using enum CacheState;
using enum snooping::Event;

// clang-format off
constexpr Row<C> common[] = {
    // state        event                         actions                   next
    {I,             Load,                         {A::bus_read},            stay},
    {I,             any(Store, Rmw),              {A::bus_read_exclusive},  stay},
    {any(S, E, M),  Load,                         {A::perform},             stay},
    {S,             any(Store, Rmw),              {A::bus_upgrade},         stay},
    {any(E, M),     any(Store, Rmw),              {A::perform},             M   },

    {I,             OwnRdAlone,                   {A::fill},                E   },
    {I,             OwnRdShared,                  {A::fill},                S   },
    {I,             OwnRdX,                       {A::fill},                M   },
    {S,             OwnUpgr,                      {},                       M   },

    {I,             any(BusRd, BusRdX, BusUpgr),  {},                       stay},
    {S,             BusUpgr,                      {},                       I   },
    {M,             BusRd,                        {A::shared, A::flush},    S   },
    {M,             BusRdX,                       {A::flush},               I   },

    {any(S, E),     Replace,                      {},                       I   },
    {M,             Replace,                      {A::write_back},          I   },
};
constexpr Row<C> from_memory[] = {
    {S,             BusRd,                        {A::shared},              stay},
    {E,             BusRd,                        {A::shared},              S   },
    {any(S, E),     BusRdX,                       {},                       I   },
};
// Of several sharers one supplies: which one does not matter to what is counted.
constexpr Row<C> from_cache[] = {
    {S,             BusRd,                        {A::shared, A::supply},   stay},
    {E,             BusRd,                        {A::shared, A::supply},   S   },
    {any(S, E),     BusRdX,                       {A::supply},              I   },
};
// clang-format on

constexpr Table memory_table{join(common, from_memory)};
constexpr Table cache_table{join(common, from_cache)};

}  // namespace

TableView<C> Protocol::table(const OptionValues& values) {
  if (chosen(values, options[0]) == "memory") return memory_table;
  return cache_table;
}

}  // namespace baton::snooping_mesi
