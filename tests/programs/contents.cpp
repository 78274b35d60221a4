// Do values live in versions of lines, so that only what the machine delivers is ever read?
#include "tests/programs/support.hpp"

using namespace baton::programs;
using namespace baton::programs::test;

namespace {

constexpr Address base = 0x10000;

struct Fixture {
  explicit Fixture(std::uint32_t line_bytes = 64, std::size_t history = 1 << 20)
      : contents(base, line_bytes, history), arena(base, contents) {}
  Contents contents;
  Arena arena;
};

}  // namespace

TEST_CASE("a word is its initial value until a store makes a new version") {
  Fixture f;
  const Address a = f.arena.object(2);
  f.arena.set(a + 8, 7);
  CHECK(f.contents.read(a, 0) == 0);
  CHECK(f.contents.read(a + 8, 0) == 7);
  const Version first = f.contents.write(a, 0, 5);
  CHECK(first != 0);
  CHECK(f.contents.read(a, first) == 5);
  CHECK(f.contents.read(a + 8, first) == 7);
  const Version second = f.contents.write(a + 8, first, 9);
  CHECK(second != first);
  CHECK(f.contents.read(a, second) == 5);
  CHECK(f.contents.read(a + 8, second) == 9);
}

TEST_CASE("an older version still reads as it was") {
  Fixture f;
  const Address a = f.arena.object(8);
  std::vector<Version> versions{0};
  for (std::uint64_t i = 1; i <= 50; ++i)
    versions.push_back(f.contents.write(a + 8 * (i % 8), versions.back(), i));
  for (std::uint64_t i = 0; i <= 50; ++i)
    for (std::uint64_t w = 0; w < 8; ++w) {
      std::uint64_t last = 0;
      for (std::uint64_t k = 1; k <= i; ++k) last = k % 8 == w ? k : last;
      CHECK(f.contents.read(a + 8 * w, versions[i]) == last);
    }
}

TEST_CASE("a store on a stale version loses the updates since") {
  Fixture f;
  const Address a = f.arena.object(2);
  const Version one = f.contents.write(a, 0, 1);
  const Version other = f.contents.write(a, 0, f.contents.read(a, 0) + 1);  // did not see the first store
  CHECK(other != one);
  CHECK(f.contents.last(a) == 1);
  // Also another word of the line goes back.
  const Version neighbour = f.contents.write(a + 8, other, 3);
  const Version again = f.contents.write(a, one, 10);
  CHECK(f.contents.read(a + 8, neighbour) == 3);
  CHECK(f.contents.read(a + 8, again) == 0);
  CHECK(f.contents.last(a) == 10);
}

TEST_CASE("the ring is bounded: a version that fell out is a clear failure, others are unharmed") {
  Fixture f(64, 80 * 10);  // ten replacements
  const Address a = f.arena.object();
  const Address b = f.arena.object();
  const Version kept = f.contents.write(b, 0, 1);
  Version v = 0;
  for (std::uint64_t i = 1; i <= 9; ++i) v = f.contents.write(a, v, i);
  CHECK(f.contents.read(a, 0) == 0);
  CHECK(f.contents.read(b, 0) == 0);  // the oldest that is left
  v = f.contents.write(a, v, 10);
  CHECK_THAT(failure_of([&] { f.contents.read(b, 0); }), Catch::Contains("replaced more than 10 stores ago"));
  CHECK(f.contents.read(b, kept) == 1);
  CHECK(f.contents.read(a, 0) == 0);
  v = f.contents.write(a, v, 11);
  CHECK_THAT(failure_of([&] { f.contents.read(a, 0); }), Catch::Contains("replaced more than 10 stores ago"));
  CHECK(f.contents.last(a) == 11);
}

TEST_CASE("a version that the line never had is a failure") {
  Fixture f;
  const Address a = f.arena.object();
  const Address b = f.arena.object();
  const Version of_a = f.contents.write(a, 0, 1);
  CHECK_THAT(failure_of([&] { f.contents.read(b, of_a); }), Catch::Contains("never had"));
}

TEST_CASE("accesses outside the program's memory or beside a word fail") {
  Fixture f;
  const Address a = f.arena.object();
  CHECK_THAT(failure_of([&] { f.contents.read(0, 0); }), Catch::Contains("0x0, outside its memory"));
  CHECK_THAT(failure_of([&] { f.contents.read(base - 8, 0); }), Catch::Contains("outside its memory"));
  CHECK_THAT(failure_of([&] { f.contents.read(a + 64, 0); }), Catch::Contains("outside its memory"));
  CHECK_THAT(failure_of([&] { f.contents.write(a + 4, 0, 1); }),
             Catch::Contains("not the address of a word"));
}

TEST_CASE("placement decides which words share a line") {
  for (const std::uint32_t line : {8U, 64U, 512U, 4096U}) {
    Fixture f(line);
    CAPTURE(line);
    const auto line_of = [&](Address a) { return a / line; };
    const Address alone = f.arena.object();
    const Array close = f.arena.array(16, 1, packed);
    const Address behind = f.arena.object(1, packed);
    const Address own = f.arena.object();
    const Address later = f.arena.object(1, packed);
    const Array wide = f.arena.array(3, 2, padded(48));
    CHECK(alone % line == 0);
    CHECK(own % line == 0);
    CHECK(line_of(alone) != line_of(close[0]));
    CHECK(close[15] - close[0] == 15 * 8);
    CHECK(behind == close[15] + 8);
    CHECK(line_of(own) != line_of(behind));
    CHECK(line_of(later) != line_of(own));
    CHECK(wide[1] - wide[0] == 64);
    const Array lines = f.arena.array(4, line / 8 + 1);
    CHECK(lines[1] - lines[0] == 2 * line);
    for (const Address a : {alone, close[15], behind, own, later, wide[2], lines[3] + line}) {
      CHECK(f.contents.read(a, 0) == 0);
    }
  }
  Fixture f;
  CHECK_THROWS_AS(f.arena.array(2, 1, padded(4)), std::invalid_argument);
  CHECK_THROWS_AS(f.arena.array(2, 0), std::invalid_argument);
}
