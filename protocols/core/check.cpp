#include "protocols/core/check.hpp"

#include <algorithm>
#include <stdexcept>

namespace baton {
namespace {

void add(std::vector<FiredCount>& total, const std::vector<FiredCount>& other) {
  if (total.empty())
    total = other;
  else if (total.size() != other.size())
    throw std::invalid_argument("coverage of different tables");
  else
    for (std::size_t i = 0; i < total.size(); ++i) total[i].times += other[i].times;
}

void require_within(const char* name, int value, int least, int most) {
  if (value < least || value > most)
    throw std::invalid_argument(std::string(name) + ": " + std::to_string(value) + " is not in " +
                                std::to_string(least) + " .. " + std::to_string(most));
}

}  // namespace

void require_valid(const CheckParameters& parameters) {
  require_within("caches", parameters.caches, 1, max_checked_caches);
  require_within("lines", parameters.lines, 1, max_checked_lines);
  require_within("values", parameters.values, 2, max_checked_values);
  require_within("ways", parameters.ways, 1, max_checked_lines);
  require_within("store_buffer", parameters.store_buffer, 0, max_checked_store_buffer);
  require_within("queue", parameters.queue, 0, 40);
  require_within("clock_window", parameters.clock_window, 2, max_clock_window);
  require_within("threads", parameters.threads, 1, 256);
}

double omission_probability(std::uint64_t states) {
  const auto n = static_cast<double>(states);
  return std::min(1.0, n * (n - 1) / 2 / 18446744073709551616.0);
}

void add_coverage(CheckResult& total, const CheckResult& other) {
  add(total.rows, other.rows);
  add(total.cells, other.cells);
}

std::vector<std::string> dead(const std::vector<FiredCount>& counts) {
  std::vector<std::string> names;
  for (const auto& count : counts)
    if (count.times == 0) names.push_back(count.what);
  return names;
}

}  // namespace baton
