// baton litmus

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <thread>

#include "sim/cli/command.hpp"
#include "sim/cli/interruption.hpp"
#include "sim/cli/protocol_options.hpp"
#include "sim/cli/status_line.hpp"
#include "sim/experiment/litmus/report.hpp"
#include "sim/experiment/machine_fields.hpp"
#include "traces/error.hpp"
#include "traces/litmus/parse.hpp"

namespace baton::cli {
namespace {

namespace po = boost::program_options;
using namespace experiment;

constexpr std::string_view command = "baton litmus";

Usage usage() {
  Usage usage;
  usage.synopsis = "baton litmus FILE... [OPTIONS]";
  usage.about =
      "Runs litmus tests (herd's .litmus files for x86 and C; a folder stands for those in it) on many "
      "machines, each "
      "run\nwith its own timing, and compares what was seen with what the memory model allows: sequential "
      "consistency "
      "(sc) or\ntotal store order (tso). Exit status 1 if an outcome was seen that the model forbids, "
      "whatever the "
      "test's condition\nasks for.";
  usage.examples =
      "  baton litmus tests/litmus/x86/SB.litmus --consistency tso\n"
      "  baton litmus tests/litmus --protocol ownership --topology mesh --runs 100000\n"
      "  baton litmus tests/litmus --json\n";
  usage.options.add_options()  //
      ("protocol", po::value<std::string>()->value_name("NAME|all"),
       "all variants of this protocol; default all")  //
      ("option", po::value<std::vector<std::string>>()->value_name("NAME=VALUE")->composing(),
       "only this variant of the protocol; repeatable")                                                 //
      ("topology", po::value<std::string>()->value_name("NAME|all"), "default all")                     //
      ("consistency", po::value<std::string>()->value_name("sc|tso|all"), "of the cores; default all")  //
      ("runs", po::value<std::uint64_t>()->value_name("N"),
       "of each test under each consistency, spread over the machines; default 10000")                //
      ("seed", po::value<std::uint64_t>()->value_name("N"), "of all timing; default 1")               //
      ("jobs,j", po::value<int>()->value_name("N"), "simulations at once; default: one a processor")  //
      ("no-check", "without golden memory and the single-writer rule: faster")                        //
      ("json", "JSON instead of text")                                                                //
      ("quiet,q", "no progress on standard error");
  usage.hidden.add_options()("file", po::value<std::vector<std::string>>());
  usage.positional.add("file", -1);
  return usage;
}

/// A folder's litmus files, sorted; a file is itself.
std::vector<std::string> files_of(const std::vector<std::string>& arguments) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  for (const std::string& argument : arguments) {
    if (!fs::is_directory(argument)) {
      files.push_back(argument);
      continue;
    }
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(argument))
      if (entry.path().extension() == ".litmus") found.push_back(entry.path().string());
    if (found.empty()) bad_usage(command, argument + " has no .litmus files");
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

std::vector<litmus::Test> load_all(const std::vector<std::string>& files) {
  std::vector<litmus::Test> tests;
  std::string wrong;
  for (const std::string& file : files) {
    try {
      tests.push_back(litmus::load(file));
    } catch (const traces::InputError& error) {
      wrong += (wrong.empty() ? "" : "\n") + std::string(error.what());
    }
  }
  if (!wrong.empty()) throw InputProblems(wrong);
  return tests;
}

std::vector<LitmusCampaign::Protocol> protocols_of(const po::variables_map& values) {
  const auto name = value_or<std::string>(values, "protocol", "all");
  const auto options = value_or<std::vector<std::string>>(values, "option", {});
  if (name == "all" && !options.empty()) bad_usage(command, "--option needs one --protocol");
  std::vector<const ProtocolInfo*> infos;
  if (name == "all")
    infos.assign(all_protocols().begin(), all_protocols().end());
  else
    infos.push_back(&protocol_named(name, command));
  std::vector<LitmusCampaign::Protocol> protocols;
  for (const ProtocolInfo* info : infos) {
    const auto variants = options.empty()
                              ? all_variants(*info)
                              : std::vector<OptionValues>{protocol_options(*info, options, command)};
    for (const OptionValues& variant : variants)
      protocols.push_back({variant_name(*info, variant), {std::string(info->name()), variant}});
  }
  return protocols;
}

/// "all" of them, or one.
std::vector<std::string> chosen(const po::variables_map& values, const char* option,
                                const std::vector<std::string>& all) {
  const auto name = value_or<std::string>(values, option, "all");
  if (name == "all") return all;
  if (std::ranges::find(all, name) != all.end()) return {name};
  bad_usage(command, "--" + std::string(option) + " must be \"all\" or one of " + quoted_list(all) +
                         ", found \"" + name + "\"" + did_you_mean(name, all));
}

LitmusCampaign campaign_of(const po::variables_map& values) {
  LitmusCampaign campaign;
  campaign.protocols = protocols_of(values);
  campaign.topologies = chosen(values, "topology", topology_names());
  campaign.consistencies = chosen(values, "consistency", {"sc", "tso"});
  campaign.runs = value_or(values, "runs", campaign.runs);
  campaign.seed = value_or(values, "seed", campaign.seed);
  campaign.check = values.count("no-check") == 0;
  campaign.jobs =
      value_or(values, "jobs", std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
  if (campaign.runs < 1 || campaign.runs > 1'000'000'000)
    bad_usage(command, "--runs must be from 1 to 1000000000, found " + std::to_string(campaign.runs));
  if (campaign.jobs < 1 || campaign.jobs > 4096)
    bad_usage(command, "-j must be from 1 to 4096, found " + std::to_string(campaign.jobs));
  return campaign;
}

}  // namespace

int litmus_command(const Arguments& arguments) {
  po::variables_map values;
  if (!parse(arguments, usage(), values)) return exit_done;
  if (values.count("file") == 0) bad_usage(command, "needs the name of a file or folder");
  LitmusCampaign campaign = campaign_of(values);
  campaign.tests = load_all(files_of(values["file"].as<std::vector<std::string>>()));
  const bool quiet = values.count("quiet") > 0;
  const Interruption interruption;
  campaign.stop = [&] { return interruption.requested(); };
  LitmusOutcome outcome;
  {
    StatusLine line(quiet);
    campaign.progress = [&](std::uint64_t done, std::uint64_t all) {
      line.show(std::to_string(done) + " of " + std::to_string(all) + " runs");
    };
    outcome = run_litmus(campaign);
  }
  if (outcome.interrupted) {
    std::cerr << "baton: interrupted; nothing was written\n";
    return exit_interrupted;
  }
  bool forbidden = false;
  for (const LitmusResult& result : outcome.results) forbidden = forbidden || !result.forbidden.empty();
  if (values.count("json") > 0) {
    std::cout << pretty(litmus_json(campaign, outcome)) << "\n";
  } else {
    for (const LitmusResult& result : outcome.results) std::cout << litmus_text(result) << "\n";
  }
  std::cout.flush();
  for (const std::string& failure : outcome.failures) std::cerr << "baton: " << failure << "\n";
  if (!quiet) std::cerr << litmus_summary(campaign, outcome);
  return forbidden || !outcome.failures.empty() ? exit_failed : exit_done;
}

}  // namespace baton::cli
