#pragma once
// Measurements of many points, kept small: column names are stored once.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sim/machine/simulate.hpp"

namespace baton::experiment {

using Value = std::variant<std::monostate, std::uint64_t, double>;

struct Column {
  std::string name;
  std::string unit;
  std::string meaning;
};

/// Every column seen; a column's number is where it lies, and says nothing about its place in the results.
class ColumnTable {
 public:
  std::uint32_t number(const Column& column);
  const Column& operator[](std::uint32_t number) const { return columns_[number]; }
  std::size_t size() const { return columns_.size(); }

 private:
  std::vector<Column> columns_;
  std::map<std::string, std::uint32_t> numbers_;
};

/// What a task measured, in the simulation's order.
struct Measured {
  std::vector<std::pair<std::uint32_t, Value>> values;  ///< number of the column, value
  double seconds = 0;                                   ///< of the host
  std::string lines;  ///< the lines that cost most, as JSON (contended_lines.hpp); empty if not asked for
};

}  // namespace baton::experiment
