// baton check --mutants: which wrong tables does the checker not notice?

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <sstream>

#include "protocols/core/check_crew.hpp"
#include "sim/cli/check.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/protocol_options.hpp"
#include "sim/experiment/output_file.hpp"
#include "sim/experiment/problem.hpp"
#include "traces/input_file.hpp"

namespace baton::cli {
namespace {

/// "row: change" -> why nothing is wrong with it.
using Explanations = std::map<std::string, std::string>;

/// The items of a list in Markdown: "- `row`: change, change, …", and indented under it the explanation.
Explanations read_explanations(const std::string& path) {
  Explanations explanations;
  if (!std::filesystem::exists(path)) return explanations;  // a protocol of which nothing is explained
  std::istringstream file(traces::read_file(path));
  std::vector<std::string> open;  // the mutants that the indented text explains
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.starts_with("- `")) {
      open.clear();
      const auto end = line.find("`: ", 3);
      if (end == std::string::npos)
        throw experiment::InputProblems(path + ":" + std::to_string(number) +
                                        ": must be \"- `row`: change, change\", found \"" + line + "\"");
      std::istringstream changes(line.substr(end + 3));
      for (std::string change; std::getline(changes, change, ',');) {
        change.erase(0, change.find_first_not_of(' '));
        open.push_back(line.substr(3, end - 3) + ": " + change);
        explanations[open.back()];
      }
    } else if (line.starts_with("  ")) {
      for (const std::string& mutant : open)
        explanations[mutant] += (explanations[mutant].empty() ? "" : " ") + line.substr(2);
    } else {
      open.clear();
    }
  }
  return explanations;
}

/// The cells that do not fire with 2 or 3 caches, or why the search ended with a fault.
std::vector<std::string> dead_cells(const CheckedVariant& variant, const Mutation* mutation,
                                    std::string& reason) {
  CheckResult coverage;
  for (const CheckParameters& system : {CheckParameters{.caches = 2}, CheckParameters{.caches = 3}}) {
    const CheckResult result = variant.protocol->check(variant.options, system, mutation);
    reason = result.violation.find(" is sent to nobody") != std::string::npos
                 ? "sent to nobody"
                 : result.violation.substr(0, result.violation.find(':'));
    if (!result.ok || !result.complete) return {};
    add_coverage(coverage, result);
  }
  return dead(coverage.cells);
}

/// What the checker says of a mutant, in a few words; empty: nothing. `dead_before`: cells that do not fire
/// in the original either, sorted.
std::string noticed(const CheckedVariant& variant, const Mutation& mutation,
                    const std::vector<std::string>& dead_before) {
  std::string reason;
  for (const std::string& cell : dead_cells(variant, &mutation, reason))
    if (!std::ranges::binary_search(dead_before, cell)) return "dead cell";
  return reason;
}

/// Of the mutants of one row.
struct RowOutcome {
  int killed = 0;
  int all = 0;
  std::vector<std::string> survivors;
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string escaped(std::string text) {  // in a Markdown table
  for (std::size_t i = 0; (i = text.find('|', i)) != std::string::npos; i += 2) text.insert(i, "\\");
  return text;
}

std::vector<std::string> rows_of(const CheckedVariant& variant) {
  std::vector<std::string> rows;
  for (const Mutation& mutation : variant.protocol->mutations(variant.options))
    if (rows.empty() || rows.back() != mutation.row_text) rows.push_back(mutation.row_text);
  return rows;
}

struct Report {
  std::string page;
  std::vector<std::string> unexplained;
  std::map<std::string, bool> survived;  ///< of those explained
};

void test_variant(const CheckedVariant& variant, const Explanations& explanations, int threads,
                  Report& report) {
  const auto start = std::chrono::steady_clock::now();
  const std::string name = variant_name(*variant.protocol, variant.options);
  std::vector<std::pair<std::string, RowOutcome>> rows;
  std::map<std::string, int> reasons;
  int all = 0;
  int killed = 0;
  std::string survivors;
  const std::vector<Mutation> mutations = variant.protocol->mutations(variant.options);
  std::vector<std::string> noticed_as(mutations.size());
  std::string none;
  std::vector<std::string> dead_before = dead_cells(variant, nullptr, none);
  std::ranges::sort(dead_before);
  checker::Crew(threads).run(mutations.size(), [&](std::size_t i, std::size_t) {
    noticed_as[i] = noticed(variant, mutations[i], dead_before);
  });
  for (std::size_t i = 0; i < mutations.size(); ++i) {
    const Mutation& mutation = mutations[i];
    if (rows.empty() || rows.back().first != mutation.row_text)
      rows.emplace_back(mutation.row_text, RowOutcome{});
    RowOutcome& row = rows.back().second;
    ++all;
    ++row.all;
    const std::string& reason = noticed_as[i];
    if (!reason.empty()) {
      ++killed;
      ++row.killed;
      ++reasons[reason];
      continue;
    }
    const std::string mutant = mutation.row_text + ": " + mutation.text;
    row.survivors.push_back(mutation.text);
    const auto known = explanations.find(mutant);
    if (known == explanations.end()) {
      report.unexplained.push_back(name + ": " + mutant);
      survivors += "- `" + mutant + "`: **not explained**\n";
    } else {
      report.survived[mutant] = true;
      survivors += "- `" + mutant + "`: " + known->second + "\n";
    }
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::string summary;
  for (const auto& [reason, times] : reasons)
    summary += (summary.empty() ? "" : ", ") + reason + " " + std::to_string(times);
  std::printf("%s: %d of %d mutants killed (%s), %.1f s\n", name.c_str(), killed, all, summary.c_str(),
              seconds);
  for (const auto& [row, outcome] : rows)
    std::printf("  %d/%d %s%s\n", outcome.killed, outcome.all, row.c_str(),
                outcome.survivors.empty() ? "" : (": survive: " + joined(outcome.survivors)).c_str());
  std::fflush(stdout);
  report.page += "\n## " + name + "\n\n" + std::to_string(killed) + " of " + std::to_string(all) +
                 " mutants are killed: " + summary + ".\n\n| row | killed | of |\n|---|--:|--:|\n";
  for (const auto& [row, outcome] : rows)
    report.page += "| `" + escaped(row) + "` | " + std::to_string(outcome.killed) + " | " +
                   std::to_string(outcome.all) + " |\n";
  if (!survivors.empty()) report.page += "\nSurvivors, and why nothing is wrong with them:\n\n" + survivors;
}

}  // namespace

std::string survivors_file(const std::string& explained, const ProtocolInfo& protocol) {
  return explained + "/" + std::string(protocol.name()) + "/survivors.md";
}

int run_mutants(const std::vector<CheckedVariant>& variants, bool every, int threads,
                const std::string& explained, const std::string& page) {
  Report report;
  report.page =
      "# Mutants\n\n"
      "Written by `baton check --all --mutants --explained protocols --page results/mutants.md`; do "
      "not "
      "edit. Every "
      "row of\nevery table is spoilt in every simple way: an action dropped, another next state, a stall "
      "instead, the "
      "row dropped. A mutant\nis killed if the checker finds a violation with 2 or 3 caches and one line, or "
      "a row or "
      "cell that has become dead.\n";
  bool has_stale = false;
  const ProtocolInfo* last = nullptr;
  Explanations explanations;
  std::vector<std::vector<std::string>> tested;
  const auto report_stale = [&] {
    if (!every) return;
    for (const auto& [mutant, why] : explanations) {
      if (report.survived.count(mutant) > 0) continue;
      std::printf("%s: explained, but does not survive: %s\n", std::string(last->name()).c_str(),
                  mutant.c_str());
      has_stale = true;
    }
  };
  for (const CheckedVariant& variant : variants) {
    if (variant.protocol != last) tested.clear();
    const std::vector<std::string> rows = rows_of(variant);
    if (std::ranges::find(tested, rows) != tested.end()) continue;  // options that are mere numbers
    tested.push_back(rows);
    if (variant.protocol != last && !explained.empty()) {
      if (last != nullptr) report_stale();
      report.survived.clear();
      explanations = read_explanations(survivors_file(explained, *variant.protocol));
    }
    last = variant.protocol;
    test_variant(variant, explanations, threads, report);
  }
  if (variants.size() > 1 && !explained.empty())
    report_stale();  // one variant alone does not have all survivors
  for (const std::string& mutant : report.unexplained)
    std::printf("survives, not explained: %s\n", mutant.c_str());
  if (!page.empty()) experiment::write_whole(page, report.page);
  return report.unexplained.empty() && !has_stale ? exit_done : exit_failed;
}

}  // namespace baton::cli
