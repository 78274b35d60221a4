#include "sim/cli/protocol_options.hpp"

#include <algorithm>

#include "sim/cli/command.hpp"
#include "sim/experiment/machine_fields.hpp"

namespace baton::cli {

using experiment::did_you_mean;
using experiment::quoted_list;

const ProtocolInfo& protocol_named(const std::string& name, std::string_view command) {
  if (const ProtocolInfo* protocol = find_protocol(name)) return *protocol;
  const std::vector<std::string> names = experiment::protocol_names();
  bad_usage(command, "there is no protocol \"" + name + "\"; allowed are " + quoted_list(names) +
                         did_you_mean(name, names));
}

OptionValues protocol_options(const ProtocolInfo& protocol, const std::vector<std::string>& arguments,
                              std::string_view command) {
  OptionValues options;
  std::vector<std::string> names;
  for (const ProtocolOption& option : protocol.options()) {
    options[std::string(option.name)] = option.values.front();
    names.emplace_back(option.name);
  }
  for (const std::string& argument : arguments) {
    const auto equals = argument.find('=');
    if (equals == std::string::npos)
      bad_usage(command, "--option must be NAME=VALUE, found \"" + argument + "\"");
    const std::string name = argument.substr(0, equals);
    const std::string value = argument.substr(equals + 1);
    const auto option = std::ranges::find(protocol.options(), name, &ProtocolOption::name);
    if (option == protocol.options().end()) {
      bad_usage(command, std::string(protocol.name()) + " has no option \"" + name + "\"; allowed are " +
                             quoted_list(names) + did_you_mean(name, names));
    }
    if (std::ranges::find(option->values, value) == option->values.end()) {
      const std::vector<std::string> allowed(option->values.begin(), option->values.end());
      bad_usage(command, "--option " + name + " must be one of " + quoted_list(allowed) + ", found \"" +
                             value + "\"" + did_you_mean(value, allowed));
    }
    options[name] = value;
  }
  return options;
}

std::string variant_name(const ProtocolInfo& protocol, const OptionValues& options) {
  std::string name(protocol.name());
  for (const auto& [option, value] : options) name += " " + option + "=" + value;
  return name;
}

}  // namespace baton::cli
