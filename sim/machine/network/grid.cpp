#include "sim/machine/network/grid.hpp"

#include <cmath>

namespace baton::sim {

std::uint32_t grid_columns(const NetworkParameters& parameters, std::uint32_t nodes) {
  if (parameters.columns != 0) return parameters.columns;
  auto rows = static_cast<std::uint32_t>(std::sqrt(static_cast<double>(nodes)));
  while (nodes % rows != 0) --rows;
  return nodes / rows;
}

std::optional<TopologyError> check_grid(const char* name, const NetworkParameters& parameters,
                                        std::uint32_t nodes) {
  const std::string cores_do_not_fill = std::to_string(nodes) + " cores do not fill a " + name + " of ";
  if (parameters.columns != 0) {
    if (nodes % parameters.columns == 0) return {};
    return TopologyError{"/network/columns", cores_do_not_fill + std::to_string(parameters.columns) +
                                                 " columns; allowed: a divisor of the number of cores"};
  }
  if (nodes <= 3 || nodes / grid_columns(parameters, nodes) > 1) return {};
  return TopologyError{"/cores", cores_do_not_fill +
                                     "two rows or more; allowed: a number with a divisor (4, 6, 8, 9, …), or "
                                     "set /machine/network/columns"};
}

}  // namespace baton::sim
