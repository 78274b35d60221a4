// A hash map with a mutex for each stripe of its buckets; nine look-ups to one insertion or removal.
//   hash_map [THREADS] [OPERATIONS a thread]
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

class Map {
 public:
  bool find(std::uint64_t key, long& value) {
    const std::lock_guard<std::mutex> lock(stripe(key));
    for (const Entry* entry = bucket(key).get(); entry != nullptr; entry = entry->next.get()) {
      if (entry->key != key) continue;
      value = entry->value;
      return true;
    }
    return false;
  }
  void insert(std::uint64_t key, long value) {
    const std::lock_guard<std::mutex> lock(stripe(key));
    std::unique_ptr<Entry>& first = bucket(key);
    first = std::make_unique<Entry>(Entry{key, value, std::move(first)});
  }
  bool erase(std::uint64_t key) {
    const std::lock_guard<std::mutex> lock(stripe(key));
    for (std::unique_ptr<Entry>* place = &bucket(key); *place != nullptr; place = &(*place)->next) {
      if ((*place)->key != key) continue;
      std::unique_ptr<Entry> rest = std::move((*place)->next);
      *place = std::move(rest);
      return true;
    }
    return false;
  }

 private:
  struct Entry {
    std::uint64_t key;
    long value;
    std::unique_ptr<Entry> next;
  };
  static constexpr std::size_t buckets = 256, stripes = 16;

  static std::size_t hash(std::uint64_t key) { return key * 0x9E3779B97F4A7C15ULL >> 40; }
  std::unique_ptr<Entry>& bucket(std::uint64_t key) { return entries_[hash(key) % buckets]; }
  std::mutex& stripe(std::uint64_t key) { return mutexes_[hash(key) % buckets % stripes]; }

  std::vector<std::unique_ptr<Entry>> entries_{buckets};
  std::vector<std::mutex> mutexes_{stripes};
};

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 4;
  const long operations = argc > 2 ? std::atol(argv[2]) : 1000;
  constexpr std::uint64_t keys = 512;
  Map map;
  for (std::uint64_t key = 0; key < keys; key += 2) map.insert(key, 1);
  std::vector<long> found(static_cast<std::size_t>(threads));
  std::vector<std::thread> workers;
  for (int thread = 0; thread < threads; ++thread) {
    workers.emplace_back([&, thread] {
      std::minstd_rand random(static_cast<unsigned>(thread) + 1);
      for (long i = 0; i < operations; ++i) {
        const std::uint64_t key = random() % keys;
        long value = 0;
        if (i % 10 != 0) {
          if (map.find(key, value)) found[static_cast<std::size_t>(thread)] += value;  // a shared line
        } else if (!map.erase(key)) {
          map.insert(key, 1);
        }
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  long all = 0;
  for (const long one : found) all += one;
  std::printf("%d threads, %ld operations each: %ld found\n", threads, operations, all);
}
