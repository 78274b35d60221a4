// baton check

#include <chrono>
#include <cstdio>
#include <iostream>

#include "protocols/core/registry.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/protocol_options.hpp"

namespace baton::cli {
namespace {

namespace po = boost::program_options;

Usage usage() {
  Usage usage;
  usage.synopsis = "baton check PROTOCOL | --all [OPTIONS]";
  usage.about =
      "Explores every state that a protocol's tables can reach with a few caches and one line, in all its "
      "variants,\n"
      "and checks the data, single writer or many readers (SWMR), and that nothing gets stuck. Exit status 1 "
      "and the\n"
      "shortest way to it if there is a fault.";
  usage.examples =
      "  baton check mesi\n"
      "  baton check ownership --option reads=snapshot --caches 2\n"
      "  baton check --all\n";
  usage.options.add_options()                                                                       //
      ("all", "check all protocols")                                                                //
      ("caches", po::value<int>()->value_name("N"), "caches; default 3")                            //
      ("values", po::value<int>()->value_name("N"), "contents that a line can have; default 2")     //
      ("max-states", po::value<std::uint64_t>()->value_name("N"), "give up beyond so many states")  //
      ("home-beside-cache", "the home shares a node with the first cache, as in a machine")         //
      ("option", po::value<std::vector<std::string>>()->value_name("NAME=VALUE")->composing(),
       "only this variant of the protocol; repeatable");
  usage.hidden.add_options()("protocol", po::value<std::string>());
  usage.positional.add("protocol", 1);
  return usage;
}

CheckParameters check_options(const po::variables_map& values) {
  CheckParameters parameters;
  parameters.caches = value_or(values, "caches", parameters.caches);
  parameters.values = value_or(values, "values", parameters.values);
  parameters.max_states = value_or(values, "max-states", parameters.max_states);
  parameters.home_beside_cache = values.count("home-beside-cache") > 0;
  const auto within = [](const char* name, int value, int least, int most) {
    if (value >= least && value <= most) return;
    bad_usage("baton check", std::string(name) + " must be from " + std::to_string(least) + " to " +
                                 std::to_string(most) + ", found " + std::to_string(value));
  };
  within("--caches", parameters.caches, 1, max_checked_caches);
  within("--values", parameters.values, 2, max_checked_values);
  return parameters;
}

bool check_variant(const ProtocolInfo& protocol, const OptionValues& options,
                   const CheckParameters& parameters) {
  const auto start = std::chrono::steady_clock::now();
  const CheckResult result = protocol.check(options, parameters);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const char* verdict = !result.ok ? "FAULT" : result.complete ? "ok" : "gave up";
  std::printf("%s, %d caches: %s, %llu states, %llu transitions, depth %llu, %.1f s\n",
              variant_name(protocol, options).c_str(), parameters.caches, verdict,
              static_cast<unsigned long long>(result.states),
              static_cast<unsigned long long>(result.transitions),
              static_cast<unsigned long long>(result.depth), seconds);
  if (!result.ok) {
    std::printf("  %s\n", result.violation.c_str());
    for (const std::string& line : result.trace) std::printf("    %s\n", line.c_str());
  }
  std::fflush(stdout);
  return result.ok && result.complete;
}

}  // namespace

int check_command(const Arguments& arguments) {
  po::variables_map values;
  if (!parse(arguments, usage(), values)) return exit_done;
  const bool all = values.count("all") > 0;
  if (all == (values.count("protocol") > 0))
    bad_usage("baton check", "needs the name of a protocol or --all");
  const CheckParameters parameters = check_options(values);
  const auto options = value_or<std::vector<std::string>>(values, "option", {});
  if (all && !options.empty()) bad_usage("baton check", "--option needs one protocol, not --all");
  std::vector<const ProtocolInfo*> protocols;
  if (all) {
    protocols.assign(all_protocols().begin(), all_protocols().end());
  } else {
    protocols.push_back(&protocol_named(values["protocol"].as<std::string>(), "baton check"));
  }
  bool ok = true;
  for (const ProtocolInfo* protocol : protocols) {
    const std::vector<OptionValues> variants =
        options.empty() ? all_variants(*protocol)
                        : std::vector<OptionValues>{protocol_options(*protocol, options, "baton check")};
    for (const OptionValues& variant : variants) ok &= check_variant(*protocol, variant, parameters);
  }
  return ok ? exit_done : exit_failed;
}

}  // namespace baton::cli
