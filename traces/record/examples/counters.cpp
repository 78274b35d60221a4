// Counters of different threads in one line: false sharing. padded_counters.cpp is the same with a line for
// each.
//   counters [THREADS] [INCREMENTS a thread]
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

struct Counter {
  std::atomic<long> count{0};
};

Counter counters[64];

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 4;
  const long increments = argc > 2 ? std::atol(argv[2]) : 1000;
  if (threads > 64) return 2;
  std::vector<std::thread> workers;
  for (int thread = 0; thread < threads; ++thread) {
    workers.emplace_back([=] {
      for (long i = 0; i < increments; ++i) counters[thread].count.fetch_add(1, std::memory_order_relaxed);
    });
  }
  for (std::thread& worker : workers) worker.join();
  long all = 0;
  for (const Counter& counter : counters) all += counter.count;
  std::printf("%d threads counted to %ld\n", threads, all);
  return all == threads * increments ? 0 : 1;
}
