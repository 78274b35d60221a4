#include "sim/cli/command.hpp"

#include <iostream>

#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>

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

}  // namespace

bool parse(const Arguments& arguments, const Usage& usage, po::variables_map& values) {
  po::options_description all;
  all.add(usage.options).add(usage.hidden);
  all.add_options()("help,h", "show this help");
  try {
    po::store(po::command_line_parser(arguments).options(all).positional(usage.positional).run(), values);
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
