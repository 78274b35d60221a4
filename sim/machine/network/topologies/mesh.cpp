// A two-dimensional mesh with XY routing: first along the row, then along the column. Mean hops of a k x k
// mesh: 2(k^2-1)/(3k) over all ordered pairs with self pairs, 2k/3 over distinct pairs. Deadlock-free: no
// packet turns from a column into a row, so the links can be numbered such that every route climbs (Dally and
// Seitz 1987).

#include <cmath>
#include <cstdlib>

#include "sim/machine/network/topology.hpp"

namespace baton::sim::topologies {
namespace {

// The widest factor pair: 12 -> 4 x 3, 16 -> 4 x 4.
std::uint32_t squarest_columns(std::uint32_t nodes) {
  auto rows = static_cast<std::uint32_t>(std::sqrt(static_cast<double>(nodes)));
  while (nodes % rows != 0) --rows;
  return nodes / rows;
}

class Mesh : public Topology {
 public:
  Mesh(std::uint32_t nodes, std::uint32_t columns) : nodes_(nodes), rows_(nodes / columns) {
    for (std::uint32_t node = 0; node < nodes; ++node)
      places_.push_back(
          {static_cast<std::uint16_t>(node % columns), static_cast<std::uint16_t>(node / columns)});
  }

  // Links lie by direction, and consecutive hops of a route next to each other: links to the east and to the
  // west by rows, those to the south and to the north by columns; each has the number of the node that it
  // leaves in this order.
  std::size_t links() const override { return std::size_t{4} * nodes_; }

  std::size_t route(NodeId from, NodeId to, Run* runs) const override {
    const Place a = places_[from];
    const Place b = places_[to];
    // Without branches: directions are random, and a wrong guess costs more than the rest.
    const int dx = b.x - a.x;
    const int dy = b.y - a.y;
    runs[0] = {(dx < 0 ? nodes_ : 0) + from, dx < 0 ? -1 : 1, static_cast<std::uint32_t>(std::abs(dx))};
    const std::size_t used = dx != 0 ? 1 : 0;
    runs[used] = {(dy < 0 ? 3 : 2) * nodes_ + b.x * rows_ + a.y, dy < 0 ? -1 : 1,
                  static_cast<std::uint32_t>(std::abs(dy))};
    return used + (dy != 0 ? 1 : 0);
  }

 private:
  struct Place {
    std::uint16_t x, y;
  };
  std::uint32_t nodes_;
  std::uint32_t rows_;
  std::vector<Place> places_;
};

std::optional<TopologyError> check_mesh(const NetworkParameters& parameters, std::uint32_t nodes) {
  const std::string n = std::to_string(nodes);
  if (parameters.columns != 0) {
    if (nodes % parameters.columns == 0) return {};
    return TopologyError{"/network/columns", n + " cores do not fill a mesh of " +
                                                 std::to_string(parameters.columns) +
                                                 " columns; allowed: a divisor of the number of cores"};
  }
  // A line of nodes is hardly what "mesh" asks for: 7 or 13 cores are a mistake, 2 or 3 are not.
  const std::uint32_t columns = squarest_columns(nodes);
  if (nodes <= 3 || nodes / columns > 1) return {};
  return TopologyError{"/cores",
                       n + " cores do not fill a mesh of two rows or more; allowed: a number with a divisor "
                           "(4, 6, 8, 9, …), or set /network/columns"};
}

}  // namespace

extern const TopologyInfo mesh;
constexpr TopologyInfo mesh{
    "mesh", "two-dimensional mesh, XY routing", check_mesh,
    [](const NetworkParameters& parameters, std::uint32_t nodes) -> std::unique_ptr<Topology> {
      return std::make_unique<Mesh>(nodes,
                                    parameters.columns != 0 ? parameters.columns : squarest_columns(nodes));
    }};

}  // namespace baton::sim::topologies
