#pragma once
// Measured and simulated figures as a table, as JSON and as a page for people.

#include <string>
#include <vector>

#include "sim/experiment/config.hpp"
#include "sim/experiment/results.hpp"

namespace baton::experiment {

/// A measurement with what the simulator says.
struct ComparedMeasurement {
  std::string name;
  std::string config;  ///< the path of its file
  Experiment experiment;
  ResultsTable table;
  std::vector<double> simulated;  ///< one a figure

  const HardwareMeasurement& measurement() const { return *experiment.measurement; }
};

/// For a terminal.
std::string hardware_table(const std::vector<ComparedMeasurement>& all);

/// {"format": "baton-hardware", ...}: figures, and the rows that they are computed from. All but "host"
/// depends on configs and seeds alone.
std::string hardware_json(const std::vector<ComparedMeasurement>& all, const Json& host);

/// The page in Markdown; figures lie in the folder `figures` beside it, and configs at `configs`, as links.
std::string hardware_page(const std::vector<ComparedMeasurement>& all, const std::string& figures,
                          const std::string& configs);

/// The specifications of the config's plots (Vega-Lite).
std::vector<std::string> hardware_plots(const ComparedMeasurement& compared);

}  // namespace baton::experiment
