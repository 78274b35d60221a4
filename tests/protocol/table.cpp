// Does a table do what its rows say?

#include "protocols/core/table.hpp"

#include <vector>

#include <catch2/catch.hpp>

#include "protocols/core/variant.hpp"
#include "protocols/mesi/mesi.hpp"
#include "protocols/ownership/ownership.hpp"

using namespace baton;

namespace {

enum class State : std::uint8_t { I, IM_D, M };
enum class Event : std::uint8_t { Load, Store, Data };
struct Context {
  using State = ::State;
  using Event = ::Event;
  std::vector<int> log;
};

constexpr Action<Context> one{"one", Effect::sends, [](Context& c) { c.log.push_back(1); }};
constexpr Action<Context> two{"two", Effect::performs, [](Context& c) { c.log.push_back(2); }};

constexpr Row<Context> common[] = {
    {State::I, any(Event::Load, Event::Store), {one}, State::IM_D},
    {State::IM_D, any(Event::Load, Event::Store), stall},
};
constexpr Row<Context> own[] = {
    {State::IM_D, Event::Data, {two, one}, State::M},
    {State::M, Event::Load, {two}, stay},
};
constexpr Table table{join(common, own)};

}  // namespace

TEST_CASE("names and number of enumerators come from the enum") {
  CHECK(enum_count<State> == 3);  // in an unnamed namespace, which compilers spell in their own ways
  CHECK(name_of(State::IM_D) == "IM_D");
  CHECK(enum_count<mesi::CacheState> == 16);
  CHECK(name_of(mesi::CacheState::IS_D_I) == "IS_D_I");
  CHECK(name_of(ownership::HomeEvent::PutMOther) == "PutMOther");
  for (std::size_t i = 0; i < mesi::Protocol::kinds.size(); ++i)
    CHECK(mesi::Protocol::kinds[i].name == enum_names<mesi::Kind>[i]);
  for (std::size_t i = 0; i < ownership::Protocol::kinds.size(); ++i)
    CHECK(ownership::Protocol::kinds[i].name == enum_names<ownership::Kind>[i]);
}

TEST_CASE("a state is transient iff its name has an underscore") {
  CHECK(is_stable(State::M));
  CHECK_FALSE(is_stable(State::IM_D));
}

TEST_CASE("a step runs the actions in order and moves the state") {
  const TableView<Context> view = table;
  std::vector<std::uint64_t> visits(9);
  Context context;
  auto state = State::I;
  CHECK(step(view, state, Event::Store, context, visits.data()) == StepResult::done);
  CHECK(state == State::IM_D);
  CHECK(step(view, state, Event::Data, context, visits.data()) == StepResult::done);
  CHECK(state == State::M);
  CHECK(context.log == std::vector<int>{1, 2, 1});
  CHECK(visits[1] == 1);
  CHECK(visits[5] == 1);
}

TEST_CASE("a stall and an impossible cell change nothing") {
  const TableView<Context> view = table;
  Context context;
  auto state = State::IM_D;
  CHECK(step(view, state, Event::Load, context) == StepResult::stalled);
  CHECK(state == State::IM_D);
  state = State::M;
  CHECK(step(view, state, Event::Store, context) == StepResult::impossible);
  CHECK(state == State::M);
  CHECK(context.log.empty());
}

TEST_CASE("a hit performs and sends nothing") {
  const TableView<Context> view = table;
  CHECK(view.is_hit(State::M, Event::Load));
  CHECK_FALSE(view.is_hit(State::M, Event::Store));    // impossible
  CHECK_FALSE(view.is_hit(State::IM_D, Event::Load));  // stalls
  CHECK_FALSE(view.is_hit(State::IM_D, Event::Data));  // sends, too
}

TEST_CASE("permissions follow from the tables") {
  const auto mesi = mesi::Protocol::variant({});
  for (std::size_t i = 0; i < enum_count<mesi::CacheState>; ++i) {
    using enum mesi::CacheState;
    const auto state = static_cast<mesi::CacheState>(i);
    INFO(name_of(state));
    CHECK(is_readable(mesi, state) == any(S, E, M, SM_AD, SM_A).has(state));
    CHECK(is_writable(mesi, state) == any(E, M).has(state));
  }
  for (const char* reads : {"migrate", "snapshot"}) {
    const auto ownership = ownership::Protocol::variant({{"reads", reads}});
    for (std::size_t i = 0; i < enum_count<ownership::CacheState>; ++i) {
      const auto state = static_cast<ownership::CacheState>(i);
      CHECK(is_readable(ownership, state) == (state == ownership::CacheState::M));
      CHECK(is_writable(ownership, state) == (state == ownership::CacheState::M));
    }
  }
}
