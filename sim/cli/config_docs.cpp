// baton config-docs DIR (not in the help): writes what is generated in configs/.

#include <iostream>

#include "sim/cli/command.hpp"
#include "sim/experiment/input_file.hpp"
#include "sim/experiment/output_file.hpp"
#include "sim/experiment/schema.hpp"

namespace baton::cli {

int config_docs_command(const Arguments& arguments) {
  using namespace experiment;
  if (arguments.size() != 1) bad_usage("baton config-docs", "needs the folder configs/");
  const std::string readme = arguments[0] + "/README.md";
  const std::string page = read_whole(readme, "the page of fields");
  write_whole(arguments[0] + "/baton.schema.json", pretty(config_schema()) + "\n");
  write_whole(readme, with_field_tables(page));
  std::cout << arguments[0] << "/baton.schema.json\n" << readme << "\n";
  return exit_done;
}

}  // namespace baton::cli
