// How much uniform traffic does a mesh carry? Half of it crosses the middle, k links each way: 4/k flits a
// node and cycle at most (k even).

#include <sstream>

#include <catch2/catch.hpp>

#include "tests/support/child.hpp"
#include "tests/support/network_bench.hpp"
#include "traces/synthetic/random.hpp"

using namespace baton;
using namespace baton::test;

namespace {

struct Flow {
  double offered = 0;  // flits a node and cycle, within the measured cycles
  double accepted = 0;
  double mean_latency = 0;  // of the packets that arrived within them
  double crossing = 0;      // use of the k links from the left half to the right, of 1
  bool within_bisection = false;
};

/// Open loop: every node sends a single-flit packet with probability `rate` in every cycle, to any node
/// (itself included).
Flow uniform_traffic(std::uint32_t k, double rate) {
  constexpr Cycle warm = 1000;
  constexpr Cycle end = 3000;
  const Ended ended = in_child([&] {
    sim::NetworkParameters parameters;
    parameters.topology = "mesh";
    parameters.columns = k;
    const std::uint32_t nodes = k * k;
    NetworkBench bench(parameters, nodes);
    traces::Random random(1, k);
    std::uint64_t offered = 0;
    std::vector<Cycle> sent_at;
    bench.each_cycle(end, [&](Cycle at) {
      for (std::uint32_t from = 0; from < nodes; ++from) {
        if (random.unit() >= rate) continue;
        const auto to = static_cast<std::uint32_t>(random.below(nodes));
        bench.network.send(NetworkBench::message(from, to, control, sent_at.size()), at);
        sent_at.push_back(at);
        if (at >= warm) ++offered;
      }
    });
    bench.run();
    std::uint64_t accepted = 0;
    double latency = 0;
    std::vector<std::uint64_t> crossing(end + 1);  // from the left half into the right, by cycle of arrival
    for (const auto& [at, message] : bench.arrivals) {
      if (at >= end) continue;
      if (message.source % k < k / 2 && message.destination % k >= k / 2) ++crossing[at];
      if (at < warm) continue;
      ++accepted;
      latency += static_cast<double>(at - sent_at[message.line]);
    }
    bool within = true;
    std::uint64_t crossed = 0;
    std::uint64_t crossed_warm = 0;
    for (Cycle at = 0; at < end; ++at) {
      crossed += crossing[at];
      if (at >= warm) crossed_warm += crossing[at];
      within = within && crossed <= k * at;
    }
    std::ostringstream text;
    const double slots = static_cast<double>(nodes) * static_cast<double>(end - warm);
    text << static_cast<double>(offered) / slots << ' ' << static_cast<double>(accepted) / slots << ' '
         << latency / static_cast<double>(accepted) << ' '
         << static_cast<double>(crossed_warm) / static_cast<double>(k * (end - warm)) << ' ' << within;
    return text.str();
  });
  if (ended.how != Ended::How::value) throw std::runtime_error(ended.text);
  Flow flow;
  std::istringstream(ended.text) >> flow.offered >> flow.accepted >> flow.mean_latency >> flow.crossing >>
      flow.within_bisection;
  return flow;
}

}  // namespace

TEST_CASE("a mesh carries what it is offered below saturation, and at least 85 % of 4/k above") {
  for (const std::uint32_t k : {4U, 8U, 16U}) {
    const double saturation = std::min(1.0, 4.0 / k);
    for (const double load : {0.2, 0.5, 0.8}) {
      const Flow flow = uniform_traffic(k, load * saturation);
      CAPTURE(k, load, flow.offered, flow.accepted, flow.mean_latency);
      CHECK(flow.within_bisection);
      CHECK(flow.accepted == Approx(flow.offered).epsilon(0.02));
    }
    const Flow full = uniform_traffic(k, std::min(1.0, 1.1 * saturation));
    CAPTURE(k, full.offered, full.accepted);
    CHECK(full.within_bisection);
    // The half of the packets that does not cross the middle is not limited by it.
    CHECK(full.accepted <= 1.01 * (full.offered / 2 + saturation / 2));
    CHECK(full.crossing >= 0.85);
    CHECK(full.accepted >= 0.85 * saturation);
    WARN("mesh " << k << " x " << k << ": " << full.accepted << " flits a node and cycle accepted of "
                 << full.offered << " offered, " << 100 * full.accepted / saturation
                 << " % of 4/k; the middle is used to " << 100 * full.crossing << " %");
  }
}

TEST_CASE("latency rises with load from the zero-load latency") {
  double last = 0;
  for (const double rate : {0.01, 0.2, 0.4, 0.48}) {
    const Flow flow = uniform_traffic(8, rate);
    CHECK(flow.mean_latency > last);
    last = flow.mean_latency;
    // 1 + (h+1)2 + h + 1 with 5.25 hops on average; nothing at all for the 1/64 to oneself.
    const double zero_load = 5.25 * 3 + 4 * 63.0 / 64;
    if (rate == 0.01) CHECK(flow.mean_latency == Approx(zero_load).epsilon(0.03));
    INFO(rate << ": " << flow.mean_latency);
  }
}
