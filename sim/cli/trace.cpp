// baton trace

#include "traces/import/trace.hpp"

#include <array>
#include <cstdio>
#include <iostream>

#include "sim/cli/command.hpp"
#include "sim/experiment/problem.hpp"
#include "traces/import/inspect.hpp"

namespace baton::cli {
namespace {

namespace po = boost::program_options;

Usage usage() {
  std::string formats;
  for (const traces::Format* format : traces::all_formats()) {
    formats += "\n  " + std::string(format->name()) + ": " + std::string(format->summary());
  }
  Usage usage;
  usage.synopsis = "baton trace info|head FILE [OPTIONS]";
  usage.about =
      "info: what a trace has, from reading all of it. head: its first accesses.\nFormats:" + formats;
  usage.examples =
      "  baton trace info queue.trace.gz\n"
      "  baton trace head queue.trace.gz --count 20\n";
  usage.options.add_options()  //
      ("format", po::value<std::string>()->value_name("NAME"),
       "the trace's format; default: by its content")  //
      ("line", po::value<std::uint32_t>()->value_name("BYTES"),
       "info: line size of the footprint; default 64")  //
      ("count,n", po::value<std::uint64_t>()->value_name("N"), "head: accesses, of each file; default 10");
  usage.hidden.add_options()("action", po::value<std::string>())("file", po::value<std::string>());
  usage.positional.add("action", 1).add("file", 1);
  return usage;
}

int info(const traces::TraceParameters& parameters, std::uint32_t line_bytes) {
  if (line_bytes == 0 || (line_bytes & (line_bytes - 1)) != 0) {
    bad_usage("baton trace", "--line must be a power of two, found " + std::to_string(line_bytes));
  }
  const traces::TraceSummary summary = traces::inspect(parameters, line_bytes);
  const auto row = [](const char* name, std::uint64_t value) { std::cout << name << value << "\n"; };
  std::cout << "format           " << summary.format << "\n";
  row("cores            ", summary.cores);
  row("accesses         ", summary.accesses);
  row("loads            ", summary.loads);
  row("stores           ", summary.stores);
  row("rmws             ", summary.rmws);
  row("bytes            ", summary.bytes);
  row("work cycles      ", summary.work_cycles);
  row("footprint lines  ", summary.footprint_lines);
  return exit_done;
}

int head(const traces::TraceParameters& parameters, std::uint64_t count) {
  constexpr std::array<const char*, traces::kinds> names{"load", "store", "rmw", "spin"};
  const traces::TraceFiles files = traces::find_trace(parameters);
  for (std::size_t i = 0; i < files.paths.size(); ++i) {
    const auto stream = files.open(i, traces::maximum_cores);
    traces::OrderedOperation one;
    for (std::uint64_t n = 0; n < count && stream->next({&one, 1}) == 1; ++n) {
      const traces::Operation& operation = one.operation;
      std::printf("core %u  %-5s  0x%llx  %u bytes  after %u cycles\n", one.core,
                  names[static_cast<std::size_t>(operation.kind)],
                  static_cast<unsigned long long>(operation.address), unsigned{operation.size},
                  operation.gap_cycles);
    }
  }
  std::fflush(stdout);
  return exit_done;
}

}  // namespace

int trace_command(const Arguments& arguments) {
  po::variables_map values;
  if (!parse(arguments, usage(), values)) return exit_done;
  const auto action = value_or<std::string>(values, "action", "");
  if (action != "info" && action != "head") bad_usage("baton trace", "needs \"info FILE\" or \"head FILE\"");
  if (values.count("file") == 0) bad_usage("baton trace", action + " needs a trace file");
  traces::TraceParameters parameters;
  parameters.path = values["file"].as<std::string>();
  parameters.format = value_or(values, "format", parameters.format);
  return action == "info" ? info(parameters, value_or(values, "line", std::uint32_t{64}))
                          : head(parameters, value_or(values, "count", std::uint64_t{10}));
}

}  // namespace baton::cli
