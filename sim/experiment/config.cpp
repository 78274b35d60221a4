#include "sim/experiment/config.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "sim/experiment/input_file.hpp"
#include "sim/experiment/plot_fields.hpp"
#include "sim/experiment/pointers.hpp"
#include "sim/experiment/sweep.hpp"
#include "sim/machine/simulate.hpp"
#include "traces/error.hpp"

namespace baton::experiment {
namespace {

constexpr std::size_t most_points =
    1'000'000;  // beyond it a sweep is surely a slip, and would fill the memory

const std::vector<std::string>& top_keys() {
  static const std::vector<std::string> keys{"$schema",  "name",   "description", "machine", "protocol",
                                             "workload", "sweep",  "seeds",       "options", "plots",
                                             "claim",    "preset", "measurement"};
  return keys;
}

/// The part of a config that a point has.
Json point_document(const Json& document) {
  Json point = Json::object();
  for (const char* key : {"machine", "protocol", "workload", "options"}) {
    if (document.contains(key)) point[key] = document[key];
  }
  return point;
}

std::vector<std::uint64_t> read_seeds(const Json& document, Problems& problems) {
  if (!document.contains("seeds")) return {1};
  const Json& list = document["seeds"];
  std::vector<std::uint64_t> seeds;
  if (!list.is_array() || list.empty()) {
    problems.push_back({"/seeds", "must be a list of at least one whole number, found " + found_text(list)});
    return seeds;
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    std::uint64_t seed = 0;
    const std::string place = "/seeds/" + std::to_string(i);
    const std::size_t before = problems.size();
    read_field(count("seed", seed, 0, 0x1p53 - 1, ""), list[i], place, problems);
    if (problems.size() == before && std::ranges::find(seeds, seed) != seeds.end()) {
      problems.push_back({place, "the seed " + std::to_string(seed) + " is given twice"});
    }
    seeds.push_back(seed);
  }
  return seeds;
}

void read_protocol(const Json& object, sim::ProtocolChoice& choice, Problems& problems) {
  if (!object.is_object()) {
    problems.push_back({"/protocol", "must be an object, found " + found_text(object)});
    return;
  }
  const std::size_t before = problems.size();
  if (object.contains("name")) {
    read_field(one_of("name", choice.name, protocol_names(), ""), object["name"], "/protocol/name", problems);
  }
  const ProtocolInfo* protocol = find_protocol(choice.name);
  // Of an unknown protocol nothing more can be said.
  if (problems.size() > before || protocol == nullptr) return;
  read_section(describe(choice, *protocol), object, "/protocol", problems, {"name"});
}

void apply_settings(Json& document, std::span<const Setting> settings) {
  for (const Setting& setting : settings) {
    Problems problems;
    check_pointer(setting.pointer, "", problems);
    if (!problems.empty()) throw InputProblems("--set " + setting.pointer, problems);
    const bool json = Json::accept(setting.value);
    try {
      set_at(document, setting.pointer, json ? Json::parse(setting.value) : Json(setting.value));
    } catch (const Json::exception&) {
      throw InputProblems(
          "--set " + setting.pointer,
          Problems{{"", "there is no such place in this config, and its list cannot be extended"}});
    }
  }
}

/// A setting that the sweep overwrites in every point would be ignored without a word.
void check_settings_against_sweep(std::span<const Setting> settings, const std::vector<Axis>& axes) {
  for (const Setting& setting : settings) {
    for (const Axis& axis : axes) {
      bool overwritten = !axis.pointer.empty() && axis.pointer == setting.pointer;
      if (axis.pointer.empty() && !axis.values.empty()) {
        overwritten = std::ranges::all_of(axis.values, [&](const AxisValue& value) {
          return value.change.contains(Json::json_pointer(setting.pointer));
        });
      }
      if (!overwritten) continue;
      const std::string place =
          "/sweep/" + pointer_token(axis.name) + (axis.pointer.empty() ? "/variants" : "/values");
      throw InputProblems("--set " + setting.pointer,
                          Problems{{"", "has no effect, because the sweep's axis \"" + axis.name +
                                            "\" sets it in every point; set " + place + " instead"}});
    }
  }
}

/// Gathers the problems of points, each once, with the point that has it if not all do.
class PointProblems {
 public:
  void add(const Problems& problems, const std::string& point) {
    ++points_;
    for (const Problem& problem : problems) {
      auto [at, first] = where_.try_emplace({problem.pointer, problem.message}, Occurrence{point, 0});
      if (first) order_.push_back(problem);
      ++at->second.count;
    }
  }

  void move_to(Problems& all) const {
    for (Problem problem : order_) {
      const Occurrence& place = where_.at({problem.pointer, problem.message});
      if (place.count < points_) {
        problem.message += " [at " + place.first;
        if (place.count > 1) problem.message += " and " + std::to_string(place.count - 1) + " more";
        problem.message += "]";
      }
      if (std::ranges::find(all, problem) == all.end()) all.push_back(std::move(problem));
    }
  }

 private:
  struct Occurrence {
    std::string first;
    std::size_t count;
  };
  std::map<std::pair<std::string, std::string>, Occurrence> where_;
  Problems order_;
  std::size_t points_ = 0;
};

std::string point_name(const std::vector<Axis>& axes, const std::vector<Json>& labels) {
  std::string name;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    name.append(name.empty() ? "" : ", ").append(axes[i].name).append("=");
    name += bare_text(labels[i]);
  }
  return name;
}

std::vector<Point> expand(const Json& base, const std::vector<Axis>& axes,
                          const std::vector<std::uint64_t>& seeds, Problems& problems) {
  double size = static_cast<double>(seeds.size());
  for (const Axis& axis : axes) size *= static_cast<double>(axis.values.size());
  if (size > static_cast<double>(most_points)) {
    problems.push_back({"/sweep", "has " + std::to_string(static_cast<std::uint64_t>(std::min(size, 1e18))) +
                                      " points; at most " + std::to_string(most_points) + " are allowed"});
    return {};
  }
  std::vector<Point> points;
  PointProblems found;
  std::vector<std::size_t> index(axes.size(), 0);
  for (bool more = size > 0; more;) {
    Json document = base;
    std::vector<Json> labels;
    Problems wrong;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      labels.push_back(axes[i].values[index[i]].label);
      try {
        apply(document, axes[i], axes[i].values[index[i]]);
      } catch (const Json::exception&) {
        wrong.push_back({"/sweep/" + pointer_token(axes[i].name) + "/path",
                         "there is no \"" + axes[i].pointer + "\" in this config's lists"});
      }
    }
    const PointConfig config = read_point(document, wrong);
    found.add(wrong, point_name(axes, labels));
    for (const std::uint64_t seed : seeds) points.push_back({labels, config, seed});
    more = false;
    for (std::size_t i = axes.size(); i-- > 0;) {
      if (++index[i] < axes[i].values.size()) {
        more = true;
        break;
      }
      index[i] = 0;
    }
  }
  found.move_to(problems);
  return points;
}

bool sweeps_kind(const Json& document) {
  const Json sweep = document.value("sweep", Json::object());
  return std::ranges::any_of(sweep, [](const Json& axis) {
    const Json variants = axis.value("variants", Json::object());
    return axis.value("path", Json()) == "/workload/kind" ||
           std::ranges::any_of(variants, [](const Json& variant) {
             return variant.contains(Json::json_pointer("/workload/kind"));
           });
  });
}

Json effective_config(const Experiment& experiment, const std::string& description, const Json& base,
                      const Json& document, const std::vector<std::uint64_t>& seeds) {
  Json effective = Json::object();
  effective["name"] = experiment.name;
  effective["description"] = description;
  Problems ignored;  // what the base lacks the sweep gives: the points have been checked
  const Json point = write_point(read_point(base, ignored));
  for (const auto& [key, value] : point.items()) effective[key] = value;
  if (!document.value("options", Json::object()).contains("efficiency") && sweeps_kind(document))
    effective["options"].erase("efficiency");  // its default depends on the kind of workload
  if (!document.value("sweep", Json::object()).empty()) effective["sweep"] = document["sweep"];
  effective["seeds"] = seeds;
  effective["plots"] = document.value("plots", Json::array());
  return effective;
}

/// Says where the points' traces lie, and opens each once: a trace that cannot be read is found before
/// anything runs.
void place_traces(Experiment& experiment, const std::filesystem::path& folder,
                  std::span<const Setting> settings) {
  std::set<std::string> opened;
  std::string problems;
  for (Point& point : experiment.points) {
    WorkloadChoice& workload = point.config.workload;
    if (workload.kind != "trace") continue;
    // What the command line says is relative to where it is said.
    const bool set_here = std::ranges::any_of(settings, [&](const Setting& setting) {
      return setting.pointer == "/workload/path" &&
             (setting.value == workload.path || setting.value == Json(workload.path).dump());
    });
    workload.folder = set_here ? std::filesystem::path() : folder;
    const sim::MachineParameters& machine = point.config.machine;
    const std::string key = Json{trace_path(workload).string(),
                                 workload.format,
                                 workload.order,
                                 workload.salvage,
                                 workload.threads,
                                 machine.cores,
                                 machine.system.pin}
                                .dump();
    if (!opened.insert(key).second) continue;
    try {
      open_trace_workload(workload, machine);
    } catch (const traces::InputError& error) {
      if (problems.find(error.what()) == std::string::npos)
        problems += (problems.empty() ? "" : "\n") + std::string(error.what());
    }
  }
  if (!problems.empty()) throw InputProblems(problems);
}

}  // namespace

Setting parse_setting(std::string_view argument) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string_view::npos || !argument.starts_with('/')) {
    throw InputProblems("--set " + std::string(argument),
                        Problems{{"", "must be /json/pointer=value, such as /machine/cores=16"}});
  }
  return {std::string(argument.substr(0, equals)), std::string(argument.substr(equals + 1))};
}

PointConfig read_point(const Json& document, Problems& problems) {
  PointConfig config;
  const std::size_t before = problems.size();
  if (document.contains("machine"))
    read_section(describe(config.machine), document["machine"], "/machine", problems);
  if (document.contains("protocol")) read_protocol(document["protocol"], config.protocol, problems);
  if (const ProtocolInfo* protocol = find_protocol(config.protocol.name))
    describe(config.protocol, *protocol);
  // Contradictions are looked for among values that are right each by itself.
  if (problems.size() == before) {
    for (const auto& [pointer, message] : sim::check_parameters(config.machine, config.protocol)) {
      problems.push_back({pointer.starts_with("/protocol") ? pointer : "/machine" + pointer, message});
    }
  }
  if (document.contains("workload")) {
    read_workload(document["workload"], static_cast<int>(config.machine.cores), config.workload, problems);
  } else {
    problems.push_back(
        {"/workload",
         "is missing; an object with \"kind\" \"synthetic\", \"trace\" or \"program\" is needed"});
  }
  config.options.efficiency = config.workload.kind != "trace";
  if (document.contains("options"))
    read_section(describe(config.options), document["options"], "/options", problems);
  return config;
}

Json write_point(const PointConfig& config) {
  PointConfig copy = config;  // descriptions point into what they describe, and could change it
  Json document = Json::object();
  document["machine"] = write_section(describe(copy.machine));
  Json protocol{{"name", copy.protocol.name}};
  if (const ProtocolInfo* info = find_protocol(copy.protocol.name)) {
    protocol.update(write_section(describe(copy.protocol, *info)));
  }
  document["protocol"] = std::move(protocol);
  document["workload"] = write_workload(copy.workload);
  document["options"] = write_section(describe(copy.options));
  return document;
}

Experiment read_experiment(std::string_view text, const std::string& file,
                           const std::filesystem::path& folder, std::span<const Setting> settings) {
  Json document = parse_json(text, file);
  if (!document.is_object()) {
    throw InputProblems(file, Problems{{"", "must be a JSON object, found " + found_text(document)}});
  }
  Experiment experiment;
  experiment.preset = apply_preset(document, file, folder);
  apply_settings(document, settings);

  Problems problems;
  experiment.name = std::filesystem::path(file).stem().string();
  std::string description;
  for (const auto& item : document.items()) {
    if (std::ranges::find(top_keys(), item.key()) == top_keys().end()) {
      problems.push_back(unknown_key("", item.key(), top_keys()));
    }
  }
  if (document.contains("name")) {
    read_field(baton::experiment::text("name", experiment.name, ""), document["name"], "/name", problems);
  }
  if (document.contains("description")) {
    read_field(baton::experiment::text("description", description, ""), document["description"],
               "/description", problems);
  }
  const std::vector<Axis> axes =
      document.contains("sweep") ? read_axes(document["sweep"], problems) : std::vector<Axis>{};
  if (problems.empty()) check_settings_against_sweep(settings, axes);
  const std::vector<std::uint64_t> seeds = read_seeds(document, problems);
  if (document.contains("plots")) check_plots(document["plots"], problems);
  experiment.labels = labels_of(axes);
  if (document.contains("plots") && problems.empty())
    check_plot_names(document["plots"], experiment.labels, problems);
  if (document.contains("claim")) {
    // Below axes that are wrong nothing is to be said about a claim's use of them.
    const bool sound = problems.empty();
    Problems of_claim;
    experiment.claim = read_claim(document["claim"], experiment.labels, of_claim);
    if (sound) problems.insert(problems.end(), of_claim.begin(), of_claim.end());
    if (problems.empty() && !experiment.claim->out_of_scope.empty() && !document.contains("workload"))
      return experiment;
  }

  if (document.contains("measurement") && problems.empty())
    experiment.measurement = read_measurement(document["measurement"], document, experiment.labels, problems);

  const Json base = point_document(document);
  const bool sweepable = std::ranges::none_of(axes, [](const Axis& axis) { return axis.values.empty(); });
  if (sweepable) {
    experiment.points = expand(base, axes, seeds, problems);
  } else {
    read_point(base, problems);
  }
  if (!problems.empty()) throw InputProblems(file, problems);

  for (const Axis& axis : axes) experiment.axes.push_back(axis.name);
  experiment.effective = effective_config(experiment, description, base, document, seeds);
  place_traces(experiment, folder, settings);
  return experiment;
}

Experiment load_experiment(const std::string& path, std::span<const Setting> settings) {
  return read_experiment(read_whole(path, "a config file"), path, std::filesystem::path(path).parent_path(),
                         settings);
}

}  // namespace baton::experiment
