#include "protocols/core/print.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace baton {
namespace {

constexpr std::array<std::string_view, virtual_networks> network_names{"request", "forward", "response"};

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const auto& part : parts) {
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

std::vector<std::string> names(const std::vector<std::size_t>& members, const std::vector<std::string>& all) {
  std::vector<std::string> result;
  for (const auto member : members) result.push_back(all[member]);
  return result;
}

const PrintedRow* find(const PrintedTable& table, std::size_t state, std::size_t event) {
  for (const auto& row : table.rows)
    if (std::ranges::count(row.states, state) != 0 && std::ranges::count(row.events, event) != 0) return &row;
  return nullptr;
}

bool is_used_state(const PrintedTable& table, std::size_t state) {
  return std::ranges::any_of(table.rows,
                             [&](const auto& row) { return std::ranges::count(row.states, state) != 0; });
}
bool is_used_event(const PrintedTable& table, std::size_t event) {
  return std::ranges::any_of(table.rows,
                             [&](const auto& row) { return std::ranges::count(row.events, event) != 0; });
}

/// "send_GetS / IS_D"; a hit that stays is "perform", an empty list that moves is "/ I".
std::string cell(const PrintedTable& table, const PrintedRow& row) {
  if (row.outcome == Outcome::stalls) return "stall";
  const std::string actions = joined(row.actions, ", ");
  if (row.outcome == Outcome::stays) return actions.empty() ? "—" : actions;
  return (actions.empty() ? "" : actions + " ") + "/ **" + table.states[row.next] + "**";
}

void write_matrix(std::string& text, std::string_view title, const PrintedTable& table) {
  std::vector<std::size_t> events;
  for (std::size_t e = 0; e < table.events.size(); ++e)
    if (is_used_event(table, e)) events.push_back(e);
  text += "\n### " + std::string(title) + "\n\n| state |";
  for (const auto e : events) text += std::string(" ") + table.events[e] + " |";
  text += "\n|---|";
  for (std::size_t i = 0; i < events.size(); ++i) text += "---|";
  text += "\n";
  for (std::size_t s = 0; s < table.states.size(); ++s) {
    if (!is_used_state(table, s)) continue;
    text += "| **" + table.states[s] + "** |";
    for (const auto e : events) {
      const PrintedRow* row = find(table, s, e);
      text += row == nullptr ? std::string(" |") : std::string(" ") + cell(table, *row) + " |";
    }
    text += "\n";
  }
}

std::string options_text(const PrintedProtocol& protocol) {
  std::string text;
  for (const auto& [name, value] : protocol.options) text += (text.empty() ? "" : ", ") + name + "=" + value;
  return text.empty() ? "no options" : text;
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (c == '\n')
      result += "\\n";
    else
      result += c;
  }
  return result + "\"";
}

std::string array_of(const std::vector<std::string>& items) {
  std::vector<std::string> all;
  for (const auto& item : items) all.push_back(quoted(item));
  return std::string("[") + joined(all, ", ") + "]";
}

std::string json_table(const PrintedTable& table) {
  std::vector<std::string> rows;
  for (const auto& row : table.rows) {
    std::string one = "      {\"states\": " + array_of(names(row.states, table.states)) +
                      ", \"events\": " + array_of(names(row.events, table.events));
    if (row.outcome == Outcome::stalls)
      one += ", \"outcome\": \"stalls\"";
    else
      one += ", \"actions\": " + array_of(row.actions);
    if (row.outcome == Outcome::stays) one += ", \"outcome\": \"stays\"";
    if (row.outcome == Outcome::moves)
      one += ", \"outcome\": \"moves\", \"next\": " + quoted(table.states[row.next]);
    rows.push_back(one + "}");
  }
  return "{\n    \"states\": " + array_of(table.states) + ",\n    \"events\": " + array_of(table.events) +
         ",\n    \"rows\": [\n" + joined(rows, ",\n") + "\n    ]\n  }";
}

void write_cluster(std::string& text, const std::string& who, const PrintedTable& table) {
  text += "  subgraph cluster_" + who + " {\n    label=" + quoted(who) + ";\n";
  for (std::size_t s = 0; s < table.states.size(); ++s) {
    if (!is_used_state(table, s)) continue;
    const bool stable = table.states[s].find('_') == std::string::npos;
    text += "    " + who + "_" + table.states[s] + " [label=" + quoted(table.states[s]) +
            (stable ? ", shape=doublecircle];\n" : ", shape=ellipse];\n");
  }
  std::map<std::pair<std::size_t, std::size_t>, std::vector<std::string>>
      edges;  // ordered: same text every time
  for (const auto& row : table.rows) {
    if (row.outcome == Outcome::stalls) continue;
    std::string label = joined(names(row.events, table.events), ", ");
    if (!row.actions.empty()) label += ": " + joined(row.actions, ", ");
    for (const auto s : row.states) edges[{s, row.outcome == Outcome::stays ? s : row.next}].push_back(label);
  }
  for (const auto& [ends, labels] : edges)
    text += "    " + who + "_" + table.states[ends.first] + " -> " + who + "_" + table.states[ends.second] +
            " [label=" + quoted(joined(labels, "\n")) + "];\n";
  text += "  }\n";
}

}  // namespace

std::string print_as(const PrintedProtocol& protocol, TableFormat format) {
  switch (format) {
    case TableFormat::json:
      return to_json(protocol);
    case TableFormat::dot:
      return to_dot(protocol);
    case TableFormat::markdown:
      break;
  }
  return to_markdown(protocol);
}

std::string to_markdown(const PrintedProtocol& protocol) {
  std::string text = "## " + protocol.name + ", " + options_text(protocol) + "\n";
  write_matrix(text, "Cache", protocol.cache);
  if (protocol.home.rows.empty()) {
    text += "\n### On the bus\n\n| | a line travels |\n|---|---|\n";
    for (const auto& kind : protocol.kinds)
      text += "| " + std::string(kind.name) + (kind.carries_data ? " | yes |\n" : " | |\n");
    return text;
  }
  write_matrix(text, "Home", protocol.home);
  text += "\n### Messages\n\n| message | virtual network | carries data |\n|---|---|---|\n";
  for (const auto& kind : protocol.kinds) {
    const auto network = static_cast<std::size_t>(kind.network);
    text += "| " + std::string(kind.name) + " | " + std::string(network_names[network]) +
            (protocol.ordered[network] ? " (ordered)" : "") + (kind.carries_data ? " | yes |\n" : " | |\n");
  }
  return text;
}

std::string to_json(const PrintedProtocol& protocol) {
  std::vector<std::string> options;
  for (const auto& [name, value] : protocol.options) options.push_back(quoted(name) + ": " + quoted(value));
  std::vector<std::string> kinds;
  for (const auto& kind : protocol.kinds)
    kinds.push_back("    {\"name\": " + quoted(kind.name) +
                    ", \"network\": " + quoted(network_names[static_cast<std::size_t>(kind.network)]) +
                    ", \"carries_data\": " + (kind.carries_data ? "true}" : "false}"));
  std::vector<std::string> ordered;
  for (std::size_t i = 0; i < protocol.ordered.size(); ++i)
    if (protocol.ordered[i]) ordered.emplace_back(network_names[i]);
  const std::string home = protocol.home.rows.empty() ? "" : ",\n  \"home\": " + json_table(protocol.home);
  return "{\n  \"protocol\": " + quoted(protocol.name) + ",\n  \"summary\": " + quoted(protocol.summary) +
         ",\n  \"options\": {" + joined(options, ", ") + "},\n  \"ordered_networks\": " + array_of(ordered) +
         ",\n  \"kinds\": [\n" + joined(kinds, ",\n") + "\n  ],\n  \"cache\": " + json_table(protocol.cache) +
         home + "\n}\n";
}

std::string to_dot(const PrintedProtocol& protocol) {
  std::string text = "digraph " + quoted(protocol.name + ", " + options_text(protocol)) + " {\n";
  text += "  rankdir=LR;\n";
  write_cluster(text, "cache", protocol.cache);
  if (!protocol.home.rows.empty()) write_cluster(text, "home", protocol.home);
  return text + "}\n";
}

}  // namespace baton
