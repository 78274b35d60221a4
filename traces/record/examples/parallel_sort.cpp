// Merge sort: each thread sorts a part, then pairs of parts are merged by ever fewer threads, a barrier
// between the rounds.
//   parallel_sort [THREADS: a power of two] [ELEMENTS]
#include <algorithm>
#include <barrier>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>
#include <vector>

int main(int argc, char** argv) {
  const auto threads = static_cast<std::size_t>(argc > 1 ? std::atol(argv[1]) : 4);
  const auto elements = static_cast<std::size_t>(argc > 2 ? std::atol(argv[2]) : 10000);
  std::vector<unsigned> values(elements), other(elements);
  std::minstd_rand random(1);
  for (unsigned& value : values) value = static_cast<unsigned>(random());

  std::barrier barrier(static_cast<std::ptrdiff_t>(threads));
  const auto begin_of = [&](std::size_t part) {
    return static_cast<std::ptrdiff_t>(elements * part / threads);
  };
  std::vector<std::thread> workers;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    workers.emplace_back([&, thread] {
      std::vector<unsigned>* from = &values;
      std::vector<unsigned>* to = &other;
      std::sort(from->begin() + begin_of(thread), from->begin() + begin_of(thread + 1));
      for (std::size_t parts = 1; parts < threads; parts *= 2) {
        barrier.arrive_and_wait();
        if (thread % (2 * parts) == 0) {
          const auto first = from->begin() + begin_of(thread);
          const auto middle = from->begin() + begin_of(thread + parts);
          const auto last = from->begin() + begin_of(thread + 2 * parts);
          std::merge(first, middle, middle, last, to->begin() + begin_of(thread));
        }
        std::swap(from, to);
      }
    });
  }
  for (std::thread& worker : workers) worker.join();

  std::size_t rounds = 0;
  for (std::size_t parts = 1; parts < threads; parts *= 2) ++rounds;
  const bool sorted =
      std::is_sorted((rounds % 2 == 0 ? values : other).begin(), (rounds % 2 == 0 ? values : other).end());
  std::printf("%zu elements, %zu threads: %s\n", elements, threads, sorted ? "sorted" : "NOT SORTED");
  return sorted ? 0 : 1;
}
