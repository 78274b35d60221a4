// The tables behind the report of contended lines, and the bounds of the timeline.

#include "sim/machine/contended_lines.hpp"

#include <cmath>

#include <catch2/catch.hpp>

#include "sim/machine/monitor.hpp"
#include "sim/machine/timeline.hpp"

using namespace baton;
using namespace baton::sim;
using traces::Kind;

namespace {

/// With so many misses of sharing, any of which can be true as far as the bytes of cores tell.
Sharing sharing_with(const std::map<std::uint32_t, CoreTouches>& touches, std::uint64_t misses) {
  LineCounts counts;
  counts.causes[static_cast<std::size_t>(MissCause::sharing)] = misses;
  return sharing_of(touches, counts, static_cast<std::uint64_t>(std::ceil(most_true_sharing(touches))));
}

/// One line's caches as a protocol that invalidates has them.
class Caches {
 public:
  void access(NodeId core, Kind kind) {
    const bool writes = kind != Kind::load;
    if (has_[core] == Permission::write || (has_[core] == Permission::read && !writes)) return;
    table.missed(1, core, kind);
    for (auto& [other, has] : has_) {
      if (other == core || has == Permission::none) continue;
      const Permission after = writes ? Permission::none : Permission::read;
      table.permission(1, other, has, after);
      has = after;
    }
    const Permission after = writes ? Permission::write : Permission::read;
    table.permission(1, core, has_[core], after);
    has_[core] = after;
  }
  void replace(NodeId core) {
    table.permission(1, core, std::exchange(has_[core], Permission::none), Permission::none);
    table.gave_up(1, core);
  }
  std::uint64_t misses(MissCause cause) {
    table.waited(1, 0, 1);  // so that the line has cost something
    return table.costliest(1)[0].counts.causes[static_cast<std::size_t>(cause)];
  }
  LineTable table;

 private:
  std::map<NodeId, Permission> has_;
};

}  // namespace

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
  CHECK(sharing_with(*touches.of(1), 100) == Sharing::none);
  touches.add(1, 3, Kind::load, 8, 56);
  CHECK(sharing_with(*touches.of(1), 100) == Sharing::false_sharing);
  touches.add(1, 4, Kind::load, 8, 8);  // two read what nobody writes
  CHECK(sharing_with(*touches.of(1), 100) == Sharing::false_sharing);
  touches.add(1, 4, Kind::load, 7, 1);  // once: at most two misses
  CHECK(most_true_sharing(*touches.of(1)) > 0);
  CHECK(sharing_with(*touches.of(1), 100) == Sharing::false_sharing);
  CHECK(sharing_with(*touches.of(1), 2) == Sharing::true_sharing);
  touches.add(2, 0, Kind::load, 0, 64);
  touches.add(2, 1, Kind::load, 0, 64);
  CHECK(sharing_with(*touches.of(2), 100) == Sharing::read_only);
  touches.add(3, 0, Kind::rmw, 0, 4);
  touches.add(3, 1, Kind::rmw, 4, 4);
  CHECK(sharing_with(*touches.of(3), 100) == Sharing::false_sharing);
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
  CHECK(sharing_with(*touches.of(1), 400) == Sharing::false_sharing);
  CHECK(owner_of(*touches.of(1), 17) == 2);
  CHECK(owner_of(*touches.of(1), 0) == -1);
  for (std::uint32_t core = 0; core < 4; ++core)
    for (int i = 0; i < 100; ++i) touches.add(2, core, Kind::rmw, 0, 4);
  CHECK(most_true_sharing(*touches.of(2)) == Approx(600));
  CHECK(sharing_with(*touches.of(2), 399) == Sharing::true_sharing);
  // A value that is written once and read by all, beside one core's counter.
  touches.add(3, 0, Kind::store, 0, 8);
  for (std::uint32_t core = 0; core < 4; ++core)
    for (int i = 0; i < 1000; ++i) touches.add(3, core, Kind::load, 0, 8);
  for (int i = 0; i < 1000; ++i) touches.add(3, 0, Kind::rmw, 8, 8);
  CHECK(most_true_sharing(*touches.of(3)) == Approx(4));
  CHECK(sharing_with(*touches.of(3), 500) == Sharing::false_sharing);
}

TEST_CASE("only misses of cores whose copy another core took are of sharing") {
  Caches caches;
  caches.access(0, Kind::store);
  for (int i = 0; i < 10; ++i) {
    for (const NodeId core : {NodeId{1}, NodeId{2}}) {
      caches.access(core, Kind::load);
      caches.replace(core);
    }
  }
  CHECK(caches.misses(MissCause::cold) == 3);
  CHECK(caches.misses(MissCause::replaced) == 18);
  CHECK(caches.misses(MissCause::sharing) == 0);
  caches.access(0, Kind::store);  // a reader has taken the right to write
  CHECK(caches.misses(MissCause::sharing) == 1);
  caches.access(1, Kind::load);
  CHECK(caches.misses(MissCause::replaced) == 19);  // it had left before that store
  caches.access(1, Kind::store);                    // core 0 has a copy
  caches.access(0, Kind::load);
  CHECK(caches.misses(MissCause::sharing) == 3);
  caches.table.recalled(1);
  caches.replace(0);
  caches.access(0, Kind::load);
  CHECK(caches.misses(MissCause::replaced) == 20);

  LineTouches touches(64);
  touches.add(1, 0, Kind::store, 0, 8);
  for (const std::uint32_t core : {1, 2})
    for (int i = 0; i < 1000; ++i) touches.add(1, core, Kind::load, 0, 8);
  const auto row = caches.table.costliest(1)[0];
  const auto can_be_true = true_misses(1, row.counts, caches.table.causes(), *touches.of(1));
  CHECK(sharing_of(*touches.of(1), row.counts, can_be_true) == Sharing::capacity);
  CHECK(owner_of(*touches.of(1), 3) == 0);  // others only read the byte
}

TEST_CASE("leases that run out are renewals as long as nobody has written since") {
  LineTable table;
  table.missed(1, 0, Kind::load);
  table.permission(1, 0, Permission::none, Permission::read);
  table.missed(1, 1, Kind::store);
  table.permission(1, 1, Permission::none, Permission::write);
  for (const Value content : {7, 7, 8}) {
    table.missed(1, 0, Kind::load);
    table.asks_again(1, 0, 7);
    table.permission(1, 0, Permission::read, Permission::none);
    table.permission(1, 0, Permission::none, Permission::read);
    table.came(1, 0, content);
    if (content == 7) table.permission(1, 1, Permission::read, Permission::write);
  }
  table.waited(1, 0, 1);
  const auto causes = table.costliest(1)[0].counts.causes;
  CHECK(causes == MissCauses::Counts{2, 0, 2, 1, 0});
  CHECK(table.causes().most_true(1, [](NodeId, NodeId) { return false; }) == 0);
  CHECK(table.causes().most_true(1, [](NodeId a, NodeId b) { return a + b == 1; }) == 1);
}

TEST_CASE("slots that pass from core to core are shared falsely, but for their passing on") {
  Caches caches;
  LineTouches touches(64);
  for (std::uint32_t phase = 0; phase < 4; ++phase)
    for (int i = 0; i < 100; ++i)
      for (std::uint32_t slot = 0; slot < 4; ++slot) {
        const std::uint32_t core = 4 * phase + slot;
        caches.access(static_cast<NodeId>(core), Kind::rmw);
        touches.add(1, core, Kind::rmw, 8 * slot, 8);
      }
  const std::uint64_t sharing = caches.misses(MissCause::sharing);
  CHECK(sharing == 1600 - 16);
  CHECK(most_true_sharing(*touches.of(1)) >= static_cast<double>(sharing));  // bytes alone do not tell
  const auto row = caches.table.costliest(1)[0];
  CHECK(true_misses(1, row.counts, caches.table.causes(), *touches.of(1)) == 0);
  CHECK(sharing_of(*touches.of(1), row.counts, 0) == Sharing::false_sharing);
}

TEST_CASE("whoever wrote since a core lost its copy may be whom it misses for") {
  Caches caches;
  LineTouches touches(64);
  for (int i = 0; i < 100; ++i) {
    caches.access(0, Kind::load);   // of byte 0
    caches.access(2, Kind::store);  // byte 8: takes the copy
    caches.access(1, Kind::store);  // byte 0: what core 0 will read
  }
  touches.add(1, 2, Kind::store, 8, 8);
  for (int i = 0; i < 100; ++i) {
    touches.add(1, 0, Kind::load, 0, 8);
    touches.add(1, 1, Kind::store, 0, 8);
  }
  CHECK(caches.misses(MissCause::sharing) > 0);
  const auto row = caches.table.costliest(1)[0];
  CHECK(true_misses(1, row.counts, caches.table.causes(), *touches.of(1)) >= 99);
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

TEST_CASE("requests for words that change hands now and then are not essential, each hand-over is") {
  MissCauses causes;
  MissCauses::Counts counts{};
  const auto request = [&](NodeId core, Kind kind, std::uint64_t bytes) {
    causes.missed(1, core, kind, counts);
    causes.asks_for(1, core, bytes);
    causes.performed(1, core, kind);
  };
  for (int phase = 0; phase < 3; ++phase)
    for (int time = 0; time < 200; ++time)
      for (const NodeId core : {NodeId{0}, NodeId{1}})
        request(core, Kind::store, (core + phase) % 2 == 0 ? 0xff : 0xff00);
  // Of each word twice: who writes what the other has written, and the other, whose last write was used.
  CHECK(causes.essential(1) <= 2 * 2 * 2);
  const auto before = causes.essential(1);
  for (int time = 0; time < 100; ++time) {
    request(0, Kind::rmw, 0xff0000);
    request(1, Kind::rmw, 0xff0000);
  }
  CHECK(causes.essential(1) >= before + 199);
  CHECK(causes.requests(1, 0)[2] == Approx(100));
  // A core that has not asked for long: what it has not seen may be anything that was written.
  request(2, Kind::load, 0xff);
  for (int time = 0; time < 100; ++time) request(0, Kind::store, 0xff00);
  const auto long_ago = causes.essential(1);
  request(2, Kind::load, 0xff);
  CHECK(causes.essential(1) == long_ago + 1);
}

TEST_CASE("a miss that very many cores can be the reason of can be true whoever communicates") {
  Caches caches;
  const NodeId cores = 100;
  for (int round = 0; round < 3; ++round)
    for (NodeId core = 0; core < cores; ++core) caches.access(core, Kind::store);
  const auto nobody = [](NodeId, NodeId) { return false; };
  CHECK(caches.misses(MissCause::sharing) == 2 * cores);
  CHECK(caches.table.causes().most_true(1, nobody) == 2 * cores);
  Caches few;
  for (int round = 0; round < 3; ++round)
    for (NodeId core = 0; core < 8; ++core) few.access(core, Kind::store);
  CHECK(few.misses(MissCause::sharing) == 16);
  CHECK(few.table.causes().most_true(1, nobody) == 0);
  CHECK(few.table.causes().most_true(1, [](NodeId, NodeId) { return true; }) == 16);
}
