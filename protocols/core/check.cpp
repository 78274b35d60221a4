#include "protocols/core/check.hpp"

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

}  // namespace

void require_valid(const CheckParameters& parameters) {
  if (parameters.caches < 1 || parameters.caches > max_checked_caches)
    throw std::invalid_argument("caches: " + std::to_string(parameters.caches) + " is not in 1 .. " +
                                std::to_string(max_checked_caches));
  if (parameters.values < 2 || parameters.values > max_checked_values)
    throw std::invalid_argument("values: " + std::to_string(parameters.values) + " is not in 2 .. " +
                                std::to_string(max_checked_values));
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
