// Locks: mutual exclusion, order, sleep, and what becomes of a run when a store is lost.
#include <algorithm>
#include <set>

#include "tests/programs/schedules.hpp"
#include "tests/programs/support.hpp"
#include "traces/programs/parts/lock.hpp"

using namespace baton::programs;
using namespace baton::programs::test;

namespace {

const Program& counter() {
  return *find_program("lock_counter");
}

std::uint64_t counted(const Run& run, std::string_view name) {
  return run.counters()[static_cast<std::size_t>(run.names().counters.find(name))];
}

std::unique_ptr<Run> run_of(const char* lock, std::uint32_t threads, double operations,
                            std::initializer_list<Setting> more = {}) {
  ParameterValues chosen = values(counter(), more);
  chosen.choose("lock", lock);
  chosen.set("operations_per_thread", operations);
  return std::make_unique<Run>(counter(), chosen, RunSetup{.threads = threads, .cores = threads});
}

}  // namespace

TEST_CASE("no lock loses an addition under random interleavings, whatever the options") {
  const std::initializer_list<Setting> options[] = {
      {},
      {{"backoff", 0, "exponential"}, {"critical_cycles", 7}, {"work_cycles", 3}},
      {{"backoff", 0, "constant"}, {"ticket_backoff_cycles", 10}, {"adaptive_spins", 3}},
      {{"placement", 0, "packed"}, {"counters", 3}},
      {{"placement", 0, "padded"}, {"padding", 24}},
  };
  for (const std::string_view lock : lock_choices)
    for (const auto& option : options)
      for (std::uint32_t threads = 1; threads <= 8; ++threads)
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
          INFO(lock << ", " << threads << " threads, seed " << seed);
          const auto run = run_of(lock.data(), threads, 30, option);
          const Interpreted done = interpret(*run, {.seed = seed});
          CHECK(done.failure == std::nullopt);
          CHECK(done.operations == std::vector<std::uint64_t>{std::uint64_t{30} * threads});
          if (threads == 1) CHECK(counted(*run, "lock_waits") == 0);
        }
}

TEST_CASE("pre-emption inside the critical section lets nobody else in") {
  for (const std::string_view lock : lock_choices) {
    INFO(lock);
    ParameterValues chosen = values(counter(), {{"operations_per_thread", 40}});
    chosen.choose("lock", lock);
    Run run(counter(), chosen,
            {.threads = 4,
             .cores = 4,
             .injection = InjectionChoice{"inside_critical_section", 0.2, 1000, 1000, false}});
    CHECK(interpret(run).failure == std::nullopt);
    CHECK(counted(run, "lock_waits") > 0);
  }
}

TEST_CASE("every schedule with few pre-emptions keeps every addition and ends") {
  const auto explore = [](const char* lock, std::uint32_t threads, double operations, int preemptions) {
    return Exploration(
               [&] {
                 return run_of(lock, threads, operations, {{"adaptive_spins", 2}});
               },
               preemptions)
        .all();
  };
  for (const std::string_view lock : lock_choices) {
    INFO(lock);
    const Explored two = explore(lock.data(), 2, 3, 3);
    CHECK(two.failure == std::nullopt);
    CHECK(two.schedules > 500);
    const Explored three = explore(lock.data(), 3, 2, 2);
    CHECK(three.failure == std::nullopt);
    CHECK(three.schedules > 500);
  }
}

namespace {

// Two locks that are wrong: the exploration must find it.
struct Wrong {
  explicit Wrong(Setup& setup)
      : lock(setup.memory.object()), data(setup.memory.object()), kind(setup.kind("add")) {}
  Address lock, data;
  OperationKind kind;
};

Task<> acquire_by_load_and_store(Thread& t, Wrong& s) {
  co_await t.spin_while(s.lock, 1);
  co_await t.store(s.lock, 1);
}

// As Drepper's second try: who wakes up takes the lock with 1, and forgets that others may still sleep.
Task<> acquire_and_forget_sleepers(Thread& t, Wrong& s) {
  for (;;) {
    const Compared taken = co_await t.compare_exchange(s.lock, 0, 1);
    if (taken) co_return;
    if (taken.seen == 1) co_await t.compare_exchange(s.lock, 1, 2);
    co_await t.futex_wait(s.lock, 2);
  }
}

Explored explore_wrong(Task<> (*acquire)(Thread&, Wrong&), std::uint32_t threads) {
  const Small<Wrong> program(
      [acquire](Thread& t, Wrong& s) -> Task<> {
        co_await acquire(t, s);
        co_await t.store(s.data, co_await t.load(s.data) + 1);
        if (co_await t.exchange(s.lock, 0) == 2) co_await t.futex_wake(s.lock);
      },
      [threads](const Wrong& s, const Contents& memory) -> std::optional<std::string> {
        if (memory.last(s.data) == threads) return {};
        return "an addition is lost";
      });
  return Exploration(
             [&] {
               return std::make_unique<Run>(program, values(program),
                                            RunSetup{.threads = threads, .cores = threads});
             },
             3)
      .all();
}

}  // namespace

TEST_CASE("the exploration of schedules finds locks that are wrong") {
  CHECK(explore_wrong(acquire_by_load_and_store, 2).failure == "an addition is lost");
  CHECK(explore_wrong(acquire_and_forget_sleepers, 2).failure == std::nullopt);
  CHECK_THAT(explore_wrong(acquire_and_forget_sleepers, 3).failure.value_or("nothing"),
             Catch::Contains("deadlock"));
}

namespace {

// Who drew the lock in which order, and who entered in which order. The draw is a thread's first
// read-modify-write of an acquisition.
struct Orders {
  std::vector<std::uint32_t> drawn, entered;
};

struct Queueing {
  explicit Queueing(Setup& setup) : lock(make_lock(setup)), data(setup.memory.object()) {}
  std::unique_ptr<Lock> lock;
  Address data;
};

const std::span<const Parameter> lock_table = find_program("lock_counter")->parameters();

Orders orders_of(std::string_view lock, std::uint32_t threads, std::uint64_t seed) {
  Orders orders;
  std::vector<bool> draws(threads);
  const Small<Queueing> program(
      [&](Thread& t, Queueing& s) -> Task<> {
        for (int i = 0; i < 10; ++i) {
          draws[t.index()] = true;
          co_await s.lock->acquire(t);
          orders.entered.push_back(t.index());
          co_await t.load(s.data);
          co_await s.lock->release(t);
        }
      },
      {}, lock_table);
  ParameterValues chosen = values(program);
  chosen.choose("lock", lock);
  Run run(program, chosen, {.threads = threads, .cores = threads});
  Stepper stepper(run);
  baton::traces::Random random(seed, 0);
  while (!stepper.all_ended()) {
    const auto runnable = stepper.runnable();
    REQUIRE_FALSE(runnable.empty());
    const std::uint32_t thread = runnable[random.below(runnable.size())];
    if (draws[thread] && stepper.request(thread).kind() == baton::traces::Kind::rmw) {
      orders.drawn.push_back(thread);
      draws[thread] = false;
    }
    stepper.step(thread);
  }
  return orders;
}

}  // namespace

TEST_CASE("ticket, MCS and CLH locks serve threads in the order of their first atomic operation") {
  for (const std::string_view lock : lock_choices) {
    const bool fifo = lock == "ticket" || lock == "mcs" || lock == "clh";
    int in_order = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed)
      for (const std::uint32_t threads : {2U, 3U, 8U}) {
        const Orders orders = orders_of(lock, threads, seed);
        CHECK(orders.entered.size() == 10 * threads);
        CHECK(orders.drawn.size() == orders.entered.size());
        if (orders.entered == orders.drawn) ++in_order;
      }
    INFO(lock);
    if (fifo)
      CHECK(in_order == 60);
    else
      CHECK(in_order < 30);  // the test can tell
  }
}

TEST_CASE("a lock that is tried is taken if it is free, and nobody waits if it is not") {
  for (const std::string_view lock : lock_choices) {
    INFO(lock);
    std::vector<int> got(3);
    std::uint64_t inside = 0, most_inside = 0, overlaps = 0;
    const Small<Queueing> program(
        [&](Thread& t, Queueing& s) -> Task<> {
          for (int i = 0; i < 50; ++i) {
            bool holds = true;
            if (t.index() == 0)
              co_await s.lock->acquire(t);
            else
              holds = co_await s.lock->try_acquire(t);
            if (!holds) continue;
            ++got[t.index()];
            most_inside = std::max(most_inside, ++inside);
            const std::uint64_t seen = co_await t.load(s.data);
            co_await t.store(s.data, seen + 1);
            if (seen + 1 != co_await t.load(s.data)) ++overlaps;
            --inside;
            co_await s.lock->release(t);
          }
        },
        [](const Queueing& s, const Contents& memory) -> std::optional<std::string> {
          if (s.lock->is_free(memory)) return {};
          return "not free";
        },
        lock_table);
    ParameterValues chosen = values(program);
    chosen.choose("lock", lock);
    Run run(program, chosen, {.threads = 3, .cores = 3});
    if (lock == "clh") {
      CHECK_FALSE(can_try(LockKind::clh));
      CHECK_THROWS_AS(interpret(run), std::logic_error);
      continue;
    }
    CHECK(interpret(run).failure == std::nullopt);
    CHECK(most_inside == 1);
    CHECK(overlaps == 0);
    CHECK(got[0] == 50);
    CHECK(got[1] > 0);
    CHECK(got[1] + got[2] < 100);
    CHECK(run.contents().last(baton::traces::region_bytes) <= 150);

    Run alone(program, chosen, {.threads = 1, .cores = 1});
    CHECK(interpret(alone).failure == std::nullopt);
  }
}

TEST_CASE("a lock that somebody holds refuses one who tries, at once") {
  for (const std::string_view lock : lock_choices) {
    if (lock == "clh") continue;
    INFO(lock);
    std::vector<bool> got;
    const Small<Queueing> program(
        [&](Thread& t, Queueing& s) -> Task<> {
          if (t.index() == 0) {
            co_await s.lock->acquire(t);
            co_await t.load(s.data);
            co_await s.lock->release(t);
          } else {
            got.push_back(co_await s.lock->try_acquire(t));
          }
        },
        {}, lock_table);
    ParameterValues chosen = values(program);
    chosen.choose("lock", lock);
    Run run(program, chosen, {.threads = 2, .cores = 2});
    Stepper stepper(run);
    const Address data = run.contents().line_bytes() + baton::traces::region_bytes;
    while (stepper.request(0).action != Action::load || stepper.request(0).address < data ||
           stepper.changes() == 0)
      stepper.step(0);
    for (int steps = 0; !stepper.ended(1); ++steps) {
      REQUIRE(steps < 10);
      REQUIRE(stepper.can_run(1));
      stepper.step(1);
    }
    CHECK(got == std::vector<bool>{false});
  }
}

TEST_CASE("losers of the futex mutex sleep, and those that spin first sleep less") {
  const auto sleeps = [](const char* lock, double spins) {
    const auto run = run_of(lock, 8, 100, {{"adaptive_spins", spins}});
    const Interpreted done = interpret(*run);
    CHECK(done.failure == std::nullopt);
    std::uint64_t slept = 0;
    for (const std::uint64_t n : done.sleeps) slept += n;
    CHECK(counted(*run, "lock_sleeps") == slept);
    CHECK(counted(*run, "lock_wakes") >= slept / 8);
    CHECK(counted(*run, "lock_wakes") <= slept);
    return slept;
  };
  const std::uint64_t without = sleeps("futex", 100);
  CHECK(without > 200);
  CHECK(sleeps("futex_spinning", 5) < without);
  CHECK(sleeps("futex_spinning", 1e6) == 0);
}

TEST_CASE("a futex mutex without contention asks nothing of the system, and spins are bounded") {
  const auto run = run_of("futex", 1, 5);
  Stepper stepper(*run);
  while (!stepper.ended(0)) {
    CHECK(stepper.request(0).action != Action::futex_wait);
    CHECK(stepper.request(0).action != Action::futex_wake);
    stepper.step(0);
  }

  const auto contended = run_of("futex_spinning", 2, 1, {{"adaptive_spins", 7}});
  Stepper two(*contended);
  two.step(0);  // thread 0 has the lock
  two.step(1);  // thread 1 has failed to get it
  int looks = 0;
  for (; two.request(1).action == Action::load; ++looks) two.step(1);
  CHECK(looks == 7);
  CHECK(two.request(1).action == Action::exchange);
  two.step(1);
  CHECK(two.request(1).action == Action::futex_wait);
  two.step(1);
  CHECK_FALSE(two.can_run(1));
}

TEST_CASE("backoff waits between attempts as its parameters say") {
  const Small<Queueing> program([](Thread& t, Queueing& s) -> Task<> { co_await s.lock->acquire(t); }, {},
                                lock_table);
  const auto waits = [&](const char* backoff) {
    ParameterValues chosen = values(program, {{"lock", 0, "test_and_set"},
                                              {"backoff", 0, backoff},
                                              {"backoff_min_cycles", 4},
                                              {"backoff_max_cycles", 64}});
    Run run(program, chosen, {.threads = 2, .cores = 2});
    Stepper stepper(run);
    stepper.step(0);
    std::vector<std::uint64_t> cycles;
    for (int i = 0; i < 200; ++i) {
      stepper.step(1);
      cycles.push_back(run.thread(1).work_cycles());
    }
    return cycles;
  };
  CHECK(waits("none") == std::vector<std::uint64_t>(200, 0));
  CHECK(waits("constant") == std::vector<std::uint64_t>(200, 4));
  const auto random = waits("exponential");
  for (std::size_t i = 0; i < random.size(); ++i) {
    CHECK(random[i] >= 1);
    CHECK(random[i] <= std::min<std::uint64_t>(64, std::uint64_t{4} << std::min<std::size_t>(i, 10)));
  }
  CHECK(*std::max_element(random.begin(), random.end()) > 56);
  CHECK(*std::min_element(random.begin() + 10, random.end()) < 8);
}

TEST_CASE("a ticket lock's backoff is in proportion to the threads before") {
  const auto run = run_of("ticket", 4, 1, {{"ticket_backoff_cycles", 10}});
  Stepper stepper(*run);
  for (std::uint32_t thread = 0; thread < 4; ++thread) {
    stepper.step(thread);  // draws a ticket
    stepper.step(thread);  // looks who is served
    CHECK(run->thread(thread).work_cycles() == 10 * thread);
  }
  while (!stepper.ended(0)) stepper.step(0);
  stepper.step(3);
  CHECK(run->thread(3).work_cycles() == 20);
}

namespace {

struct Faulty {
  std::string found;  // by the self-check or because the run did not end
  std::uint64_t changes = 0;
  Address lost_word = 0;
  Address counter = 0;  // the word behind all others that holds the number of additions
};

/// Three threads add three times each, in a random schedule; change number `lost` does not reach memory.
Faulty run_and_lose(const char* lock, std::uint64_t seed, std::uint64_t lost) {
  const auto run = run_of(lock, 3, 3);
  Stepper stepper(*run);
  stepper.lose_change(lost);
  baton::traces::Random random(seed, 1);
  Faulty result;
  for (int steps = 0; !stepper.all_ended() && result.found.empty(); ++steps) {
    const auto runnable = stepper.runnable();
    if (steps == 5000 || runnable.empty())
      result.found = "waits for ever";
    else
      stepper.step(runnable[random.below(runnable.size())]);
  }
  if (result.found.empty()) result.found = stepper.self_check().value_or("");
  result.changes = stepper.changes();
  result.lost_word = stepper.lost_word();
  failure_of([&] {  // which ends the search at the end of memory
    for (Address word = baton::traces::region_bytes;; word += 8)
      if (run->contents().last(word) == 9) result.counter = word;
  });
  return result;
}

}  // namespace

TEST_CASE("a lost store shows: as a wrong counter, a lock that is not free, or threads that wait for ever") {
  for (const std::string_view lock : lock_choices)
    for (const std::uint64_t seed : {1, 2, 3}) {
      INFO(lock << ", seed " << seed);
      const Faulty clean = run_and_lose(lock.data(), seed, ~std::uint64_t{0});
      REQUIRE(clean.found.empty());
      std::uint64_t wrong_counter = 0, found = 0;
      for (std::uint64_t lost = 0; lost < clean.changes; ++lost) {
        const Faulty faulty = run_and_lose(lock.data(), seed, lost);
        if (!faulty.found.empty()) ++found;
        if (faulty.lost_word != clean.counter) continue;
        CHECK_THAT(faulty.found, Catch::StartsWith("counter 0 is 8, but 9"));
        ++wrong_counter;
      }
      CHECK(wrong_counter == 9);
      // A lock may come to no harm: nobody came while its word was wrong.
      CHECK(3 * found >= 2 * clean.changes);
    }
}
