#pragma once
// A copy of a table that can be spoilt, one cell or row at a time. It must outlive the views taken from it.

#include <stdexcept>
#include <string_view>
#include <vector>

#include "protocols/core/table.hpp"

namespace baton {

template <class Context>
class MutableTable {
 public:
  using View = TableView<Context>;
  using State = typename Context::State;
  using Event = typename Context::Event;

  explicit MutableTable(const View& view) : rows_(view.rows().begin(), view.rows().end()) {
    for (std::size_t s = 0; s < View::states; ++s)
      for (std::size_t e = 0; e < View::events; ++e)
        cells_.push_back(static_cast<std::int16_t>(view.find(static_cast<State>(s), static_cast<Event>(e))));
  }

  View view() const { return View(rows_, cells_.data()); }

  void remove(State s, Event e) { cell(s, e) = -1; }
  void stall_on(State s, Event e) { put(s, e, Row<Context>(s, e, stall)); }
  void set_next(State s, Event e, State next) {
    auto row = at(s, e);
    row.outcome = Outcome::moves;
    row.next = next;
    put(s, e, row);
  }
  void drop_action(State s, Event e, std::string_view name) {
    auto row = at(s, e);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < row.size; ++i)
      if (row.actions[i].name != name) row.actions[kept++] = row.actions[i];
    if (kept == row.size) throw std::logic_error("the row has no such action");
    row.size = kept;
    put(s, e, row);
  }
  /// A row with all its cells.
  Row<Context>& row(std::size_t number) { return rows_.at(number); }
  void remove_row(std::size_t number) {
    for (auto& found : cells_)
      if (found == static_cast<std::int16_t>(number)) found = -1;
  }
  /// The cell does what another one does.
  void copy(State s, Event e, State from_state, Event from_event) { put(s, e, at(from_state, from_event)); }
  Row<Context> at(State s, Event e) const {
    const int row = view().find(s, e);
    if (row < 0) throw std::logic_error("no row claims the cell");
    return rows_[static_cast<std::size_t>(row)];
  }
  void put(State s, Event e, Row<Context> row) {
    row.in = s;
    row.on = e;
    rows_.push_back(row);
    cell(s, e) = static_cast<std::int16_t>(rows_.size() - 1);
  }

 private:
  std::int16_t& cell(State s, Event e) { return cells_[index(s) * View::events + index(e)]; }

  std::vector<Row<Context>> rows_;
  std::vector<std::int16_t> cells_;
};

}  // namespace baton
