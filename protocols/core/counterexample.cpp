#include "protocols/core/counterexample.hpp"

namespace baton {
namespace {

std::string cache_name(int cache) {
  return "C" + std::to_string(cache);
}

// Semicolons end a statement in Mermaid.
std::string note(const std::string& who, std::string text) {
  for (char& c : text)
    if (c == ';') c = ',';
  return "  Note over " + who + ": " + text + "\n";
}

std::string label(const CheckMessage& message, bool shows_line) {
  std::string text = message.kind;
  if (shows_line) text += " line " + std::to_string(message.line);
  if (message.acks != 0) text += ", acks " + std::to_string(message.acks);
  if (message.carries_data)
    text += ", value " + (message.has_content ? std::to_string(message.data) : "none");
  return text;
}

}  // namespace

std::string to_mermaid(const std::vector<CheckStep>& steps, int caches, const std::string& violation) {
  bool two_lines = false;
  for (const CheckStep& step : steps) two_lines |= step.line != 0;
  std::string chart = "sequenceDiagram\n";
  for (int i = 0; i < caches; ++i)
    chart += "  participant " + cache_name(i) + " as cache " + std::to_string(i) + "\n";
  chart += "  participant H as home\n";
  for (const CheckStep& step : steps) {
    const std::string where = step.cache < 0 ? "H" : cache_name(step.cache);
    std::string change = step.before + (step.before == step.after ? "" : " → " + step.after);
    if (two_lines) change = "line " + std::to_string(step.line) + ": " + change;
    if (step.kind == CheckStep::Kind::deliver) {
      // A home that is told by its own tile's cache is still another participant: source says which node.
      const bool from_home = !step.message.to_home && step.message.source >= caches;
      chart += "  " + (from_home ? std::string("H") : cache_name(step.message.source)) + "->>" + where +
               ": " + label(step.message, two_lines) + "\n";
      chart += note(where, change);
    } else {
      chart +=
          note(where, step.event + (step.kind == CheckStep::Kind::buffer ? " into the store buffer" : "") +
                          ": " + change);
    }
  }
  if (!violation.empty()) chart += note("C0,H", violation);
  return chart;
}

}  // namespace baton
