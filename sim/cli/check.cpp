// baton check

#include "sim/cli/check.hpp"

#include <algorithm>
#include <filesystem>
#include <thread>

#include "sim/cli/command.hpp"
#include "sim/cli/protocol_options.hpp"
#include "sim/experiment/output_file.hpp"
#include "sim/experiment/units.hpp"

namespace baton::cli {
namespace {

namespace po = boost::program_options;

constexpr const char* command = "baton check";

Usage usage() {
  Usage usage;
  usage.synopsis = "baton check PROTOCOL | --all | --replay FILE [OPTIONS]";
  usage.about =
      "Explores every state that a protocol's tables can reach with a few caches and one or two lines, in "
      "all "
      "its\n"
      "variants, and checks the data, single writer or many readers (SWMR), and that everything that was "
      "begun "
      "ends.\n"
      "Exit status 1 and the shortest way to it if there is a fault. Without --caches, --lines or another "
      "size "
      "it\n"
      "takes 3 caches with 1 line, and 2 caches with 2 lines and the shortest queues that suffice.";
  usage.examples =
      "  baton check mesi\n"
      "  baton check ownership --option reads=snapshot --caches 4 --compact\n"
      "  baton check mesi --lines 2 --store-buffer 1 --queue 2\n"
      "  baton check --all --deep --page checked.md\n"
      "  baton check mesi --mutants\n"
      "  baton check mesi --counterexample lost.json --mutant \\\n"
      "    'home {EM | PutMOwner | write_memory, send_PutAck, clear_owner | I}: drop write_memory'\n"
      "  baton check --replay lost.json\n";
  const auto text = [] { return po::value<std::string>(); };
  const auto number = [] { return po::value<int>()->value_name("N"); };
  usage.options.add_options()                                                                           //
      ("all", "check all protocols")                                                                    //
      ("caches", number(), "caches, 1 to 4")                                                            //
      ("lines", number(), "lines, 1 or 2, of one home")                                                 //
      ("ways", number(), "of the set that both lines share, 1 (default) or 2")                          //
      ("values", number(), "contents that a line can have, 2 (default) to 4")                           //
      ("store-buffer", number(), "cores keep up to N stores and go on with loads; 0 (default) to 2")    //
      ("queue", number(), "messages that fit before a unit on a virtual network; default: any number")  //
      ("clock-window", number(),
       "with logical time: ticks between two clocks at most, 2 (default) to 5; leases are one shorter")  //
      ("home-beside-cache", "the home shares a node with the first cache, as in a machine")              //
      ("deep", "many systems, up to 4 caches: minutes; with --all those only for the default options")   //
      ("option", po::value<std::vector<std::string>>()->value_name("NAME=VALUE")->composing(),
       "only this variant of the protocol; repeatable")                                                //
      ("compact", "keep 64 bits of each state: less memory, and a tiny probability to miss a state")   //
      ("no-symmetry", "count states that differ in names")                                             //
      ("safety-only", "do not look for cycles without service")                                        //
      ("quiescent", "also list the quiescent states by class")                                         //
      ("threads", number(), "default: as many as the machine has")                                     //
      ("memory", text()->value_name("SIZE"), "give up beyond this much for the states; default 4GiB")  //
      ("max-states", po::value<std::uint64_t>()->value_name("N"), "give up beyond so many states")     //
      ("counterexample", text()->value_name("FILE"), "where a fault goes, as JSON")                    //
      ("chart", text()->value_name("FILE"), "the same as a message-sequence chart (Mermaid)")          //
      ("page", text()->value_name("FILE"), "a table of the results in Markdown")                       //
      ("replay", text()->value_name("FILE"), "replay a counterexample in the simulator")               //
      ("mutants",
       "spoil every row in every simple way: which mutants does the checker not notice? With --all and "
       "without "
       "--deep only the default options")  //
      ("explained", text()->value_name("FOLDER"),
       "with --mutants: the survivors that FOLDER/NAME/survivors.md explains are in order")  //
      ("mutant", text()->value_name("ROW: CHANGE"), "check the tables with this change");
  usage.hidden.add_options()("protocol", text());
  usage.positional.add("protocol", 1);
  return usage;
}

const std::vector<const char*> sizes{"caches", "lines",        "ways",         "values",
                                     "queue",  "store-buffer", "clock-window", "home-beside-cache"};

void add_common(const po::variables_map& values, CheckParameters& system) {
  system.compact = values.count("compact") > 0;
  system.symmetry = values.count("no-symmetry") == 0;
  system.progress = values.count("safety-only") == 0;
  system.quiescent = values.count("quiescent") > 0;
  system.max_states = value_or(values, "max-states", system.max_states);
  const auto hardware = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 256U));
  system.threads = value_or(values, "threads", hardware);
  const auto memory = value_or<std::string>(values, "memory", "4GiB");
  const auto bytes = experiment::parse_quantity(memory, experiment::Quantity::bytes);
  if (!bytes)
    bad_usage(command, "--memory must be a size in " + experiment::unit_names(experiment::Quantity::bytes) +
                           ", found \"" + memory + "\"");
  system.max_bytes = *bytes;
}

std::vector<CheckParameters> wanted_systems(const po::variables_map& values) {
  const bool is_planned =
      std::ranges::none_of(sizes, [&](const char* name) { return values.count(name) > 0; });
  std::vector<CheckParameters> systems;
  if (is_planned) {
    systems = planned_systems(values.count("deep") > 0);
  } else {
    if (values.count("deep") > 0) bad_usage(command, "--deep chooses the sizes: it allows none beside it");
    CheckParameters one;
    one.lines = value_or(values, "lines", 1);
    one.caches = value_or(values, "caches", one.lines == 1 ? 3 : 2);
    one.ways = value_or(values, "ways", one.ways);
    one.values = value_or(values, "values", one.values);
    one.store_buffer = value_or(values, "store-buffer", 0);
    one.queue = value_or(values, "queue", 0);
    one.clock_window = value_or(values, "clock-window", one.clock_window);
    one.home_beside_cache = values.count("home-beside-cache") > 0;
    systems.push_back(one);
  }
  const auto within = [](const char* name, int value, int least, int most) {
    if (value >= least && value <= most) return;
    bad_usage(command, std::string(name) + " must be from " + std::to_string(least) + " to " +
                           std::to_string(most) + ", found " + std::to_string(value));
  };
  for (CheckParameters& system : systems) {
    add_common(values, system);
    within("--caches", system.caches, 1, max_checked_caches);
    within("--lines", system.lines, 1, max_checked_lines);
    within("--ways", system.ways, 1, max_checked_lines);
    within("--values", system.values, 2, max_checked_values);
    within("--store-buffer", system.store_buffer, 0, max_checked_store_buffer);
    within("--queue", system.queue, values.count("queue") > 0 ? 1 : 0, 40);
    within("--clock-window", system.clock_window, 2, max_clock_window);
    within("--threads", system.threads, 1, 256);
  }
  return systems;
}

std::vector<CheckedVariant> wanted_variants(const po::variables_map& values) {
  const bool all = values.count("all") > 0;
  if (all == (values.count("protocol") > 0))
    bad_usage(command, "needs the name of a protocol, --all or --replay");
  const auto options = value_or<std::vector<std::string>>(values, "option", {});
  if (all && !options.empty()) bad_usage(command, "--option needs one protocol, not --all");
  std::vector<const ProtocolInfo*> protocols(all_protocols().begin(), all_protocols().end());
  if (!all) protocols = {&protocol_named(values["protocol"].as<std::string>(), command)};
  std::vector<CheckedVariant> variants;
  for (const ProtocolInfo* protocol : protocols) {
    if (!options.empty()) return {{protocol, protocol_options(*protocol, options, command)}};
    bool is_default = true;
    for (OptionValues& variant : all_variants(*protocol)) {
      if (!protocol->ideal_transfer(variant))  // the same tables
        variants.push_back({protocol, std::move(variant), all && !is_default});
      is_default = false;
    }
  }
  return variants;
}

std::vector<Mutation> wanted_mutation(const po::variables_map& values,
                                      const std::vector<CheckedVariant>& variants) {
  if (values.count("mutant") == 0) return {};
  if (variants.size() != 1 && values.count("all") > 0)
    bad_usage(command, "--mutant needs one protocol, not --all");
  const auto name = values["mutant"].as<std::string>();
  for (const Mutation& mutation : variants.front().protocol->mutations(variants.front().options))
    if (mutation.row_text + ": " + mutation.text == name) return {mutation};
  bad_usage(command, variant_name(*variants.front().protocol, variants.front().options) +
                         " has no mutant \"" + name + "\"; baton check " +
                         std::string(variants.front().protocol->name()) +
                         " --mutants --page FILE lists them");
}

}  // namespace

int check_command(const Arguments& arguments) {
  po::variables_map values;
  if (!parse(arguments, usage(), values)) return exit_done;
  if (values.count("replay") > 0) {
    for (const char* option : {"counterexample", "chart", "page"}) {
      if (values.count(option) > 0) bad_usage(command, "--replay writes no --" + std::string(option));
    }
    return replay_counterexample(values["replay"].as<std::string>());
  }
  std::vector<CheckedVariant> variants = wanted_variants(values);
  const std::vector<CheckParameters> systems = wanted_systems(values);
  const CheckFiles files{value_or<std::string>(values, "counterexample", ""),
                         value_or<std::string>(values, "chart", ""),
                         value_or<std::string>(values, "page", "")};
  std::vector<std::string> inputs;
  if (values.count("explained") > 0) {
    const auto folder = values["explained"].as<std::string>();
    if (!std::filesystem::is_directory(folder))
      bad_usage(command, "--explained needs a folder, found \"" + folder + "\"");
    for (const CheckedVariant& variant : variants)
      inputs.push_back(survivors_file(folder, *variant.protocol));
  }
  experiment::check_outputs(
      std::vector<experiment::OutputName>{
          {"--counterexample", files.counterexample}, {"--chart", files.chart}, {"--page", files.page}},
      inputs);
  for (const std::string& file : {files.counterexample, files.chart, files.page})
    if (!file.empty()) experiment::check_writable(file);
  if (values.count("mutants") > 0) {
    const bool every = values.count("option") == 0 && (values.count("all") == 0 || values.count("deep") > 0);
    if (!every) {  // one variant of each protocol
      const auto same = [](const auto& a, const auto& b) { return a.protocol == b.protocol; };
      variants.erase(std::unique(variants.begin(), variants.end(), same), variants.end());
    }
    return run_mutants(variants, every, systems.front().threads,
                       value_or<std::string>(values, "explained", ""), files.page);
  }
  const std::vector<Mutation> mutation = wanted_mutation(values, variants);
  if (!mutation.empty()) variants.resize(1);
  const bool is_planned =
      std::ranges::none_of(sizes, [&](const char* name) { return values.count(name) > 0; });
  return run_checks(variants, systems, mutation, is_planned,
                    is_planned && mutation.empty() && values.count("option") == 0, files);
}

}  // namespace baton::cli
