// What an acquisition costs in messages, exactly, as waiters grow (traces/programs/README.md, "What the locks
// cost", derives the figures), and what a load before a compare-and-swap costs.

#include <catch2/catch.hpp>

#include "tests/support/programs.hpp"

using namespace baton::test;
using baton::programs::find_program;

namespace {

/// Messages of so many additions by each thread under a lock, every thread on a core of its own.
std::uint64_t messages(const char* lock, std::uint32_t threads, double operations,
                       const ProtocolChoice& protocol, const char* topology) {
  const ProgramRun run{find_program("lock_counter"),
                       {{"lock", 0, lock}, {"operations_per_thread", operations}}};
  MachineParameters machine = machine_of(threads, topology);
  machine.core.pause_cycles = 10;  // short enough that no waiter sleeps through a whole hand-off
  return run_program(machine, protocol, run)["messages"];
}

/// Of 20 acquisitions by each thread while all others wait. Beginning and end are the same in both runs:
/// there fewer wait.
std::uint64_t of_twenty(const char* lock, std::uint32_t threads, const ProtocolChoice& protocol,
                        const char* topology) {
  return messages(lock, threads, 50, protocol, topology) - messages(lock, threads, 30, protocol, topology);
}

}  // namespace

TEST_CASE("MESI: a ticket lock's acquisition costs 4N + 11 messages, those of MCS and CLH locks 32 and 27") {
  for (const char* topology : {"ideal", "mesh"})
    for (const std::uint32_t threads : {4U, 8U, 16U, 32U, 64U}) {
      CAPTURE(topology, threads);
      const std::uint64_t acquisitions = 20 * threads;
      CHECK(of_twenty("ticket", threads, full_map, topology) == acquisitions * (4 * threads + 11));
      CHECK(of_twenty("mcs", threads, full_map, topology) == acquisitions * 32);
      CHECK(of_twenty("clh", threads, full_map, topology) == acquisitions * 27);
    }
}

TEST_CASE("MESI without a list of sharers: every lock's acquisition costs 6 messages more with each core") {
  for (const std::uint32_t threads : {4U, 8U, 16U, 32U}) {
    CAPTURE(threads);
    const std::uint64_t acquisitions = 20 * threads;
    CHECK(of_twenty("ticket", threads, broadcast, "ideal") == acquisitions * (6 * threads + 7));
    CHECK(of_twenty("mcs", threads, broadcast, "ideal") == acquisitions * (6 * threads + 18));
    CHECK(of_twenty("clh", threads, broadcast, "ideal") == acquisitions * (6 * threads + 15));
  }
}

TEST_CASE(
    "ownership: MCS and CLH locks cost 18 and 15 messages, and a ticket lock's waiters take the line away") {
  for (const char* topology : {"ideal", "mesh"})
    for (const std::uint32_t threads : {4U, 8U, 16U, 32U, 64U}) {
      CAPTURE(topology, threads);
      const std::uint64_t acquisitions = 20 * threads;
      CHECK(of_twenty("mcs", threads, migrate, topology) == acquisitions * 18);
      CHECK(of_twenty("clh", threads, migrate, topology) == acquisitions * 15);
    }
  // A load moves the line: each look of a waiter is a transfer, as long as anybody else has looked since. So
  // it costs at least one for each waiter, and more the longer they wait.
  for (const std::uint32_t threads : {8U, 16U, 32U})
    CHECK(of_twenty("ticket", threads, migrate, "ideal") > 20 * threads * 3 * (threads - 1));
}

TEST_CASE("a snapshot is not kept: under it no lock spins locally") {
  for (const char* lock : {"ticket", "mcs", "clh"}) {
    CAPTURE(lock);
    const double few = static_cast<double>(of_twenty(lock, 4, snapshot, "ideal")) / 4;
    const double many = static_cast<double>(of_twenty(lock, 32, snapshot, "ideal")) / 32;
    CHECK(many > 2 * few);
  }
}

TEST_CASE("in turns, a load before the compare-and-swap makes two transactions of the hand-off") {
  const auto hand_off = [](const char* expected, const ProtocolChoice& protocol) {
    MachineParameters machine = machine_of(3);  // the counter's home is at neither thread
    machine.core.pause_cycles = 1;
    return run_program(machine, protocol,
                       {find_program("cas_counter"),
                        {{"operations_per_thread", 500}, {"take_turns", 1}, {"expected", 0, expected}},
                        2});
  };
  for (const auto& protocol : {full_map, migrate}) {
    const Result loaded = hand_off("loaded", protocol), blind = hand_off("last_seen", protocol);
    CAPTURE(protocol.name);
    const bool mesi = protocol.name == full_map.name;
    CHECK(loaded.real("messages_per_operation") == Approx(mesi ? 8 : 3).epsilon(0.01));
    CHECK(blind.real("messages_per_operation") == Approx(3).epsilon(0.01));
    CHECK(loaded["count_failures"] == 0);
    CHECK(blind["count_failures"] > 500);
    const double ratio = loaded.real("cycles") / blind.real("cycles");
    if (mesi)
      CHECK(ratio > 1.8);
    else
      CHECK(ratio == Approx(1.0).margin(0.1));
  }
}
