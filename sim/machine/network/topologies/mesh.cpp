// A two-dimensional mesh with XY routing: first along the row, then along the column. Mean hops of a k x k
// mesh: 2(k^2-1)/(3k) over all ordered pairs with self pairs, 2k/3 over distinct pairs. Deadlock-free: no
// packet turns from a column into a row, so the links can be numbered such that every route climbs (Dally and
// Seitz 1987).

#include <bit>

#include "sim/machine/network/grid.hpp"

namespace baton::sim::topologies {
namespace {

class Mesh : public Topology {
 public:
  // Links lie by direction: to the east and to the west by rows, to the south and to the north by columns,
  // in the order in which a packet crosses them.
  Mesh(std::uint32_t nodes, std::uint32_t columns)
      : row_(columns, nodes / columns),
        column_(nodes / columns, columns),
        south_(2 * column_.size * row_.room),
        one_row_((std::uint64_t{1} << 32) / columns + 1) {}

  std::size_t links() const override { return south_ + std::size_t{2} * row_.size * column_.room; }

  // Without branches: ways are random, and a wrong guess costs more than the rest.
  std::size_t route(NodeId from, NodeId to, Leg* legs) const override {
    const Place a = place_of(from);
    const Place b = place_of(to);
    const Leg along_row = row_.leg(a.x, b.x, a.y * row_.room);
    const Leg along_column = column_.leg(a.y, b.y, south_ + b.x * column_.room);
    if (row_.room <= Leg::block && column_.room <= Leg::block) [[likely]] {
      legs[0] = along_row;
      legs[1] = along_column;
      return 2;
    }
    const std::size_t used = split(along_row.first, along_row.links, legs);
    return used + split(along_column.first, along_column.links, legs + used);
  }
  std::size_t most_legs() const override { return 4 + (row_.size + column_.size) / Leg::block; }

 private:
  struct Place {
    std::uint32_t x, y;
  };
  // Without a division: exact below 2^16 nodes (Granlund and Montgomery, PLDI 1994).
  Place place_of(NodeId node) const {
    const auto y = static_cast<std::uint32_t>(node * one_row_ >> 32);
    return {node - y * row_.size, y};
  }
  // Rows, or columns. In a mesh that is not very large the links of one lie within a block.
  struct Lines {
    Lines(std::uint32_t nodes, std::uint32_t lines)
        : size(nodes),
          room(nodes <= Leg::block ? std::bit_ceil(nodes)
                                   : (nodes + Leg::block - 1) / Leg::block * Leg::block),
          last_back(lines * room + size) {}

    // `line`: the first link upwards of the line.
    Leg leg(std::uint32_t from, std::uint32_t to, LinkId line) const {
      const std::uint32_t back = -static_cast<std::uint32_t>(to < from);  // all bits, or none
      return {line + (last_back & back) + (from ^ back), ((to - from) ^ back) - back};
    }

    std::uint32_t size;       // in nodes
    std::uint32_t room;       // for numbers of links
    std::uint32_t last_back;  // behind the last link downwards, from a line's first link upwards
  };

  Lines row_;
  Lines column_;
  LinkId south_;           // the first link there
  std::uint64_t one_row_;  // 1 / columns, of 2^32
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
