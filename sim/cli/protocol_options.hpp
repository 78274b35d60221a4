#pragma once
// Protocols and their options on a command line.

#include <string>
#include <string_view>
#include <vector>

#include "protocols/core/registry.hpp"

namespace baton::cli {

/// Throws experiment::InputProblems, with the names there are, if there is no such protocol.
const ProtocolInfo& protocol_named(const std::string& name, std::string_view command);

/// The values of all options: those of "NAME=VALUE" arguments, defaults for the others. Throws
/// experiment::InputProblems.
OptionValues protocol_options(const ProtocolInfo& protocol, const std::vector<std::string>& arguments,
                              std::string_view command);

/// "mesi directory=full_map".
std::string variant_name(const ProtocolInfo& protocol, const OptionValues& options);

}  // namespace baton::cli
