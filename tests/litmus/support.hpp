#pragma once
// Litmus tests for tests: those of this folder, and campaigns of them.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "protocols/core/registry.hpp"
#include "sim/experiment/litmus/campaign.hpp"
#include "sim/experiment/machine_fields.hpp"
#include "traces/litmus/parse.hpp"

namespace baton::test {

inline std::vector<std::string> litmus_files() {
  std::vector<std::string> files;
  for (const char* folder : {"/tests/litmus/x86", "/tests/litmus/c"})
    for (const auto& entry : std::filesystem::directory_iterator(std::string(BATON_SOURCE_DIR) + folder))
      files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

inline std::vector<litmus::Test> litmus_tests() {
  std::vector<litmus::Test> tests;
  for (const std::string& file : litmus_files()) tests.push_back(litmus::load(file));
  return tests;
}

inline litmus::Test litmus_test(const std::string& name) {
  return litmus::load(std::string(BATON_SOURCE_DIR) + "/tests/litmus/x86/" + name + ".litmus");
}

/// All protocols and topologies.
inline experiment::LitmusCampaign campaign_of(std::vector<litmus::Test> tests, std::uint64_t runs) {
  experiment::LitmusCampaign campaign;
  campaign.tests = std::move(tests);
  for (const auto* protocol : all_protocols())
    for (const auto& variant : all_variants(*protocol))
      campaign.protocols.push_back({std::string(protocol->name()), {std::string(protocol->name()), variant}});
  campaign.topologies = experiment::topology_names();
  campaign.consistencies = {"sc", "tso"};
  campaign.runs = runs;
  campaign.jobs = 2;
  return campaign;
}

}  // namespace baton::test
