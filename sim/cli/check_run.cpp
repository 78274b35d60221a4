// Running the checker: progress, results, counterexamples, the page of figures.

#include <chrono>
#include <cstdio>

#include <unistd.h>

#include "sim/cli/check.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/protocol_options.hpp"
#include "sim/experiment/output_file.hpp"

namespace baton::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int longest_planned_queue = 4;
/// A planned system with more is left out, and named: the plan has to end in minutes, and in a few GiB.
constexpr std::uint64_t most_planned_states = 3'500'000;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

template <class... Args>
std::string formatted(const char* format, Args... args) {
  char text[256];
  std::snprintf(text, sizeof text, format, args...);
  return text;
}

/// Is the planned system one for this protocol? Windows of clocks are for those with logical time, whose two
/// lines take too long for a quick look.
bool is_for(const ProtocolInfo& protocol, const CheckParameters& system, bool is_quick) {
  if (protocol.logical_time()) return system.lines == 1 || !is_quick;
  return system.clock_window == CheckParameters{}.clock_window;
}

/// Does the first system allow all that the second one does?
bool includes(const CheckParameters& a, const CheckParameters& b) {
  return a.caches >= b.caches && a.lines >= b.lines && a.ways >= b.ways && a.values >= b.values &&
         a.store_buffer >= b.store_buffer && a.clock_window >= b.clock_window &&
         (a.queue == 0 || (b.queue != 0 && a.queue >= b.queue)) && a.home_beside_cache == b.home_beside_cache;
}

/// "1,234,567".
std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

/// How far a search is, on standard error if that is a terminal.
class SearchLine {
 public:
  explicit SearchLine(std::string what) : what_(std::move(what)), active_(isatty(STDERR_FILENO) != 0) {}
  SearchLine(const SearchLine&) = delete;
  SearchLine& operator=(const SearchLine&) = delete;
  ~SearchLine() {
    if (shown_) std::fputs("\r\033[K", stderr);
  }

  void show(const CheckProgress& progress) {
    const double seconds = seconds_since(start_);
    if (!active_ || seconds < next_) return;
    next_ = seconds + 0.25;
    const double rate = static_cast<double>(progress.expanded) / seconds;
    std::fprintf(stderr, "\r%s: %s states, %s to expand, depth %llu, %.3gk states/s, %.1f MiB\033[K",
                 what_.c_str(), grouped(progress.states).c_str(),
                 grouped(progress.states - progress.expanded).c_str(),
                 static_cast<unsigned long long>(progress.depth), rate / 1000,
                 static_cast<double>(progress.bytes) / (1 << 20));
    std::fflush(stderr);
    shown_ = true;
  }

 private:
  std::string what_;
  bool active_;
  bool shown_ = false;
  double next_ = 0.5;
  Clock::time_point start_ = Clock::now();
};

/// A deadlock that longer queues may end.
bool is_short_of_room(const CheckParameters& system, const CheckResult& result) {
  return system.queue > 0 && result.violation.starts_with("deadlock");
}

std::string verdict_of(const CheckResult& result) {
  if (!result.ok) return "FAULT";
  return result.complete ? "ok" : "gave up at " + result.gave_up_at;
}

void print(const std::string& name, const CheckParameters& system, const CheckResult& result,
           double seconds) {
  std::printf(
      "%s, %s: %s, %llu states, %llu transitions, depth %llu, at most %llu messages in flight, %.1f s\n",
      name.c_str(), system_name(system).c_str(), verdict_of(result).c_str(),
      static_cast<unsigned long long>(result.states), static_cast<unsigned long long>(result.transitions),
      static_cast<unsigned long long>(result.depth), static_cast<unsigned long long>(result.max_in_flight),
      seconds);
  if (result.left_window > 0)
    std::printf("  %llu steps lead to clocks that are farther apart than %d: not followed\n",
                static_cast<unsigned long long>(result.left_window), system.clock_window);
  if (system.compact)
    std::printf("  probability that two states were taken for one: at most %.2g\n",
                result.omission_probability);
  for (const auto& [states, count] : result.quiescent)
    std::printf("  %s: %llu\n", states.c_str(), static_cast<unsigned long long>(count));
  if (!result.ok) {
    std::printf("  %s\n", result.violation.c_str());
    for (std::size_t i = 0; i < result.trace.size(); ++i) {
      if (result.cycle_begin != 0 && i == result.cycle_begin) std::printf("   again and again:\n");
      std::printf("    %s\n", result.trace[i].text.c_str());
    }
  }
  std::fflush(stdout);
}

void write_files(const CheckedVariant& variant, const CheckParameters& system, const CheckResult& result,
                 const Mutation* mutation, const CheckFiles& files) {
  if (!files.counterexample.empty()) {
    experiment::Counterexample example{std::string(variant.protocol->name()),
                                       variant.options,
                                       {},
                                       system,
                                       result.violation,
                                       result.cycle_begin,
                                       result.trace};
    if (mutation != nullptr) example.mutation = *mutation;
    experiment::write_whole(files.counterexample, experiment::write_counterexample(example));
  }
  if (!files.chart.empty())
    experiment::write_whole(files.chart, to_mermaid(result.trace, system.caches, result.violation));
}

/// How often the rows of one pair of tables fired, in all variants that have it: options that are mere
/// numbers share tables, and some rows need a certain number.
struct TableCoverage {
  std::string name;  ///< of the first variant
  CheckResult fired;
};

void add_coverage_of(const std::string& name, const CheckResult& fired, std::vector<TableCoverage>& tables) {
  for (TableCoverage& table : tables)
    if (std::ranges::equal(table.fired.cells, fired.cells, {}, &FiredCount::what, &FiredCount::what) &&
        std::ranges::equal(table.fired.rows, fired.rows, {}, &FiredCount::what, &FiredCount::what))
      return add_coverage(table.fired, fired);
  tables.push_back({name, fired});
}

std::string page_head() {
  return "# What the checker has explored\n\n"
         "Written by `baton check --all --deep --page results/checked.md`; do not edit. What is checked, and "
         "what "
         "that\nproves: [protocols/README.md](../protocols/README.md). States that differ only in the names "
         "of "
         "caches and lines, and in\nthe zero of the contents, count as one. *Depth*: steps to the farthest "
         "state. "
         "*Messages*: the most in flight at once. With logical time (tardis), clocks are at most 2 ticks "
         "apart\nunless the system says otherwise, and leases one tick shorter "
         "([how](../protocols/tardis/README.md#checked)).\n\n"
         "| protocol | system | verdict | states | transitions | depth | messages | time |\n"
         "|---|---|---|--:|--:|--:|--:|--:|\n";
}

std::string page_row(const std::string& name, const CheckParameters& system, const CheckResult& result,
                     double seconds) {
  std::string verdict = verdict_of(result);
  if (system.compact && result.ok) verdict += formatted(" (p < %.1g)", result.omission_probability);
  return "| " + name + " | " + system_name(system) + " | " + verdict + " | " + grouped(result.states) +
         " | " + grouped(result.transitions) + " | " + std::to_string(result.depth) + " | " +
         std::to_string(result.max_in_flight) + " | " + formatted("%.1f s", seconds) + " |\n";
}

}  // namespace

std::string system_name(const CheckParameters& system) {
  const auto counted = [](int number, const char* what) {
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
  };
  std::string name = counted(system.caches, "cache") + ", " + counted(system.lines, "line");
  if (system.lines > 1) name += system.ways == 1 ? " in one way" : " in two ways";
  if (system.values != 2) name += ", " + std::to_string(system.values) + " values";
  if (system.store_buffer > 0) name += ", store buffers of " + std::to_string(system.store_buffer);
  if (system.queue > 0) name += ", queues of " + std::to_string(system.queue);
  if (system.clock_window != CheckParameters{}.clock_window)
    name += ", clocks within " + std::to_string(system.clock_window);
  if (system.home_beside_cache) name += ", home beside a cache";
  if (!system.symmetry) name += ", no symmetry";
  if (system.compact) name += ", compact";
  return name;
}

std::vector<CheckParameters> planned_systems(bool deep) {
  std::vector<CheckParameters> systems{{.caches = 3}, {.caches = 2, .lines = 2, .queue = 1}};
  if (!deep) return systems;
  for (const CheckParameters& system : std::vector<CheckParameters>{
           {.caches = 3, .values = 4},
           {.caches = 3, .home_beside_cache = true},
           {.caches = 3, .store_buffer = 2},
           {.caches = 3, .queue = 1},
           {.caches = 4},
           {.caches = 2, .lines = 2},
           {.caches = 2, .lines = 2, .ways = 2},
           {.caches = 2, .lines = 2, .store_buffer = 1},
           {.caches = 2, .lines = 2, .ways = 2, .store_buffer = 1},
           {.caches = 3, .lines = 2, .queue = 1},
           // Only of protocols with logical time.
           {.caches = 2, .clock_window = 5},
           {.caches = 3, .clock_window = 3},
       })
    systems.push_back(system);
  return systems;
}

int run_checks(const std::vector<CheckedVariant>& variants, const std::vector<CheckParameters>& systems,
               const std::vector<Mutation>& mutations, bool is_planned, bool demand_all_rows,
               const CheckFiles& files) {
  bool ok = true;
  bool has_fault = false;
  std::vector<TableCoverage> tables;
  std::string page = page_head();
  std::string left_out;
  const bool is_quick = systems.size() == planned_systems(false).size();
  const Mutation* mutation = mutations.empty() ? nullptr : mutations.data();
  for (const CheckedVariant& variant : variants) {
    const std::string name = variant_name(*variant.protocol, variant.options);
    CheckResult coverage;
    std::vector<CheckParameters> too_large;
    const std::size_t planned = variant.only_quickly ? planned_systems(false).size() : systems.size();
    for (std::size_t i = 0; i < std::min(planned, systems.size()); ++i) {
      CheckParameters system = systems[i];
      if (is_planned && !is_for(*variant.protocol, system, is_quick)) continue;
      const auto leave_out = [&] {
        too_large.push_back(system);
        left_out += "- " + name + ", " + system_name(system) + "\n";
      };
      if (std::ranges::any_of(too_large, [&](const auto& other) { return includes(system, other); })) {
        leave_out();
        continue;
      }
      if (is_planned) system.max_states = std::min(system.max_states, most_planned_states);
      const auto check = [&] {
        SearchLine line(name + ", " + system_name(system));
        system.observer = [&](const CheckProgress& progress) { line.show(progress); };
        return variant.protocol->check(variant.options, system, mutation);
      };
      auto start = Clock::now();
      CheckResult result = check();
      // The plan asks how long queues have to be, not whether one message has room.
      while (is_planned && is_short_of_room(system, result) && system.queue < longest_planned_queue) {
        std::printf("%s, %s: deadlock for want of room\n", name.c_str(), system_name(system).c_str());
        ++system.queue;
        start = Clock::now();
        result = check();
      }
      const double seconds = seconds_since(start);
      print(name, system, result, seconds);
      add_coverage(coverage, result);
      const bool is_too_large = is_planned && result.ok && result.states > most_planned_states;
      if (is_too_large)
        leave_out();
      else
        page += page_row(name, system, result, seconds);
      ok = ok && result.ok && (result.complete || is_too_large);
      if (!result.ok && !has_fault) write_files(variant, system, result, mutation, files);
      has_fault = has_fault || !result.ok;
    }
    add_coverage_of(name, coverage, tables);
  }
  for (const TableCoverage& table : tables)
    for (const std::string& row : dead(table.fired.rows)) {
      if (!demand_all_rows) break;
      std::printf("%s: FAULT: dead row: %s\n", table.name.c_str(), row.c_str());
      ok = false;
    }
  if (!left_out.empty())
    page += "\nNot explored to the end, and left out above, because they have more than " +
            grouped(most_planned_states) +
            " states, or include one that has (the parts explored have no fault):\n\n" + left_out;
  if (!files.page.empty()) experiment::write_whole(files.page, page);
  return ok ? exit_done : exit_failed;
}

}  // namespace baton::cli
