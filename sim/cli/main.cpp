// The program: finds the subcommand and turns exceptions into messages and exit statuses.

#include <array>
#include <exception>
#include <iostream>

#include "sim/cli/command_list.hpp"
#include "sim/experiment/problem.hpp"
#include "sim/experiment/version.hpp"
#include "traces/error.hpp"

namespace baton::cli {
namespace {

constexpr auto commands = std::to_array<Command>({
    {"run", "run the experiments of config files", run_command},
    {"replay", "run a recorded trace", replay_command},
    {"plot", "make figures (Vega-Lite) from results", plot_command},
    {"lines", "show the lines that cost most, and why", lines_command},
    {"protocol", "list the protocols, show one's tables", protocol_command},
    {"claims", "test claims by experiments, with computed verdicts", claims_command},
    {"hardware", "compare with measurements of real machines", hardware_command},
    {"check", "check a protocol exhaustively", check_command},
    {"litmus", "run litmus tests, compare with the memory model", litmus_command},
    {"stress", "test protocols with random accesses and machines", stress_command},
    {"record", "record what the threads of a program do to memory", record_command},
    {"trace", "look into a trace file", trace_command},
    {"config-docs", "", config_docs_command},
});

void print_help(std::ostream& out) {
  out << "Baton simulates cache coherence: what does it cost this program on this many cores, and would "
         "another\n"
         "protocol cost less?\n\n"
         "Usage: baton COMMAND [ARGUMENTS]\n\nCommands:\n";
  print_list(out, commands);
  out << "\nbaton COMMAND --help explains a command; baton --version prints the version.\n\n"
         "To start with:\n"
         "  baton run configs/quickstart.json -o quickstart.json\n"
         "  baton plot quickstart.json\n"
         "  baton protocol show ownership\n\n"
         "Exit status: 0 done; 1 something failed (a point, a check); 2 wrong input; 130 interrupted, and "
         "what is\n"
         "finished has been kept.\n";
}

int dispatch(const Arguments& arguments) {
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
    print_help(std::cout);
    return exit_done;
  }
  if (arguments[0] == "--version") {
    std::cout << "baton " << experiment::version << "\n";
    return exit_done;
  }
  std::vector<std::string> names;
  for (const Command& command : commands) {
    if (command.name == arguments[0]) return command.run({arguments.begin() + 1, arguments.end()});
    if (!command.summary.empty()) names.emplace_back(command.name);
  }
  bad_usage("baton", "there is no command \"" + arguments[0] + "\"; allowed are " +
                         experiment::quoted_list(names) + experiment::did_you_mean(arguments[0], names));
}

}  // namespace
}  // namespace baton::cli

int main(int argc, char** argv) {
  using namespace baton;
  cli::set_command_line({argv, static_cast<std::size_t>(argc)});
  try {
    const int status = cli::dispatch({argv + 1, argv + argc});
    std::cout.flush();
    if (!std::cout) {
      std::cerr << "baton: standard output cannot be written\n";
      return cli::exit_failed;
    }
    return status;
  } catch (const experiment::InputProblems& problems) {
    std::cerr << problems.what() << "\n";
    return cli::exit_bad_input;
  } catch (const traces::InputError& error) {
    std::cerr << error.what() << "\n";
    return cli::exit_bad_input;
  } catch (const std::exception& error) {
    std::cerr << "baton: " << error.what() << "\n";
    return cli::exit_failed;
  }
}

// SystemC's library refers to the symbol; machines are elaborated by baton::sim::simulate instead.
extern "C" int sc_main(int, char**) {
  return 0;
}
