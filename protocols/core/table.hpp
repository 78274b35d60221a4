#pragma once
// The transition table: rows of {states, events, actions, next}. See protocols/README.md for how to read one.
//
// A table is built at compile time; two rows that claim one (state, event) cell do not compile. A cell that
// no row claims is impossible: reaching it is a protocol error that the checker and the simulator report.

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>

#include "protocols/core/enum_names.hpp"

namespace baton {

/// A set of enumerators, written `any(IM_AD, IM_A)` in a row.
template <class E>
struct SetOf {
  std::uint64_t bits;
  constexpr SetOf(E e) : bits(std::uint64_t{1} << index(e)) {}  // NOLINT: rows read better without a cast
  constexpr bool has(E e) const { return (bits >> index(e) & 1U) != 0; }
};

template <class E, class... Es>
constexpr SetOf<E> any(E first, Es... rest) {
  SetOf<E> set(first);
  ((set.bits |= SetOf<E>(rest).bits), ...);
  return set;
}

/// What an action does besides changing the entry; derived facts (which cells are hits) rest on it.
enum class Effect : std::uint8_t {
  local,    ///< changes only the line or entry
  sends,    ///< sends messages
  performs  ///< performs the core's pending access on the line
};

/// A named pure function on the controller's context. The name serves printing, the function simulation.
template <class Context>
struct Action {
  std::string_view name;
  Effect effect;
  void (*run)(Context&);
};

struct Stay {};
struct Stall {};
inline constexpr Stay stay{};  ///< as next state: the state does not change
inline constexpr Stall
    stall{};  ///< instead of actions and next: the event waits for the line's state to change

enum class Outcome : std::uint8_t { moves, stays, stalls };

template <class Context>
struct Row {
  using State = typename Context::State;
  using Event = typename Context::Event;
  static constexpr std::size_t max_actions = 6;

  SetOf<State> in;
  SetOf<Event> on;
  std::array<Action<Context>, max_actions> actions{};
  std::size_t size = 0;
  State next{};
  Outcome outcome;

  using List = std::initializer_list<Action<Context>>;
  constexpr Row(SetOf<State> s, SetOf<Event> e, List a, State n)
      : in(s), on(e), next(n), outcome(Outcome::moves) {
    copy(a);
  }
  constexpr Row(SetOf<State> s, SetOf<Event> e, List a, Stay) : in(s), on(e), outcome(Outcome::stays) {
    copy(a);
  }
  constexpr Row(SetOf<State> s, SetOf<Event> e, Stall) : in(s), on(e), outcome(Outcome::stalls) {}

  constexpr bool has(Effect effect) const {
    for (std::size_t i = 0; i < size; ++i)
      if (actions[i].effect == effect) return true;
    return false;
  }
  /// The core's access completes at once and no message is sent.
  constexpr bool is_hit() const { return has(Effect::performs) && !has(Effect::sends); }

 private:
  constexpr void copy(List list) {
    for (const auto& a : list)
      actions[size++] = a;  // more than max_actions is out of bounds: does not compile
  }
};

/// A view of a table: what simulation, checker and printer use. Copied freely; the table lives for ever.
template <class Context>
class TableView {
 public:
  using State = typename Context::State;
  using Event = typename Context::Event;
  static constexpr std::size_t states = enum_count<State>;
  static constexpr std::size_t events = enum_count<Event>;

  constexpr TableView(std::span<const Row<Context>> rows, const std::int16_t* cells)
      : rows_(rows), cells_(cells) {}

  constexpr std::span<const Row<Context>> rows() const { return rows_; }
  /// The row's number, or -1: impossible.
  constexpr int find(State s, Event e) const { return cells_[index(s) * events + index(e)]; }
  constexpr bool is_hit(State s, Event e) const {
    const int row = find(s, e);
    return row >= 0 && rows_[static_cast<std::size_t>(row)].is_hit();
  }

 private:
  std::span<const Row<Context>> rows_;
  const std::int16_t* cells_;
};

template <class Context, std::size_t R>
class Table {
 public:
  using View = TableView<Context>;

  consteval explicit Table(const Row<Context> (&source)[R]) : Table(std::to_array(source)) {}
  consteval explicit Table(const std::array<Row<Context>, R>& source) : rows_(source) {
    static_assert(View::states <= 64 && View::events <= 64, "SetOf holds 64 enumerators");
    cells_.fill(-1);
    for (std::size_t r = 0; r < R; ++r)
      for (std::size_t s = 0; s < View::states; ++s)
        for (std::size_t e = 0; e < View::events; ++e)
          if (rows_[r].in.has(static_cast<typename View::State>(s)) &&
              rows_[r].on.has(static_cast<typename View::Event>(e))) {
            auto& cell = cells_[s * View::events + e];
            if (cell != -1) throw "two rows claim the same (state, event) cell";
            cell = static_cast<std::int16_t>(r);
          }
  }

  constexpr operator View() const {
    return View(rows_, cells_.data());
  }  // NOLINT: a view is a table to its users

 private:
  std::array<Row<Context>, R> rows_;
  std::array<std::int16_t, View::states * View::events> cells_{};
};

/// How many rows a list has: an array of rows or what join made.
template <class List>
inline constexpr std::size_t rows_in = sizeof(List) / sizeof(*std::begin(std::declval<List&>()));

namespace detail {
template <class List>
constexpr auto row_of(std::size_t i, const List& list) {
  return list[i];
}
template <class List, class... Lists>
constexpr auto row_of(std::size_t i, const List& list, const Lists&... lists) requires(sizeof...(lists) > 0) {
  return i < rows_in<List> ? list[i] : row_of(i - rows_in<List>, lists...);
}
}  // namespace detail

/// The rows of several lists, for tables that share most of their rows: `constexpr Table table{join(common,
/// own)}`.
template <class... Lists>
consteval auto join(const Lists&... lists) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return std::array{detail::row_of(I, lists...)...};
  }
  (std::make_index_sequence<(rows_in<Lists> + ...)>{});
}

enum class StepResult : std::uint8_t { done, stalled, impossible };

/// One step of a controller: finds the cell, runs its actions, moves the state. Nothing changes unless
/// `done`. `visits`, if given, is a dense [state][event] array of counters.
template <class Context>
StepResult step(const TableView<Context>& table, typename Context::State& state,
                typename Context::Event event, Context& context, std::uint64_t* visits = nullptr) {
  const int found = table.find(state, event);
  if (found < 0) return StepResult::impossible;
  const auto& row = table.rows()[static_cast<std::size_t>(found)];
  if (visits != nullptr) ++visits[index(state) * TableView<Context>::events + index(event)];
  if (row.outcome == Outcome::stalls) return StepResult::stalled;
  for (std::size_t i = 0; i < row.size; ++i) row.actions[i].run(context);
  if (row.outcome == Outcome::moves) state = row.next;
  return StepResult::done;
}

}  // namespace baton
