#include "protocols/snooping_msi/snooping_msi.hpp"

namespace baton::snooping_msi {
namespace {

using C = snooping::Context<Protocol>;
using A = snooping::Actions<Protocol>;
using enum CacheState;
using enum snooping::Event;

// clang-format off
constexpr Row<C> common[] = {
    // state     event                              actions                   next
    {I,          Load,                              {A::bus_read},            stay},
    {I,          any(Store, Rmw),                   {A::bus_read_exclusive},  stay},
    {any(S, M),  Load,                              {A::perform},             stay},
    {M,          any(Store, Rmw),                   {A::perform},             stay},

    {I,          OwnRdAlone,                        {A::fill},                S   },

    {I,          any(BusRd, BusRdX),                {},                       stay},
    {S,          BusRd,                             {},                       stay},
    {S,          BusRdX,                            {},                       I   },
    {M,          BusRd,                             {A::flush},               S   },
    {M,          BusRdX,                            {A::flush},               I   },

    {S,          Replace,                           {},                       I   },
    {M,          Replace,                           {A::write_back},          I   },
};
constexpr Row<C> with_upgrade[] = {
    {S,          any(Store, Rmw),                   {A::bus_upgrade},         stay},
    {S,          OwnUpgr,                           {},                       M   },
    {I,          OwnRdX,                            {A::fill},                M   },
    {I,          BusUpgr,                           {},                       stay},
    {S,          BusUpgr,                           {},                       I   },
};
constexpr Row<C> without_upgrade[] = {
    {S,          any(Store, Rmw),                   {A::bus_read_exclusive},  stay},
    {any(I, S),  OwnRdX,                            {A::fill},                M   },
};
// clang-format on

constexpr Table upgrade_table{join(common, with_upgrade)};
constexpr Table read_exclusive_table{join(common, without_upgrade)};

}  // namespace

TableView<C> Protocol::table(const OptionValues& values) {
  if (chosen(values, options[0]) == "BusUpgr") return upgrade_table;
  return read_exclusive_table;
}

}  // namespace baton::snooping_msi
