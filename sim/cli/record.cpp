// baton record

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>

#include <unistd.h>

#include "sim/cli/command.hpp"
#include "sim/experiment/output_file.hpp"
#include "sim/experiment/problem.hpp"
#include "sim/experiment/units.hpp"
#include "traces/record/recorder.hpp"

namespace baton::cli {
namespace {

namespace po = boost::program_options;

Usage usage() {
  Usage usage;
  usage.synopsis = "baton record [OPTIONS] -- PROGRAM [ARGUMENTS]";
  usage.about =
      "Runs a program and records what its threads do to memory: loads, stores, atomics, locks, threads,\n"
      "allocations, with their places in the source. The program must have been built with baton-cc, "
      "baton-c++\n"
      "or CMake's baton_instrument(): see traces/record/README.md. The exit status is 0 when the recording "
      "is\n"
      "complete, however the program ended (which is said, and stands in the file); 2 when there is none.";
  usage.examples =
      "  traces/record/baton-c++ -O2 queue.cpp -o queue -pthread\n"
      "  baton record -o queue.baton -- ./queue 4 1000\n"
      "  baton record --region --yield 16 --seconds 10 -- ./queue 4\n";
  usage.options.add_options()  //
      ("output,o", po::value<std::string>()->value_name("FILE"),
       "where the recording goes; default: the program's name with .baton")  //
      ("records", po::value<std::uint64_t>()->value_name("N"),
       "stop recording after N records; the program runs on")  //
      ("bytes", po::value<std::string>()->value_name("SIZE"),
       "stop recording when the file has this size, in whole blocks; default 1GiB; 0: no limit but the "
       "disk's")                                                                                     //
      ("seconds", po::value<double>()->value_name("S"), "stop recording S seconds after the start")  //
      ("region", "record only between baton_region_begin() and baton_region_end()")                  //
      ("yield", po::value<std::uint32_t>()->value_name("N"),
       "yield the processor before one in N atomics and synchronisations, at random: interleaves threads "
       "finely "
       "where there are fewer processors")                                       //
      ("no-stack", "leave out the plain accesses of a thread to its own stack")  //
      ("no-work", "do not measure the work between accesses")                    //
      ("work-cap", po::value<std::uint32_t>()->value_name("US"),
       "longer work is cut to this many microseconds; default: not");
  return usage;
}

record::Options options_of(const po::variables_map& values, const Arguments& command) {
  record::Options options;
  options.command = command;
  options.output =
      value_or(values, "output", std::filesystem::path(command[0]).filename().string() + ".baton");
  options.records = value_or(values, "records", options.records);
  if (values.count("records") > 0 && options.records == 0)
    bad_usage("baton record", "--records must be at least 1");
  for (const char* option : {"yield", "work-cap"}) {
    if (values.count(option) > 0 && values[option].as<std::uint32_t>() == 0)
      bad_usage("baton record", "--" + std::string(option) + " must be at least 1");
  }
  if (values.count("no-work") > 0 && values.count("work-cap") > 0)
    bad_usage("baton record", "--no-work and --work-cap exclude each other");
  if (values.count("bytes") > 0) {
    const auto text = values["bytes"].as<std::string>();
    const auto bytes = text == "0" ? 0 : experiment::parse_quantity(text, experiment::Quantity::bytes);
    if (!bytes)
      bad_usage("baton record", "--bytes must be 0 or a size with a unit (" +
                                    experiment::unit_names(experiment::Quantity::bytes) + "), found \"" +
                                    text + "\"");
    options.bytes = *bytes;
  }
  options.seconds = value_or(values, "seconds", options.seconds);
  if (values.count("seconds") > 0 && !(options.seconds > 0)) {
    bad_usage("baton record", "--seconds must be more than 0");
  }
  options.yield_every = value_or(values, "yield", options.yield_every);
  options.work_cap_us = value_or(values, "work-cap", options.work_cap_us);
  options.region = values.count("region") > 0;
  options.own_stack = values.count("no-stack") == 0;
  options.work = values.count("no-work") == 0;
  return options;
}

/// As execvp() finds it; as it is if that finds nothing.
std::string program_file(const std::string& program) {
  const char* folders = std::getenv("PATH");
  if (program.find('/') != std::string::npos || folders == nullptr) return program;
  std::istringstream list(folders);
  for (std::string folder; std::getline(list, folder, ':');) {
    const std::string file = (std::filesystem::path(folder.empty() ? "." : folder) / program).string();
    if (access(file.c_str(), X_OK) == 0) return file;
  }
  return program;
}

void report(const record::Options& options, const record::Outcome& outcome) {
  if (!outcome.exited) {
    std::cerr << "The program was killed by signal " << outcome.status << ".\n";
  } else if (outcome.status != 0) {
    std::cerr << "The program ended with status " << outcome.status << ".\n";
  }
  for (const std::string& remark : outcome.remarks) std::cerr << "Note: " << remark << ".\n";
  if (outcome.too_large) {
    std::cerr << "Note: the file is larger than --bytes, " << options.bytes
              << ": blocks are written whole.\n";
  }
  if (!outcome.limited.empty()) {
    std::cerr << "Recording stopped before the program's end: the limit of " << outcome.limited << ".\n";
  }
  std::cerr << options.output << ": " << outcome.records << " records of " << outcome.threads << " threads, "
            << outcome.bytes << " bytes\n";
}

}  // namespace

int record_command(const Arguments& arguments) {
  const auto separator = std::find(arguments.begin(), arguments.end(), "--");
  po::variables_map values;
  if (!parse({arguments.begin(), separator}, usage(), values)) return exit_done;
  if (separator == arguments.end() || separator + 1 == arguments.end()) {
    bad_usage("baton record", "needs \"-- PROGRAM\"");
  }
  const record::Options options = options_of(values, {separator + 1, arguments.end()});
  const std::string program = program_file(options.command[0]);
  experiment::check_outputs(std::vector<experiment::OutputName>{{"-o", options.output}}, {{program}});
  report(options, record::record(options));
  return exit_done;
}

}  // namespace baton::cli
