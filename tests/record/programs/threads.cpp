// threads MODE THREADS TIMES: each thread counts TIMES in several ways; MODE is how the program ends: return,
// exit (in a thread), abort, kill (SIGKILL), segv; or what it does besides: fork, region.
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "baton/record.h"

std::atomic<long> counter{0};
std::atomic<int> finished{0};
std::mutex mutex;
long guarded = 0;
int* volatile nowhere = nullptr;

static void work(long times) {
  for (long i = 0; i < times; ++i) {
    counter.fetch_add(1, std::memory_order_relaxed);
    const std::lock_guard<std::mutex> lock(mutex);
    ++guarded;
  }
}

static void end(const char* mode) {
  if (std::strcmp(mode, "exit") == 0) std::exit(3);
  if (std::strcmp(mode, "abort") == 0) std::abort();
  if (std::strcmp(mode, "kill") == 0) raise(SIGKILL);
  if (std::strcmp(mode, "segv") == 0) *nowhere = 1;
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const char* const mode = argv[1];
  const int threads = std::atoi(argv[2]);
  const long times = std::atol(argv[3]);
  if (std::strcmp(mode, "fork") == 0) {
    const pid_t child = fork();
    if (child == 0) {
      work(times);
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  }
  if (std::strcmp(mode, "region") == 0) {
    work(times);
    baton_region_begin();
    work(10);
    baton_region_end();
    work(times);
    return 0;
  }
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([=] {
      work(times);
      if (++finished == threads) end(mode);
      // The others never return, so that they are there when the program ends.
      while (std::strcmp(mode, "return") != 0 && std::strcmp(mode, "fork") != 0) usleep(1000);
    });
  }
  for (std::thread& worker : workers) worker.join();
  return 0;
}
