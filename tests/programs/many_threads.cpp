// A hundred thousand threads on few cores: what each costs in memory, when all have begun and none has ended.
#include <cstdlib>
#include <new>

#include "tests/programs/schedules.hpp"
#include "tests/programs/support.hpp"

namespace {

std::size_t live = 0, most = 0;  // bytes of the heap

void* counted_allocation(std::size_t bytes) {
  constexpr std::size_t header = alignof(std::max_align_t);
  void* memory = std::malloc(bytes + header);
  if (memory == nullptr) throw std::bad_alloc();
  *static_cast<std::size_t*>(memory) = bytes;
  live += bytes;
  if (live > most) most = live;
  return static_cast<char*>(memory) + header;
}

void counted_release(void* memory) noexcept {
  if (memory == nullptr) return;
  void* const start = static_cast<char*>(memory) - alignof(std::max_align_t);
  live -= *static_cast<std::size_t*>(start);
  std::free(start);
}

}  // namespace

// All forms: a sanitizer's runtime has its own, which would not go through these.
void* operator new(std::size_t bytes) {
  return counted_allocation(bytes);
}
void* operator new[](std::size_t bytes) {
  return counted_allocation(bytes);
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return counted_allocation(bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return counted_allocation(bytes);
}
void operator delete(void* memory) noexcept {
  counted_release(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  counted_release(memory);
}
void operator delete[](void* memory) noexcept {
  counted_release(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  counted_release(memory);
}

using namespace baton::programs;
using namespace baton::programs::test;

namespace {

/// Runs the threads in turn, each for 1 to 60 steps, so that most are left in the middle of something.
void run_in_turn(Run& run) {
  Stepper stepper(run);
  baton::traces::Random random(1, 0);
  for (std::uint32_t left = run.threads(); left != 0;) {
    left = 0;
    for (std::uint32_t thread = 0; thread < run.threads(); ++thread) {
      for (std::uint64_t steps = 1 + random.below(60); steps != 0 && stepper.can_run(thread); --steps)
        stepper.step(thread);
      if (!stepper.ended(thread)) ++left;
    }
  }
  CHECK(stepper.self_check() == std::nullopt);
}

/// Runs them one step at a time in any order; who sleeps costs no time. For programs whose losers sleep.
void run_at_random(Run& run) {
  CHECK(interpret(run).failure == std::nullopt);
}

/// The most bytes that the heap has held.
std::size_t most_bytes(const char* name, std::initializer_list<Setting> settings, std::uint32_t threads,
                       void (*execute)(Run&)) {
  const Program& program = *find_program(name);
  const ParameterValues chosen = values(program, settings);
  REQUIRE(program.check(chosen, threads).empty());
  const std::size_t before = live;
  most = live;
  Run run(program, chosen, {.threads = threads, .cores = 8});
  execute(run);
  return most - before;
}

/// Both runs store about as often, so that Contents keeps about as many replaced images. To be the first of
/// its process: coroutine frames are kept for later ones.
void check_bytes_per_thread(const char* name, std::uint32_t threads, void (*execute)(Run&),
                            std::initializer_list<Setting> settings) {
  const std::size_t few = most_bytes(name, settings, 8, execute);
  const std::size_t many = most_bytes(name, settings, threads, execute);
  const double bytes = (static_cast<double>(many) - static_cast<double>(few)) / threads;
  INFO(bytes << " bytes a thread");
  CHECK(bytes < 2560);
  CHECK(bytes > 200);  // all threads were there at once: their Thread and a frame, at the least
}

}  // namespace

TEST_CASE("a hundred thousand threads at the lock-free queue") {
  check_bytes_per_thread("ms_queue", 100'000, run_in_turn, {{"elements", 200'000}});
}

TEST_CASE("a hundred thousand threads at the array queue") {
  check_bytes_per_thread("array_queue", 100'000, run_in_turn, {{"elements", 200'000}});
}

TEST_CASE("a hundred thousand threads at the mutex queue") {
  check_bytes_per_thread("mutex_queue", 100'000, run_at_random,
                         {{"elements", 200'000}, {"mode", 0, "pairs"}});
}

TEST_CASE("a hundred thousand threads at a futex mutex") {
  check_bytes_per_thread("lock_counter", 100'000, run_at_random,
                         {{"lock", 0, "futex"}, {"operations_per_thread", 1}});
}

// Spinning, a queue lock's waiters take the turns that its holder needs: the time grows with their square.
TEST_CASE("ten thousand threads at an MCS lock") {
  check_bytes_per_thread("lock_counter", 10'000, run_in_turn,
                         {{"lock", 0, "mcs"}, {"operations_per_thread", 1}});
}

TEST_CASE("a hundred thousand threads at a counter by compare-and-swap") {
  check_bytes_per_thread("cas_counter", 100'000, run_in_turn, {{"operations_per_thread", 1}});
}
