// baton plot

#include "sim/experiment/plot.hpp"

#include <filesystem>
#include <iostream>

#include "sim/cli/command.hpp"
#include "sim/experiment/input_file.hpp"
#include "sim/experiment/json.hpp"
#include "sim/experiment/output_file.hpp"
#include "sim/experiment/problem.hpp"

namespace baton::cli {
namespace {

namespace po = boost::program_options;
using namespace experiment;

Usage usage() {
  Usage usage;
  usage.synopsis = "baton plot RESULTS.json [OPTIONS]";
  usage.about =
      "Writes a Vega-Lite v5 specification, data inline, for each of the \"plots\" of the experiment's "
      "config. Show one\n"
      "at https://vega.github.io/editor, or turn it into a picture with vl2svg or vl2png (npm vega-lite).";
  usage.examples =
      "  baton plot results.json\n"
      "  baton plot results.json -o figures\n"
      "  baton plot results.json --plot "
      "'{\"x\":\"cores\",\"y\":\"bytes\",\"series\":\"protocol\",\"y_scale\":\"log\"}'\n";
  usage.options.add_options()  //
      ("output,o", po::value<std::string>()->value_name("DIR"),
       "the folder of the figures; default: the results'")  //
      ("plot", po::value<std::vector<std::string>>()->value_name("JSON")->composing(),
       "a figure instead of the config's, as in \"plots\"; repeatable");
  usage.hidden.add_options()("results", po::value<std::string>());
  usage.positional.add("results", 1);
  return usage;
}

}  // namespace

int plot_command(const Arguments& arguments) {
  po::variables_map values;
  if (!parse(arguments, usage(), values)) return exit_done;
  if (values.count("results") == 0) bad_usage("baton plot", "needs a results file");
  const auto path = values["results"].as<std::string>();
  Json plots;
  for (const std::string& text : value_or<std::vector<std::string>>(values, "plot", {})) {
    plots.push_back(parse_json(text, "--plot"));
  }
  const std::vector<Figure> figures =
      make_figures(parse_json(read_whole(path, "a results file"), path), path, plots);
  if (figures.empty()) {
    throw InputProblems(
        path, Problems{{"/experiment/plots", "is empty: add \"plots\" to the config or use --plot"}});
  }
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (values.count("output") > 0) folder = values["output"].as<std::string>();
  std::vector<OutputName> outputs;
  for (const Figure& figure : figures)
    outputs.push_back({"figure", (std::filesystem::path(folder) / figure.file_name).string()});
  check_outputs(outputs, {{path}});
  if (values.count("output") > 0) make_folder(folder);
  for (const Figure& figure : figures) {
    const std::string name = (std::filesystem::path(folder) / figure.file_name).string();
    write_whole(name, figure.text);
    std::cout << name << "\n";
  }
  return exit_done;
}

}  // namespace baton::cli
