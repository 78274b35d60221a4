#pragma once
// The results document: a tidy table of rows, one a point, with a description of every column.

#include <optional>
#include <string>
#include <vector>

#include "sim/experiment/json.hpp"
#include "sim/experiment/runner.hpp"

namespace baton::experiment {

/// "columns" and "rows" of the results. Every row has every column; null where a figure does not exist.
struct ResultsTable {
  Json columns;  ///< name -> {unit, meaning}, in the order of a row's keys
  std::vector<Json> rows;
  std::optional<std::vector<Json>> lines;  ///< the lines that cost most, of all rows; none: not asked for
};

/// The table of an outcome in which every point is done.
ResultsTable make_table(const Experiment& experiment, const SweepOutcome& outcome,
                        const ColumnTable& columns);

/// The whole document as it is written to a file. Everything but "host" depends on config and seeds alone.
std::string results_text(const Experiment& experiment, const ResultsTable& table, const Json& host);

/// What the "host" object says of a run.
Json host_object(const SweepOutcome& outcome, double seconds, int jobs);

/// A table for people: cores, protocol, axes and the main figures of each row, at most `rows` of them. Of the
/// figures those behind the first are left out, from the last on, that do not fit `width` characters.
std::string summary(const Experiment& experiment, const ResultsTable& table, std::size_t rows,
                    std::size_t width = std::string::npos);

/// A row's protocol for people: a label of name and options ("mesi atomics=near directory=broadcast …")
/// without the options that have their default; any other label as it is.
std::string short_protocol(const std::string& label);

}  // namespace baton::experiment
