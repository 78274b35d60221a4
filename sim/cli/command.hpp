#pragma once
// The subcommands. Boost.Program_options stays in this folder.

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/variables_map.hpp>

namespace baton::cli {

enum ExitStatus { exit_done = 0, exit_failed = 1, exit_bad_input = 2, exit_interrupted = 130 };

using Arguments = std::vector<std::string>;

struct Command {
  std::string_view name;
  std::string_view summary;  ///< empty: not listed by `baton --help`
  int (*run)(const Arguments& arguments);
};

int run_command(const Arguments& arguments);
int replay_command(const Arguments& arguments);
int lines_command(const Arguments& arguments);
int plot_command(const Arguments& arguments);
int protocol_command(const Arguments& arguments);
int claims_command(const Arguments& arguments);
int hardware_command(const Arguments& arguments);
int check_command(const Arguments& arguments);
int litmus_command(const Arguments& arguments);
int stress_command(const Arguments& arguments);
int record_command(const Arguments& arguments);
int trace_command(const Arguments& arguments);
int config_docs_command(const Arguments& arguments);

/// A command's options and how its help shows them.
struct Usage {
  std::string synopsis;  ///< "baton run CONFIG... [OPTIONS]"
  std::string about;     ///< a paragraph
  std::string examples;  ///< lines
  boost::program_options::options_description options{"Options"};
  boost::program_options::options_description hidden;  ///< the positional arguments
  boost::program_options::positional_options_description positional;
};

/// Parses; prints the help and returns false if that was asked for. Throws experiment::InputProblems for bad
/// usage.
bool parse(const Arguments& arguments, const Usage& usage, boost::program_options::variables_map& values);

/// The argument, or nothing if it was not given.
template <class T>
T value_or(const boost::program_options::variables_map& values, const char* name, T otherwise) {
  return values.count(name) > 0 ? values[name].as<T>() : otherwise;
}

/// "baton run": wrong usage, with a pointer to the help. Throws experiment::InputProblems.
[[noreturn]] void bad_usage(std::string_view command, const std::string& message);

/// The command line that the user typed, for messages that repeat it.
const std::string& command_line();
void set_command_line(std::span<char* const> arguments);

}  // namespace baton::cli
