#include "sim/experiment/json.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "sim/experiment/problem.hpp"

namespace baton::experiment {
namespace {

/// Follows the parser through the document to know the place of a key given twice (nlohmann keeps the last
/// silently).
class DuplicateFinder {
 public:
  bool operator()(int, Json::parse_event_t event, Json& parsed) {
    switch (event) {
      case Json::parse_event_t::object_start:
        enter(false);
        break;
      case Json::parse_event_t::array_start:
        enter(true);
        break;
      case Json::parse_event_t::object_end:
      case Json::parse_event_t::array_end:
        levels_.pop_back();
        break;
      case Json::parse_event_t::key:
        levels_.back().token = parsed.get<std::string>();
        if (!levels_.back().keys.insert(levels_.back().token).second) {
          problems_.push_back({pointer(), "this key is given twice in one object"});
        }
        break;
      case Json::parse_event_t::value:
        count();
        break;
    }
    return true;
  }

  const Problems& problems() const { return problems_; }

 private:
  struct Level {
    bool list;
    std::size_t next = 0;
    std::string token;
    std::set<std::string> keys;
  };

  void count() {
    if (levels_.empty() || !levels_.back().list) return;
    levels_.back().token = std::to_string(levels_.back().next++);
  }

  void enter(bool list) {
    count();
    levels_.push_back({list, 0, {}, {}});
  }

  std::string pointer() const {
    std::string text;
    for (const Level& level : levels_) text += "/" + pointer_token(level.token);
    return text;
  }

  std::vector<Level> levels_;
  Problems problems_;
};

/// "line 3, column 7: …" from nlohmann's message, whose prefix names only its own exception.
std::string syntax_message(std::string_view what) {
  for (const std::string_view prefix : {"parse error at ", "parse error: ", "parse error"}) {
    if (const auto at = what.find(prefix); at != std::string_view::npos) {
      return std::string(what.substr(at + prefix.size()));
    }
  }
  if (const auto end = what.find("] "); end != std::string_view::npos) what.remove_prefix(end + 2);
  return std::string(what);
}

void pretty_to(std::string& out, const Json& value, int indent) {
  const auto simple = [](const Json& item) { return !item.is_structured() || item.empty(); };
  if (simple(value) || (value.is_array() && std::all_of(value.begin(), value.end(), simple))) {
    if (!value.is_array()) {
      out += value.dump();
      return;
    }
    out += '[';
    for (std::size_t i = 0; i < value.size(); ++i) out.append(i > 0 ? ", " : "").append(value[i].dump());
    out += ']';
    return;
  }
  const std::string inner(static_cast<std::size_t>(indent) + 2, ' ');
  out += value.is_array() ? "[" : "{";
  bool first = true;
  for (const auto& [key, item] : value.items()) {
    out.append(first ? "\n" : ",\n").append(inner);
    first = false;
    if (value.is_object()) out.append(Json(key).dump()).append(": ");
    pretty_to(out, item, indent + 2);
  }
  out.append("\n").append(static_cast<std::size_t>(indent), ' ').append(value.is_array() ? "]" : "}");
}

}  // namespace

Json parse_json(std::string_view text, std::string_view file) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    throw InputProblems(file, std::vector<Problem>{{"", "is empty; a JSON object was expected"}});
  }
  DuplicateFinder finder;
  Json document;
  try {
    // std::ref: the parser copies its callback.
    document = Json::parse(text, std::ref(finder));
  } catch (const Json::exception& error) {
    throw InputProblems(file, std::vector<Problem>{{"", syntax_message(error.what())}});
  }
  if (!finder.problems().empty()) throw InputProblems(file, finder.problems());
  return document;
}

std::string found_text(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return value.empty() ? "an empty list" : "a list";
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  constexpr std::size_t most = 60;
  if (text.size() > most) {
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
      --end;  // whole UTF-8 characters
    text = text.substr(0, end) + "…";
  }
  return text;
}

void throw_key_missing() {
  throw std::out_of_range("a key is missing");
}

void not_as_written(const std::string& file, const std::exception& error) {
  throw InputProblems(file, Problems{{"", std::string("is not as Baton has written it: ") + error.what()}});
}

std::string bare_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string pretty(const Json& value, int indent) {
  std::string out;
  pretty_to(out, value, indent);
  return out;
}

}  // namespace baton::experiment
