// A queue under one mutex, with a condition variable for its consumers: half of the threads produce, half
// consume.
//   mutex_queue [THREADS] [OPERATIONS a producer]
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

class Queue {
 public:
  void put(long value) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      values_.push_back(value);
    }
    filled_.notify_one();
  }
  long take() {
    std::unique_lock<std::mutex> lock(mutex_);
    filled_.wait(lock, [this] { return !values_.empty(); });
    const long value = values_.front();
    values_.pop_front();
    return value;
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<long> values_;
};

int main(int argc, char** argv) {
  const int pairs = (argc > 1 ? std::atoi(argv[1]) : 4) / 2;
  const long operations = argc > 2 ? std::atol(argv[2]) : 1000;
  Queue queue;
  std::vector<long> sums(static_cast<std::size_t>(pairs));
  std::vector<std::thread> threads;
  for (int pair = 0; pair < pairs; ++pair) {
    threads.emplace_back([&] {
      for (long i = 0; i < operations; ++i) queue.put(i);
    });
    threads.emplace_back([&, pair] {
      long sum = 0;
      for (long i = 0; i < operations; ++i) sum += queue.take();
      sums[static_cast<std::size_t>(pair)] = sum;
    });
  }
  for (std::thread& thread : threads) thread.join();
  long sum = 0;
  for (const long one : sums) sum += one;
  const bool right = sum == pairs * (operations * (operations - 1) / 2);
  std::printf("%d producers, %ld operations each: %s\n", pairs, operations, right ? "right" : "WRONG");
  return right ? 0 : 1;
}
