// Memory orders of programs: what relaxed, release and sequentially consistent stores and fences are on cores
// with and without a store buffer, and that threads take their stores along.

#include <catch2/catch.hpp>

#include "tests/support/programs.hpp"

using namespace baton::test;
using namespace baton::programs;

namespace {

constexpr int rounds = 60;

/// Store buffering, again and again on fresh words: how often did both threads read 0?
struct Buffering {
  explicit Buffering(Setup& setup) : barrier(setup.memory.object()) {
    for (int i = 0; i < 2 * rounds; ++i) words.push_back(setup.memory.object());
  }
  Address barrier;
  std::vector<Address> words;
  mutable std::uint64_t seen[2][rounds] = {};
};

struct Kinds {
  Order store = Order::relaxed;
  bool exchange = false;
  std::optional<Order> fence = {};
};

Task<> buffer(Thread& t, Buffering& s, Kinds kinds) {
  const std::uint32_t me = t.index();
  for (int i = 0; i < rounds; ++i) {
    const Address mine = s.words[static_cast<std::size_t>(2 * i) + me];
    const Address other = s.words[static_cast<std::size_t>(2 * i) + 1 - me];
    co_await t.load(other);
    co_await t.fetch_add(s.barrier, 1);
    const auto all = static_cast<std::uint64_t>(2 * (i + 1));
    co_await t.spin_while(
        s.barrier, [all](std::uint64_t n) { return n < all; }, 3);
    if (kinds.exchange)
      co_await t.exchange(mine, 1, Order::relaxed);
    else
      co_await t.store(mine, 1, kinds.store);
    if (kinds.fence) co_await t.fence(*kinds.fence);
    s.seen[me][i] = co_await t.load(other, Order::acquire);
  }
}

/// The number of rounds in which both read 0, as the run's failure says it.
std::string both_zero(const char* consistency, Kinds kinds) {
  SmallProgram<Buffering> program([kinds](Thread& t, Buffering& s) { return buffer(t, s, kinds); },
                                  [](const Buffering& s, const Contents&) -> std::optional<std::string> {
                                    int times = 0;
                                    for (int i = 0; i < rounds; ++i)
                                      times += s.seen[0][i] + s.seen[1][i] == 0;
                                    return times == 0 ? "never" : "sometimes";
                                  });
  MachineParameters machine = machine_of(2, "mesh");
  machine.core.consistency = consistency;
  RunOptions options;
  options.check = true;
  const std::string failure = run_program(machine, full_map, {.program = &program}, options).failure;
  return failure.find("failed: never") != std::string::npos       ? "never"
         : failure.find("failed: sometimes") != std::string::npos ? "sometimes"
                                                                  : failure;
}

/// Each thread stores to lines that others want, then to a word of its own, and gives its core away: on
/// whatever core it goes on, it must find what it stored.
struct Own {
  explicit Own(Setup& setup) {
    for (int i = 0; i < 8; ++i) own.push_back(setup.memory.object());
    for (int i = 0; i < 4; ++i) wanted.push_back(setup.memory.object());
  }
  std::vector<Address> own, wanted;
};

enum class Leaves { yields, sleeps, loses_its_slice };

Task<> remember(Thread& t, Own& s, Leaves how) {
  const Address mine = s.own[t.index()];
  for (std::uint64_t i = 1; i <= 30; ++i) {
    for (const Address word : s.wanted) co_await t.store(word, i, Order::relaxed);
    co_await t.store(mine, i, Order::release);
    if (how == Leaves::yields) co_await t.yield();
    if (how == Leaves::sleeps) co_await t.sleep_cycles(1 + t.random().below(100));
    if (how == Leaves::loses_its_slice) co_await t.compute(100 + t.random().below(100));
    if (co_await t.load(mine) != i) throw ProgramFailure("a store was left behind");
  }
}

}  // namespace

TEST_CASE("under TSO a load overtakes a store unless an order forbids it") {
  CHECK(both_zero("tso", {Order::relaxed}) == "sometimes");
  CHECK(both_zero("tso", {Order::release}) == "sometimes");
  CHECK(both_zero("tso", {Order::release, false, Order::acq_rel}) == "sometimes");
  CHECK(both_zero("tso", {Order::seq_cst}) == "never");
  CHECK(both_zero("tso", {Order::relaxed, false, Order::seq_cst}) == "never");
  CHECK(both_zero("tso", {Order::relaxed, true}) == "never");
}

TEST_CASE("under sequential consistency no order changes anything") {
  for (const Kinds kinds : {Kinds{Order::relaxed}, Kinds{Order::release}, Kinds{Order::seq_cst}})
    CHECK(both_zero("sc", kinds) == "never");
}

TEST_CASE("a thread that leaves its core leaves no store behind") {
  for (const Leaves how : {Leaves::yields, Leaves::sleeps, Leaves::loses_its_slice}) {
    SmallProgram<Own> program([how](Thread& t, Own& s) { return remember(t, s, how); });
    MachineParameters machine = machine_of(3, "mesh");
    machine.core.consistency = "tso";
    machine.network.link_cycles = 300;
    machine.system.time_slice_ps = 100'000;
    machine.system.context_switch_ps = 1'000;
    machine.system.system_call_ps = 1'000;
    RunOptions options;
    options.check = true;
    const Result result = run_program(machine, full_map, {.program = &program, .threads = 8}, options);
    CHECK(result.failure == "");
    CHECK(result["migrations"] > 2);
  }
}

TEST_CASE("locks and queues keep their promises under TSO") {
  for (const char* lock : {"test_and_set", "ticket", "mcs", "clh", "futex"}) {
    MachineParameters machine = machine_of(4, "mesh");
    machine.core.consistency = "tso";
    RunOptions options;
    options.check = true;
    CAPTURE(lock);
    CHECK(run_program(machine, full_map,
                      {.program = find_program("lock_counter"),
                       .settings = {{"lock", 0, lock}, {"operations_per_thread", 20}}},
                      options)
              .failure == "");
  }
}
