// Does the schedule of ports give packets the cycles that its rules say?

#include "sim/machine/network/port_schedule.hpp"

#include <catch2/catch.hpp>

#include "tests/support/ledger.hpp"
#include "traces/synthetic/random.hpp"

using namespace baton;
using namespace baton::sim;

TEST_CASE("packets get the first free cycles of a port") {
  constexpr std::uint32_t ports = 3;
  for (const std::uint32_t load : {2U, 8U, 40U})  // packets in 8 cycles
    for (const std::uint32_t longest : {1U, 6U, 70U, reservation::max_flits}) {
      PortSchedule schedule(ports);
      test::Ledger ledger(0);
      traces::Random random(longest, load);
      int refused = 0;
      Cycle now = 0;
      for (int i = 0; i < 3000; ++i) {
        if (random.below(load) == 0) now += random.below(50) == 0 ? random.below(2000) : random.below(16);
        const auto port = static_cast<std::uint32_t>(random.below(ports));
        const auto flits = static_cast<std::uint32_t>(1 + random.below(longest));
        const Cycle lag = flits - 1 + random.below(2) * random.below(9);
        reservation::Packet packet{now + random.below(100), lag};
        reservation::Packet expected = packet;
        const Cycle limit = reservation::limit(now);
        schedule.advance(now);
        CAPTURE(load, longest, i, now, flits);
        const bool taken = schedule.take(port, packet, flits, limit);
        REQUIRE(taken == (ledger.take(expected, {{port, 1}}, flits, limit) == 1));
        REQUIRE(packet.head == expected.head);
        REQUIRE(packet.lag == expected.lag);
        refused += taken ? 0 : 1;
      }
      if (load == 40) CHECK(refused > 0);
    }
}
