#include "sim/experiment/sweep.hpp"

#include <algorithm>
#include <set>

#include "sim/experiment/machine_fields.hpp"
#include "sim/experiment/pointers.hpp"
#include "sim/experiment/workload.hpp"
#include "sim/machine/simulate.hpp"

namespace baton::experiment {
namespace {

const std::vector<std::string>& swept_sections() {
  static const std::vector<std::string> names{"machine", "protocol", "workload", "options"};
  return names;
}

void read_values(Axis& axis, const Json& object, const std::string& place, Problems& problems) {
  const Json& path = object.contains("path") ? object["path"] : Json();
  const Json& values = object["values"];
  if (!path.is_string()) {
    problems.push_back({place + "/path", "must be a JSON pointer such as \"/machine/cores\", found " +
                                             (path.is_null() ? "nothing" : found_text(path))});
    return;
  }
  axis.pointer = path.get<std::string>();
  const std::size_t before = problems.size();
  check_pointer(axis.pointer, place + "/path", problems);
  if (problems.size() == before) {
    const std::string top = axis.pointer.substr(1, axis.pointer.find('/', 1) - 1);
    if (std::ranges::find(swept_sections(), top) == swept_sections().end()) {
      problems.push_back({place + "/path", "must lie in one of " + quoted_list(swept_sections()) +
                                               ", found \"" + axis.pointer + "\""});
    } else if (axis.name == "cores" && axis.pointer != "/machine/cores") {
      problems.push_back(
          {place + "/path",
           "an axis called \"cores\" must have the path \"/machine/cores\", found \"" + axis.pointer + "\""});
    }
  }
  if (!values.is_array() || values.empty()) {
    problems.push_back(
        {place + "/values", "must be a list of at least one value, found " + found_text(values)});
    return;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].is_structured() || values[i].is_null()) {
      problems.push_back({place + "/values/" + std::to_string(i),
                          "must be a number, a string or true or false, found " + found_text(values[i]) +
                              "; use \"variants\" for more"});
      continue;
    }
    if (problems.size() == before) axis.values.push_back({values[i], values[i]});
  }
}

void read_variants(Axis& axis, const Json& variants, const std::string& place, Problems& problems) {
  if (!variants.is_object() || variants.empty()) {
    problems.push_back(
        {place, "must be an object of at least one label and patch, found " + found_text(variants)});
    return;
  }
  if (axis.name == "cores") {
    problems.push_back({place, "an axis called \"cores\" must have \"path\" and \"values\""});
  }
  for (const auto& [label, patch] : variants.items()) {
    const std::string here = place + "/" + pointer_token(label);
    if (!patch.is_object()) {
      problems.push_back({here, "must be an object (a merge patch), found " + found_text(patch)});
      continue;
    }
    for (const auto& item : patch.items()) {
      if (std::ranges::find(swept_sections(), item.key()) == swept_sections().end()) {
        problems.push_back(unknown_key(here, item.key(), swept_sections()));
      }
    }
    axis.values.push_back({label, patch});
  }
}

/// The keys that the object may have under what it says now, or nothing if that is unknown.
std::vector<std::string> known_keys(const std::string& section, const Json& object) {
  const auto text = [&](const char* key) {
    return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : std::string();
  };
  if (section == "workload")
    return workload_keys(text("kind"), text(text("kind") == "program" ? "program" : "pattern"));
  std::vector<std::string> keys;
  if (const ProtocolInfo* protocol = find_protocol(text("name"))) {
    keys = {"name", "transfer_cycles"};
    for (const ProtocolOption& option : protocol->options()) keys.emplace_back(option.name);
  }
  return keys;
}

}  // namespace

bool is_column(std::string_view name) {
  return name == "seed" || name == "scaling_efficiency" || sim::is_measurement(name);
}

std::vector<Axis> read_axes(const Json& sweep, Problems& problems) {
  std::vector<Axis> axes;
  if (!sweep.is_object()) {
    problems.push_back({"/sweep", "must be an object, found " + found_text(sweep)});
    return axes;
  }
  for (const auto& [name, object] : sweep.items()) {
    const std::string place = "/sweep/" + pointer_token(name);
    Axis axis{name, {}, {}};
    if (name.empty()) problems.push_back({place, "an axis needs a name"});
    if (is_column(name)) {
      problems.push_back({place, "an axis cannot be called like a column of the results" +
                                     std::string(name == "seed" ? "; use \"seeds\"" : "")});
    }
    const bool values = object.is_object() && object.contains("values");
    const bool variants = object.is_object() && object.contains("variants");
    if (values == variants) {
      problems.push_back({place, "must have either \"path\" and \"values\" or \"variants\", found " +
                                     (values ? std::string("both") : found_text(object))});
      continue;
    }
    const std::vector<std::string> known =
        values ? std::vector<std::string>{"path", "values"} : std::vector<std::string>{"variants"};
    for (const auto& item : object.items()) {
      if (std::ranges::find(known, item.key()) == known.end()) {
        problems.push_back(unknown_key(place, item.key(), known));
      }
    }
    if (values) {
      read_values(axis, object, place, problems);
    } else {
      read_variants(axis, object["variants"], place + "/variants", problems);
    }
    std::set<std::string> labels;
    for (const AxisValue& value : axis.values) {
      // Options that are numbers may be written as strings: both are one label in a plot.
      if (!labels.insert(bare_text(value.label)).second) {
        problems.push_back({place, "the value " + value.label.dump() + " is given twice"});
      }
    }
    for (const Axis& other : axes) {
      if (!axis.pointer.empty() && axis.pointer == other.pointer)
        problems.push_back({place + "/path", axis.pointer + " is the axis \"" + other.name + "\" already"});
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

void apply_patch(Json& document, const Json& patch) {
  struct Selector {
    const char* section;
    std::vector<const char*> keys;
  };
  const Selector selectors[] = {{"protocol", {"name"}}, {"workload", {"kind", "pattern", "program"}}};
  for (const auto& [section, keys] : selectors) {
    if (!patch.contains(section) || !patch[section].is_object()) continue;
    if (!document.contains(section) || !document[section].is_object()) continue;
    Json& object = document[section];
    const Json& change = patch[section];
    const bool another = std::ranges::any_of(keys, [&, &changed = change](const char* key) {
      return changed.contains(key) && (!object.contains(key) || object[key] != changed[key]);
    });
    if (!another) continue;
    Json after = object;
    after.merge_patch(change);
    const std::vector<std::string> known = known_keys(section, after);
    if (known.empty()) continue;
    std::vector<std::string> dropped;
    for (const auto& item : object.items()) {
      if (std::ranges::find(known, item.key()) == known.end()) dropped.push_back(item.key());
    }
    for (const std::string& key : dropped) object.erase(key);
  }
  document.merge_patch(patch);
}

void set_at(Json& document, const std::string& pointer, const Json& value) {
  const Json::json_pointer place(pointer);
  for (const char* selector :
       {"/protocol/name", "/workload/kind", "/workload/pattern", "/workload/program"}) {
    if (pointer == selector) {
      return apply_patch(document, {{place.parent_pointer().back(), {{place.back(), value}}}});
    }
  }
  for (auto at = place; !at.empty(); at = at.parent_pointer()) {
    const auto parent = at.parent_pointer();
    if (document.contains(parent) && document[parent].is_array())
      document.at(at);  // or the list would grow nulls
  }
  document[place] = value;
}

void apply(Json& document, const Axis& axis, const AxisValue& value) {
  if (axis.pointer.empty()) {
    apply_patch(document, value.change);
  } else {
    set_at(document, axis.pointer, value.change);
  }
}

}  // namespace baton::experiment
