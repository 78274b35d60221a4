// Does the schedule of links give packets the cycles that its rules say, link by link?

#include "sim/machine/network/link_schedule.hpp"

#include <catch2/catch.hpp>

#include "tests/support/ledger.hpp"
#include "traces/synthetic/random.hpp"

using namespace baton;
using namespace baton::sim;

TEST_CASE("packets get the first free cycles of every link") {
  constexpr std::uint32_t links = 100;
  for (const Cycle hop_cycles : {Cycle{0}, Cycle{1}, Cycle{3}, Cycle{12}, Cycle{70}})
    for (const std::uint32_t load : {2U, 6U, 30U}) {  // packets in 8 cycles
      LinkSchedule schedule(links, hop_cycles);
      test::Ledger ledger(hop_cycles);
      traces::Random random(hop_cycles, load);
      int stopped = 0;
      Cycle now = 0;
      for (int i = 0; i < 2000; ++i) {
        if (random.below(load) == 0) now += random.below(50) == 0 ? random.below(2000) : random.below(16);
        std::vector<Leg> path(1 + random.below(3));
        std::uint32_t wanted = 0;
        for (Leg& leg : path) {
          leg.first = static_cast<LinkId>(random.below(links));
          const std::uint32_t room = std::min(Leg::block - leg.first % Leg::block, links - leg.first);
          leg.links = static_cast<std::uint32_t>(random.below(room + 1));
          wanted += leg.links;
        }
        const std::uint32_t flits =
            random.below(2) == 0 ? 1 : static_cast<std::uint32_t>(1 + random.below(7));
        reservation::Packet packet{now + random.below(64),
                                   flits == 1 ? 0 : flits - 1 + random.below(2) * random.below(9)};
        reservation::Packet expected = packet;
        const Cycle limit = reservation::limit(now);
        schedule.advance(now);
        CAPTURE(hop_cycles, load, i, now, flits);
        const std::uint32_t got = schedule.take(packet, path, wanted, flits, limit);
        REQUIRE(got == ledger.take(expected, path, flits, limit));
        REQUIRE(packet.head == expected.head);
        REQUIRE(packet.lag == expected.lag);
        if (got < wanted) ++stopped;
      }
      if (load == 30) CHECK(stopped > 0);
    }
}
