// baton trace

#include "traces/import/trace.hpp"

#include <cinttypes>
#include <cstdio>
#include <iostream>

#include "sim/cli/command.hpp"
#include "sim/cli/trace_text.hpp"
#include "traces/export/export.hpp"
#include "traces/import/inspect.hpp"

namespace baton::cli {
namespace {

namespace po = boost::program_options;

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

Usage usage() {
  std::string formats;
  for (const traces::Format* format : traces::all_formats()) {
    formats += "\n  " + std::string(format->name()) + ": " + std::string(format->summary());
  }
  Usage usage;
  usage.synopsis =
      "baton trace info|stats|head FILE [OPTIONS]\n       baton trace convert FILE --to FORMAT -o FILE";
  usage.about =
      "info: what a trace has, and who shares its lines, from reading all of it. stats: the same by core,\n"
      "size, line and event. head: its first accesses; of a recording, its first records. convert: the "
      "trace\n"
      "in another format: " +
      joined(traces::export_formats()) + ".\nFormats that are read:" + formats;
  usage.examples =
      "  baton trace info queue.trace.gz\n"
      "  baton trace head queue.baton --count 20\n"
      "  baton trace convert queue.baton --to text -o queue.trace.zst\n"
      "  baton trace convert damaged.baton --salvage --to recording -o good.baton\n";
  usage.options.add_options()  //
      ("format", po::value<std::string>()->value_name("NAME"),
       "the trace's format; default: by its name and content")  //
      ("line", po::value<std::uint32_t>()->value_name("BYTES"),
       "info, stats: size of a line; default 64")  //
      ("count,n", po::value<std::uint64_t>()->value_name("N"),
       "head: accesses or records, of each core; default 10")                     //
      ("salvage", po::bool_switch(), "leave out what is damaged (recordings)")    //
      ("to", po::value<std::string>()->value_name("FORMAT"), "convert: to what")  //
      ("output,o", po::value<std::string>()->value_name("FILE"),
       "convert: where to; .gz and .zst compress, {core} makes a file a core");
  usage.hidden.add_options()("action", po::value<std::string>())("file", po::value<std::string>());
  usage.positional.add("action", 1).add("file", 1);
  return usage;
}

/// What an option is for stands in the help; with another action it is a mistake.
void check_options(const std::string& action, const po::variables_map& values) {
  const auto only = [&](const char* option, std::initializer_list<const char*> actions) {
    if (values.count(option) == 0) return;
    std::string allowed;
    for (const char* one : actions) {
      if (action == one) return;
      allowed += (allowed.empty() ? "" : " and ") + std::string(one);
    }
    bad_usage("baton trace", "--" + std::string(option) + " is of " + allowed + ", not of " + action);
  };
  only("line", {"info", "stats"});
  only("count", {"head"});
  only("to", {"convert"});
  only("output", {"convert"});
}

int convert(const traces::TraceParameters& parameters, const po::variables_map& values) {
  if (values.count("to") == 0) {
    bad_usage("baton trace", "convert needs --to FORMAT, one of " + joined(traces::export_formats()));
  }
  if (values.count("output") == 0) bad_usage("baton trace", "convert needs -o FILE");
  const traces::Exported done =
      traces::export_trace(parameters, values["to"].as<std::string>(), values["output"].as<std::string>());
  for (const std::string& lost : done.lost) std::fprintf(stderr, "lost: %s\n", lost.c_str());
  std::fprintf(stderr, "%" PRIu64 " accesses, %zu file%s\n", done.accesses, done.files.size(),
               done.files.size() == 1 ? "" : "s");
  return exit_done;
}

}  // namespace

int trace_command(const Arguments& arguments) {
  po::variables_map values;
  if (!parse(arguments, usage(), values)) return exit_done;
  const auto action = value_or<std::string>(values, "action", "");
  if (action != "info" && action != "stats" && action != "head" && action != "convert") {
    bad_usage("baton trace", "needs \"info FILE\", \"stats FILE\", \"head FILE\" or \"convert FILE\"");
  }
  check_options(action, values);
  if (values.count("file") == 0) bad_usage("baton trace", action + " needs a trace file");
  traces::TraceParameters parameters;
  parameters.path = values["file"].as<std::string>();
  parameters.format = value_or(values, "format", parameters.format);
  parameters.salvage = values["salvage"].as<bool>();
  if (action == "convert") return convert(parameters, values);
  if (action == "head") {
    print_head(parameters, value_or(values, "count", std::uint64_t{10}));
    return exit_done;
  }
  const auto line_bytes = value_or(values, "line", std::uint32_t{64});
  if (line_bytes == 0 || (line_bytes & (line_bytes - 1)) != 0) {
    bad_usage("baton trace", "--line must be a power of two, found " + std::to_string(line_bytes));
  }
  const traces::TraceSummary summary = traces::inspect(parameters, line_bytes);
  print_summary(parameters, summary);
  if (action == "stats") print_statistics(parameters, summary);
  return exit_done;
}

}  // namespace baton::cli
