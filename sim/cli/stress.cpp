// baton stress

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <thread>

#include "sim/cli/command.hpp"
#include "sim/cli/interruption.hpp"
#include "sim/cli/protocol_options.hpp"
#include "sim/cli/status_line.hpp"
#include "sim/experiment/output_file.hpp"
#include "sim/experiment/stress/shrink.hpp"
#include "sim/experiment/stress/tester.hpp"

namespace baton::cli {
namespace {

namespace po = boost::program_options;
using namespace experiment;
using Clock = std::chrono::steady_clock;

constexpr double shrink_seconds = 60;

Usage usage() {
  Usage usage;
  usage.synopsis = "baton stress [OPTIONS]";
  usage.about =
      "Runs random accesses to a few hot lines on random machines with tiny caches, under every protocol and "
      "option\n"
      "in turn, each once at least, until the time is over: golden memory and the single-writer rule are "
      "checked at each access, "
      "or else\n"
      "exact_events must measure the same as streaming through hits. A case that fails is made small and "
      "saved as an\n"
      "experiment with its trace; the exit status is 1.";
  usage.examples =
      "  baton stress --minutes 10\n"
      "  baton stress --protocol ownership --cores 64 --seed 1000\n"
      "  baton run stress-failures/mesi-full_map-17.json      repeats a failure\n";
  usage.options.add_options()  //
      ("protocol", po::value<std::string>()->value_name("NAME"),
       "this protocol only, under all its options")  //
      ("option", po::value<std::vector<std::string>>()->value_name("NAME=VALUE")->composing(),
       "with --protocol: this variant only; repeatable")                                                    //
      ("cores", po::value<int>()->value_name("N"), "2 to 4096; default: random, mostly few")                //
      ("minutes", po::value<double>()->value_name("N"), "default 1")                                        //
      ("seed", po::value<std::uint64_t>()->value_name("N"), "the first one; default 1")                     //
      ("jobs,j", po::value<int>()->value_name("N"), "cases at once; default: one a processor")              //
      ("output,o", po::value<std::string>()->value_name("FOLDER"), "of failures; default stress-failures")  //
      ("quiet,q", "no progress on standard error");
  return usage;
}

template <class T>
T within(const po::variables_map& values, const char* name, T otherwise, T least, T most) {
  const T value = value_or(values, name, otherwise);
  if (value >= least && value <= most) return value;
  std::ostringstream message;
  message << "--" << name << " must be from " << least << " to " << most << ", found " << value;
  bad_usage("baton stress", message.str());
}

std::vector<StressSubject> subjects_of(const po::variables_map& values) {
  const auto options = value_or<std::vector<std::string>>(values, "option", {});
  std::vector<StressSubject> subjects;
  if (values.count("protocol") == 0) {
    if (!options.empty()) bad_usage("baton stress", "--option needs --protocol");
    for (const ProtocolInfo* protocol : all_protocols())
      for (OptionValues& variant : all_variants(*protocol))
        subjects.push_back({protocol, std::move(variant)});
    return subjects;
  }
  const ProtocolInfo& protocol = protocol_named(values["protocol"].as<std::string>(), "baton stress");
  if (!options.empty()) return {{&protocol, protocol_options(protocol, options, "baton stress")}};
  for (OptionValues& variant : all_variants(protocol)) subjects.push_back({&protocol, std::move(variant)});
  return subjects;
}

StressTally sum_of(const std::vector<StressTally>& tallies) {
  StressTally sum;
  for (const StressTally& tally : tallies) {
    sum.cases += tally.cases;
    sum.accesses += tally.accesses;
    sum.messages += tally.messages;
  }
  return sum;
}

void print_tally(const std::string& name, const StressTally& tally, bool failed) {
  const char* const verdict = failed ? "FAILED" : tally.cases == 0 ? "not tried" : "ok";
  std::printf("%s: %llu cases, %llu accesses, %llu messages, %s\n", name.c_str(),
              static_cast<unsigned long long>(tally.cases), static_cast<unsigned long long>(tally.accesses),
              static_cast<unsigned long long>(tally.messages), verdict);
}

void save_failure(const StressFailure& failure, const std::string& folder, const Interruption& interruption,
                  bool quiet) {
  StatusLine line(quiet);
  const auto start = Clock::now();
  const auto stop = [&] {
    return interruption.requested() ||
           std::chrono::duration<double>(Clock::now() - start).count() > shrink_seconds;
  };
  std::string report = failure.report;
  const auto fails = [&](const StressCase& candidate) {
    line.show("making " + candidate.name + " smaller: " + std::to_string(candidate.accesses.size()) +
              " accesses");
    try {
      const auto found = failure_of(candidate, folder);
      if (found) report = *found;
      return found.has_value();
    } catch (const InputProblems&) {
      return false;  // without this parameter there is no such machine
    }
  };
  const StressCase small = shrink(failure.failing, fails, stop);
  const std::string path = folder + "/" + small.name;
  write_whole(path + ".trace", trace_text(small));
  write_whole(path + ".json", pretty(replay_config(small, small.name + ".trace")) + "\n");
  std::cerr << "baton: " << small.name << " fails, made smaller from " << failure.failing.accesses.size()
            << " to " << small.accesses.size() << " accesses:\n"
            << report << "\nTo repeat it: baton run " << path << ".json\n";
}

}  // namespace

int stress_command(const Arguments& arguments) {
  po::variables_map values;
  if (!parse(arguments, usage(), values)) return exit_done;
  const double minutes = within(values, "minutes", 1.0, 0.0, 1e6);
  const int processors = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  StressPlan plan;
  plan.subjects = subjects_of(values);
  plan.first_seed = value_or<std::uint64_t>(values, "seed", 1);
  plan.cores =
      values.count("cores") > 0 ? static_cast<std::uint32_t>(within(values, "cores", 2, 2, 4096)) : 0;
  plan.jobs = within(values, "jobs", processors, 1, 4096);
  plan.folder = value_or<std::string>(values, "output", "stress-failures");
  make_folder(plan.folder);
  const bool quiet = values.count("quiet") > 0;

  const Interruption interruption;
  const auto start = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  StressOutcome outcome;
  {
    StatusLine line(quiet);
    bool all_tried = false;  // a time too short for that would test some protocols only
    const auto progress = [&](const StressOutcome& so_far) {
      all_tried = std::ranges::none_of(so_far.tallies, [](const auto& tally) { return tally.cases == 0; });
      if (!line.active()) return;
      const StressTally sum = sum_of(so_far.tallies);
      line.show(std::to_string(sum.cases) + " cases, " + std::to_string(so_far.failures.size()) +
                " failed, " + duration_text(std::max(0.0, minutes * 60 - elapsed())) + " left");
    };
    const auto stop = [&] { return interruption.requested() || (all_tried && elapsed() > minutes * 60); };
    outcome = stress(plan, progress, stop);
  }
  std::vector<bool> failed(plan.subjects.size());
  for (const StressFailure& failure : outcome.failures) failed[failure.subject] = true;
  for (std::size_t i = 0; i < plan.subjects.size(); ++i)
    print_tally(variant_name(*plan.subjects[i].protocol, plan.subjects[i].options), outcome.tallies[i],
                failed[i]);
  print_tally("all", sum_of(outcome.tallies), !outcome.failures.empty());
  std::fflush(stdout);
  std::error_code not_empty;
  if (outcome.failures.empty()) std::filesystem::remove(plan.folder, not_empty);
  for (const StressFailure& failure : outcome.failures)
    save_failure(failure, plan.folder, interruption, quiet);
  if (!outcome.failures.empty()) return exit_failed;
  return interruption.requested() ? exit_interrupted : exit_done;
}

}  // namespace baton::cli
