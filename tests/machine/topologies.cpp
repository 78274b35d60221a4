// Does every route lead from its source to its destination, and how long is it?

#include <algorithm>
#include <functional>
#include <set>

#include <catch2/catch.hpp>

#include "sim/machine/network/topology.hpp"

using namespace baton;
using namespace baton::sim;

namespace {

struct Grid {
  std::uint32_t columns;
  std::uint32_t rows;
  std::uint32_t nodes() const { return columns * rows; }
};

std::unique_ptr<Topology> mesh(const Grid& grid) {
  NetworkParameters parameters;
  parameters.columns = grid.columns;
  return find_topology("mesh")->make(parameters, grid.nodes());
}

std::vector<LinkId> links_of(const Topology& topology, std::uint32_t from, std::uint32_t to) {
  std::vector<LinkId> links(topology.route_space());
  const std::size_t count = topology.route(static_cast<NodeId>(from), static_cast<NodeId>(to), links.data());
  if (count > links.size()) throw std::logic_error("a route is longer than its space");
  links.resize(count);
  return links;
}

std::uint32_t apart(std::uint32_t a, std::uint32_t b) {
  return a > b ? a - b : b - a;
}
std::uint32_t manhattan(const Grid& grid, std::uint32_t a, std::uint32_t b) {
  return apart(a % grid.columns, b % grid.columns) + apart(a / grid.columns, b / grid.columns);
}

// The node that a link leaves and its direction: east, west, south, north. By direction, then the first two
// by rows and the others by columns.
struct Leaves {
  std::uint32_t node;
  std::uint32_t direction;
};
Leaves leaves(const Grid& grid, LinkId link) {
  const std::uint32_t direction = link / grid.nodes();
  const std::uint32_t place = link % grid.nodes();
  return {direction < 2 ? place : place % grid.rows * grid.columns + place / grid.rows, direction};
}

// Follows the links and says what is wrong with the route, "" if nothing.
std::string wrong(const Grid& grid, std::uint32_t from, std::uint32_t to, const std::vector<LinkId>& links) {
  if (links.size() != manhattan(grid, from, to)) return "a detour";
  std::uint32_t node = from;
  bool turned = false;
  for (const LinkId link : links) {
    const auto [left, direction] = leaves(grid, link);
    if (left != node) return "a link that does not leave the node that was reached";
    const bool vertical = direction >= 2;
    if (turned && !vertical) return "a turn from a column into a row";
    turned = vertical;
    const std::uint32_t x = node % grid.columns;
    const std::uint32_t y = node / grid.columns;
    if ((direction == 0 && x + 1 == grid.columns) || (direction == 1 && x == 0) ||
        (direction == 2 && y + 1 == grid.rows) || (direction == 3 && y == 0))
      return "a link over the edge";
    const std::uint32_t next[] = {node + 1, node - 1, node + grid.columns, node - grid.columns};
    node = next[direction];
  }
  return node == to ? "" : "another destination";
}

template <class F>
void each_pair(std::uint32_t nodes, F f) {
  for (std::uint32_t a = 0; a < nodes; ++a)
    for (std::uint32_t b = 0; b < nodes; ++b)
      if (a != b) f(a, b);
}

}  // namespace

TEST_CASE("the mean distance in a k x k mesh is 2(k^2-1)/(3k) over all pairs and 2k/3 over distinct ones") {
  for (std::uint64_t k = 2; k <= 32; ++k) {
    const Grid grid{static_cast<std::uint32_t>(k), static_cast<std::uint32_t>(k)};
    const auto topology = mesh(grid);
    std::uint64_t hops = 0;
    each_pair(grid.nodes(),
              [&](std::uint32_t a, std::uint32_t b) { hops += links_of(*topology, a, b).size(); });
    const std::uint64_t nodes = k * k;
    CAPTURE(k);
    CHECK(hops * 3 * k == nodes * nodes * 2 * (k * k - 1));
    CHECK(hops * 3 == nodes * (nodes - 1) * 2 * k);
    if (k == 4) CHECK(hops * 2 == nodes * nodes * 5);   // 2.5
    if (k == 8) CHECK(hops * 4 == nodes * nodes * 21);  // 5.25
  }
}

TEST_CASE("mesh routes are connected, shortest, first along the row") {
  for (const Grid grid : {Grid{2, 2}, Grid{4, 4}, Grid{8, 8}, Grid{16, 16}, Grid{3, 1}, Grid{1, 7},
                          Grid{7, 1}, Grid{8, 4}, Grid{4, 8}, Grid{5, 3}, Grid{13, 2}, Grid{32, 16}}) {
    const auto topology = mesh(grid);
    std::string first_wrong;
    each_pair(grid.nodes(), [&](std::uint32_t a, std::uint32_t b) {
      const std::string what = wrong(grid, a, b, links_of(*topology, a, b));
      if (!what.empty() && first_wrong.empty())
        first_wrong = what + " from " + std::to_string(a) + " to " + std::to_string(b);
    });
    CAPTURE(grid.columns, grid.rows);
    CHECK(first_wrong == "");
  }
}

TEST_CASE("no cycle of links wait for each other in any topology") {
  for (const auto* info : all_topologies())
    for (const std::uint32_t nodes : {2U, 4U, 12U, 16U, 30U, 64U}) {
      const NetworkParameters parameters;
      if (info->check(parameters, nodes)) continue;
      const auto topology = info->make(parameters, nodes);
      std::vector<std::set<LinkId>> next(topology->links());
      each_pair(nodes, [&](std::uint32_t a, std::uint32_t b) {
        const auto links = links_of(*topology, a, b);
        for (std::size_t i = 0; i + 1 < links.size(); ++i) next[links[i]].insert(links[i + 1]);
      });
      // Depth first: 1 on the way, 2 done.
      std::vector<int> state(next.size());
      const std::function<bool(LinkId)> acyclic = [&](LinkId link) {
        if (state[link] == 1) return false;
        if (state[link] == 2) return true;
        state[link] = 1;
        const bool fine = std::all_of(next[link].begin(), next[link].end(), acyclic);
        state[link] = 2;
        return fine;
      };
      bool fine = true;
      for (LinkId link = 0; link < next.size(); ++link) fine = fine && acyclic(link);
      CAPTURE(info->name, nodes);
      CHECK(fine);
    }
}

TEST_CASE("every topology numbers its links below links()") {
  for (const auto* info : all_topologies())
    for (const std::uint32_t nodes : {2U, 4U, 12U, 64U}) {
      const NetworkParameters parameters;
      if (info->check(parameters, nodes)) continue;
      const auto topology = info->make(parameters, nodes);
      bool fine = true;
      each_pair(nodes, [&](std::uint32_t a, std::uint32_t b) {
        for (const LinkId link : links_of(*topology, a, b)) fine = fine && link < topology->links();
      });
      CAPTURE(info->name, nodes);
      CHECK(fine);
    }
}

TEST_CASE("a mesh chooses the squarest shape that the number of nodes allows") {
  for (const auto& [nodes, columns] :
       {std::pair{2U, 2U}, {4U, 2U}, {6U, 3U}, {8U, 4U}, {12U, 4U}, {15U, 5U}, {1024U, 32U}}) {
    const auto topology = find_topology("mesh")->make({}, nodes);
    const Grid grid{columns, nodes / columns};
    CHECK(wrong(grid, 0, nodes - 1, links_of(*topology, 0, nodes - 1)) == "");
  }
}
