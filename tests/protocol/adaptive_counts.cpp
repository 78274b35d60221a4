// What does each kind of access cost under adaptive ownership, what makes a line migratory and what ends it?
// The formulas of protocols/adaptive/README.md, with the tables alone.

#include <catch2/catch.hpp>

#include "protocols/adaptive/adaptive.hpp"
#include "protocols/mesi/mesi.hpp"
#include "tests/support/mutants.hpp"
#include "tests/support/untimed.hpp"

using namespace baton;
using namespace baton::test;

namespace {

using P = adaptive::Protocol;
using State = adaptive::CacheState;
constexpr NodeId caches = 64;
constexpr NodeId last = caches - 1;

const Counts given{{"GetS", 1}, {"FwdGive", 1}, {"DataG", 1}};
const Counts shared{{"GetS", 1}, {"FwdGetS", 1}, {"Data", 2}};

/// Four writes by caches 0 and 1 in turn: enough signs of migration after whatever came before. Cache 1 owns
/// the line.
template <class Protocol>
void write_in_turn(Untimed<Protocol>& line) {
  for (int i = 0; i < 6; ++i) line.write(static_cast<NodeId>(i % 2));
}

Counts given_again(const char* answer) {
  return {{"GetS", 1}, {"FwdGiveAgain", 1}, {"DataG", 1}, {answer, 1}};
}

}  // namespace

TEST_CASE("adaptive: a line that is read by many costs what it costs under MESI") {
  for (int readers = 2; readers < caches; ++readers) {
    Untimed<P> line({}, caches);
    Untimed<mesi::Protocol> same({}, caches);
    for (int epoch = 0; epoch < 3; ++epoch) {
      for (NodeId i = 0; i < readers; ++i) CHECK(line.read(i) == same.read(i));
      CHECK(line.write(last) == same.write(last));
    }
    CHECK(line.replace(last) == same.replace(last));
  }
}

TEST_CASE(
    "adaptive: reads and writes of a migratory line cost 3 messages, a read before a write nothing more") {
  Untimed<P> line({}, caches);
  write_in_turn(line);
  for (NodeId i = 2; i < caches; ++i) {
    CHECK(line.read(i) == given);
    CHECK(line.state(i) == State::G);
    CHECK(line.write(i).empty());
    CHECK(line.state(i) == State::M);
    CHECK(line.state(static_cast<NodeId>(i - 1)) == State::I);
  }
  CHECK(line.write(0) == Counts{{"GetM", 1}, {"FwdGetM", 1}, {"Data", 1}});
  CHECK(line.replace(0) == Counts{{"PutM", 1}, {"PutAck", 1}});
  // The home remembers. What it gives is clean, and stays so until it is written.
  CHECK(line.read(2) == Counts{{"GetS", 1}, {"DataE", 1}});
  CHECK(line.read(3) == Counts{{"GetS", 1}, {"FwdGive", 1}, {"DataE", 1}});
  CHECK(line.replace(3) == Counts{{"PutE", 1}, {"PutAck", 1}});
}

TEST_CASE("adaptive: what was given and not written is dirty all the same") {
  Untimed<P> line({}, caches);
  write_in_turn(line);
  line.read(2);
  CHECK(line.replace(2) == Counts{{"PutM", 1}, {"PutAck", 1}});
}

TEST_CASE(
    "adaptive: after a sign of sharing, four epochs of read and write by one core make a line migratory") {
  for (int patience = 1; patience <= 7; ++patience) {
    Untimed<P> line({{"patience", std::to_string(patience)}}, caches);
    for (NodeId i = 10; i < 13; ++i) line.read(i);  // the third one finds the line shared
    line.write(13);                                 // the first sign
    NodeId next = 14;
    for (int sign = 1; sign < patience; ++sign, ++next) {
      CHECK(line.read(next) == shared);
      CHECK(line.write(next) == Counts{{"GetM", 1}, {"AckCount", 1}, {"Inv", 1}, {"InvAck", 1}});
    }
    CHECK(line.read(next) == given);
  }
}

TEST_CASE("adaptive: a producer's upgrade is a sign of sharing") {
  Untimed<P> line({}, caches);
  for (int epoch = 0; epoch < 10; ++epoch) {
    line.write(0);
    CHECK(line.read(1) == shared);
  }
}

TEST_CASE("adaptive: a reader that returns to an unwritten line ends the migration, to a written one not") {
  Untimed<P> line({}, caches);
  write_in_turn(line);
  CHECK(line.read(2) == given);
  Untimed<P> written = line;
  CHECK(line.read(1) == given_again("Unwritten"));
  CHECK(line.read(2) == shared);
  CHECK(line.read(3) == Counts{{"GetS", 1}, {"Data", 1}});

  written.write(2);
  CHECK(written.read(1) == given_again("Written"));
  // The write has ended the time in which the former owners would have shared the line.
  CHECK(written.read(2) == given);
  CHECK(written.read(1) == given_again("Unwritten"));
}

TEST_CASE(
    "adaptive: n cores that read and write in turn pay one question for each n - 1 hand-overs or more") {
  for (const int cores : {2, 3, 8, 64}) {
    Untimed<P> line({}, caches);
    write_in_turn(line);
    int messages = 0;
    const int rounds = 20;
    for (int i = 0; i < rounds * cores; ++i) {
      const auto core = static_cast<NodeId>((i + 2) % cores);
      messages += total(line.read(core)) + total(line.write(core));
    }
    CAPTURE(cores);
    CHECK(messages <= 3 * rounds * cores + rounds * cores / (cores == 2 ? 2 : cores - 1) + 1);
  }
}

TEST_CASE("faults planted in adaptive ownership are found") {
  using E = adaptive::CacheEvent;
  using HS = adaptive::HomeState;
  using HE = adaptive::HomeEvent;
  require_killed<P>({
      {"a given line counts as clean",
       {},
       [](auto& cache, auto&) { cache.copy(State::G, E::Replace, State::E, E::Replace); },
       "data value"},
      {"a dirty line is given as a clean one",
       {},
       [](auto& cache, auto&) { cache.copy(State::M, E::FwdGive, State::E, E::FwdGive); },
       "data value"},
      {"who gives a line keeps it",
       {},
       [](auto& cache, auto&) { cache.set_next(State::M, E::FwdGive, State::S); },
       "SWMR"},
      {"the home does not register the reader",
       {},
       [](auto&, auto& home) { home.drop_action(HS::EM, HE::GetSGive, "set_owner"); },
       ""},
      {"an owner that evicts does not give",
       {},
       [](auto& cache, auto&) { cache.stall_on(State::MI_A, E::FwdGive); },
       "deadlock"},
      {"the home does not expect an answer when the line has been evicted",
       {},
       [](auto&, auto& home) { home.remove(HS::I, HE::Unwritten); },
       "impossible cell: home in I on Unwritten",
       3},
  });
}
