#include "sim/cli/command.hpp"

#include <cstdint>
#include <iostream>
#include <typeinfo>

#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/value_semantic.hpp>

#include "sim/experiment/problem.hpp"

namespace baton::cli {
namespace {

namespace po = boost::program_options;

std::string& line() {
  static std::string text;
  return text;
}

/// "baton run" from "baton run CONFIG... [OPTIONS]".
std::string command_name(const Usage& usage) {
  const std::size_t first = usage.synopsis.find(' ');
  return usage.synopsis.substr(0, usage.synopsis.find_first_of(" |", first + 1));
}

void print_help(const Usage& usage) {
  std::cout << "Usage: " << usage.synopsis << "\n\n" << usage.about << "\n\n" << usage.options;
  if (!usage.examples.empty()) std::cout << "\nExamples:\n" << usage.examples;
}

/// Boost reads -1 as the largest unsigned number. Options of signed types check their range themselves.
void refuse_negative(const po::parsed_options& parsed, const po::options_description& all,
                     const std::string& command) {
  for (const auto& option : parsed.options) {
    if (option.value.empty() || !option.value.front().starts_with('-')) continue;
    const po::option_description* known = all.find_nothrow(option.string_key, false);
    const auto* typed =
        known == nullptr ? nullptr : dynamic_cast<const po::typed_value_base*>(known->semantic().get());
    if (typed == nullptr) continue;
    const std::type_info& type = typed->value_type();
    if (type == typeid(std::uint32_t) || type == typeid(std::uint64_t) || type == typeid(std::size_t))
      bad_usage(command, "--" + option.string_key + " must not be negative, found " + option.value.front());
  }
}

}  // namespace

bool parse(const Arguments& arguments, const Usage& usage, po::variables_map& values) {
  po::options_description all;
  all.add(usage.options).add(usage.hidden);
  all.add_options()("help,h", "show this help");
  try {
    const po::parsed_options parsed =
        po::command_line_parser(arguments).options(all).positional(usage.positional).run();
    refuse_negative(parsed, all, command_name(usage));
    po::store(parsed, values);
    if (values.count("help") > 0) {
      print_help(usage);
      return false;
    }
    po::notify(values);
  } catch (const po::too_many_positional_options_error&) {
    bad_usage(command_name(usage), "too many arguments");
  } catch (const po::error& error) {
    bad_usage(command_name(usage), error.what());
  }
  return true;
}

void bad_usage(std::string_view command, const std::string& message) {
  throw experiment::InputProblems(
      command, experiment::Problems{{"", message + " (see " + std::string(command) + " --help)"}});
}

const std::string& command_line() {
  return line();
}

void set_command_line(std::span<char* const> arguments) {
  std::string& text = line();
  for (const std::string_view argument : arguments) {
    const bool plain = argument.find_first_of(" \t\n\"'\\$&|;<>()*?[]{}`#~!") == std::string_view::npos;
    text += text.empty() ? "" : " ";
    if (plain && !argument.empty()) {
      text += argument;
      continue;
    }
    text += '\'';
    for (const char c : argument) text += c == '\'' ? "'\\''" : std::string(1, c);
    text += '\'';
  }
}

}  // namespace baton::cli
