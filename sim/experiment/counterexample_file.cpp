#include "sim/experiment/counterexample_file.hpp"

#include <algorithm>

#include "protocols/core/registry.hpp"
#include "sim/experiment/json.hpp"
#include "sim/experiment/machine_fields.hpp"
#include "sim/experiment/problem.hpp"

namespace baton::experiment {
namespace {

constexpr std::string_view format = "baton-counterexample";
constexpr int version = 1;
const std::vector<std::string> step_kinds{"access", "replace", "buffer", "deliver", "recall"};

Json to_json(const CheckMessage& message) {
  Json json{{"kind", message.kind},
            {"line", message.line},
            {"source", message.source},
            {"destination", message.destination},
            {"to", message.to_home ? "home" : "cache"},
            {"requestor", message.requestor},
            {"acks", message.acks}};
  if (message.carries_data) json["data"] = message.has_content ? Json(message.data) : Json(nullptr);
  return json;
}

Json to_json(const CheckStep& step) {
  Json json{{"kind", step_kinds[static_cast<std::size_t>(step.kind)]}};
  if (step.cache < 0)
    json["home"] = true;
  else
    json["cache"] = step.cache;
  json["line"] = step.line;
  json["event"] = step.event;
  json["before"] = step.before;
  json["after"] = step.after;
  if (step.ticks) json["ticks"] = true;
  if (step.kind == CheckStep::Kind::deliver) json["message"] = to_json(step.message);
  Json sends = Json::array();
  for (const CheckMessage& message : step.sends) sends.push_back(to_json(message));
  if (!sends.empty()) json["sends"] = std::move(sends);
  json["text"] = step.text;
  return json;
}

/// Reads fields, and collects what is wrong with them.
class FieldReader {
 public:
  FieldReader(const Json& json, std::string pointer, Problems& problems)
      : json_(json), pointer_(std::move(pointer)), problems_(problems) {
    if (!json.is_object()) fault("", "must be an object, found " + found_text(json));
  }

  const Json* find(const char* key) const {
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(key);
    return found == json_.end() ? nullptr : &*found;
  }
  void integer(const char* key, int& value, int least, int most) {
    const Json* found = required(key);
    if (found == nullptr) return;
    if (!found->is_number_integer() || found->get<std::int64_t>() < least ||
        found->get<std::int64_t>() > most)
      fault(key, "must be an integer from " + std::to_string(least) + " to " + std::to_string(most) +
                     ", found " + found_text(*found));
    else
      value = found->get<int>();
  }
  void text(const char* key, std::string& value) {
    const Json* found = required(key);
    if (found == nullptr) return;
    if (found->is_string())
      value = found->get<std::string>();
    else
      fault(key, "must be a string, found " + found_text(*found));
  }
  const Json* required(const char* key) {
    const Json* found = find(key);
    if (found == nullptr && json_.is_object()) fault("", std::string("\"") + key + "\" is missing");
    return found;
  }
  void fault(const char* key, std::string message) {
    problems_.push_back({*key == '\0' ? pointer_ : at(key), std::move(message)});
  }
  std::string at(const char* key) const { return pointer_ + "/" + key; }

 private:
  const Json& json_;
  std::string pointer_;
  Problems& problems_;
};

CheckMessage read_message(const Json& json, const std::string& pointer, int caches, Problems& problems) {
  CheckMessage message;
  FieldReader field(json, pointer, problems);
  std::string to;
  field.text("kind", message.kind);
  field.integer("line", message.line, 0, max_checked_lines - 1);
  field.integer("source", message.source, 0, caches);
  field.integer("destination", message.destination, 0, caches);
  field.text("to", to);
  message.to_home = to == "home";
  if (!to.empty() && to != "home" && to != "cache")
    field.fault("to", "must be \"home\" or \"cache\", found \"" + to + "\"");
  if (to == "cache" && message.destination == caches)
    field.fault("destination", "must be a cache, 0 to " + std::to_string(caches - 1) + ", found " +
                                   std::to_string(message.destination));
  field.integer("requestor", message.requestor, -1, caches);
  field.integer("acks", message.acks, 0, 31);
  if (const Json* data = field.find("data")) {
    message.carries_data = true;
    message.has_content = !data->is_null();
    int content = 0;
    if (message.has_content) field.integer("data", content, 0, max_checked_values - 1);
    message.data = static_cast<std::uint64_t>(content);
  }
  return message;
}

CheckStep read_step(const Json& json, const std::string& pointer, int caches, Problems& problems) {
  CheckStep step;
  FieldReader field(json, pointer, problems);
  std::string kind;
  field.text("kind", kind);
  const auto known = std::ranges::find(step_kinds, kind);
  if (!kind.empty() && known == step_kinds.end())
    field.fault("kind", "must be one of " + quoted_list(step_kinds) + ", found \"" + kind + "\"");
  if (known != step_kinds.end()) step.kind = static_cast<CheckStep::Kind>(known - step_kinds.begin());
  if (field.find("home") == nullptr ||
      (step.kind != CheckStep::Kind::deliver && step.kind != CheckStep::Kind::recall))
    field.integer("cache", step.cache, 0, caches - 1);
  field.integer("line", step.line, 0, max_checked_lines - 1);
  field.text("event", step.event);
  field.text("before", step.before);
  field.text("after", step.after);
  field.text("text", step.text);
  if (step.kind == CheckStep::Kind::access) {
    static const std::vector<std::string> accesses{"Load", "Store", "Rmw", "RmwFar"};
    if (!step.event.empty() && std::ranges::find(accesses, step.event) == accesses.end())
      field.fault("event", "must be one of " + quoted_list(accesses) + ", found \"" + step.event + "\"");
    const Json* ticks = field.find("ticks");
    step.ticks = ticks != nullptr && *ticks == true;
  }
  if (step.kind == CheckStep::Kind::deliver)
    if (const Json* message = field.required("message")) {
      step.message = read_message(*message, field.at("message"), caches, problems);
      step.message.line = step.line;
    }
  return step;
}

void read_protocol(const Json& json, Counterexample& result, Problems& problems) {
  FieldReader field(json, "/protocol", problems);
  field.text("name", result.protocol);
  if (result.protocol.empty()) return;
  const ProtocolInfo* protocol = find_protocol(result.protocol);
  if (protocol == nullptr) {
    const auto names = protocol_names();
    field.fault("name", "there is no protocol \"" + result.protocol + "\"; allowed are " +
                            quoted_list(names) + did_you_mean(result.protocol, names));
    return;
  }
  for (const ProtocolOption& option : protocol->options()) {
    const std::string name(option.name);
    std::string& value = result.options[name] = option.values.front();
    if (field.find(name.c_str()) == nullptr) continue;
    field.text(name.c_str(), value);
    const std::vector<std::string> allowed(option.values.begin(), option.values.end());
    if (std::ranges::find(allowed, value) == allowed.end())
      field.fault(name.c_str(), "must be one of " + quoted_list(allowed) + ", found \"" + value + "\"");
  }
}

void read_mutation(const Json& json, Counterexample& result, Problems& problems) {
  FieldReader field(json, "/mutation", problems);
  std::string row;
  std::string change;
  field.text("row", row);
  field.text("change", change);
  if (!problems.empty()) return;
  for (const Mutation& mutation : find_protocol(result.protocol)->mutations(result.options))
    if (mutation.row_text == row && mutation.text == change) result.mutation = mutation;
  if (!result.mutation)
    field.fault("", "the tables of " + result.protocol + " have no row \"" + row + "\" with a change \"" +
                        change + "\": they are not those that the counterexample was found for");
}

}  // namespace

std::string write_counterexample(const Counterexample& counterexample) {
  Json protocol{{"name", counterexample.protocol}};
  for (const auto& [name, value] : counterexample.options) protocol[name] = value;
  const CheckParameters& system = counterexample.system;
  Json json{{"format", format},
            {"version", version},
            {"protocol", std::move(protocol)},
            {"system",
             {{"caches", system.caches},
              {"lines", system.lines},
              {"values", system.values},
              {"ways", system.ways},
              {"store_buffer", system.store_buffer},
              {"queue", system.queue},
              {"home_beside_cache", system.home_beside_cache},
              {"clock_window", system.clock_window}}},
            {"violation", counterexample.violation}};
  if (counterexample.mutation)
    json["mutation"] = {{"row", counterexample.mutation->row_text},
                        {"change", counterexample.mutation->text}};
  if (counterexample.cycle_begin != 0) json["cycle_begin"] = counterexample.cycle_begin;
  json["steps"] = Json::array();
  for (const CheckStep& step : counterexample.steps) json["steps"].push_back(to_json(step));
  return json.dump(2) + "\n";
}

Counterexample read_counterexample(std::string_view text, std::string_view file) {
  const Json json = parse_json(text, file);
  Problems problems;
  Counterexample result;
  FieldReader field(json, "", problems);
  std::string found_format;
  int found_version = 0;
  field.text("format", found_format);
  if (found_format != format)
    field.fault("format", "must be \"" + std::string(format) + "\", found \"" + found_format + "\"");
  field.integer("version", found_version, version, version);
  if (const Json* protocol = field.required("protocol")) read_protocol(*protocol, result, problems);
  if (const Json* system = field.required("system")) {
    FieldReader of_system(*system, "/system", problems);
    of_system.integer("caches", result.system.caches, 1, max_checked_caches);
    of_system.integer("lines", result.system.lines, 1, max_checked_lines);
    of_system.integer("values", result.system.values, 2, max_checked_values);
    if (of_system.find("clock_window") != nullptr)
      of_system.integer("clock_window", result.system.clock_window, 2, max_clock_window);
    const Json* beside = of_system.find("home_beside_cache");
    result.system.home_beside_cache = beside != nullptr && *beside == true;
  }
  field.text("violation", result.violation);
  if (const Json* steps = field.required("steps")) {
    if (!steps->is_array()) field.fault("steps", "must be an array, found " + found_text(*steps));
    for (std::size_t i = 0; steps->is_array() && i < steps->size(); ++i)
      result.steps.push_back(
          read_step((*steps)[i], "/steps/" + std::to_string(i), result.system.caches, problems));
  }
  if (const Json* mutation = field.find("mutation"); mutation != nullptr && problems.empty())
    read_mutation(*mutation, result, problems);
  if (!problems.empty()) throw InputProblems(file, problems);
  return result;
}

}  // namespace baton::experiment
