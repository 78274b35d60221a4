// baton protocol

#include <iostream>

#include "protocols/core/registry.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/protocol_options.hpp"

namespace baton::cli {
namespace {

namespace po = boost::program_options;

Usage usage() {
  Usage usage;
  usage.synopsis = "baton protocol list | show NAME [OPTIONS]";
  usage.about = "Lists the protocols with their options, or shows the transition tables of one.";
  usage.examples =
      "  baton protocol list\n"
      "  baton protocol show mesi --option directory=broadcast\n"
      "  baton protocol show ownership --format dot | dot -Tsvg > ownership.svg\n";
  usage.options.add_options()                                                                     //
      ("format", po::value<std::string>()->value_name("markdown|json|dot"), "default: markdown")  //
      ("option", po::value<std::vector<std::string>>()->value_name("NAME=VALUE")->composing(),
       "an option of the protocol; repeatable");
  usage.hidden.add_options()("action", po::value<std::string>())("name", po::value<std::string>());
  usage.positional.add("action", 1).add("name", 1);
  return usage;
}

int list() {
  for (const ProtocolInfo* protocol : all_protocols()) {
    std::cout << protocol->name() << ": " << protocol->summary() << "\n";
    for (const ProtocolOption& option : protocol->options()) {
      std::cout << "  " << option.name << ": ";
      for (std::size_t i = 0; i < option.values.size(); ++i) {
        std::cout << (i > 0 ? " | " : "") << option.values[i] << (i == 0 ? " (default)" : "");
      }
      std::cout << "\n    " << option.meaning << "\n";
    }
  }
  return exit_done;
}

TableFormat table_format(const std::string& name) {
  if (name == "markdown") return TableFormat::markdown;
  if (name == "json") return TableFormat::json;
  if (name == "dot") return TableFormat::dot;
  bad_usage("baton protocol",
            "--format must be one of \"markdown\", \"json\", \"dot\", found \"" + name + "\"");
}

}  // namespace

int protocol_command(const Arguments& arguments) {
  po::variables_map values;
  if (!parse(arguments, usage(), values)) return exit_done;
  const auto action = value_or<std::string>(values, "action", "");
  if (action == "list") return list();
  if (action != "show") bad_usage("baton protocol", "needs \"list\" or \"show NAME\"");
  if (values.count("name") == 0) bad_usage("baton protocol", "show needs the name of a protocol");
  const ProtocolInfo& protocol = protocol_named(values["name"].as<std::string>(), "baton protocol");
  const OptionValues options =
      protocol_options(protocol, value_or<std::vector<std::string>>(values, "option", {}), "baton protocol");
  const std::string text =
      protocol.print(options, table_format(value_or<std::string>(values, "format", "markdown")));
  std::cout << text << (text.ends_with('\n') ? "" : "\n");
  return exit_done;
}

}  // namespace baton::cli
