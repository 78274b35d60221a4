#pragma once
// A protocol's tables as text: Markdown as in the Primer's tables, JSON, Graphviz. The tables are first
// stripped of their types, so that the writers are plain functions.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "protocols/core/types.hpp"
#include "protocols/core/variant.hpp"

namespace baton {

struct PrintedRow {
  std::vector<std::size_t> states;
  std::vector<std::size_t> events;
  std::vector<std::string> actions;
  Outcome outcome = Outcome::moves;
  std::size_t next = 0;  ///< a state, if the row moves
};

struct PrintedTable {
  std::vector<std::string> states;
  std::vector<std::string> events;
  std::vector<PrintedRow> rows;
};

struct PrintedProtocol {
  std::string name;
  std::string summary;
  std::vector<std::pair<std::string, std::string>> options;  ///< the value of each
  std::vector<KindInfo> kinds;
  std::vector<bool> ordered;  ///< by virtual network
  PrintedTable cache;
  PrintedTable home;
};

enum class TableFormat { markdown, json, dot };

std::string print_as(const PrintedProtocol& protocol, TableFormat format);
std::string to_markdown(const PrintedProtocol& protocol);
std::string to_json(const PrintedProtocol& protocol);
std::string to_dot(const PrintedProtocol& protocol);

namespace detail {

template <class E>
std::vector<std::size_t> members(SetOf<E> set) {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < enum_count<E>; ++i)
    if (set.has(static_cast<E>(i))) result.push_back(i);
  return result;
}

template <class Context>
PrintedTable printed(const TableView<Context>& table) {
  PrintedTable result;
  for (const auto name : enum_names<typename Context::State>) result.states.emplace_back(name);
  for (const auto name : enum_names<typename Context::Event>) result.events.emplace_back(name);
  for (const auto& row : table.rows()) {
    PrintedRow& to = result.rows.emplace_back();
    to.states = members(row.in);
    to.events = members(row.on);
    for (std::size_t i = 0; i < row.size; ++i) to.actions.emplace_back(row.actions[i].name);
    to.outcome = row.outcome;
    to.next = index(row.next);
  }
  return result;
}

}  // namespace detail

template <CoherenceProtocol P>
PrintedProtocol printed(const OptionValues& values) {
  const Variant<P> variant = P::variant(values);
  PrintedProtocol result{std::string(P::name), std::string(P::summary), {}, {}, {}, {}, {}};
  for (const ProtocolOption& option : P::options)
    result.options.emplace_back(option.name, chosen(values, option));
  result.kinds.assign(P::kinds.begin(), P::kinds.end());
  result.ordered.assign(std::begin(P::ordered), std::end(P::ordered));
  result.cache = detail::printed(variant.cache);
  result.home = detail::printed(variant.home);
  return result;
}

}  // namespace baton
