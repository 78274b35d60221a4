// The operating-system layer: spinning, sleeping, run queues, slices, injected pre-emption, slow cores.

#include <map>
#include <sstream>

#include <catch2/catch.hpp>

#include "sim/machine/speed.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/workloads.hpp"

using namespace baton::test;
using namespace baton::programs;

namespace {

struct State {
  explicit State(Setup& setup)
      : lock(setup.memory.object()),
        data(setup.memory.object()),
        work(setup.kind("work")),
        inside(setup.phase("inside")),
        point(setup.preemption_point("critical_section")) {}
  Address lock, data;
  OperationKind work;
  PhaseName inside;
  PreemptionPoint point;
};
using Small = SmallProgram<State>;

std::optional<std::string> data_is(std::uint64_t expected, const State& s, const Contents& memory) {
  if (memory.last(s.data) == expected) return {};
  return "data is " + std::to_string(memory.last(s.data)) + ", not " + std::to_string(expected);
}

Task<> spin_acquire(Thread& t, Address lock) {
  while (co_await t.exchange(lock, 1) != 0) co_await t.spin_while(lock, 1);
}

/// Drepper, Futexes Are Tricky (2011), mutex 2.
Task<> futex_acquire(Thread& t, Address lock) {
  const Compared taken = co_await t.compare_exchange(lock, 0, 1);
  if (taken) co_return;
  std::uint64_t seen = taken.seen == 2 ? 2 : co_await t.exchange(lock, 2);
  while (seen != 0) {
    co_await t.futex_wait(lock, 2);
    seen = co_await t.exchange(lock, 2);
  }
}
Task<> futex_release(Thread& t, Address lock) {
  if (co_await t.exchange(lock, 0) == 2) co_await t.futex_wake(lock);
}

/// Every thread adds so many times under a lock.
Small counter(int times, bool sleeping, std::uint64_t threads, std::uint64_t inside_cycles = 0) {
  return Small(
      [=](Thread& t, State& s) -> Task<> {
        for (int i = 0; i < times; ++i) {
          t.begin(s.work);
          if (sleeping)
            co_await futex_acquire(t, s.lock);
          else
            co_await spin_acquire(t, s.lock);
          {
            const auto phase = t.phase(s.inside);
            co_await t.preemption_point(s.point);
            const std::uint64_t value = co_await t.load(s.data);
            co_await t.compute(inside_cycles);
            co_await t.store(s.data, value + 1);
          }
          if (sleeping)
            co_await futex_release(t, s.lock);
          else
            co_await t.store(s.lock, 0);
          t.end();
        }
      },
      [=](const State& s, const Contents& memory) {
        return data_is(static_cast<std::uint64_t>(times) * threads, s, memory);
      });
}

std::uint64_t sum_of_causes(const Result& result) {
  std::uint64_t sum = 0;
  for (const auto& [name, value] : result.columns())
    if (name.starts_with("thread_cycles_")) sum += result[name];
  return sum;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "locks keep all updates under every protocol, spinning or sleeping, with few and with many threads") {
  for (const auto& named : every_choice())
    for (const bool sleeping : {false, true})
      for (const std::uint32_t threads : {1U, 4U, 11U})
        for (const bool steal : {false, true}) {
          const Small program = counter(20, sleeping, threads, 50);
          MachineParameters machine = machine_of(4, "mesh");
          machine.system.time_slice_ps = 2'000'000;
          machine.system.steal = steal;
          RunOptions options;
          options.check = true;
          const Result result =
              run_program(machine, named.choice, {.program = &program, .threads = threads}, options);
          CAPTURE(named.label, sleeping, threads, steal, result.failure);
          CHECK(result["operations_work"] == 20 * threads);
          CHECK(sum_of_causes(result) == result["thread_cycles"]);
          if (threads <= 4 && !sleeping) CHECK(result["context_switches"] == 0);
          if (threads > 4) CHECK(result["context_switches"] > 0);
          if (threads == 11 && sleeping) CHECK(result["futex_waits"] > 0);
        }
}

TEST_CASE("pinned threads run where the list says, and nowhere else") {
  // Threads that run at once each need their own core, or else they take turns: so the time tells where they
  // are.
  const Small program([](Thread& t, State& s) -> Task<> {
    t.begin(s.work);
    co_await t.compute(100'000);
    t.end();
  });
  MachineParameters machine = machine_of(4, "mesh");
  machine.core.slow_cores = 1;  // core 3
  machine.system.context_switch_ps = 0;
  const auto cycles = [&](const char* pin, std::uint32_t threads) {
    machine.system.pin = pin;
    const Result result = run_program(machine, {}, {.program = &program, .threads = threads});
    CAPTURE(result.failure);
    return result["cycles"] / 100'000;
  };
  CHECK(cycles("", 3) == 1);
  CHECK(cycles("0-2", 3) == 1);
  CHECK(cycles("3", 1) == 2);
  CHECK(cycles("2", 3) == 3);  // cores 0 and 1 are idle, and nobody goes there
  CHECK(cycles("0,1,0", 3) == 2);
  CHECK(cycles("1,3", 4) == 4);  // the list starts again: two threads on the slow core
}

TEST_CASE("exact events and streaming measure the same, slices and spins included") {
  for (const auto& named : every_choice())
    for (const bool sleeping : {false, true}) {
      const Small program = counter(30, sleeping, 9, 100);
      MachineParameters machine = machine_of(4, "mesh");
      machine.system.time_slice_ps = 1'000'000;
      machine.core.pause_cycles = 7;
      RunOptions exact;
      exact.exact_events = true;
      CAPTURE(named.label, sleeping);
      const ProgramRun run{.program = &program, .threads = 9};
      CHECK(difference(run_program(machine, named.choice, run),
                       run_program(machine, named.choice, run, exact)) == "");
    }
}

TEST_CASE("a spinning thread is pre-empted at the end of its slice, so that who it waits for can run") {
  // Thread 0 spins until thread 1, on the same core, sets the word.
  const Small program([](Thread& t, State& s) -> Task<> {
    if (t.index() == 0)
      co_await t.spin_until(s.data, 1);
    else
      co_await t.store(s.data, 1);
  });
  for (const auto& protocol : {full_map, migrate, snapshot}) {
    MachineParameters machine = machine_of(1);
    machine.system.time_slice_ps = 10'000'000;     // 20,000 cycles
    machine.system.context_switch_ps = 1'000'000;  // 2,000 cycles
    const Result result = run_program(machine, protocol, {.program = &program, .threads = 2});
    CAPTURE(protocol.name, result.failure);
    CHECK(result["preemptions"] == 1);
    CHECK(result["context_switches"] == 2);
    CHECK(result["thread_cycles_spin"] >= 20'000);
    CHECK(result["thread_cycles_spin"] < 20'500);
    CHECK(result["cycles"] >= 24'000);
    CHECK(result["cycles"] < 25'000);
  }
}

TEST_CASE("threads of one core take turns by slices, and each turn costs a switch") {
  const Small program([](Thread& t, State&) -> Task<> { co_await t.compute(95'000); });
  MachineParameters machine = machine_of(1);
  machine.system.time_slice_ps = 5'000'000;      // 10,000 cycles
  machine.system.context_switch_ps = 1'000'000;  // 2,000 cycles
  const Result result = run_program(machine, full_map, {.program = &program, .threads = 3});
  CHECK(result["thread_cycles_compute"] == 285'000);
  // 30 turns, each but the first with a switch before it.
  CHECK(result["context_switches"] == 29);
  CHECK(result["preemptions"] == 27);
  CHECK(result["cycles"] == 285'000 + 29 * 2'000);
  CHECK(result["thread_cycles"] == sum_of_causes(result));
}

TEST_CASE("futex: exact times of a wait and a wake") {
  // Thread 1 sleeps; thread 0 wakes it after 10,000 cycles of work.
  const Small program([](Thread& t, State& s) -> Task<> {
    if (t.index() == 1) {
      if (!co_await t.futex_wait(s.lock, 0)) co_await t.sleep_cycles(1'000'000);
    } else {
      co_await t.compute(10'000);
      const std::uint64_t woken = co_await t.futex_wake(s.lock, 5);
      if (woken != 1) co_await t.sleep_cycles(1'000'000);
    }
  });
  MachineParameters machine = machine_of(2);
  machine.system.system_call_ps = 100'000;     // 200 cycles
  machine.system.wake_ps = 50'000;             // 100
  machine.system.wake_latency_ps = 500'000;    // 1,000
  machine.system.context_switch_ps = 400'000;  // 800
  const Result result = run_program(machine, full_map, {.program = &program});
  CHECK(result["futex_waits"] == 1);
  CHECK(result["futex_wakes"] == 1);
  CHECK(result["cycles"] == 10'000 + 200 + 1'000 + 800);
  CHECK(result["thread_cycles_system_call"] == 200 + 200 + 100);
  CHECK(result["thread_cycles_wake_latency"] == 1'000);
  CHECK(result["thread_cycles_context_switch"] == 800);
  CHECK(result["thread_cycles_futex_wait"] ==
        10'000 + 200 - 200 - result["thread_cycles_miss"] - result["thread_cycles_hit"]);
}

TEST_CASE("futex: a wake takes its time for each thread that it wakes") {
  // Threads 1 to 3 sleep; thread 0 wakes all of them after 10,000 cycles of work.
  const Small program([](Thread& t, State& s) -> Task<> {
    if (t.index() != 0) {
      co_await t.futex_wait(s.lock, 0);
    } else {
      co_await t.compute(10'000);
      const std::uint64_t woken = co_await t.futex_wake(s.lock, 5);
      if (woken != 3) co_await t.sleep_cycles(1'000'000);
    }
  });
  MachineParameters machine = machine_of(4);
  machine.system.system_call_ps = 100'000;   // 200 cycles
  machine.system.wake_ps = 50'000;           // 100
  machine.system.wake_latency_ps = 500'000;  // 1,000
  const Result result = run_program(machine, full_map, {.program = &program});
  CHECK(result["futex_wakes"] == 3);
  CHECK(result["thread_cycles_sleep"] == 0);
  CHECK(result["thread_cycles_system_call"] == 4 * 200 + 3 * 100);
  CHECK(result["thread_cycles_wake_latency"] == 3 * 1'000);
}

TEST_CASE("no wake-up is lost, however wait and wake meet") {
  // The waker's store and wake come at every offset around the waiter's check.
  for (const auto& protocol : {full_map, migrate, snapshot})
    for (std::uint64_t offset = 0; offset < 700; offset += 3) {
      const Small program([offset](Thread& t, State& s) -> Task<> {
        if (t.index() == 1) {
          co_await t.load(s.lock);
          co_await t.compute(300);
          while (co_await t.load(s.lock) == 0) co_await t.futex_wait(s.lock, 0);
        } else {
          co_await t.compute(offset);
          co_await t.store(s.lock, 1);
          co_await t.futex_wake(s.lock);
        }
      });
      MachineParameters machine = machine_of(2);
      machine.network.latency_cycles = 40;
      machine.system.system_call_ps = 500;  // a cycle: the check is near the wake
      const Result result = run_program(machine, protocol, {.program = &program});
      CAPTURE(protocol.name, offset, result.failure);
      REQUIRE(result.ok());
    }
}

TEST_CASE("a deadlock says who waits for what") {
  const Small program([](Thread& t, State& s) -> Task<> {
    if (t.index() == 0) co_return;
    if (t.index() == 1) co_await t.spin_until(s.data, 7);
    co_await t.futex_wait(s.lock, 0);
  });
  const Result result = run_program(machine_of(4), full_map, {.program = &program, .threads = 3});
  CAPTURE(result.failure);
  CHECK(contains(result.failure, "deadlock"));
  CHECK(contains(result.failure, "thread 2 sleeps on futex 0x1000000000000 since cycle"));
  CHECK(contains(result.failure, "thread 1 spins on 0x1000000000040"));
  CHECK(!contains(result.failure, "thread 0"));
}

TEST_CASE("threads that spin for ever and take turns are ended by the watchdog") {
  const Small program([](Thread& t, State& s) -> Task<> { co_await t.spin_until(s.data, 7); });
  MachineParameters machine = machine_of(2);
  machine.system.time_slice_ps = 10'000'000;
  RunOptions options;
  options.watchdog_cycles = 100'000;
  const Result result = run_program(machine, full_map, {.program = &program, .threads = 5}, options);
  CAPTURE(result.failure);
  CHECK(contains(result.failure, "no access has completed for "));
  CHECK(contains(result.failure, "spins on 0x1000000000040"));
}

TEST_CASE("a failed self-check is a failed run") {
  const Small program(
      [](Thread& t, State& s) -> Task<> { co_await t.store(s.data, co_await t.load(s.data) + 1); },
      [](const State& s, const Contents& memory) { return data_is(4, s, memory); });
  const Result result = run_program(machine_of(4), full_map, {.program = &program});
  CHECK(contains(result.failure, "the program's self-check failed: data is "));
}

TEST_CASE("an access outside the program's memory is a failed run") {
  const Small program([](Thread& t, State& s) -> Task<> { co_await t.store(s.data + 64, 1); });
  const Result result = run_program(machine_of(2), full_map, {.program = &program});
  CHECK(contains(result.failure, "outside its memory"));
}

TEST_CASE("sleeping and yielding let others run, and sleeping longer than the watchdog is no failure") {
  const Small program([](Thread& t, State& s) -> Task<> {
    if (t.index() == 0) {
      while (co_await t.load(s.data) < 2) co_await t.yield();
    } else {
      co_await t.sleep_ps(100'000'000);  // 200,000 cycles
      co_await t.fetch_add(s.data, 1);
    }
  });
  RunOptions options;
  options.watchdog_cycles = 20'000;
  const Result result = run_program(machine_of(1), full_map, {.program = &program, .threads = 3}, options);
  CAPTURE(result.failure);
  CHECK(result["preemptions"] == 0);
  CHECK(result["thread_cycles_sleep"] == 2 * 200'000);
  CHECK(result["cycles"] > 200'000);
}

TEST_CASE("injected pre-emption: the owner of a lock loses its core, and others wait for it") {
  const Small program = counter(200, false, 4);
  ProgramRun run{.program = &program, .threads = 4};
  run.injection = InjectionChoice{"critical_section", 0.05, 5'000'000, 5'000'000, false};
  const Result calm = run_program(machine_of(4), full_map, {.program = &program, .threads = 4});
  const Result hit = run_program(machine_of(4), full_map, run);
  CHECK(calm["injected_preemptions"] == 0);
  CHECK(hit["injected_preemptions"] > 20);
  CHECK(hit["injected_preemptions"] < 70);
  CHECK(hit["thread_cycles_preempted"] == hit["injected_preemptions"] * 10'000);
  CHECK(hit["latency_p50_work"] < 2 * calm["latency_p50_work"] + 100);
  CHECK(hit["latency_p99_work"] > 10'000);
  CHECK(calm["latency_p99_work"] < 10'000);
  CHECK(hit["phase_cycles_inside"] >= hit["thread_cycles_preempted"]);
}

TEST_CASE("slow cores: work, gaps and hits take longer by their factor") {
  const Small program([](Thread& t, State& s) -> Task<> {
    t.begin(s.work);
    co_await t.compute(1'000);
    t.end();
    if (t.index() == 0) co_return;
    co_await t.load(s.data);
    for (int i = 0; i < 100; ++i) co_await t.load(s.data);
  });
  MachineParameters machine = machine_of(2);
  machine.core.slow_cores = 1;
  machine.core.slow_factor = 1.5;
  const Result result = run_program(machine, full_map, {.program = &program});
  CHECK(result["thread_cycles_compute"] == 1'000 + 1'500);
  CHECK(result["thread_cycles_hit"] == 100 * 3);
  CHECK(result["latency_max_work"] == Approx(1'500).epsilon(1 / 64.0));
  // And of streams.
  MachineParameters even = machine_of(2);
  const auto cycles = [](const MachineParameters& m) {
    return run_machine(m, full_map,
                       Programs({{}, std::vector<Operation>(101, access(Kind::load, 5, 10))}))["cycles"];
  };
  const std::uint64_t first = cycles(even) - 100 * 12;
  // The miss: its gap, and the hit that ends it; the cache's look-up has the network's clock.
  CHECK(cycles(machine) == 100 * 18 + first + 5 + 1);
  // A hit of its own cycles, in the latencies of the whole machine, too.
  const Result both = run_machine(machine, full_map,
                                  Programs({std::vector<Operation>(101, access(Kind::load, 4)),
                                            std::vector<Operation>(201, access(Kind::load, 5))}));
  CHECK(both["latency_p50_load"] == 3);
  CHECK(run_machine(even, full_map,
                    Programs({{}, std::vector<Operation>(201, access(Kind::load, 5))}))["latency_p50_load"] ==
        2);
}

TEST_CASE("a slow core's cycles are rounded up, and what has passed of them down") {
  MachineParameters machine = machine_of(2);
  machine.core.slow_cores = 1;
  machine.core.slow_factor = 1.3;
  const baton::sim::Speed slow(machine, 1);
  const std::vector<std::pair<std::uint64_t, std::uint64_t>> scaled{{0, 0}, {1, 2}, {2, 3}, {3, 4}, {10, 13}};
  for (const auto& [cycles, longer] : scaled) CHECK(slow.scaled(cycles) == longer);
  CHECK(slow.passed(3) == 2);
  CHECK(slow.passed(13) == 10);
  CHECK(baton::sim::Speed(machine, 0).scaled(2) == 2);
  // A hit of 2 cycles takes 3.
  const Programs hits({{}, std::vector<Operation>(101, access(Kind::load, 5))});
  const Programs miss({{}, {access(Kind::load, 5)}});
  CHECK(run_machine(machine, full_map, Programs(hits))["cycles"] ==
        run_machine(machine, full_map, Programs(miss))["cycles"] + 100 * 3);
}

TEST_CASE("a coarse clock rounds measured latencies to its ticks, and changes nothing else") {
  const Small program = counter(100, false, 4, 20);
  ProgramRun run{.program = &program, .threads = 4};
  const Result exact = run_program(machine_of(4), full_map, run);
  run.timer_granularity_ps = 41'670;  // 83.34 cycles of 0.5 ns
  const Result coarse = run_program(machine_of(4), full_map, run);
  CHECK(coarse["cycles"] == exact["cycles"]);
  CHECK(coarse["messages"] == exact["messages"]);
  CHECK(coarse.real("latency_mean_work") == Approx(exact.real("latency_mean_work")).epsilon(0.1));
  for (const char* column : {"latency_p25_work", "latency_p50_work"}) {
    const double ticks = coarse.real(column) / 83.34;
    CHECK(std::abs(ticks - std::round(ticks)) < 0.1);
  }
}

TEST_CASE("the profile's stacks add up to the threads' lives, and phases to their columns") {
  for (const auto& protocol : {full_map, migrate})
    for (const std::uint32_t threads : {4U, 13U}) {
      const Small program = counter(40, true, threads, 60);
      MachineParameters machine = machine_of(4, "mesh");
      machine.system.time_slice_ps = 2'000'000;
      std::string folded;
      RunOptions options;
      ProgramRun run{.program = &program, .threads = threads};
      run.injection = InjectionChoice{"critical_section", 0.1, 1'000'000, 2'000'000, false};
      const auto plain = run_program(machine, protocol, run);
      const Ended ended = in_child([&] {
        options.profile = &folded;
        auto workload = run.on(machine);
        baton::sim::simulate(machine, protocol, workload, options);
        return folded;
      });
      std::istringstream lines(ended.text);
      std::uint64_t all = 0, inside = 0, sleeping = 0;
      std::map<std::string, int> seen;
      for (std::string line; std::getline(lines, line);) {
        const std::size_t space = line.rfind(' ');
        const std::string stack = line.substr(0, space);
        const std::uint64_t cycles = std::stoull(line.substr(space + 1));
        CHECK(++seen[stack] == 1);
        CHECK(cycles > 0);
        all += cycles;
        if (stack.starts_with("work;inside;")) inside += cycles;
        if (stack.ends_with("futex_wait;futex_wait")) sleeping += cycles;
      }
      CAPTURE(protocol.name, threads, ended.text);
      CHECK(all == plain["thread_cycles"]);
      CHECK(inside == plain["phase_cycles_inside"]);
      CHECK(sleeping == plain["thread_cycles_futex_wait"]);
      CHECK(seen.contains("work;inside;compute"));
      CHECK(seen.contains("work;inside;preempted"));
      CHECK(seen.contains("work;compare_exchange;miss"));
      CHECK(seen.contains("work;futex_wake;system_call"));
      if (threads > 4) CHECK(seen.contains("work;inside;run_queue"));
    }
}

TEST_CASE("a phase within itself counts once") {
  const Small program([](Thread& t, State& s) -> Task<> {
    co_await t.compute(1'000);
    const auto outer = t.phase(s.inside);
    co_await t.compute(100);
    {
      const auto inner = t.phase(s.inside);
      co_await t.compute(50);
    }
    co_await t.compute(10);
  });
  const Result result = run_program(machine_of(1), full_map, {.program = &program});
  CHECK(result["phase_cycles_inside"] == 160);
}

TEST_CASE("an operation's latencies: quantiles of those of all threads") {
  const Small program([](Thread& t, State& s) -> Task<> {
    for (std::uint64_t i = 1; i <= 50; ++i) {
      t.begin(s.work);
      co_await t.compute(2 * i - t.index());
      t.end();
    }
  });
  const Result result = run_program(machine_of(2), full_map, {.program = &program});  // 1, 2, … 100 cycles
  CHECK(result["operations_work"] == 100);
  for (const auto& [column, cycles] : {std::pair{"p25", 25U},
                                       {"p50", 50U},
                                       {"p75", 75U},
                                       {"p90", 90U},
                                       {"p99", 99U},
                                       {"p99_9", 100U},
                                       {"max", 100U}})
    CHECK(result["latency_" + std::string(column) + "_work"] == cycles);
  CHECK(result.real("latency_mean_work") == Approx(50.5));
}

TEST_CASE("ten thousand threads on eight cores, each sleeping for its turn, in bounded memory") {
  const Small program = counter(2, true, 10'000);
  MachineParameters machine = machine_of(8, "mesh");
  const Result result = run_program(machine, full_map, {.program = &program, .threads = 10'000});
  CAPTURE(result.failure);
  CHECK(result["operations_work"] == 20'000);
  CHECK(result["thread_cycles"] == sum_of_causes(result));
}

TEST_CASE("the same seed gives the same figures") {
  const Small program = counter(50, true, 12, 30);
  ProgramRun run{.program = &program, .threads = 12};
  run.injection = InjectionChoice{"critical_section", 0.1, 1'000'000, 100'000'000, true};
  MachineParameters machine = machine_of(4, "mesh");
  const Result once = run_program(machine, migrate, run);
  CHECK(difference(once, run_program(machine, migrate, run)) == "");
  run.seed = 2;
  CHECK(difference(once, run_program(machine, migrate, run)) != "");
}
