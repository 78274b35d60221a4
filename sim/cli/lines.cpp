// baton lines: the lines that cost most, of results, for a terminal.

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>

#include "sim/cli/command.hpp"
#include "sim/experiment/input_file.hpp"
#include "sim/experiment/json.hpp"
#include "sim/experiment/problem.hpp"
#include "sim/experiment/results.hpp"
#include "sim/experiment/text_table.hpp"

namespace baton::cli {
namespace {

namespace po = boost::program_options;
using namespace experiment;

constexpr std::size_t most_ranges = 8;  // of bytes, or fields, that are listed

Usage usage() {
  Usage usage;
  usage.synopsis = "baton lines RESULTS.json [OPTIONS]";
  usage.about =
      "Shows the lines that cost most: who reads (r) and writes (w) them, why cores miss them (most misses "
      "are\n"
      "the first ones: cold; the line was replaced: capacity; its lease had run out: renewals; or another "
      "core\n"
      "took it), whether those that others took can be of bytes that one core writes and another touches "
      "(true\n"
      "sharing) or only the line is shared (false sharing), and, of recordings, which variable or "
      "allocation\n"
      "that is and which code touches it. Run the experiment with --lines N before.";
  usage.examples =
      "  baton replay program.baton --order recorded --lines 10 -o replay.json\n"
      "  baton lines replay.json\n"
      "  baton lines results.json --count 3 --point protocol=MESI --point cores=16\n";
  usage.options.add_options()  //
      ("count,c", po::value<std::size_t>()->value_name("N"),
       "so many lines of each point; default: all")  //
      ("point", po::value<std::vector<std::string>>()->value_name("COLUMN=VALUE")->composing(),
       "only points with this value; repeatable");
  usage.hidden.add_options()("results", po::value<std::string>());
  usage.positional.add("results", 1);
  return usage;
}

Json read_lines(const std::string& path) {
  const Json results = parse_json(read_whole(path, "a results file"), path);
  if (!results.is_object() || results.value("format", Json()) != "baton-results")
    throw InputProblems(path, Problems{{"/format", "is no results file of Baton"}});
  if (!results.contains("lines"))
    throw InputProblems(path, Problems{{"/lines", "is missing: run the experiment with --lines N"}});
  return results;
}

bool matches(const Json& line, const std::vector<std::string>& point, const std::string& path) {
  return std::ranges::all_of(point, [&](const std::string& condition) {
    const std::size_t equals = condition.find('=');
    const std::string name = condition.substr(0, equals);
    if (equals == std::string::npos || !line.contains(name))
      throw InputProblems(
          "--point " + condition,
          Problems{{"", "must be COLUMN=VALUE with a column that identifies rows of " + path}});
    const std::string value = bare_text(line[name]);
    const std::string wanted = condition.substr(equals + 1);
    return value == wanted || (name == "protocol" && short_protocol(value) == wanted);
  });
}

/// "0-3,7" of rising numbers.
std::string ranges(const std::vector<std::uint64_t>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    std::size_t end = i;
    while (end + 1 < numbers.size() && numbers[end + 1] == numbers[end] + 1) ++end;
    if (!text.empty()) text += ",";
    text += std::to_string(numbers[i]);
    if (end > i) text += "-" + std::to_string(numbers[end]);
    i = end;
  }
  return text;
}

std::vector<std::uint64_t> cores_with(const Json& line, const char* bytes) {
  std::vector<std::uint64_t> cores;
  for (const Json& core : line.value("cores_touching", Json::array()))
    if (!core[bytes].get<std::string>().empty()) cores.push_back(core["core"].get<std::uint64_t>());
  return cores;
}

std::string who(const Json& line) {
  const auto writers = cores_with(line, "bytes_written");
  const auto readers = cores_with(line, "bytes_read");
  std::string text;
  if (!writers.empty()) text = "w " + ranges(writers);
  if (!readers.empty() && readers == writers) return "rw " + ranges(writers);
  if (!readers.empty()) text += (text.empty() ? "r " : " r ") + ranges(readers);
  return text;
}

std::string percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.1f %%", share * 100);
  return text;
}

std::string place(const Json& location) {
  std::string text = location["function"].get<std::string>();
  if (!location.contains("file")) return text;
  std::string file = location["file"].get<std::string>();
  file.erase(0, file.rfind('/') + 1);
  return text + " (" + file + (location.contains("line") ? ":" + location["line"].dump() : "") + ")";
}

/// Of a cell, before "and so on".
constexpr std::size_t most_text = 60;

/// The variable, or where the memory was allocated.
std::string what(const Json& line) {
  std::string text;
  if (line.contains("symbols") && line.value("fields", Json::array()).size() == 1)
    return line["fields"][0]["name"].get<std::string>();
  for (const Json& symbol : line.value("symbols", Json::array())) {
    if (text.size() > most_text) return text + ", …";
    text += (text.empty() ? "" : ", ") + symbol["name"].get<std::string>();
    if (symbol.value("line_at", 0U) != 0) text += "+" + symbol["line_at"].dump();
  }
  if (!text.empty() || !line.contains("allocations")) return text;
  const Json& first = line["allocations"].front();
  text = (first.contains("type") ? first["type"].get<std::string>() + ", " : "") + first["bytes"].dump() +
         " bytes";
  if (first.value("line_at", 0U) != 0) text += "+" + first["line_at"].dump();
  text += " from " + place(first);
  double all = 0;
  for (const Json& one : line["allocations"]) all += one.value("accesses", 0.0);
  if (line["allocations"].size() == 1) return text;
  return text + (all == 0 ? "" : " (" + percent(first.value("accesses", 0.0) / all) + " of accesses)") +
         " and others";
}

std::string where(const Json& line) {
  std::string text;
  for (const Json& location : line.value("locations", Json::array())) {
    if (text.size() > most_text) return text + ", …";
    text += (text.empty() ? "" : ", ") + place(location);
  }
  return text;
}

/// Who touches which field, where the line has several or an allocation's.
std::string fields(const Json& line) {
  const Json list = line.value("fields", Json::array());
  if (list.size() == 1 && line.contains("symbols")) return "";
  std::string text;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i == most_ranges) return text + " | …";
    const std::string written = list[i]["written_by"].get<std::string>();
    const std::string read = list[i]["read_by"].get<std::string>();
    text += (text.empty() ? "" : " | ") + list[i]["name"].get<std::string>();
    if (read == written)
      text += " rw " + read;
    else
      text += (written.empty() ? "" : " w " + written) + (read.empty() ? "" : " r " + read);
  }
  return text;
}

/// What is known of the bytes, without a guess.
std::string hint(const Json& line) {
  if (line.value("sharing", "") != "false") return "";
  std::string bytes;
  std::size_t listed = 0;
  const auto writers = cores_with(line, "bytes_owned");
  for (const Json& core : line["cores_touching"]) {
    const std::string written = core["bytes_owned"].get<std::string>();
    if (written.empty()) continue;
    if (++listed > most_ranges) continue;
    bytes += (bytes.empty() ? "" : " | ") + written;
  }
  if (listed > most_ranges) bytes += " | …";
  const auto shared = line["misses_true_at_most"].get<std::uint64_t>();
  return (writers.size() == 1 ? "core " : "cores ") + ranges(writers) +
         (writers.size() == 1 ? " has" : " have") + " bytes " + bytes + " of this line: " +
         (shared == 0 ? "no miss of sharing is of a byte that one core writes and another touches"
                      : "at most " + std::to_string(shared) + " of " + line["misses_sharing"].dump() +
                            " misses of sharing are of bytes that one writes and another touches");
}

std::string sharing(const Json& line) {
  const std::string verdict = line.value("sharing", "unknown");
  if (verdict == "none") return "one core";
  if (verdict == "read_only") return "reads only";
  if (verdict == "cold" || verdict == "capacity" || verdict == "other") return verdict + " misses";
  if (verdict == "renewal") return "renewals";
  return verdict == "unknown" ? verdict : verdict + " sharing";
}

constexpr std::array headings{"stalls",      "line",      "verdict", "cores", "misses",
                              "from caches", "from home", "inval",   "what",  "where"};

std::vector<std::string> cells(const Json& line) {
  return {percent(line["stall_share"].get<double>()),
          line["line"].get<std::string>(),
          sharing(line),
          who(line),
          line["misses"].dump(),
          line["transfers_from_caches"].dump(),
          line["transfers_from_home"].dump(),
          line["invalidations"].dump(),
          what(line),
          where(line)};
}

/// Columns that nobody has anything in are left out.
std::string table(const std::vector<const Json*>& lines) {
  std::vector<std::vector<std::string>> all{{headings.begin(), headings.end()}};
  for (const Json* line : lines) all.push_back(cells(*line));
  std::vector<std::vector<std::string>> rows(all.size());
  std::vector<bool> right;
  for (std::size_t column = 0; column < headings.size(); ++column) {
    const auto is_empty = [&](const auto& row) { return row[column].empty(); };
    if (std::all_of(all.begin() + 1, all.end(), is_empty)) continue;
    for (std::size_t i = 0; i < all.size(); ++i) rows[i].push_back(all[i][column]);
    right.push_back(column == 0 || (column >= 4 && column <= 7));
  }
  const std::vector<std::string> table = text_table(rows, right);
  std::string text;
  for (std::size_t i = 0; i < table.size(); ++i) {
    text += "  " + table[i] + "\n";
    if (i == 0) continue;
    for (const std::string& more : {fields(*lines[i - 1]), hint(*lines[i - 1])})
      if (!more.empty()) text += "          " + more + "\n";
  }
  return text;
}

/// Of a row: what identifies it comes before the line's own.
std::string title(const Json& line) {
  std::string text;
  for (const auto& [name, value] : line.items()) {
    if (name == "line") break;
    if (name == "row") continue;
    const std::string shown = name == "protocol" ? short_protocol(bare_text(value)) : bare_text(value);
    text += (text.empty() ? "" : ", ") + name + " " + shown;
  }
  return text;
}

/// At most `count` lines of each point.
std::string report(const std::string& path, std::size_t count, const std::vector<std::string>& point) {
  const Json results = read_lines(path);
  std::vector<std::vector<const Json*>> points;
  for (const Json& line : results["lines"]) {
    if (!matches(line, point, path)) continue;
    if (points.empty() || (*points.back().front())["row"] != line["row"]) points.emplace_back();
    if (points.back().size() < count) points.back().push_back(&line);
  }
  if (points.empty() && !point.empty())
    throw InputProblems(path, Problems{{"/lines", "has no line of such a point"}});
  std::string text = points.empty() ? "no line has cost anything\n" : "";
  for (const auto& lines : points) text += title(*lines.front()) + "\n" + table(lines);
  return text;
}

}  // namespace

int lines_command(const Arguments& arguments) {
  po::variables_map values;
  if (!parse(arguments, usage(), values)) return exit_done;
  if (values.count("results") == 0) bad_usage("baton lines", "needs a results file");
  const auto path = values["results"].as<std::string>();
  const auto count = value_or<std::size_t>(values, "count", ~std::size_t{0});
  if (count == 0) bad_usage("baton lines", "shows one line at least: --count 0 is not allowed");
  const auto point = value_or<std::vector<std::string>>(values, "point", {});
  std::cout << as_written(path, [&] { return report(path, count, point); });
  return exit_done;
}

}  // namespace baton::cli
