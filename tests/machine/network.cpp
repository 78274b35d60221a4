// When does a packet arrive, alone and among others, and in which order?

#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "sim/machine/network/jitter.hpp"
#include "tests/support/child.hpp"
#include "tests/support/network_bench.hpp"
#include "traces/synthetic/random.hpp"

using namespace baton;
using namespace baton::test;
using sim::NetworkParameters;

namespace {

NetworkParameters parameters_of(const std::string& topology, std::uint32_t columns = 0) {
  NetworkParameters parameters;
  parameters.topology = topology;
  parameters.columns = columns;
  return parameters;
}

/// The cycles of arrival, in order of the messages' numbers.
std::vector<Cycle> arrivals_of(const NetworkParameters& parameters, std::uint32_t nodes,
                               const std::vector<std::pair<Cycle, Message>>& sends) {
  const Ended ended = in_child([&] {
    NetworkBench bench(parameters, nodes);
    for (const auto& [at, message] : sends) bench.send(at, message);
    bench.run();
    std::map<std::uint64_t, Cycle> by_number;
    for (const auto& arrival : bench.arrivals) by_number[arrival.message.line] = arrival.at;
    std::string text;
    for (const auto& [number, at] : by_number) text += std::to_string(at) + " ";
    return text;
  });
  if (ended.how != Ended::How::value) throw std::runtime_error(ended.text);
  std::vector<Cycle> cycles;
  std::size_t used = 0;
  for (std::string text = ended.text; text.size() > 1; text = text.substr(used + 1))
    cycles.push_back(std::stoull(text, &used));
  return cycles;
}

std::uint32_t apart(std::uint32_t a, std::uint32_t b) {
  return a > b ? a - b : b - a;
}

}  // namespace

TEST_CASE("a packet alone takes 1 + (h+1) router + h link + F cycles") {
  struct Shape {
    std::string topology;
    std::uint32_t columns, nodes;
  };
  for (const Shape& shape :
       {Shape{"mesh", 4, 16}, Shape{"mesh", 6, 12}, Shape{"mesh", 1, 5}, Shape{"crossbar", 0, 9}})
    for (const auto& [router, link, width] :
         {std::tuple{2U, 1U, 16U}, {1U, 1U, 8U}, {3U, 4U, 72U}, {0U, 1U, 1U}}) {
      NetworkParameters parameters = parameters_of(shape.topology, shape.columns);
      parameters.router_cycles = router;
      parameters.link_cycles = link;
      parameters.link_bytes = width;
      std::vector<std::pair<Cycle, Message>> sends;
      std::vector<Cycle> expected;
      for (std::uint32_t a = 0; a < shape.nodes; ++a)
        for (std::uint32_t b = 0; b < shape.nodes; ++b)
          for (const TestKind kind : {control, data}) {
            if (a == b) continue;
            const Cycle at = 1 + 1000 * sends.size();  // each on an idle network
            sends.emplace_back(at, NetworkBench::message(a, b, kind, sends.size()));
            const std::uint32_t c = shape.columns;
            const std::uint32_t hops = c == 0 ? 1 : apart(a % c, b % c) + apart(a / c, b / c);
            const std::uint32_t flits = ((kind == control ? 8 : 72) + width - 1) / width;
            expected.push_back(at + 1 + (hops + 1) * router + hops * link + flits);
          }
      CHECK(arrivals_of(parameters, shape.nodes, sends) == expected);
    }
}

TEST_CASE("a bridge between clusters takes its cycles beyond a link's") {
  NetworkParameters parameters = parameters_of("clusters");
  parameters.clusters = 3;
  std::vector<std::pair<Cycle, Message>> sends;
  std::vector<Cycle> expected;
  for (const Cycle bridge : {0U, 20U, 300U})
    for (std::uint32_t a = 0; a < 12; ++a)
      for (std::uint32_t b = 0; b < 12; ++b) {
        if (a == b) continue;
        parameters.bridge_cycles = static_cast<std::uint32_t>(bridge);
        sends = {{1000, NetworkBench::message(a, b, data, 0)}};
        const std::uint32_t hops = a / 4 == b / 4 ? 1 : 2;
        expected = {1000 + 1 + (hops + 1) * 2 + hops + (hops - 1) * bridge + 5};
        REQUIRE(arrivals_of(parameters, 12, sends) == expected);
      }
}

TEST_CASE("nobody waits at a port for a packet that is still on a long bridge") {
  NetworkParameters parameters = parameters_of("clusters");
  parameters.bridge_cycles = 1000;
  std::vector<std::pair<Cycle, Message>> sends{{1, NetworkBench::message(8, 1, data, 0)}};
  std::vector<Cycle> expected{1 + 1 + 3 * 2 + 2 * 1 + 1000 + 5};
  for (std::uint32_t i = 1; i <= 60; ++i) {  // before it comes, and behind it
    sends.emplace_back(20 * i + 12, NetworkBench::message(0, 1, data, i));
    expected.push_back(20 * i + 12 + 1 + 2 * 2 + 1 + 5);
  }
  CHECK(arrivals_of(parameters, 16, sends) == expected);
}

TEST_CASE("a packet that waits for a port is not through before its tail, which follows far behind") {
  // Packets of two flits, all sent in cycle 33, when reservations may lie before 288. Node 0 has 126 for node
  // 1 that leave from 35 on; so of the one that leaves it at 34 the second flit takes the next free cycle,
  // 287. Its head would be at node 3's port in 40, where 124 packets of node 2 have all cycles from 39 on but
  // 287. When the window moves, in cycle 64, it finds two: 287 and 288. Its tail comes later than that.
  NetworkParameters parameters = parameters_of("crossbar");
  parameters.link_bytes = 4;
  constexpr Cycle at = 33, end = 32 + sim::reservation::window;
  constexpr Cycle to_ejection = 1 + 2 * 2 + 1;  // 1, two routers and a link
  constexpr std::uint64_t last = 1000;
  const Ended ended = in_child([&] {
    NetworkBench bench(parameters, 4);
    bench.each_cycle(at, [&](Cycle now) {
      if (now < at) return;
      const auto send = [&](std::uint32_t from, std::uint32_t to, std::uint64_t number, Cycle when) {
        bench.network.send(NetworkBench::message(from, to, control, number), when);
      };
      for (std::uint64_t i = 0; i < 126; ++i) send(0, 1, i, 35);
      for (std::uint64_t i = 0; i < 124; ++i) send(2, 3, i, 39 - to_ejection);
      send(0, 3, last, 34);
    });
    bench.run();
    for (const auto& arrival : bench.arrivals)
      if (arrival.message.line == last) return std::to_string(arrival.at);
    return std::string("lost");
  });
  CHECK(ended.text == std::to_string(end - 1 + to_ejection + 1));
}

TEST_CASE("packets between two clusters share one bridge, a flit a cycle") {
  NetworkParameters parameters = parameters_of("clusters");
  std::vector<std::pair<Cycle, Message>> sends;
  std::vector<Cycle> expected;
  for (std::uint32_t i = 0; i < 8; ++i) {
    sends.emplace_back(1, NetworkBench::message(i, 8 + i, data, i));  // each has ports of its own
    expected.push_back(1 + 1 + 3 * 2 + 2 * 1 + parameters.bridge_cycles + 5 + 5 * i);
  }
  CHECK(arrivals_of(parameters, 16, sends) == expected);
}

TEST_CASE("messages within a node take no time on any topology") {
  for (const char* topology : {"mesh", "torus", "ring", "clusters", "crossbar", "bus", "ideal"})
    CHECK(arrivals_of(parameters_of(topology), 4,
                      {{5, NetworkBench::message(2, 2, data, 0)},
                       {5, NetworkBench::message(3, 3, control, 1)}}) == std::vector<Cycle>{5, 5});
}

TEST_CASE("the ideal network has one latency and no contention") {
  NetworkParameters parameters = parameters_of("ideal");
  parameters.latency_cycles = 17;
  std::vector<std::pair<Cycle, Message>> sends;
  for (std::uint32_t i = 0; i < 100; ++i)
    sends.emplace_back(3, NetworkBench::message(i % 3, 3, i % 2 == 0 ? data : control, i));
  CHECK(arrivals_of(parameters, 4, sends) == std::vector<Cycle>(100, 20));
}

TEST_CASE("a bus carries one packet at a time, first come, first served") {
  NetworkParameters parameters = parameters_of("bus");
  parameters.router_cycles = 3;
  parameters.link_cycles = 2;
  std::vector<std::pair<Cycle, Message>> sends;
  std::vector<Cycle> expected;
  Cycle free = 10;
  for (std::uint32_t i = 0; i < 60; ++i) {
    const TestKind kind = i % 3 == 0 ? data : control;
    sends.emplace_back(10, NetworkBench::message(i % 8, (i + 1) % 8, kind, i));
    free += 3 + 2 + (kind == data ? 5U : 1U);
    expected.push_back(free);
  }
  CHECK(arrivals_of(parameters, 8, sends) == expected);
}

TEST_CASE("k packets to one node arrive in k successive cycles") {
  for (const std::uint32_t k : {2U, 8U, 63U}) {
    std::vector<std::pair<Cycle, Message>> sends;
    std::vector<Cycle> expected;
    for (std::uint32_t i = 0; i < k; ++i) {
      sends.emplace_back(1, NetworkBench::message(i, 63, control, i));
      expected.push_back(1 + 1 + 2 * 2 + 1 + 1 + i);  // injected at once, one ejected a cycle
    }
    CHECK(arrivals_of(parameters_of("crossbar"), 64, sends) == expected);
  }
}

TEST_CASE("k packets of one node leave in k successive cycles") {
  for (const std::uint32_t k : {2U, 8U, 63U}) {
    std::vector<std::pair<Cycle, Message>> sends;
    std::vector<Cycle> expected;
    for (std::uint32_t i = 0; i < k; ++i) {
      sends.emplace_back(1, NetworkBench::message(63, i, control, i));
      expected.push_back(1 + 1 + 2 * 2 + 1 + 1 + i);
    }
    CHECK(arrivals_of(parameters_of("crossbar"), 64, sends) == expected);
  }
}

TEST_CASE("a packet of F flits holds a port for F cycles") {
  std::vector<std::pair<Cycle, Message>> sends;
  std::vector<Cycle> expected;
  for (std::uint32_t i = 0; i < 20; ++i) {
    sends.emplace_back(1, NetworkBench::message(i % 15, 15, data, i));
    expected.push_back(1 + 1 + 2 * 2 + 1 + 5 + 5 * Cycle{i});
  }
  CHECK(arrivals_of(parameters_of("crossbar"), 16, sends) == expected);
}

TEST_CASE("packets that share one link of a mesh cross it one flit a cycle") {
  // Row of four: 0 and 1 both send to the right; the link 2 -> 3 carries all.
  std::vector<std::pair<Cycle, Message>> sends;
  for (std::uint32_t i = 0; i < 40; ++i) sends.emplace_back(1, NetworkBench::message(i % 2, 3, data, i));
  const auto cycles = arrivals_of(parameters_of("mesh", 4), 4, sends);
  const Cycle last = *std::max_element(cycles.begin(), cycles.end());
  const Cycle first = 1 + 1 + 3 * 2 + 2 * 1 + 1;  // the head flit of the nearer one
  CHECK(last >= first + 40 * 5 - 1);
  CHECK(last <= first + 40 * 5 + 8);
}

namespace {

/// Random traffic with a hot spot, far more than the network can carry; says what is wrong, "" if nothing.
std::string heavy_traffic(const NetworkParameters& parameters, std::uint32_t nodes, std::uint32_t line_bytes,
                          std::uint64_t seed, Cycle cycles) {
  NetworkBench bench(parameters, nodes, line_bytes);
  traces::Random random(seed, 0);
  std::uint64_t sent = 0;
  std::map<std::pair<NodeId, NodeId>, std::uint64_t> last_sent;
  bench.each_cycle(cycles, [&](Cycle at) {
    for (std::uint32_t i = 0; i < nodes; ++i) {
      const auto from = static_cast<std::uint32_t>(random.below(nodes));
      const auto to = static_cast<std::uint32_t>(random.below(3) == 0 ? 0 : random.below(nodes));
      const auto kind = random.below(2) == 0 ? forwarded : forwarded_data;
      // Now, or later as a home does: but in the order of the times for a pair of nodes (Sender's contract).
      const Cycle when = at + random.below(8) / 7 * 100;
      auto& last = last_sent[{static_cast<NodeId>(from), static_cast<NodeId>(to)}];
      last = std::max(last, when);
      bench.network.send(NetworkBench::message(from, to, kind, ++sent), last);
    }
  });
  bench.run();
  if (bench.arrivals.size() != sent)
    return std::to_string(sent) + " sent, " + std::to_string(bench.arrivals.size()) + " received";
  std::uint64_t counted = 0;
  for (const auto& traffic : bench.network.traffic()) {
    if (traffic.sent != traffic.received) return "the network counts other numbers sent and received";
    counted += traffic.sent;
  }
  if (counted != sent) return "the network has not counted all";
  std::map<std::pair<NodeId, NodeId>, std::uint64_t> newest;
  for (const auto& [at, message] : bench.arrivals) {
    auto& number = newest[{message.source, message.destination}];
    if (message.line < number)
      return "cycle " + std::to_string(at) + ": " + std::to_string(message.line) + " after " +
             std::to_string(number) + ", node " + std::to_string(message.source) + " to " +
             std::to_string(message.destination);
    number = message.line;
  }
  return "fine until " + std::to_string(bench.arrivals.back().at);
}

}  // namespace

TEST_CASE("packets of a pair never overtake each other on an ordered virtual network, and none is lost") {
  struct Shape {
    std::string topology;
    std::uint32_t columns, nodes;
  };
  for (const Shape& shape : {Shape{"mesh", 4, 16}, Shape{"mesh", 8, 32}, Shape{"mesh", 2, 2},
                             Shape{"torus", 4, 16}, Shape{"ring", 0, 12}, Shape{"clusters", 0, 16},
                             Shape{"crossbar", 0, 12}, Shape{"ideal", 0, 12}, Shape{"bus", 0, 6}})
    for (const std::uint32_t link_bytes : {8U, 16U, 72U})
      for (const std::uint32_t line_bytes : {64U, 512U})
        for (const std::uint64_t seed : {1U, 2U}) {
          NetworkParameters parameters = parameters_of(shape.topology, shape.columns);
          parameters.link_bytes = link_bytes;
          const Ended ended =
              in_child([&] { return heavy_traffic(parameters, shape.nodes, line_bytes, seed, 150); });
          CAPTURE(shape.topology, shape.nodes, link_bytes, line_bytes, seed);
          CHECK(ended.how == Ended::How::value);
          CHECK(ended.text.substr(0, 10) == "fine until");
        }
}

TEST_CASE("jitter draws every delay from none to the largest, and keeps the order where there is one") {
  constexpr std::uint32_t most = 3;
  std::array<bool, virtual_networks> ordered{};
  ordered[static_cast<std::size_t>(VirtualNetwork::forward)] = true;
  sim::Jitter jitter(test_kinds, ordered, 4, 1);
  std::set<Cycle> free, kept;
  Cycle before = 0;
  for (Cycle at = 1; at <= 1000; ++at) {
    free.insert(jitter.delayed(NetworkBench::message(0, 1, control), at, most) - at);
    const Cycle sent = jitter.delayed(NetworkBench::message(0, 1, forwarded), at, most);
    CHECK(sent >= before);
    kept.insert(sent - at);
    before = sent;
  }
  CHECK(free == std::set<Cycle>{0, 1, 2, 3});
  CHECK(kept == std::set<Cycle>{0, 1, 2, 3});
}
