// Does every route lead from its source to its destination, and how long is it?

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <span>

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
  std::vector<Leg> legs(topology.most_legs());
  const std::size_t count = topology.route(static_cast<NodeId>(from), static_cast<NodeId>(to), legs.data());
  if (count > legs.size()) throw std::logic_error("a route has more legs than allowed");
  std::vector<LinkId> links;
  for (const Leg& leg : std::span(legs).first(count)) {
    if (leg.first % Leg::block + leg.links > Leg::block) throw std::logic_error("a leg leaves its block");
    for (LinkId link = leg.first; link < leg.first + leg.links; ++link) links.push_back(link);
  }
  return links;
}

std::uint32_t apart(std::uint32_t a, std::uint32_t b) {
  return a > b ? a - b : b - a;
}
std::uint32_t manhattan(const Grid& grid, std::uint32_t a, std::uint32_t b) {
  return apart(a % grid.columns, b % grid.columns) + apart(a / grid.columns, b / grid.columns);
}

// The node that a link leaves and its direction: east, west, south, north. By direction, then the first two
// by rows and the others by columns, in the order in which a packet crosses them.
struct Leaves {
  std::uint32_t node;
  std::uint32_t direction;
};
Leaves leaves(const Grid& grid, LinkId link) {
  const auto room = [](std::uint32_t size) {
    return size > 32 ? (size + 31) / 32 * 32 : std::bit_ceil(size);
  };
  const std::uint32_t south = 2 * grid.rows * room(grid.columns);
  const bool in_row = link < south;
  const std::uint32_t size = in_row ? grid.columns : grid.rows;
  const std::uint32_t lines = in_row ? grid.rows : grid.columns;
  const std::uint32_t line = (in_row ? link : link - south) / room(size);
  const std::uint32_t place = (in_row ? link : link - south) % room(size);
  const std::uint32_t along = line < lines ? place : size - 1 - place;
  return {in_row ? line % lines * grid.columns + along : along * grid.columns + line % lines,
          (in_row ? 0U : 2U) + line / lines};
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

TEST_CASE("no cycle of channels wait for each other in any topology") {
  // A channel is a link with a virtual channel: Dally and Seitz 1987.
  using Channel = std::pair<LinkId, std::uint32_t>;
  for (const auto* info : all_topologies())
    for (const std::uint32_t nodes : {2U, 3U, 4U, 5U, 9U, 12U, 15U, 16U, 30U, 64U}) {
      const NetworkParameters parameters;
      if (info->check(parameters, nodes)) continue;
      const auto topology = info->make(parameters, nodes);
      std::map<Channel, std::set<Channel>> next;
      each_pair(nodes, [&](std::uint32_t a, std::uint32_t b) {
        const auto links = links_of(*topology, a, b);
        const auto channel = [&](std::size_t hop) {
          return Channel{links[hop], topology->channel(static_cast<NodeId>(a), static_cast<NodeId>(b), hop)};
        };
        for (std::size_t i = 0; i + 1 < links.size(); ++i) next[channel(i)].insert(channel(i + 1));
      });
      // Depth first: 1 on the way, 2 done.
      std::map<Channel, int> state;
      const std::function<bool(const Channel&)> acyclic = [&](const Channel& channel) {
        if (state[channel] != 0) return state[channel] == 2;
        state[channel] = 1;
        const bool fine = std::all_of(next[channel].begin(), next[channel].end(), acyclic);
        state[channel] = 2;
        return fine;
      };
      bool fine = true;
      for (const auto& [channel, others] : next) fine = fine && acyclic(channel);
      CAPTURE(info->name, nodes);
      CHECK(fine);
    }
}

namespace {

std::uint64_t hops_of_all_pairs(const Topology& topology, std::uint32_t nodes) {
  std::uint64_t hops = 0;
  each_pair(nodes, [&](std::uint32_t a, std::uint32_t b) { hops += links_of(topology, a, b).size(); });
  return hops;
}

// Each link of a topology leads from one node to another, whichever routes use it: found from the routes
// between neighbours, which are single links.
std::string wrong_in_routes(const Topology& topology, std::uint32_t nodes,
                            const std::function<std::uint32_t(std::uint32_t, std::uint32_t)>& distance) {
  std::map<LinkId, std::pair<std::uint32_t, std::uint32_t>> ends;
  std::string wrong;
  const auto complain = [&](const std::string& what, std::uint32_t a, std::uint32_t b) {
    if (wrong.empty()) wrong = what + " from " + std::to_string(a) + " to " + std::to_string(b);
  };
  each_pair(nodes, [&](std::uint32_t a, std::uint32_t b) {
    const auto links = links_of(topology, a, b);
    if (links.size() != distance(a, b)) complain("a detour", a, b);
    if (links.size() == 1 && !ends.emplace(links[0], std::pair{a, b}).second) complain("a shared link", a, b);
  });
  each_pair(nodes, [&](std::uint32_t a, std::uint32_t b) {
    std::uint32_t node = a;
    for (const LinkId link : links_of(topology, a, b)) {
      const auto found = ends.find(link);
      if (found == ends.end() || found->second.first != node) return complain("a jump", a, b);
      node = found->second.second;
    }
    if (node != b) complain("another destination", a, b);
  });
  return wrong;
}

std::uint32_t around(std::uint32_t a, std::uint32_t b, std::uint32_t size) {
  return std::min(apart(a, b), size - apart(a, b));
}

}  // namespace

TEST_CASE("ring: connected, the shorter way, mean hops n^2/(4(n-1)) or (n+1)/4 over distinct pairs") {
  for (std::uint64_t n = 3; n <= 65; ++n) {
    const auto nodes = static_cast<std::uint32_t>(n);
    const auto topology = find_topology("ring")->make({}, nodes);
    CAPTURE(n);
    CHECK(hops_of_all_pairs(*topology, nodes) * 4 == (n % 2 == 0 ? n * n * n : n * (n - 1) * (n + 1)));
    CHECK(wrong_in_routes(*topology, nodes, [nodes](auto a, auto b) { return around(a, b, nodes); }) == "");
  }
}

TEST_CASE("ring: under uniform traffic all links carry the same") {
  for (const std::uint32_t nodes : {5U, 8U, 64U}) {
    const auto topology = find_topology("ring")->make({}, nodes);
    std::map<LinkId, int> uses;
    each_pair(nodes, [&](std::uint32_t a, std::uint32_t b) {
      for (const LinkId link : links_of(*topology, a, b)) ++uses[link];
    });
    CHECK(uses.size() == 2 * nodes);
    for (const auto& [link, times] : uses) {
      CAPTURE(nodes, link);
      // Opposite pairs of an even ring are nodes in number, and half a round long: they differ by one at
      // most.
      CHECK(std::abs(times - uses.begin()->second) <= (nodes % 2 == 0 ? 1 : 0));
    }
  }
}

TEST_CASE("torus: connected, the shorter ways, mean hops k/2 or (k^2-1)/(2k) over all pairs") {
  for (std::uint64_t k = 3; k <= 16; ++k) {
    const auto nodes = static_cast<std::uint32_t>(k * k);
    const auto topology = find_topology("torus")->make({}, nodes);
    CAPTURE(k);
    const std::uint64_t pairs = k * k * k * k;
    CHECK(hops_of_all_pairs(*topology, nodes) * 2 * k == pairs * (k % 2 == 0 ? k * k : k * k - 1));
  }
  for (const Grid grid : {Grid{4, 4}, Grid{5, 3}, Grid{3, 8}, Grid{9, 7}}) {
    NetworkParameters parameters;
    parameters.columns = grid.columns;
    const auto topology = find_topology("torus")->make(parameters, grid.nodes());
    CAPTURE(grid.columns, grid.rows);
    CHECK(wrong_in_routes(*topology, grid.nodes(), [&](std::uint32_t a, std::uint32_t b) {
            return around(a % grid.columns, b % grid.columns, grid.columns) +
                   around(a / grid.columns, b / grid.columns, grid.rows);
          }) == "");
  }
}

TEST_CASE("clusters: one hop within, two between, mean hops (2n-m-1)/(n-1) over distinct pairs") {
  for (const std::uint32_t clusters : {1U, 2U, 4U, 8U, 64U}) {
    NetworkParameters parameters;
    parameters.clusters = clusters;
    const std::uint64_t n = 64;
    const std::uint64_t m = n / clusters;
    const auto topology = find_topology("clusters")->make(parameters, n);
    CAPTURE(clusters);
    CHECK(hops_of_all_pairs(*topology, n) == n * (2 * n - m - 1));
    std::map<LinkId, std::pair<std::uint64_t, std::uint64_t>> bridges;
    each_pair(n, [&](std::uint32_t a, std::uint32_t b) {
      const auto links = links_of(*topology, a, b);
      CHECK(links.size() == (a / m == b / m ? 1 : 2));
      CHECK(links[0] == a);
      CHECK(topology->delay(links[0]) == 0);
      if (links.size() == 1) return;
      CHECK(topology->delay(links[1]) == parameters.bridge_cycles);
      const auto between = std::pair{a / m, b / m};
      CHECK(bridges.emplace(links[1], between).first->second == between);
    });
    CHECK(bridges.size() == clusters * (clusters - 1));
  }
}

TEST_CASE("clusters are of equal size") {
  NetworkParameters parameters;
  parameters.clusters = 3;
  const auto wrong = find_topology("clusters")->check(parameters, 16);
  REQUIRE(wrong);
  CHECK(wrong->pointer == "/network/clusters");
  CHECK(wrong->message == "16 cores do not fill 3 clusters; allowed: a divisor of the number of cores");
  CHECK(!find_topology("clusters")->check(parameters, 15));
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

TEST_CASE("every topology has a row in the README") {
  std::ifstream file(std::string(BATON_SOURCE_DIR) + "/sim/machine/network/topologies/README.md");
  const std::string readme{std::istreambuf_iterator<char>(file), {}};
  std::set<std::string> missing;
  for (const auto* info : all_topologies())
    if (readme.find("\n| `" + std::string(info->name) + ".cpp` | ") == std::string::npos)
      missing.emplace(info->name);
  CHECK(missing == std::set<std::string>{});
}

TEST_CASE("a mesh chooses the squarest shape that the number of nodes allows") {
  for (const auto& [nodes, columns] :
       {std::pair{2U, 2U}, {4U, 2U}, {6U, 3U}, {8U, 4U}, {12U, 4U}, {15U, 5U}, {1024U, 32U}}) {
    const auto topology = find_topology("mesh")->make({}, nodes);
    const Grid grid{columns, nodes / columns};
    CHECK(wrong(grid, 0, nodes - 1, links_of(*topology, 0, nodes - 1)) == "");
  }
}
