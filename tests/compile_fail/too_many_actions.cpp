// A row with more actions than it holds must not compile. Without BATON_CONFLICT this is the twin that must.

#include "protocols/core/table.hpp"

namespace {

enum class State { I, M };
enum class Event { Load };
struct Context {
  using State = ::State;
  using Event = ::Event;
};

constexpr baton::Action<Context> a{"a", baton::Effect::local, [](Context&) {}};

constexpr baton::Row<Context> rows[] = {
#ifdef BATON_CONFLICT
    {State::I, Event::Load, {a, a, a, a, a, a, a}, State::M},
#else
    {State::I, Event::Load, {a, a, a, a, a, a}, State::M},
#endif
};

}  // namespace

constexpr baton::Table table{rows};
static_assert(baton::TableView<Context>(table).find(State::I, Event::Load) == 0);
