#include <filesystem>

#include "sim/experiment/claims/report.hpp"
#include "sim/experiment/input_file.hpp"

namespace baton::experiment {

Experiment load_claim(const std::string& path, const std::vector<Setting>& settings, bool quick) {
  Json document = parse_json(read_whole(path, "the config of a claim"), path);
  if (!document.is_object() || !document.contains("claim"))
    throw InputProblems(path, Problems{{"/claim", "is missing; an object was expected"}});
  const Json& claim = document["claim"];
  const bool in_scope = !claim.is_object() || !claim.contains("out_of_scope");
  const bool has_quick = claim.is_object() && claim.contains("quick") && claim["quick"].is_object();
  if (quick && has_quick) {
    const Json patch = claim["quick"];  // the patch may change the claim that it lies in
    apply_patch(document, patch);
  }
  Experiment experiment = read_experiment(document.dump(), path, std::filesystem::path(path).parent_path(),
                                          in_scope ? settings : std::vector<Setting>{});
  if (quick && !has_quick) experiment.points.clear();
  return experiment;
}

}  // namespace baton::experiment
