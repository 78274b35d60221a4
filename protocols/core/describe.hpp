#pragma once
// Rows, messages and steps as text, for traces, coverage and tables.

#include <string>
#include <string_view>
#include <vector>

#include "protocols/core/check.hpp"
#include "protocols/core/enum_names.hpp"
#include "protocols/core/table.hpp"
#include "protocols/core/types.hpp"

namespace baton {

/// "IM_AD IM_A"
template <class E>
std::string describe_set(SetOf<E> set) {
  std::string text;
  for (std::size_t i = 0; i < enum_count<E>; ++i)
    if (set.has(static_cast<E>(i))) text += (text.empty() ? "" : " ") + std::string(enum_names<E>[i]);
  return text;
}

/// "fill, perform"
template <class Context>
std::string describe_actions(const Row<Context>& row) {
  std::string text;
  for (std::size_t i = 0; i < row.size; ++i) text += (i == 0 ? "" : ", ") + std::string(row.actions[i].name);
  return text;
}

/// "{IS_D | DataLast | fill, perform | S}"
template <class Context>
std::string describe_row(const Row<Context>& row) {
  std::string text = "{" + describe_set(row.in) + " | " + describe_set(row.on) + " | ";
  if (row.outcome == Outcome::stalls) return text + "stall}";
  text += describe_actions(row) + " | ";
  return text + (row.outcome == Outcome::stays ? "stay" : std::string(name_of(row.next))) + "}";
}

/// The content of a line that has none, in checked states: it equals no content.
constexpr Value no_content = 7;
inline std::string describe_content(Value content) {
  return content == no_content ? "none" : std::to_string(content);
}

/// "Data node 2 -> cache 0, requestor 0, acks 1, value 3", without what does not matter to the kind.
template <class P>
std::string describe_message(const Message& m) {
  const auto node = [](NodeId n) { return n == no_node ? std::string("nobody") : std::to_string(n); };
  const KindInfo& kind = P::kinds[m.kind];
  std::string text = std::string(kind.name) + " " + node(m.source) + " -> ";
  text += m.receiver == Unit::home ? "home" : "cache " + node(m.destination);
  if (m.receiver == Unit::home ? m.requestor != m.source : m.requestor != m.destination)
    text += " for " + node(m.requestor);
  if (m.acks != 0) text += ", acks " + std::to_string(m.acks);
  if (kind.carries_data) text += ", value " + describe_content(m.data);
  return text;
}

inline std::string describe_change(std::string who, std::string_view before, std::string_view after) {
  who += ": " + std::string(before);
  if (before != after) who += " -> " + std::string(after);
  return who;
}

inline std::string impossible(std::string_view who, std::string_view state, std::string_view event) {
  return "impossible cell: " + std::string(who) + " in " + std::string(state) + " on " + std::string(event);
}

/// Appends how often each row, and each of its cells, was visited. `visits` is a dense [state][event] array.
template <class Context>
void count_coverage(std::string_view who, const TableView<Context>& table,
                    const std::vector<std::uint64_t>& visits, std::vector<FiredCount>& rows,
                    std::vector<FiredCount>& cells) {
  using Table = TableView<Context>;
  const std::size_t first = rows.size();
  for (const auto& row : table.rows()) rows.push_back({std::string(who) + " " + describe_row(row)});
  for (std::size_t s = 0; s < Table::states; ++s)
    for (std::size_t e = 0; e < Table::events; ++e) {
      const auto state = static_cast<typename Table::State>(s);
      const auto event = static_cast<typename Table::Event>(e);
      const int row = table.find(state, event);
      if (row < 0) continue;
      const std::uint64_t times = visits[s * Table::events + e];
      rows[first + static_cast<std::size_t>(row)].times += times;
      cells.push_back(
          {std::string(who) + " in " + std::string(name_of(state)) + " on " + std::string(name_of(event)),
           times});
    }
}

}  // namespace baton
