// A two-dimensional torus: a mesh whose rows and columns are rings. A packet goes the shorter way along its
// row, then the shorter way along its column. Mean hops of a k x k torus over all ordered pairs with self
// pairs: k/2 if k is even, (k^2-1)/(2k) if it is odd. Deadlock-free: no packet turns from a column into a
// row, and each ring has two virtual channels (ring_way.hpp).

#include "sim/machine/network/grid.hpp"
#include "sim/machine/network/ring_way.hpp"

namespace baton::sim::topologies {
namespace {

class Torus : public Topology {
 public:
  Torus(std::uint32_t nodes, std::uint32_t columns)
      : nodes_(nodes), columns_(columns), rows_(nodes / columns) {}

  // As in a mesh: by direction, those to the east and to the west by rows, those to the south and to the
  // north by columns, in the order in which a packet crosses them.
  std::size_t links() const override { return std::size_t{4} * nodes_; }
  std::size_t route(NodeId from, NodeId to, Leg* legs) const override {
    const LinkId row = from / columns_ * columns_;
    const LinkId column = to % columns_ * rows_;
    const std::size_t used = along_row(from, to).route(row, nodes_ + row, legs);
    return used + along_column(from, to).route(2 * nodes_ + column, 3 * nodes_ + column, legs + used);
  }
  std::size_t most_legs() const override { return RingWay::most_legs(columns_) + RingWay::most_legs(rows_); }
  std::uint32_t channel(NodeId from, NodeId to, std::size_t hop) const override {
    const RingWay row = along_row(from, to);
    const auto h = static_cast<std::uint32_t>(hop);
    return h < row.hops ? row.channel(h) : along_column(from, to).channel(h - row.hops);
  }

 private:
  RingWay along_row(NodeId from, NodeId to) const {
    return RingWay::between(from % columns_, to % columns_, columns_);
  }
  RingWay along_column(NodeId from, NodeId to) const {
    return RingWay::between(from / columns_, to / columns_, rows_);
  }

  std::uint32_t nodes_;
  std::uint32_t columns_;
  std::uint32_t rows_;
};

}  // namespace

extern const TopologyInfo torus;
constexpr TopologyInfo torus{
    "torus", "two-dimensional torus, along the row first, the shorter way round",
    [](const NetworkParameters& parameters, std::uint32_t nodes) {
      return check_grid("torus", parameters, nodes);
    },
    [](const NetworkParameters& parameters, std::uint32_t nodes) -> std::unique_ptr<Topology> {
      return std::make_unique<Torus>(nodes, grid_columns(parameters, nodes));
    }};

}  // namespace baton::sim::topologies
