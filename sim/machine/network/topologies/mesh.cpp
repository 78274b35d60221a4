// A two-dimensional mesh with XY routing: first along the row, then along the column. Mean hops of a k x k
// mesh: 2(k^2-1)/(3k) over all ordered pairs with self pairs, 2k/3 over distinct pairs. Deadlock-free: no
// packet turns from a column into a row, so the links can be numbered such that every route climbs (Dally and
// Seitz 1987).

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "sim/machine/network/grid.hpp"

namespace baton::sim::topologies {
namespace {

class Mesh : public Topology {
 public:
  Mesh(std::uint32_t nodes, std::uint32_t columns)
      : nodes_(nodes), columns_(columns), rows_(nodes / columns) {
    for (std::uint32_t node = 0; node < nodes; ++node)
      places_.push_back(
          {static_cast<std::uint16_t>(node % columns), static_cast<std::uint16_t>(node / columns)});
    const auto end = static_cast<LinkId>(links() + longest());
    for (LinkId link = 0; link < end; ++link) numbers_.push_back(link);
    for (LinkId link = 0; link < end; ++link) numbers_.push_back(static_cast<LinkId>(links()) - 1 - link);
  }

  // Links lie by direction, and consecutive hops of a route next to each other: links to the east and to the
  // west by rows, those to the south and to the north by columns; each has the number of the node that it
  // leaves in this order.
  std::size_t links() const override { return std::size_t{4} * nodes_; }

  std::size_t route_space() const override { return 2 * longest(); }

  std::size_t route(NodeId from, NodeId to, LinkId* path) const override {
    const Place a = places_[from];
    const Place b = places_[to];
    // Without branches, and more copied than needed: ways are random, and a wrong guess costs more than the
    // rest.
    const int dx = b.x - a.x;
    const int dy = b.y - a.y;
    copy(path, (dx < 0 ? nodes_ : 0) + from, dx < 0, columns_);
    path += std::abs(dx);
    copy(path, (dy < 0 ? 3 : 2) * nodes_ + b.x * rows_ + a.y, dy < 0, rows_);
    return static_cast<std::size_t>(std::abs(dx) + std::abs(dy));
  }

 private:
  struct Place {
    std::uint16_t x, y;
  };
  static constexpr std::size_t step = 8;

  std::size_t longest() const { return (std::max(columns_, rows_) + step - 1) / step * step; }
  // As many links as a row or column may have, from `first` on, upwards or downwards.
  void copy(LinkId* path, LinkId first, bool down, std::uint32_t count) const {
    const std::size_t mirrored = numbers_.size() / 2 + links() - 1 - first;
    const LinkId* const from = &numbers_[first + (down ? mirrored - first : 0)];
    for (std::size_t i = 0; i < count; i += step) std::memcpy(path + i, from + i, step * sizeof(LinkId));
  }

  std::uint32_t nodes_;
  std::uint32_t columns_;
  std::uint32_t rows_;
  std::vector<Place> places_;
  std::vector<LinkId> numbers_;  // 0, 1, … and, from the middle on, links() - 1, links() - 2, …
};

}  // namespace

extern const TopologyInfo mesh;
constexpr TopologyInfo mesh{
    "mesh", "two-dimensional mesh, XY routing",
    [](const NetworkParameters& parameters, std::uint32_t nodes) {
      return check_grid("mesh", parameters, nodes);
    },
    [](const NetworkParameters& parameters, std::uint32_t nodes) -> std::unique_ptr<Topology> {
      return std::make_unique<Mesh>(nodes, grid_columns(parameters, nodes));
    }};

}  // namespace baton::sim::topologies
