// Speed, as ratios within one run: `bare` is SystemC's own rate of timed notifications on as many modules,
// measured just before in the same iteration. Each run is a process of its own, since SystemC elaborates once
// a process.
//
//   baton-bench [--benchmark_filter=REGEX] [--benchmark_format=json] [--benchmark_out=FILE]
//
// Counters: items_per_second; ns: host time an item; of_bare: items per second over bare notifications per
// second; KiB_per_core: memory that the run took, for each core; of recordings: slowdown over the plain
// program, bytes_per_record.

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include <benchmark/benchmark.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/cases.hpp"

extern "C" int sc_main(int, char**) {
  return 0;
}  // SystemC's library wants the symbol

namespace {

using baton::bench::Run;
using Case = Run (*)(int);

Run in_child(Case run, int size) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("pipe failed");
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const Run result = run(size);
    const bool written = write(ends[1], &result, sizeof result) == sizeof result;
    _exit(written ? 0 : 1);
  }
  close(ends[1]);
  Run result;
  const bool got = read(ends[0], &result, sizeof result) == sizeof result;
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!got || status != 0) throw std::runtime_error("a case failed");
  return result;
}

double rate(const Run& run) {
  return static_cast<double>(run.items) / run.seconds;
}

void measure(benchmark::State& state, Case run) {
  const auto size = static_cast<int>(state.range(0));
  double items = 0;
  double seconds = 0;
  double ratio = 0;
  double kib = 0;
  for (auto _ : state) {
    const Run bare = in_child(baton::bench::bare_notifications, size);
    const Run result = in_child(run, size);
    state.SetIterationTime(result.seconds);
    items += static_cast<double>(result.items);
    seconds += result.seconds;
    ratio += rate(result) / rate(bare);
    kib = static_cast<double>(result.resident_bytes) / 1024 / size;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(items));
  state.counters["ns"] = 1e9 * seconds / items;
  state.counters["of_bare"] = ratio / static_cast<double>(state.iterations());
  if (kib > 0) state.counters["KiB_per_core"] = kib;
}

void add(const char* name, Case run) {
  benchmark::RegisterBenchmark(name, measure, run)
      ->Arg(64)
      ->Arg(1024)
      ->UseManualTime()
      ->Iterations(3)
      ->Unit(benchmark::kMillisecond);
}

}  // namespace

int main(int argc, char** argv) {
  add("bare_notifications", baton::bench::bare_notifications);
  add("messages", baton::bench::messages);
  add("messages_by_crossbar", baton::bench::messages_by_crossbar);
  add("messages_by_ideal", baton::bench::messages_by_ideal);
  add("messages_with_lines", baton::bench::messages_with_lines);
  add("hits", baton::bench::hits);
  add("hits_alone", baton::bench::hits_alone);
  add("exact_hits", baton::bench::exact_hits);
  baton::bench::add_recordings();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
