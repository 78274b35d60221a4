// How many messages does each kind of access cost in the directory protocols and their directory
// organisations? The formulas of protocols/*/README.md over their whole range, with the tables alone.

#include <algorithm>
#include <string>

#include <catch2/catch.hpp>

#include "protocols/hammer/hammer.hpp"
#include "protocols/mesi/mesi.hpp"
#include "protocols/mesif/mesif.hpp"
#include "protocols/moesi/moesi.hpp"
#include "protocols/msi/msi.hpp"
#include "tests/support/untimed.hpp"

using namespace baton;
using namespace baton::test;

namespace {

constexpr NodeId caches = 64;

/// Caches 0 .. readers-1 read the line, in this order.
template <class P>
void read_by(Untimed<P>& line, int readers) {
  for (NodeId i = 0; i < readers; ++i) line.read(i);
}

OptionValues limited(std::string directory, int pointers) {
  return {{"directory", std::move(directory)}, {"pointers", std::to_string(pointers)}};
}

}  // namespace

TEST_CASE("MSI: the first read is shared, so read and then write cost 4 messages, or 2k+4 with k sharers") {
  for (int k = 0; k < caches - 1; ++k) {
    Untimed<msi::Protocol> line({}, caches);
    read_by(line, k);
    CHECK(line.read(63) == Counts{{"GetS", 1}, {"Data", 1}});
    const Counts upgrade = line.write(63);
    CHECK(total(upgrade) == 2 * k + 2);
    CHECK(upgrade.at("AckCount") == 1);
  }
}

TEST_CASE("MSI: remote reads cost 4 messages, remote writes 3, replacements 2") {
  Untimed<msi::Protocol> line({}, caches);
  line.write(0);
  CHECK(line.write(1) == Counts{{"GetM", 1}, {"FwdGetM", 1}, {"Data", 1}});
  CHECK(line.read(2) == Counts{{"GetS", 1}, {"FwdGetS", 1}, {"Data", 2}});
  CHECK(line.replace(1) == Counts{{"PutS", 1}, {"PutAck", 1}});
  line.write(2);
  CHECK(line.replace(2) == Counts{{"PutM", 1}, {"PutAck", 1}});
}

TEST_CASE("MOESI: a read of an owned line costs 3 messages, and the owner keeps it") {
  for (const bool is_dirty : {false, true})
    for (int readers = 0; readers < caches - 2; ++readers) {
      Untimed<moesi::Protocol> line({}, caches);
      line.read(62);
      if (is_dirty) line.write(62);
      read_by(line, readers);
      CHECK(line.read(63) == Counts{{"GetS", 1}, {"FwdGetS", 1}, {"Data", 1}});
      CHECK(line.state(62) == moesi::CacheState::O);
    }
}

TEST_CASE("MOESI: a write to a line in O with k sharers costs 2k+3 messages, 2k+2 by the owner itself") {
  for (int k = 1; k < caches - 1; ++k) {
    Untimed<moesi::Protocol> line({}, caches);
    line.write(62);
    read_by(line, k);
    Untimed<moesi::Protocol> other = line;
    Untimed<moesi::Protocol> sharer = line;
    CHECK(line.write(62) == Counts{{"GetM", 1}, {"AckCount", 1}, {"Inv", k}, {"InvAck", k}});
    CHECK(other.write(63) == Counts{{"GetM", 1}, {"FwdGetM", 1}, {"Data", 1}, {"Inv", k}, {"InvAck", k}});
    // One of the k asks itself: k - 1 others, and the owner.
    Counts upgrade{{"GetM", 1}, {"FwdGetM", 1}, {"Data", 1}};
    if (k > 1) upgrade.insert({{"Inv", k - 1}, {"InvAck", k - 1}});
    CHECK(sharer.write(0) == upgrade);
  }
}

TEST_CASE("MOESI: one writer, then n readers once each: 5n+2 messages an epoch, of which n carry data") {
  // 2n + 2 to invalidate the readers (the owner upgrades), 3 for each reader; no copy-back, so the home is
  // never read. MESI needs 4n + 4, of which n + 2 carry data: O saves data and the wait at the home, not
  // messages.
  for (int n = 1; n < caches; ++n) {
    Untimed<moesi::Protocol> line({}, caches);
    Counts epoch;
    for (int repeat = 0; repeat < 3; ++repeat) {
      epoch = line.write(0);
      for (int i = 1; i <= n; ++i)
        for (const auto& [kind, count] : line.read(static_cast<NodeId>(i))) epoch[kind] += count;
    }
    CHECK(total(epoch) == 5 * n + 2);
    CHECK(epoch["Data"] == n);
  }
}

TEST_CASE("MOESI: an owner's eviction costs 2 messages and leaves the sharers") {
  Untimed<moesi::Protocol> line({}, caches);
  line.write(0);
  line.read(1);
  CHECK(line.replace(0) == Counts{{"PutO", 1}, {"PutAck", 1}});
  CHECK(line.state(1) == moesi::CacheState::S);
  CHECK(line.read(2) == Counts{{"GetS", 1}, {"Data", 1}});
}

TEST_CASE("MESIF: a read of a clean shared line costs 3 messages from the cache in F, which passes F on") {
  for (int readers = 2; readers < caches; ++readers) {
    Untimed<mesif::Protocol> line({}, caches);
    read_by(line, readers);
    const auto newest = static_cast<NodeId>(readers - 1);
    CHECK(line.state(newest) == mesif::CacheState::F);
    CHECK(line.read(static_cast<NodeId>(readers)) == Counts{{"GetS", 1}, {"FwdGetS", 1}, {"Data", 1}});
    CHECK(line.state(newest) == mesif::CacheState::S);
  }
  Untimed<mesif::Protocol> line({}, caches);
  read_by(line, 3);
  CHECK(line.replace(2) == Counts{{"PutF", 1}, {"PutAck", 1}});
  CHECK(line.read(3) == Counts{{"GetS", 1}, {"Data", 1}});  // nobody in F: from the home
  CHECK(line.state(3) == mesif::CacheState::F);
}

TEST_CASE("MESIF: a write with k other copies costs 2k+1 messages, 2k+2 by the cache in F or without one") {
  for (int k = 1; k < caches - 1; ++k) {
    Untimed<mesif::Protocol> line({}, caches);
    read_by(line, k + 1);
    Untimed<mesif::Protocol> miss({}, caches);
    if (k > 1) read_by(miss, k);
    Untimed<mesif::Protocol> sharer = line;
    CHECK(total(line.write(static_cast<NodeId>(k))) == 2 * k + 2);  // F: AckCount
    CHECK(total(sharer.write(0)) == 2 * k + 1);                     // the data are F's acknowledgement
    if (k > 1) CHECK(total(miss.write(63)) == 2 * k + 1);
  }
  Untimed<mesif::Protocol> line({}, caches);
  read_by(line, 5);
  line.replace(4);
  CHECK(line.write(63) == Counts{{"GetM", 1}, {"Data", 1}, {"Inv", 4}, {"InvAck", 4}});
}

TEST_CASE("MESIF: one writer, then n readers once each: 5n+2 messages an epoch, of which n+2 carry data") {
  // The first read costs 4 (with a copy-back), each later one 3; the writer, in S by now, gets data from F:
  // 2n + 1 with n readers.
  for (int n = 1; n < caches; ++n) {
    Untimed<mesif::Protocol> line({}, caches);
    Counts epoch;
    for (int repeat = 0; repeat < 3; ++repeat) {
      epoch = line.write(0);
      for (int i = 1; i <= n; ++i)
        for (const auto& [kind, count] : line.read(static_cast<NodeId>(i))) epoch[kind] += count;
    }
    CHECK(total(epoch) == 5 * n + 2);
    CHECK(epoch["Data"] == n + 2);
  }
}

namespace {

/// A write by cache 63 after `readers` others have read, none of which is an owner any more.
template <class P>
Counts write_after(const OptionValues& options, int readers) {
  Untimed<P> line(options, caches);
  read_by(line, readers);
  return line.write(63);
}

template <class P>
void check_limited_broadcast(int pointers, int readers) {
  CAPTURE(std::string(P::name), pointers, readers);
  const int asked = readers <= pointers ? readers : caches - 1;
  CHECK(total(write_after<P>(limited("limited_broadcast", pointers), readers)) == 2 * asked + 2);
}

/// Caches in the regions that caches 0 .. readers-1 fall into, without the writer.
int covered(int readers, int region) {
  const int end = std::min((readers + region - 1) / region * region, int{caches});
  return end == caches ? end - 1 : end;
}

template <class P>
void check_coarse(int pointers, int region, int readers) {
  CAPTURE(std::string(P::name), pointers, region, readers);
  OptionValues options = limited("coarse_vector", pointers);
  options["region"] = std::to_string(region);
  const int asked = readers <= pointers ? readers : covered(readers, region);
  CHECK(total(write_after<P>(options, readers)) == 2 * asked + 2);
}

}  // namespace

TEST_CASE("Dir_i_B: a write costs 2k+2 messages with k <= i sharers, 2N with more") {
  for (const int pointers : {1, 2, 3, 4, 6, 8, 16, 32})
    for (int readers = 2; readers < caches; ++readers) {
      check_limited_broadcast<mesi::Protocol>(pointers, readers);
      check_limited_broadcast<msi::Protocol>(pointers, readers);
    }
}

TEST_CASE(
    "Dir_i_CV_r: a write costs 2k+2 messages with k <= i sharers, with more 2(caches in their regions)+2") {
  for (const int pointers : {1, 2, 4, 8})
    for (const int region : {2, 4, 8, 16, 32, 64})
      for (int readers = 2; readers < caches; ++readers) {
        check_coarse<mesi::Protocol>(pointers, region, readers);
        check_coarse<msi::Protocol>(pointers, region, readers);
      }
}

TEST_CASE("imprecise directories: MOESI's owner and MESIF's F are known beside the sharers") {
  // The owner sends the data instead of an acknowledgement: 2(N-2) + 3 after an overflow, as with k = N-2
  // sharers.
  for (int readers = 2; readers < caches - 1; ++readers) {
    const int others = readers - 1 <= 4 ? readers - 1 : caches - 2;
    CHECK(total(write_after<moesi::Protocol>(limited("limited_broadcast", 4), readers)) == 2 * others + 3);
    CHECK(total(write_after<mesif::Protocol>(limited("limited_broadcast", 4), readers)) == 2 * others + 3);
  }
}

TEST_CASE(
    "Dir_i_NB: a read beyond i sharers costs 2 messages more, and never are there more than i sharers") {
  for (const int pointers : {1, 2, 3, 4, 6, 8, 16, 32}) {
    Untimed<mesi::Protocol> line(limited("limited", pointers), caches);
    line.read(0);
    const Counts second = line.read(1);
    CHECK(total(second) == (pointers == 1 ? 6 : 4));
    for (NodeId i = 2; i < caches; ++i) {
      CHECK(total(line.read(i)) == (i < pointers ? 2 : 4));
      int sharers = 0;
      for (NodeId j = 0; j < caches; ++j) sharers += line.state(j) == mesi::CacheState::S;
      CHECK(sharers == std::min<int>(i + 1, pointers));
    }
    CHECK(total(line.write(63)) == 2 * (pointers - 1) + 2);
  }
}

TEST_CASE("a recall costs 2 messages a copy") {
  for (int k = 2; k < caches; ++k) {
    const OptionValues sparse{{"entries", "4"}};
    Untimed<mesi::Protocol> mesi(sparse, caches);
    read_by(mesi, k);
    CHECK(mesi.recall() == Counts{{"Inv", k}, {"InvAck", k}});
    CHECK(mesi.read(0) == Counts{{"GetS", 1}, {"DataE", 1}});
    Untimed<moesi::Protocol> moesi(sparse, caches);
    moesi.write(0);
    read_by(moesi, k);
    CHECK(moesi.recall() == Counts{{"FwdGetM", 1}, {"Data", 1}, {"Inv", k - 1}, {"InvAck", k - 1}});
  }
  Untimed<mesi::Protocol> owned({{"entries", "4"}}, caches);
  owned.write(0);
  CHECK(owned.recall() == Counts{{"FwdGetM", 1}, {"Data", 1}});
}

TEST_CASE("a far atomic costs 2 messages, and 2 more for each copy that others have") {
  const OptionValues far{{"atomics", "far"}};
  for (int k = 2; k < caches; ++k) {
    Untimed<mesi::Protocol> line(far, caches);
    read_by(line, k);
    CHECK(line.rmw(63) == Counts{{"Atomic", 1}, {"Result", 1}, {"Inv", k}, {"InvAck", k}});
    for (NodeId i = 0; i < caches; ++i) CHECK(line.rmw(i) == Counts{{"Atomic", 1}, {"Result", 1}});
    line.write(5);
    CHECK(line.rmw(5) == Counts{});  // the cache has it for itself
    CHECK(line.rmw(6) == Counts{{"Atomic", 1}, {"Result", 1}, {"FwdGetM", 1}, {"Data", 1}});
  }
  Untimed<moesi::Protocol> line(far, caches);
  line.write(0);
  read_by(line, 10);
  CHECK(line.rmw(3) ==
        Counts{{"Atomic", 1}, {"Result", 1}, {"FwdGetM", 1}, {"Data", 1}, {"Inv", 8}, {"InvAck", 8}});
}

TEST_CASE("Hammer: every miss costs 2N+1 messages, whoever has the line") {
  for (int n = 1; n <= 130; ++n) {
    const auto last = static_cast<NodeId>(n - 1);
    Untimed<hammer::Protocol> line({}, static_cast<NodeId>(n));
    CHECK(total(line.read(0)) == 2 * n + 1);
    CHECK(line.state(0) == hammer::CacheState::E);
    if (n == 1) continue;
    const Counts second = line.read(last);
    CHECK(total(second) == 2 * n + 1);
    CHECK(second.at("AckShared") == 1);
    CHECK(line.state(0) == hammer::CacheState::S);
    CHECK(total(line.write(last)) == 2 * n + 1);  // an upgrade, too
    const Counts remote = line.read(0);
    CHECK(total(remote) == 2 * n + 1);
    CHECK(remote.at("Data") == 1);        // the owner's
    CHECK(remote.at("MemoryData") == 1);  // old, and for nothing
    CHECK(line.state(last) == hammer::CacheState::O);
    CHECK(line.replace(0) == Counts{});
    CHECK(line.replace(last) == Counts{{"Put", 1}, {"PutAck", 1}, {"WriteBack", 1}});
  }
}
