// How many messages does each kind of access cost? The exact formulas of the Primer (ch. 8) and of ownership
// transfer, with the tables alone: every message is delivered before the next access starts.

#include <catch2/catch.hpp>

#include "protocols/mesi/mesi.hpp"
#include "protocols/ownership/ownership.hpp"
#include "tests/support/untimed.hpp"

using namespace baton;

using namespace baton::test;

TEST_CASE("MESI: a read of a clean line costs 2 messages") {
  Untimed<mesi::Protocol> line({}, 8);
  CHECK(line.read(0) == Counts{{"GetS", 1}, {"DataE", 1}});
  CHECK(line.read(0) == Counts{});
  line.read(1);
  CHECK(line.read(2) == Counts{{"GetS", 1}, {"Data", 1}});
}

TEST_CASE("MESI: a read of a line that another cache has in E or M costs 4 messages") {
  for (const bool is_dirty : {false, true}) {
    Untimed<mesi::Protocol> line({}, 8);
    line.read(0);
    if (is_dirty) CHECK(line.write(0) == Counts{});
    CHECK(line.read(1) == Counts{{"GetS", 1}, {"FwdGetS", 1}, {"Data", 2}});
    CHECK(line.state(0) == mesi::CacheState::S);
  }
}

TEST_CASE("MESI: a write to a line that another cache has in E or M costs 3 messages") {
  Untimed<mesi::Protocol> line({}, 8);
  line.write(0);
  CHECK(line.write(1) == Counts{{"GetM", 1}, {"FwdGetM", 1}, {"Data", 1}});
  CHECK(line.state(0) == mesi::CacheState::I);
}

TEST_CASE("MESI: a write with k other sharers costs 2k + 2 messages, miss or upgrade") {
  for (const int sharers : {2, 7, 100, 1000})
    for (const bool is_upgrade : {false, true}) {
      Untimed<mesi::Protocol> line({}, 1024);
      for (NodeId i = 0; i < sharers; ++i) line.read(i);
      const NodeId writer = is_upgrade ? NodeId{1} : NodeId{1023};
      const int others = is_upgrade ? sharers - 1 : sharers;
      CHECK(line.write(writer) ==
            Counts{{"GetM", 1}, {is_upgrade ? "AckCount" : "Data", 1}, {"Inv", others}, {"InvAck", others}});
      CHECK(line.state(writer) == mesi::CacheState::M);
    }
}

TEST_CASE("MESI with broadcasts: a write to a shared line costs 2N messages, whoever shares it") {
  Untimed<mesi::Protocol> line({{"directory", "broadcast"}}, 64);
  CHECK(line.write(0) == Counts{{"GetM", 1}, {"Data", 1}});
  line.read(1);
  CHECK(line.write(2) == Counts{{"GetM", 1}, {"Data", 1}, {"Inv", 63}, {"InvAck", 63}});
  CHECK(line.write(3) == Counts{{"GetM", 1}, {"FwdGetM", 1}, {"Data", 1}});
}

TEST_CASE("MESI: replacements") {
  Untimed<mesi::Protocol> line({}, 8);
  line.read(0);
  CHECK(line.replace(0) == Counts{{"PutE", 1}, {"PutAck", 1}});
  line.write(0);
  CHECK(line.replace(0) == Counts{{"PutM", 1}, {"PutAck", 1}});
  line.read(0);
  line.read(1);
  CHECK(line.replace(0) == Counts{{"PutS", 1}, {"PutAck", 1}});
  CHECK(line.replace(1) == Counts{{"PutS", 1}, {"PutAck", 1}});
  CHECK(line.read(2) == Counts{{"GetS", 1}, {"DataE", 1}});  // the home knows that nobody has it

  Untimed<mesi::Protocol> silent({{"directory", "broadcast"}}, 8);
  silent.read(0);
  silent.read(1);
  CHECK(silent.replace(0) == Counts{});
}

TEST_CASE("MESI: one writer, then n readers once each: 4n + 4 messages an epoch, of which n + 1 carry data") {
  // 2n + 2 to invalidate the n readers' copies (the writer upgrades), 4 for the first reader, 2 for each
  // other one. The copy-back is the (n + 2)nd message with data.
  for (const int readers : {1, 5, 63}) {
    Untimed<mesi::Protocol> line({}, 64);
    Counts epoch;
    for (int repeat = 0; repeat < 3; ++repeat) {
      epoch = line.write(0);
      for (int i = 1; i <= readers; ++i)
        for (const auto& [kind, count] : line.read(static_cast<NodeId>(i))) epoch[kind] += count;
    }
    CHECK(total(epoch) == 4 * readers + 4);
    CHECK(epoch["Data"] == readers + 1);
  }
}

TEST_CASE("ownership transfer costs 3 messages, 2 when the home owns, 0 when self owns") {
  for (const bool is_load : {false, true}) {
    Untimed<ownership::Protocol> line({}, 1024);
    const auto event = is_load ? ownership::CacheEvent::Load : ownership::CacheEvent::Store;
    CHECK(line.run(5, event) == Counts{{"GetM", 1}, {"Data", 1}});
    CHECK(line.run(5, event) == Counts{});
    CHECK(line.run(9, event) == Counts{{"GetM", 1}, {"FwdGetM", 1}, {"Data", 1}});
    CHECK(line.replace(9) == Counts{{"PutM", 1}, {"PutAck", 1}});
    CHECK(line.run(5, event) == Counts{{"GetM", 1}, {"Data", 1}});
  }
}

TEST_CASE("ownership transfer: a snapshot costs 3 messages, 2 when the home owns, and moves nothing") {
  Untimed<ownership::Protocol> line({{"reads", "snapshot"}}, 8);
  CHECK(line.read(0) == Counts{{"GetS", 1}, {"Data", 1}});
  CHECK(line.read(0) == Counts{{"GetS", 1}, {"Data", 1}});  // not cached
  line.write(1);
  CHECK(line.read(0) == Counts{{"GetS", 1}, {"FwdGetS", 1}, {"Data", 1}});
  CHECK(line.read(1) == Counts{});
  CHECK(line.state(1) == ownership::CacheState::M);
}

TEST_CASE(
    "ownership transfer: one writer, then n readers once each: 3n + 3 messages, of which n + 1 carry data") {
  Untimed<ownership::Protocol> line({}, 64);
  Counts epoch;
  for (int repeat = 0; repeat < 3; ++repeat) {
    epoch = line.write(0);
    for (NodeId i = 1; i < 64; ++i)
      for (const auto& [kind, count] : line.read(i)) epoch[kind] += count;
  }
  CHECK(total(epoch) == 3 * 63 + 3);
  CHECK(epoch["Data"] == 63 + 1);
}
