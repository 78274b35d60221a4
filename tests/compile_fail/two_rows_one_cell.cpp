// Two rows that claim one cell must not compile. Without BATON_CONFLICT this is the twin that must.

#include "protocols/core/table.hpp"

namespace {

enum class State { I, M };
enum class Event { Load, Store };
struct Context {
  using State = ::State;
  using Event = ::Event;
};

constexpr baton::Row<Context> rows[] = {
    {State::I, Event::Load, {}, State::M},
    {State::M, baton::any(Event::Load, Event::Store), {}, baton::stay},
#ifdef BATON_CONFLICT
    {baton::any(State::I, State::M), Event::Store, {}, State::M},
#else
    {State::I, Event::Store, {}, State::M},
#endif
};

}  // namespace

constexpr baton::Table table{rows};
static_assert(baton::TableView<Context>(table).find(State::I, Event::Load) == 0);
