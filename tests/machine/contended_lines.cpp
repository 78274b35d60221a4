// The tables behind the report of contended lines, and the bounds of the timeline.

#include "sim/machine/contended_lines.hpp"

#include <catch2/catch.hpp>

#include "sim/machine/timeline.hpp"

using namespace baton;
using namespace baton::sim;
using traces::Kind;

TEST_CASE("a table that is full drops what has cost less, and says how much that was") {
  LineTable table(8);
  for (LineNumber line = 0; line < 8; ++line) table.waited(line, 0, 10 * (line + 1));
  CHECK(table.dropped_stall_cycles() == 0);
  table.waited(100, 1, 5);  // lines 0 to 3 leave
  CHECK(table.dropped_stall_cycles() == 10 + 20 + 30 + 40);
  CHECK(table.total_stall_cycles() == 365);
  const auto rows = table.costliest(100);
  REQUIRE(rows.size() == 5);
  CHECK(rows.front().line == 7);
  CHECK(rows.back().line == 100);
  CHECK(rows.back().counts.misses[1] == 1);
  CHECK(table.costliest(2).size() == 2);
}

TEST_CASE("of lines that cost the same the lower number comes first") {
  LineTable table;
  for (const LineNumber line : {9, 3, 7}) table.waited(line, 0, 1);
  table.invalidated(7);
  const auto rows = table.costliest(3);
  CHECK(rows[0].line == 7);
  CHECK(rows[1].line == 3);
  CHECK(rows[2].line == 9);
}

TEST_CASE("sharing is true only where bytes that one writes and another touches can explain the misses") {
  LineTouches touches(64);
  touches.add(1, 0, Kind::store, 0, 8);
  CHECK(sharing_of(*touches.of(1), 100) == Sharing::none);
  touches.add(1, 3, Kind::load, 8, 56);
  CHECK(sharing_of(*touches.of(1), 100) == Sharing::false_sharing);
  touches.add(1, 4, Kind::load, 8, 8);  // two read what nobody writes
  CHECK(sharing_of(*touches.of(1), 100) == Sharing::false_sharing);
  touches.add(1, 4, Kind::load, 7, 1);  // once: at most two misses
  CHECK(most_true_sharing(*touches.of(1)) > 0);
  CHECK(sharing_of(*touches.of(1), 100) == Sharing::false_sharing);
  CHECK(sharing_of(*touches.of(1), 0) == Sharing::true_sharing);
  touches.add(2, 0, Kind::load, 0, 64);
  touches.add(2, 1, Kind::load, 0, 64);
  CHECK(sharing_of(*touches.of(2), 100) == Sharing::read_only);
  touches.add(3, 0, Kind::rmw, 0, 4);
  touches.add(3, 1, Kind::rmw, 4, 4);
  CHECK(sharing_of(*touches.of(3), 100) == Sharing::false_sharing);
  CHECK(touches.of(3)->at(1).read == 0xF0);
  CHECK(touches.of(3)->at(1).written == 0xF0);
  CHECK(touches.of(4) == nullptr);
}

TEST_CASE(
    "counters that are read once at the end are shared falsely, a lock is not, nor are values that are set "
    "up") {
  LineTouches touches(64);
  for (std::uint32_t core = 1; core <= 4; ++core)
    for (int i = 0; i < 1000; ++i) touches.add(1, core, Kind::rmw, 8 * core, 8);
  for (std::uint32_t core = 1; core <= 4; ++core) touches.add(1, 0, Kind::load, 8 * core, 8);
  CHECK(most_true_sharing(*touches.of(1)) == Approx(8));
  CHECK(sharing_of(*touches.of(1), 400) == Sharing::false_sharing);
  CHECK(owner_of(*touches.of(1), 17) == 2);
  CHECK(owner_of(*touches.of(1), 0) == -1);
  for (std::uint32_t core = 0; core < 4; ++core)
    for (int i = 0; i < 100; ++i) touches.add(2, core, Kind::rmw, 0, 4);
  CHECK(most_true_sharing(*touches.of(2)) == Approx(600));
  CHECK(sharing_of(*touches.of(2), 399) == Sharing::true_sharing);
  // A value that is written once and read by all, beside one core's counter.
  touches.add(3, 0, Kind::store, 0, 8);
  for (std::uint32_t core = 0; core < 4; ++core)
    for (int i = 0; i < 1000; ++i) touches.add(3, core, Kind::load, 0, 8);
  for (int i = 0; i < 1000; ++i) touches.add(3, 0, Kind::rmw, 8, 8);
  CHECK(most_true_sharing(*touches.of(3)) == Approx(4));
  CHECK(sharing_of(*touches.of(3), 500) == Sharing::false_sharing);
}

TEST_CASE("a long line has masks of wider units, and too many pairs of line and core are left out") {
  LineTouches touches(256, 2);
  CHECK(touches.granule_bytes() == 4);
  touches.add(1, 0, Kind::store, 252, 4);
  CHECK(touches.of(1)->at(0).written == std::uint64_t{1} << 63);
  touches.add(1, 1, Kind::load, 0, 256);
  CHECK(touches.of(1)->at(1).read == ~std::uint64_t{0});
  CHECK(touches.complete());
  touches.add(2, 0, Kind::load, 0, 1);
  CHECK(!touches.complete());
  CHECK(touches.of(2) == nullptr);
}

TEST_CASE("a timeline stops at its number of events, and says so") {
  MachineParameters machine;
  machine.cores = 2;
  machine.clock_hz = 1'000'000;  // a cycle is a microsecond
  Timeline timeline(8);
  timeline.set_machine(machine);
  const auto run = [&](std::uint64_t accesses) {
    for (std::uint64_t i = 0; i < accesses; ++i) {
      const auto node = static_cast<NodeId>(i % 2);
      timeline.requested(node, 5, "GetM");
      timeline.permission(5, static_cast<NodeId>(1 - node), Permission::write, Permission::none, 10 * i + 8);
      timeline.permission(5, node, Permission::none, Permission::write, 10 * i + 9);
      timeline.transaction(node, 0, 5, Kind::store, 10 * i, 10 * i + 9);
    }
    return timeline.json("a \"title\"", 1000);
  };
  const auto count = [](const std::string& text, const std::string& what) {
    std::size_t n = 0;
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; ++at) ++n;
    return n;
  };
  const std::string whole = run(1);
  CHECK(count(whole, "\"cut\":false") == 1);
  CHECK(count(whole, "a \\\"title\\\"") == 1);
  CHECK(count(whole,
              "\"ts\":0.000000,\"dur\":9.000000,\"cat\":\"transaction\",\"name\":\"GetM line 0x140\"") == 1);
  CHECK(count(whole, "\"ts\":9.000000,\"dur\":991.000000,\"cat\":\"ownership\",\"name\":\"core 0\"") == 1);
  const std::string cut = run(100);
  CHECK(count(cut, "\"cut\":true") == 1);
  CHECK(count(cut, "\"ph\":\"X\"") <= 8);
  CHECK(count(cut, "\"cat\":\"transaction\"") == 4);
}
